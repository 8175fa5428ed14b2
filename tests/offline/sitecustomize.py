"""Put this folder on PYTHONPATH and a started Python process stays on loopback (see tests/loopback.py)."""

import importlib.util
from pathlib import Path

_path = Path(__file__).parent.parent / "loopback.py"
_spec = importlib.util.spec_from_file_location("loopback", _path)
if _spec is None or _spec.loader is None:
    raise ImportError(f"{_path} is gone")
_loopback = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_loopback)
_loopback.stay_on_loopback()
