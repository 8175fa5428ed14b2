"""Our own source as text and as syntax trees: what the tests in `tests/house` look through.

A check is a function from one Module to sentences that begin with `file:line:`, so that a failing test reads as a
list of places to go to. Each check is also shown a bad sample, made with `sample`, to prove that it can fail.
"""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("crowd", "payments", "matching", "frontend")
BELOW_THE_DOORS = ("crowd", "payments", "matching")
SANDBOX = "payments/sandbox/"


@dataclass(frozen=True, slots=True)
class Module:
    """One file of ours; `name` is its path from the root, with forward slashes."""

    name: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    def nodes(self) -> Iterator[ast.AST]:
        """Every node of the file, in no particular order."""
        return ast.walk(self.tree)

    def at(self, node: ast.AST, sentence: str) -> str:
        """`sentence`, preceded by where the node stands."""
        return f"{self.name}:{getattr(node, 'lineno', 1)}: {sentence}"


Check = Callable[[Module], Iterator[str]]


@lru_cache
def modules(*packages: str, sandbox: bool = True) -> tuple[Module, ...]:
    """Every Python file of these packages; without `sandbox` not those of `payments/sandbox`, a program of its own."""
    found = []
    for package in packages or PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "node_modules" in path.parts or (name.startswith(SANDBOX) and not sandbox):
                continue
            found.append(_read(name, path.read_text(encoding="utf-8")))
    # A scan that looks at nothing finds nothing wrong.
    assert found, f"nothing to look at in {packages}"
    return tuple(found)


def sample(code: str, name: str = "crowd/pledges/operations.py") -> Module:
    """A file that does not exist, to show a check what it must refuse."""
    return _read(name, code)


def nothing_wrong(check: Check, looked_at: Iterable[Module], *, allowed: Iterable[str] = ()) -> bool:
    """Fail the test with everything the check finds, a line each; files that are `allowed` to are left out."""
    exempt = frozenset(allowed)
    found = [sentence for module in looked_at if module.name not in exempt for sentence in check(module)]
    if found:
        pytest.fail("\n".join(found), pytrace=False)
    return True


def calls(module: Module) -> Iterator[tuple[ast.Call, str]]:
    """Every call with the dotted name of what is called; calls on a result are named from the last dot on."""
    for node in module.nodes():
        if isinstance(node, ast.Call):
            yield node, dotted(node.func)


def dotted(node: ast.AST) -> str:
    """`a.b.c` for an attribute chain; `.c` when it hangs on something that is not a name."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{dotted(value)}.{attr}"
    return ""


def imported(module: Module) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    """Every import of the file, with the dotted name of what is imported (`datetime.datetime`)."""
    for node in module.nodes():
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, f"{node.module or ''}.{alias.name}") for alias in node.names)


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of the file, however deep."""
    for node in module.nodes():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _read(name: str, text: str) -> Module:
    return Module(name, text, ast.parse(text, name))
