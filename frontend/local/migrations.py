"""Whether the embedded database already has every migration of this checkout, without asking Alembic.

Starting Alembic costs two seconds of every start to find nothing to do. So after a success we note which
files led to which revision, and next time believe the note only when both are still so.
"""

import json
from hashlib import sha256
from pathlib import Path

import psycopg

from frontend.local.postgres import Cluster

VERSIONS = Path(__file__).parent.parent.parent / "alembic" / "versions"


def is_migrated(cluster: Cluster, database: str, note: Path) -> bool:
    """Whether the note fits both the files of the migrations and the revision the database is at."""
    try:
        noted = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(noted == {"files": _digest(), "revision": _revision(cluster, database)})


def note_migrated(cluster: Cluster, database: str, note: Path) -> None:
    """Note that these files led to the database's present revision."""
    noted = {"files": _digest(), "revision": _revision(cluster, database)}
    note.write_text(json.dumps(noted), encoding="utf-8")


def _digest() -> str:
    total = sha256()
    for file in sorted(VERSIONS.glob("*.py")):
        total.update(file.name.encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def _revision(cluster: Cluster, database: str) -> str | None:
    try:
        with cluster.connect(database) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    return None if row is None else str(row[0])
