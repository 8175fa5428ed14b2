"""One SQLite file that holds every object as JSON, with just enough columns to find it again.

The event loop runs one operation at a time, so one connection is all there is: no lock is ever waited for.
WAL with `synchronous=NORMAL` hands each commit to the operating system before the answer is sent: killing
the process (kill -9) loses nothing acknowledged. Only a power cut could, and a sandbox may lose that.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from payments.sandbox.documents import Json, dump, load

SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    created INTEGER NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS object_newest ON object (kind, created, seq);
CREATE TABLE IF NOT EXISTS link (
    kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, created INTEGER NOT NULL,
    seq INTEGER NOT NULL, PRIMARY KEY (kind, name, value, created, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS idempotency (
    scope TEXT NOT NULL, key TEXT NOT NULL, address TEXT NOT NULL, fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL, body TEXT NOT NULL, request_id TEXT NOT NULL, created INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS idempotency_oldest ON idempotency (scope, created);
CREATE TABLE IF NOT EXISTS due (
    at INTEGER NOT NULL, task TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (at, task, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS delivery (
    event TEXT PRIMARY KEY, attempts INTEGER NOT NULL, next_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS delivery_next ON delivery (next_at, event);
CREATE TABLE IF NOT EXISTS balance (
    available_on INTEGER NOT NULL PRIMARY KEY, amount INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""

TABLES = ("object", "link", "idempotency", "due", "delivery", "balance", "note")

PRAGMAS = (
    "locking_mode=EXCLUSIVE",  # nobody else reads this file, so no lock is taken and given back per commit
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "wal_autocheckpoint=4000",
    "cache_size=-65536",
    "temp_store=MEMORY",
)


@dataclass(frozen=True)
class Span:
    """A half-open piece of time in seconds: from `start` up to but not including `end`."""

    start: int = 0
    end: int = 1 << 62


class Store:
    """The file. Writing methods need an open `transaction()`; reading methods do not."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.sql = sqlite3.connect(path, isolation_level=None, cached_statements=256)
        for pragma in PRAGMAS:
            self.sql.execute(f"PRAGMA {pragma}")
        self.sql.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self.sql.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is kept together, or not at all when an exception leaves the block."""
        self.sql.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.sql.execute("ROLLBACK")
            raise
        self.sql.execute("COMMIT")

    def empty(self) -> None:
        """Forgets everything that is kept, but no serial number: none is ever given twice."""
        for table in TABLES:
            self.sql.execute(f"DELETE FROM {table}")  # noqa: S608 - only our own words

    def insert(self, body: Json, *, created: int, links: Mapping[str, str | None] | None = None) -> None:
        """Adds an object; `links` are the values a list can later be filtered by."""
        cursor = self.sql.execute(
            "INSERT INTO object (id, kind, created, body) VALUES (?, ?, ?, ?)",
            (body["id"], body["object"], created, dump(body)),
        )
        rows = [
            (body["object"], name, value, created, cursor.lastrowid)
            for name, value in (links or {}).items()
            if value is not None
        ]
        self.sql.executemany("INSERT INTO link VALUES (?, ?, ?, ?, ?)", rows)

    def update(self, body: Json) -> None:
        """Replaces what is kept of an object that exists."""
        self.sql.execute("UPDATE object SET body = ? WHERE id = ?", (dump(body), body["id"]))

    def link(self, body: Json, name: str, value: str) -> None:
        """Makes an existing object findable by one more value."""
        self.sql.execute(
            "INSERT OR IGNORE INTO link SELECT kind, ?, ?, created, seq FROM object WHERE id = ?",
            (name, value, body["id"]),
        )

    def unlink(self, body: Json, name: str) -> None:
        """Forgets the values an object was findable by under `name`."""
        self.sql.execute(
            "DELETE FROM link WHERE kind = ? AND name = ? AND seq = (SELECT seq FROM object WHERE id = ?)",
            (body["object"], name, body["id"]),
        )

    def get(self, kind: str, identifier: str) -> Json | None:
        """The object of this kind with this id, or None."""
        row = self.sql.execute("SELECT body FROM object WHERE id = ? AND kind = ?", (identifier, kind)).fetchone()
        return None if row is None else load(row[0])

    def any_kind(self, identifier: str) -> Json | None:
        """The object with this id, whatever it is, or None."""
        row = self.sql.execute("SELECT body FROM object WHERE id = ?", (identifier,)).fetchone()
        return None if row is None else load(row[0])

    def position(self, kind: str, identifier: str) -> tuple[int, int] | None:
        """Where an object stands in the order of its kind: (created, seq)."""
        row = self.sql.execute(
            "SELECT created, seq FROM object WHERE id = ? AND kind = ?", (identifier, kind)
        ).fetchone()
        return None if row is None else (row[0], row[1])

    def newest(
        self,
        kind: str,
        *,
        limit: int,
        where: Mapping[str, str] | None = None,
        span: Span = Span(),
        older_than: tuple[int, int] | None = None,
        newer_than: tuple[int, int] | None = None,
    ) -> list[Json]:
        """Up to `limit` objects of a kind, newest first; with `newer_than`, those nearest to that place."""
        filters = list((where or {}).items())
        table, arguments = "object", [kind]
        conditions = ["t.kind = ?"]
        if filters:
            name, value = filters.pop(0)
            table = "link"
            conditions.append("t.name = ? AND t.value = ?")
            arguments += [name, value]
        bounds: list[str | int] = [*arguments, *(older_than or (span.end, 0)), *(newer_than or (span.start, -1))]
        conditions.append("(t.created, t.seq) < (?, ?) AND (t.created, t.seq) > (?, ?)")
        conditions.append("t.created >= ? AND t.created < ?")
        bounds += [span.start, span.end]
        for name, value in filters:
            conditions.append(
                "EXISTS (SELECT 1 FROM link f WHERE f.kind = t.kind AND f.name = ? AND f.value = ?"
                " AND f.created = t.created AND f.seq = t.seq)"
            )
            bounds += [name, value]
        direction = "ASC" if newer_than else "DESC"
        rows = self.sql.execute(
            f"SELECT o.body FROM {table} t JOIN object o ON o.seq = t.seq"  # noqa: S608 - only our own words
            f" WHERE {' AND '.join(conditions)} ORDER BY t.created {direction}, t.seq {direction} LIMIT ?",
            (*bounds, limit),
        ).fetchall()
        found = [load(row[0]) for row in rows]
        return found[::-1] if newer_than else found

    def schedule(self, task: str, identifier: str, *, at: int) -> None:
        """Remembers that `task` is to be done for an object once the sandbox's clock reaches `at`."""
        self.sql.execute("INSERT OR IGNORE INTO due VALUES (?, ?, ?)", (at, task, identifier))

    def unschedule(self, task: str, identifier: str, *, at: int) -> None:
        """Forgets a task that was planned for `at`."""
        self.sql.execute("DELETE FROM due WHERE at = ? AND task = ? AND id = ?", (at, task, identifier))

    def note(self, name: str) -> str | None:
        """A word kept under this name, or None."""
        row = self.sql.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def write_note(self, name: str, value: str) -> None:
        """Keep a word under this name."""
        self.sql.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, value))
