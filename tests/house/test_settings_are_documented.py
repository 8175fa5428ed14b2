"""docs/settings.md and the code name the same settings, with the same defaults."""

import re
from dataclasses import fields
from pathlib import Path

from crowd.shared.settings import Settings

ROOT = Path(__file__).parent.parent.parent
_ROW = re.compile(r"^\| `([A-Z_]+)` \| (?:`([^`]*)`|(\w[\w ]*)) \|", re.MULTILINE)


def _documented(section: str) -> dict[str, str]:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    part = next(part for part in text.split("\n## ") if part.startswith(section))
    return {name: literal or word for name, literal, word in _ROW.findall(part)}


def test_every_setting_is_explained_with_its_default() -> None:
    words = {None: "required", "": "empty"}
    in_code = {
        field.metadata["name"]: words.get(field.metadata["default"], field.metadata["default"])
        for field in fields(Settings)
    }

    assert _documented("The application") == in_code


def test_nothing_else_below_the_doors_reads_the_environment() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for package in ("crowd", "payments", "matching")
        for path in (ROOT / package).rglob("*.py")
        if "os.environ" in path.read_text(encoding="utf-8") or "getenv" in path.read_text(encoding="utf-8")
    }

    # The sandbox is a program of its own, with settings of its own.
    ours = {name for name in readers if not name.startswith("payments/sandbox/")}
    assert ours == {"crowd/shared/settings.py"}
