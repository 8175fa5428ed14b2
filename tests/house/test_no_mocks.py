"""Never 11: our own functions are never replaced in a test, and SQLite never stands in for PostgreSQL.

What a test needs from outside is real and on loopback: a database, a broker, the sandbox, a mail catcher.
`monkeypatch` may set the environment, and `sys.argv` where a command is called: those are the machine's.
"""

import ast
from collections.abc import Iterator

import pytest

from tests.source import PACKAGES, Module, calls, imported, modules, nothing_wrong, sample

MOCKS = ("unittest.mock", "mock", "pytest_mock", "mocker", "responses", "respx", "vcr", "freezegun", "time_machine")
THE_MACHINES_OWN = ("sys",)
HAS_A_FILE_OF_ITS_OWN = ("payments/sandbox/store.py",)


def mocks(module: Module) -> Iterator[str]:
    for node, name in imported(module):
        if any(name == known or name.startswith(f"{known}.") for known in MOCKS):
            yield module.at(node, f"{name}: use the real thing on loopback, or pass the value in")
    for call, name in calls(module):
        if name not in {"monkeypatch.setattr", "monkeypatch.delattr", "monkeypatch.setitem"} or not call.args:
            continue
        if not (isinstance(call.args[0], ast.Name) and call.args[0].id in THE_MACHINES_OWN):
            yield module.at(call, "a test never replaces our own functions: pass in what should differ")


def sqlite(module: Module) -> Iterator[str]:
    for node, name in imported(module):
        if name.split(".")[0] in {"sqlite3", "aiosqlite"}:
            yield module.at(node, "only the sandbox, a program of its own, keeps a SQLite file")
    for text in module.nodes():
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value.startswith("sqlite" + ":"):
            yield module.at(text, "a test of a query needs the PostgreSQL it will run on")


def test_no_test_replaces_our_own_functions() -> None:
    assert nothing_wrong(mocks, modules(*PACKAGES, "tests", "benchmarks"))


def test_sqlite_is_nobody_s_stand_in() -> None:
    everywhere = modules(*PACKAGES, "tests", "benchmarks")

    assert nothing_wrong(sqlite, everywhere, allowed=HAS_A_FILE_OF_ITS_OWN)
    assert all(list(sqlite(module)) for module in everywhere if module.name in HAS_A_FILE_OF_ITS_OWN)


@pytest.mark.parametrize(
    "code",
    [
        "from unittest.mock import patch",
        "from unittest import mock",
        "monkeypatch.setattr(operations, 'make_pledge', lambda: None)",
        "monkeypatch.setattr('crowd.shared.clock.machine_now', lambda: None)",
        "monkeypatch.delattr(smtp, 'send')",
        "import freezegun",
    ],
)
def test_a_mock_is_noticed(code: str) -> None:
    assert list(mocks(sample(code, "tests/unit/test_x.py")))


@pytest.mark.parametrize("code", ["monkeypatch.setenv('DEMO', 'no')", "monkeypatch.setattr(sys, 'argv', [])"])
def test_the_machine_s_own_may_be_set(code: str) -> None:
    assert list(mocks(sample(code, "tests/unit/test_x.py"))) == []


@pytest.mark.parametrize("code", ["import sqlite3", "engine = create_engine('" + "sqlite" + "://')"])
def test_sqlite_is_noticed(code: str) -> None:
    assert list(sqlite(sample(code, "tests/unit/test_x.py")))
