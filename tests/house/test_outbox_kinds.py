"""Never 10: an outbox kind without a handler, or a handler for a kind that nobody adds."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from frontend.dispatcher import HANDLERS

ROOT = Path(__file__).parent.parent.parent
KIND = re.compile(r"[a-z_]+\.[a-z_]+")

# Kinds put together from a state. Each is written out here, so that a new state is noticed.
COMPOSED = {
    "initiative.": {"collecting", "near_miss", "funded", "unfunded"},
    "pledge.": {"declined", "needs_action"},
    "plan.": {"confirmed", "refused", "writing_ends", "answering_ends", "choosing_ends"},
}
# Handled, but added by a handler and not by a domain: one gift's part in what its campaign came to.
ADDED_BY_HANDLERS = {"pledge.collected", "pledge.near_miss", "pledge.plan_confirmed", "pledge.choosing_ends"}


def _modules() -> Iterator[Path]:
    for package in ("crowd", "payments", "matching"):
        yield from (path for path in (ROOT / package).rglob("*.py") if "sandbox" not in path.parts)
    yield ROOT / "frontend" / "demo.py"


def _kinds_in(tree: ast.Module) -> Iterator[str]:
    """Every kind a module adds: `kind="noun.verb"`, a composed one, or a constant of the module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "kind":
            match node.value:
                case ast.Constant(value=str(kind)) if KIND.fullmatch(kind):
                    yield kind
                case ast.JoinedStr(values=[ast.Constant(value=str(prefix)), *_]):
                    yield from (prefix + end for end in COMPOSED[prefix])
    for statement in tree.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(kind)))
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str(kind)))
            ) if name.isupper() and KIND.fullmatch(kind):
                yield kind


def added_kinds() -> set[str]:
    return {kind for path in _modules() for kind in _kinds_in(ast.parse(path.read_text(encoding="utf-8"), str(path)))}


def test_every_kind_that_is_added_has_a_handler() -> None:
    assert added_kinds() - set(HANDLERS) == set()


def test_every_handler_has_a_kind_that_is_added() -> None:
    assert set(HANDLERS) - added_kinds() - ADDED_BY_HANDLERS == set()


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        ('outbox.add(session, kind="pledge.made", args={}, dedupe_key="x")', {"pledge.made"}),
        (
            '_tell(session, kind=f"initiative.{to}")',
            {"initiative.collecting", "initiative.near_miss", "initiative.funded", "initiative.unfunded"},
        ),
        ('SEND: Final = "letter.send"', {"letter.send"}),
        ('SEND = "letter.send"', {"letter.send"}),
        ('post(session, kind="refund")', set()),
        ('audit.record(session, action="pledge.made")', set()),
    ],
)
def test_the_scan_finds_kinds_however_they_are_written(code: str, kinds: set[str]) -> None:
    assert set(_kinds_in(ast.parse(code))) == kinds


def test_a_composed_kind_that_is_not_written_out_here_is_noticed() -> None:
    with pytest.raises(KeyError):
        list(_kinds_in(ast.parse('_tell(session, kind=f"grant.{state}")')))
