"""The signature tells the kind: session first reads or writes rows, database first is a workflow, else it is a rule.

Everything after it is keyword-only, so that a call reads as a sentence and no two ids can change places.
"""

import ast
from collections.abc import Iterator

import pytest

from tests.house.test_names_and_places import kind_of
from tests.source import BELOW_THE_DOORS, Module, modules, nothing_wrong, sample

FIRST = {"queries": ("session",), "operations": ("session",), "workflow": ("database",)}
# What a workflow may be handed beside the database, still by place.
TOOLS = {"gateway", "clock"}
# Parts of a question, not questions: they touch no row, so they take no session.
NO_SESSION = {
    "crowd/closing/campaign_queries.py": {"with_standing", "card_of"},
    "crowd/grants/operations.py": {"translated"},
}


def public(module: Module) -> Iterator[ast.FunctionDef]:
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def signatures(module: Module) -> Iterator[str]:
    kind = kind_of(module.name)
    for function in public(module):
        places = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        every = {*places, *(argument.arg for argument in function.args.kwonlyargs)}
        if kind == "rules" and every & {"session", "database", "gateway"}:
            yield module.at(function, f"{function.name}: a rule takes plain values")
        if kind not in FIRST or function.name in NO_SESSION.get(module.name, ()):
            continue
        if tuple(places[:1]) != FIRST[kind]:
            yield module.at(function, f"{function.name}: {kind} take {FIRST[kind][0]} first")
        elif set(places[1:]) - (TOOLS if kind == "workflow" else set()):
            yield module.at(function, f"{function.name}: everything after {places[0]} is keyword-only")
        if kind != "workflow" and every & {"database", "gateway", "runtime"}:
            yield module.at(function, f"{function.name}: who holds a session never opens another nor calls out")


def test_every_signature_tells_what_the_function_is() -> None:
    assert nothing_wrong(signatures, modules(*BELOW_THE_DOORS, sandbox=False))


def test_every_exception_is_still_needed() -> None:
    by_name = {module.name: {function.name for function in public(module)} for module in modules("crowd")}

    assert {name: names - by_name.get(name, set()) for name, names in NO_SESSION.items()} == {
        name: set() for name in NO_SESSION
    }


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("crowd/pledges/operations.py", "def withdraw(pledge_id, session): ..."),
        ("crowd/pledges/operations.py", "def withdraw(session, pledge_id): ..."),
        ("crowd/pledges/queries.py", "def pledge(*, session, pledge_id): ..."),
        ("crowd/pledges/operations.py", "def withdraw(session, *, gateway): ..."),
        ("payments/collection/workflow.py", "def charge(session, *, pledge_id): ..."),
        ("payments/collection/workflow.py", "def charge(database, gateway, pledge_id): ..."),
        ("crowd/pledges/rules.py", "def check(*, session): ..."),
    ],
)
def test_a_signature_that_lies_is_noticed(name: str, code: str) -> None:
    assert len(list(signatures(sample(code, name)))) == 1


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("crowd/pledges/operations.py", "def withdraw(session, *, pledge_id, now): ..."),
        ("crowd/pledges/operations.py", "def _facts(campaign): ..."),
        ("payments/collection/workflow.py", "def charge(database, gateway, *, pledge_id): ..."),
        ("crowd/pledges/rules.py", "def may_edit(actor, facts): ..."),
    ],
)
def test_an_honest_signature_is_fine(name: str, code: str) -> None:
    assert list(signatures(sample(code, name))) == []
