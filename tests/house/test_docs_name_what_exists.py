"""Docs that name a file, a function, a state or a check name one that exists; what must be explained, is."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from crowd.closing import rules as closing
from crowd.grants import rules as grants
from crowd.initiatives import rules as initiatives
from crowd.pledges import rules as pledges
from matching.placements import rules as placements
from payments.books.queries import CHECKS
from payments.ledger.rules import ACCOUNT_KINDS, POSTINGS
from tests.source import PACKAGES, ROOT

DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)#\s]+)")
_DOTTED = re.compile(rf"(?:{'|'.join(PACKAGES)})(?:\.\w+)+")
_PATH = re.compile(rf"(?:{'|'.join(PACKAGES)}|tests|docs|alembic|benchmarks)/[\w./-]*")
_BUILT = {"frontend/assets/dist"}
_STATES = {
    "initiative": initiatives.STATES,
    "pledge": pledges.STATES,
    "grant": grants.STATES,
    "placement": placements.STATES,
}


def wrong_names(text: str, *, folder: Path) -> Iterator[str]:
    """Links, paths and dotted names in this text that lead nowhere."""
    for number, line in enumerate(text.splitlines(), start=1):
        for link in _LINK.findall(line):
            if "://" not in link and not link.startswith("mailto:") and not (folder / link).exists():
                yield f"{number}: there is no {link}"
        for code in _CODE.findall(line):
            if _is_missing(code):
                yield f"{number}: there is no {code}"


def _is_missing(code: str) -> bool:
    if _DOTTED.fullmatch(code):
        return not _exists(code)
    return bool(_PATH.fullmatch(code)) and code not in _BUILT and not (ROOT / code).exists()


def _exists(dotted: str) -> bool:
    """Whether this is a module, or something in one, however deep."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            # A module's logger or a test's name would also be found this way; a missing one is not.
            if not hasattr(found, name):
                return False
            found = getattr(found, name)
        return True
    return False


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_name_in_the_docs_exists(path: Path) -> None:
    found = list(wrong_names(path.read_text(encoding="utf-8"), folder=path.parent))

    assert not found, "\n".join(f"{path.relative_to(ROOT)}:{sentence}" for sentence in found)


@pytest.mark.parametrize(
    "text",
    [
        "see `crowd.pledges.operations.make_promise`",
        "see `crowd/pledges/services.py`",
        "see [there](nowhere.md)",
        "see `frontend.nothing`",
    ],
)
def test_a_name_that_does_not_exist_is_noticed(text: str) -> None:
    assert len(list(wrong_names(text, folder=ROOT))) == 1


def test_the_walks_name_functions() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    walks = text.partition("## First walk")[2].partition("## Two clocks")[0]

    assert len({code for code in _CODE.findall(walks) if _DOTTED.fullmatch(code)}) > 50


def test_the_tree_shows_every_room() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    tree = text.partition("```")[2].partition("```")[0]
    rooms = {
        path.name
        for package in PACKAGES
        for path in (ROOT / package).iterdir()
        if path.is_dir() and path.name not in {"__pycache__", "node_modules"}
    }

    assert {room for room in rooms if f"{room}/" not in tree} == set()


@pytest.mark.parametrize("noun", _STATES)
def test_every_state_is_in_the_glossary(noun: str) -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    section = glossary.partition(f"## States of {'an' if noun[0] in 'aeiou' else 'a'} {noun}")[2].partition("\n## ")[0]
    explained = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))

    assert explained == set(_STATES[noun])


def test_the_treasurer_reads_about_every_account_posting_and_check() -> None:
    money = (ROOT / "docs" / "money.md").read_text(encoding="utf-8")

    assert [kind for kind in ACCOUNT_KINDS if f"`{kind}`" not in money] == []
    assert [kind for kind, (dr, cr) in POSTINGS.items() if f"| `{kind}` | `{dr}` | `{cr}` |" not in money] == []
    assert [check.promise for check in CHECKS if check.promise not in money] == []
    assert f"{closing.COLLECTING_LASTS.days} days" in money


def test_decisions_are_numbered_once_and_built_alike() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [path.name[:4] for path in pages]
    parts = ("**Context.**", "**Decision.**", "**Consequences.**", "**Alternatives.**")

    assert len(set(numbers)) == len(numbers)
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(path.name[:4])}. "), path.name
        assert [part for part in parts if part not in text] == [], path.name


def test_every_library_is_accounted_for() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.findall(
        r'^    "([a-z0-9-]+)', project.partition("dependencies = [")[2].partition("]\n")[0], re.MULTILINE
    )
    listed += re.findall(r'^    "([a-z0-9-]+)', project.partition("dev = [")[2].partition("]\n")[0], re.MULTILINE)
    page = (ROOT / "docs" / "decisions" / "0022-libraries.md").read_text(encoding="utf-8")

    assert len(listed) > 40
    assert [name for name in listed if f"`{name}`" not in page] == []
