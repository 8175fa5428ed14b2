"""No committed file says where it was made: no registry's host, no path of somebody's machine.

Every installation has its own place to get packages from, and its own folders.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.everything import _REGISTRY_HOSTS
from tests.source import ROOT

# Written so that this file does not match itself.
_MACHINE_PATHS = re.compile(r"(?<![\w./-])/(?:h[o]me/\w|r[o]ot\b|w[o]rk/|U[s]ers/\w|m[n]t/\w)|\b[C-D]:\\\\?U[s]ers")


def found(name: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        for match in (*_REGISTRY_HOSTS.finditer(line), *_MACHINE_PATHS.finditer(line)):
            yield f"{name}:{number}: {match.group()}"


def _committed() -> Iterator[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607  git from the PATH
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix not in {".png", ".jpg", ".woff2", ".ico"}:
            yield path


def test_no_committed_file_names_a_registry_or_a_machine() -> None:
    wrong = [
        line
        for path in _committed()
        for line in found(path.relative_to(ROOT).as_posix(), path.read_bytes().decode("utf-8", "replace"))
    ]

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "see /h" + "ome/anna/project",
        "cd /r" + "ot/x".replace("ot", "oot"),
        "/w" + "ork/main",
        "https://p" + "ypi.org/simple",
    ],
)
def test_an_address_of_ours_is_noticed(text: str) -> None:
    assert list(found("docs/x.md", text))


@pytest.mark.parametrize("text", ["GET /homepage", "docs/work/x", "the root of the tree", "frontend/pages/home.py"])
def test_an_ordinary_path_is_fine(text: str) -> None:
    assert list(found("docs/x.md", text)) == []
