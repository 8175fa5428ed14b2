"""Moments that many schedules begin with: kept on both sides, and put back by two scripts instead of lived again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from psycopg import Connection

from payments.sandbox.store import TABLES
from tests.schedules.near import NearControl

_NUMBERS = count(1)
_COLUMNS = (
    b"SELECT table_name, string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) AS columns"
    b" FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)"
    b" WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'"
    b" AND table_name <> 'alembic_version' GROUP BY table_name"
)


@dataclass(frozen=True)
class Kept:
    """Copies of every row, ours and theirs, and the script that puts ours back into emptied tables."""

    number: int
    restoring: bytes
    offset_seconds: int
    memory: Any


@dataclass
class Shelf:
    """Where moments are kept, by what they are called."""

    asking: Connection[Any]
    control: NearControl
    moments: dict[object, Kept] = field(default_factory=dict)
    tables: list[tuple[str, str]] = field(default_factory=list)

    def keep(self, name: object, memory: object) -> None:
        """Keep how everything stands now, with what the schedule knows of it."""
        number = next(_NUMBERS)
        self.tables = self.tables or [(row.table_name, row.columns) for row in self.asking.execute(_COLUMNS)]
        self.asking.execute(f"CREATE SCHEMA kept_{number}".encode())
        inserts: list[str] = []
        for table, columns in self.tables:
            row = self.asking.execute(f"SELECT EXISTS (SELECT FROM {table}) AS used".encode()).fetchone()  # noqa: S608 - our own tables
            if row is not None and row.used:
                self.asking.execute(f"CREATE TABLE kept_{number}.{table} AS SELECT {columns} FROM {table}".encode())  # noqa: S608 - same
                inserts.append(
                    f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT * FROM kept_{number}.{table}"  # noqa: S608 - same
                )
        script = ";".join(["SET session_replication_role = replica", *inserts, "RESET session_replication_role"])
        self.control.do(lambda: self._copy_theirs(["CREATE TEMP TABLE kept_{1}_{0} AS SELECT * FROM {0}"], number))
        self.moments[name] = Kept(number, script.encode(), self.control.world.clock.offset_seconds, memory)

    def put_back(self, name: object) -> Any:  # noqa: ANN401  whoever kept it knows what it is
        """Put everything back as it stood then, over emptied tables; what was known of it, None when not kept."""
        kept = self.moments.get(name)
        if kept is None:
            return None
        self.asking.execute(kept.restoring)
        self.control.do(
            lambda: self._copy_theirs(["DELETE FROM {0}", "INSERT INTO {0} SELECT * FROM kept_{1}_{0}"], kept.number)
        )
        self.control.do(lambda: self.control.world.clock.move(kept.offset_seconds))
        return kept.memory

    def _copy_theirs(self, statements: Sequence[str], number: int) -> None:
        store = self.control.world.store
        with store.transaction():
            for table in TABLES:
                for statement in statements:
                    store.sql.execute(statement.format(table, number))
