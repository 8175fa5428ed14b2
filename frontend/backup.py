"""The database as one file, and that file as the database: PostgreSQL's own programs, run with the right address.

The programs are those of the embedded server; they speak with an external one of the same version or older. A backup
is PostgreSQL's own archive, so that it can be read without us. See docs/decisions/0029-backup-and-restore.md.
"""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from frontend.local.postgres import binaries

VERSIONS: Final = Path(__file__).parent.parent / "alembic" / "versions"
_SERVICE: Final = "buurtloket"
_REVISION: Final = re.compile(r"^COPY public\.alembic_version .*?\n(\w+)\n", re.MULTILINE)
_AGAIN: Final = "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC"


class BackupFailed(Exception):
    """PostgreSQL's programs refused; the message is one sentence with their first complaint."""


class NotABackup(BackupFailed):
    """The file is no archive of ours, or not whole."""


class DatabaseNotEmpty(BackupFailed):
    """There is something in the database already."""


class DatabaseInUse(BackupFailed):
    """Other programs are connected to the database."""


def dump(url: str, file: Path) -> None:
    """Write the database to `file` as it is at one moment, while everybody goes on working.

    Only the file's owner may read it; one that is there already is kept. Raises BackupFailed, leaving nothing.
    """
    unfinished = file.with_name(f"{file.name}.unfinished")
    if file.exists():
        raise BackupFailed(f"{file} is there already.")
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise BackupFailed(f"{unfinished} cannot be written: {error.strerror}.") from error
    try:
        with _address(url) as environment:
            _run("pg_dump", *_OWNERLESS, "--format=custom", f"--file={unfinished}", environment=environment)
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.rename(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def revision_in(file: Path) -> str:
    """Return the migration at which the database of this backup was. Raises NotABackup."""
    if not file.is_file():
        raise NotABackup(f"{file} is not there.")
    try:
        said = _run("pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(file), environment={})
    except BackupFailed as error:
        raise NotABackup(f"{file} is not a backup of Buurtloket, or not whole.") from error
    found = _REVISION.search(said)
    if found is None:
        raise NotABackup(f"{file} is not a backup of Buurtloket, or not whole.")
    return found[1]


def is_known(revision: str) -> bool:
    """Return whether this version of Buurtloket has the migration `revision`."""
    return any(
        re.search(rf'^revision = "{re.escape(revision)}"$', path.read_text(encoding="utf-8"), re.MULTILINE)
        for path in VERSIONS.glob("*.py")
    )


def check_may_be_filled(url: str, *, replace: bool) -> None:
    """Raise DatabaseInUse when others are connected, DatabaseNotEmpty when rows are there and `replace` is false."""
    with _connect(url) as connection:
        others = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        ).fetchone()
        if others and others[0]:
            raise DatabaseInUse("Other programs use this database. Stop web, worker and beat first.")
        if replace:
            return
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        ).fetchall()
        for (table,) in tables:
            query = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(str(table)))
            row = connection.execute(query).fetchone()
            if row and row[0]:
                raise DatabaseNotEmpty(
                    f"The database is not empty: there are rows in {table}. To throw it away for the backup: --replace."
                )


def fill(url: str, file: Path) -> None:
    """Make the database what the backup says, in one transaction: it is done whole, or nothing was changed.

    Everything that was there is thrown away: ask `check_may_be_filled` first. Raises BackupFailed.
    """
    with _address(url) as environment, tempfile.TemporaryFile() as unread, tempfile.TemporaryFile() as unwritten:
        reading = _start("pg_restore", *_OWNERLESS, "--file=-", str(file), stdout=subprocess.PIPE, stderr=unread)
        writing = _start(
            *("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-"),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=unwritten,
            environment=environment,
        )
        try:
            # Without the last word everything is rolled back, so it is said only when all of the file was read.
            with contextlib.suppress(BrokenPipeError), _open(writing.stdin) as script:
                script.write(f"BEGIN; {_AGAIN};\n".encode())
                with _open(reading.stdout) as rows:
                    shutil.copyfileobj(rows, script)
                if reading.wait() == 0:
                    script.write(b"COMMIT;\n")
        finally:
            reading.kill()
            done = (reading.wait(), writing.wait())
        if done[1]:
            raise BackupFailed(_first_complaint(unwritten))
        if done[0]:
            raise NotABackup(_first_complaint(unread))


_OWNERLESS: Final = ("--no-owner", "--no-privileges")


def _run(program: str, *arguments: str, environment: Mapping[str, str]) -> str:
    with tempfile.TemporaryFile() as complaints, tempfile.TemporaryFile() as said:
        if _start(program, *arguments, stdout=said, stderr=complaints, environment=environment).wait():
            raise BackupFailed(_first_complaint(complaints))
        said.seek(0)
        return said.read().decode()


def _start(
    program: str,
    *arguments: str,
    stdout: int | IO[bytes],
    stderr: IO[bytes],
    stdin: int = subprocess.DEVNULL,
    environment: Mapping[str, str] | None = None,
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603  PostgreSQL's own programs, never a shell
        [str(binaries() / program), *arguments],
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env={**os.environ, **(environment or {}), "LC_ALL": "C"},
    )


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise BackupFailed("The pipe between PostgreSQL's programs could not be opened.")
    return pipe


def _first_complaint(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    lines = [line for line in complaints.read().decode(errors="replace").splitlines() if "error:" in line.lower()]
    # What follows the first line may hold rows, and with them what people wrote.
    return f"PostgreSQL says: {lines[0].strip()}" if lines else "PostgreSQL's program failed without saying why."


@contextmanager
def _address(url: str) -> Iterator[Mapping[str, str]]:
    """Yield the environment in which PostgreSQL's programs find the database; no password stands in a command."""
    wanted = psycopg.conninfo.conninfo_to_dict(_plain(url))
    with tempfile.TemporaryDirectory() as folder:
        services = Path(folder, "services")
        lines = [f"[{_SERVICE}]", *(f"{name}={value}" for name, value in wanted.items())]
        services.write_text("\n".join(lines) + "\n", encoding="utf-8")
        yield {"PGSERVICEFILE": str(services), "PGSERVICE": _SERVICE}


def _connect(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(_plain(url), autocommit=True, connect_timeout=10)


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
