"""Fixtures for every test: a real database three ways, a browser, and no way off this machine.

- `session`: one transaction per test, rolled back after it. For operations and queries.
- `committing_database`: real commits, every table emptied after the test. For concurrency.
- `world`: the rooms that handle money on such a database, with a sandbox that was emptied too.
- `database_url`: the worker's own clone, for what wants to connect by itself.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict

import psycopg
import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session
from xdist.remote import Producer

from crowd.shared.db import Database
from tests.browser import browser, page  # noqa: F401 - fixtures, found here by their names
from tests.database import Server, emptying_statement, running_server
from tests.depth import choose_depth
from tests.loopback import stay_on_loopback
from tests.money import MoneyWorld, money_world_on
from tests.sandbox_process import Sandbox, running_sandbox
from tests.sharing_out import FileByFile, longest_first
from tests.stack import Stack, running_stack

stay_on_loopback()

_SERVER = pytest.StashKey[Server]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--prove", action="store_true", help="full oracles and every schedule: minutes to hours")


def pytest_configure(config: pytest.Config) -> None:
    choose_depth(prove=bool(config.getoption("--prove")))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the whole stack or a browser, so that one can leave it out; then say what comes first."""
    for item in items:
        if "stack" in item.fixturenames:  # type: ignore[attr-defined]  # every test function has them
            item.add_marker("stack")
        if "browser" in item.fixturenames:  # type: ignore[attr-defined]  # same
            item.add_marker("browser")
    longest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FileByFile:
    """How xdist shares out the tests."""
    return FileByFile(config, log)


def _server(config: pytest.Config) -> Server:
    """The run's one server, started when first asked for and stopped when the run ends."""
    handed_over = getattr(config, "workerinput", {}).get("server")
    if handed_over is not None:
        return Server(**handed_over)
    if _SERVER not in config.stash:
        stack = ExitStack()
        config.add_cleanup(stack.close)
        config.stash[_SERVER] = stack.enter_context(running_server())
    return config.stash[_SERVER]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: pytest.Session) -> None:
    """With xdist the controller owns the server: it outlives every worker."""
    node.workerinput["server"] = asdict(_server(node.config))  # type: ignore[attr-defined]  # xdist adds it


@pytest.fixture(scope="session")
def database_server(pytestconfig: pytest.Config) -> Server:
    """The run's PostgreSQL; `clone(name)` makes another migrated database."""
    return _server(pytestconfig)


@pytest.fixture(scope="session")
def worker_name(pytestconfig: pytest.Config) -> str:
    """The name of this xdist worker, `alone` without xdist."""
    return str(getattr(pytestconfig, "workerinput", {}).get("workerid", "alone"))


@pytest.fixture(scope="session")
def database_url(database_server: Server, worker_name: str) -> str:
    """This worker's own migrated database. Whoever commits in it cleans up after itself."""
    return database_server.clone(f"test_{worker_name}")


@pytest.fixture(scope="session")
def _engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url, connect_args={"options": "-c timezone=UTC"})
    yield engine
    engine.dispose()


@pytest.fixture
def session(_engine: Engine) -> Iterator[Session]:
    """A session in a transaction that is rolled back; its own commits end only a savepoint."""
    with _engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as joined:
            yield joined
        outer.rollback()


@pytest.fixture(scope="session")
def _committing_url(database_server: Server, worker_name: str) -> tuple[str, str]:
    name = f"committing_{worker_name}"
    url = database_server.clone(name)
    return url, emptying_statement(database_server.cluster(), name)


@pytest.fixture
def committing_database(_committing_url: tuple[str, str]) -> Iterator[Database]:
    """A database in which transactions really commit; every table is emptied after the test."""
    url, emptying = _committing_url
    database = Database(url, pool_size=20)
    yield database
    database.close()
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True) as connection:
        connection.execute(emptying.encode())


@pytest.fixture(scope="session")
def _sandbox_of_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Starting the program takes longer than most tests: each worker has one, emptied before each use."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def world(committing_database: Database, _sandbox_of_worker: Sandbox) -> Iterator[MoneyWorld]:
    """A municipality, a sandbox, and a clock the test moves."""
    _sandbox_of_worker.control.forget_everything()
    with money_world_on(committing_database, _sandbox_of_worker) as made:
        yield made


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole real service with its demo data, one for all journeys: each uses addresses of its own."""
    with running_stack() as running:
        yield running
