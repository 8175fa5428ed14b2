"""`python -m frontend.local`: the whole of Buurtloket on this machine, until Ctrl-C. See `make run`."""

import os
import sys

from crowd.shared.settings import Settings, WrongSetting
from frontend.local.console import Console
from frontend.local.data_folder import default_path, listen, lock_data_folder
from frontend.local.plan import make_plan
from frontend.local.processes import StartFailed
from frontend.local.supervisor import Supervisor


def main() -> int:
    """Run until a signal; 0 when stopped by one, 1 when it could not start."""
    # Where root lends the data another user, that user must be able to walk through our folders.
    os.umask(0o022)
    # Containers often set this; eight processes would then compile the same files at every start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        port = _port(os.environ.get("PORT") or "8000")
        data = lock_data_folder(default_path())
        listener = listen(port)
        plan = make_plan(data, os.environ, listener=listener.fileno(), port=port)
        Settings.from_environment({**os.environ, **plan.environment})
    except (StartFailed, WrongSetting) as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return Supervisor(plan=plan, data=data, console=Console(data.folder("log"))).run()


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise StartFailed(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
