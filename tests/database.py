"""One real PostgreSQL for the whole test run, with a migrated template that each worker clones.

Cloning costs about 80 ms; the server forgets everything when the run ends, so it never waits for the disk.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from frontend.local.postgres import FORGETFUL, Cluster, lay_cluster
from frontend.local.processes import Child, Identity, wait_until

ROOT = Path(__file__).parent.parent
TEMPLATE = "migrated"


@dataclass(frozen=True, kw_only=True)
class Server:
    """The running server, in words that fit in xdist's `workerinput`."""

    folder: str
    sockets: str

    def cluster(self) -> Cluster:
        return Cluster(folder=Path(self.folder), sockets=Path(self.sockets), identity=Identity())

    def clone(self, name: str) -> str:
        """A fresh, migrated, empty database; its URL."""
        self.cluster().create_database(name, template=TEMPLATE)
        return self.cluster().url(name)


@contextmanager
def running_server(*, migrated: bool = True) -> Iterator[Server]:
    """Start PostgreSQL in a temporary folder, with a migrated template, and stop it at the end."""
    # Not tempfile's mode 0700: root lends the server another user, who must reach its data.
    parent = Path(tempfile.mkdtemp(prefix="buurtloket-pg-"))
    parent.chmod(0o755)
    lines: list[str] = []
    try:
        cluster = lay_cluster(parent)
        child = Child(cluster.program(settings=FORGETFUL), hear=lambda _program, line: lines.append(line))
        try:
            wait_until(cluster.is_ready, child)
            cluster.create_database(TEMPLATE)
            if migrated:
                migrate(cluster.url(TEMPLATE))
            yield Server(folder=str(cluster.folder), sockets=str(cluster.sockets))
        finally:
            child.stop()
    finally:
        shutil.rmtree(parent, ignore_errors=True)


def migrate(url: str) -> None:
    """Bring the database to the newest migration, the way an operator would."""
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"alembic upgrade head failed:\n{done.stdout}{done.stderr}")


def emptying_statement(cluster: Cluster, database: str) -> str:
    """One statement list that empties every table in one round trip.

    Triggers that refuse DELETE, and foreign keys, sleep in the role of a replica. DELETE, because TRUNCATE
    of small tables is sixty times slower. Raises when a migration itself stored rows: those would be lost.
    """
    with cluster.connect(database) as connection:
        tables = [
            str(row[0])
            for row in connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
                " AND tablename <> 'alembic_version' ORDER BY tablename"
            )
        ]
        for table in tables:
            query = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(table))
            row = connection.execute(query).fetchone()
            if row is not None and row[0]:
                raise RuntimeError(f"a migration stores rows in {table}; emptying would lose them")
        deletes = sql.SQL(";").join(sql.SQL("DELETE FROM {}").format(sql.Identifier(t)) for t in tables)
        script = sql.SQL("SET session_replication_role = replica;{};RESET session_replication_role")
        return script.format(deletes).as_string(connection)
