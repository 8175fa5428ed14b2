"""The database: one way to open a transaction, one way to read, and a guard against calling out inside one.

Doors and workflows open transactions; operations and queries take the session they are given and never
commit. This file is the only one that says `.commit()`.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Engine, MetaData, Text, Uuid, create_engine, literal_column
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session

_transaction_is_open: ContextVar[bool] = ContextVar("transaction_is_open", default=False)

# Set on a session by whoever adds to the outbox, so that the commit wakes the worker.
WAKE_WORKER = "wake_worker"


class Base(DeclarativeBase):
    """The parent of every table; constraint names are predictable, so migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True), UUID: Uuid(as_uuid=True), str: Text}  # noqa: RUF012  SQLAlchemy reads this name


class CalledOutInsideTransaction(RuntimeError):
    """Our own mistake: a network call was about to run while rows were locked."""


def one_of(column: ColumnElement[str] | InstrumentedAttribute[str], values: Iterable[str]) -> ColumnElement[bool]:
    """Return `column IN (...)` with the values, our own constants, written into the statement.

    As parameters SQLAlchemy would write the statement again at each execution (they may be any number), which cost
    more than everything else it does for a page.
    """
    return column.in_([literal_column(f"'{value}'") for value in values])


def refuse_inside_transaction() -> None:
    """Raise CalledOutInsideTransaction when the running code holds a transaction open.

    Everything that leaves the machine (provider, mail, broker) calls this first: a slow answer there would
    otherwise hold our locks.
    """
    if _transaction_is_open.get():
        raise CalledOutInsideTransaction


class Database:
    """The pool of connections and the two ways to use it.

    `on_outbox` is called after a commit that added to the outbox; a failure in it must not matter, because
    the sweep finds the same rows a moment later.
    """

    def __init__(self, url: str, *, pool_size: int = 10, on_outbox: Callable[[], None] | None = None) -> None:
        # Reads are the common case, so a connection rests in AUTOCOMMIT, and only a transaction sets it otherwise.
        self.engine = _engine(url, pool_size=pool_size)
        self._writing_engine = self.engine.execution_options(isolation_level="READ COMMITTED")
        self._on_outbox = on_outbox

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a session whose work is committed at the end, or rolled back when anything is raised.

        Commits before returning control, so whoever answers after the block answers about what is stored.
        """
        token = _transaction_is_open.set(True)
        try:
            with Session(self._writing_engine, expire_on_commit=False) as session:
                yield session
                session.commit()
                wake = bool(session.info.get(WAKE_WORKER))
        finally:
            _transaction_is_open.reset(token)
        if wake and self._on_outbox is not None:
            self._on_outbox()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session for reads only, each statement on its own.

        No transaction is held and no ROLLBACK is sent, because that would drop psycopg's prepared
        statements (measured: it triples the database's share of a page).
        """
        with Session(self.engine, autoflush=False) as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Yield a session that sees one moment, however many statements it takes, and can change nothing."""
        snapshot_engine = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with Session(snapshot_engine, autoflush=False) as session:
            yield session
            session.commit()

    def close(self) -> None:
        """Close every connection of the pool."""
        self.engine.dispose()


def _engine(url: str, *, pool_size: int) -> Engine:
    # A restarted server breaks the pooled connections: the first use notices, SQLAlchemy then drops them all,
    # and the door answers "try again". Pinging before each use would cost every request a round trip.
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_recycle=1800,
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        # An exception must not carry what people typed into a log.
        hide_parameters=True,
        connect_args={"prepare_threshold": 2, "options": "-c timezone=UTC -c lock_timeout=10s"},
    )
