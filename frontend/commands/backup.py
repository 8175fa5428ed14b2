"""The database as one file, and back."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import psycopg
import typer
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from alembic import command
from crowd.shared.clock import machine_now
from crowd.shared.db import Database
from frontend import backup as archive
from frontend.commands.tools import Refused, say
from frontend.local.data_folder import default_path, lock_data_folder, running_environment
from frontend.local.plan import DATABASE
from frontend.local.postgres import lay_cluster
from frontend.local.processes import Child, StartFailed, wait_until
from payments.books.workflow import check_books
from payments.collection.adoption_operations import note_restored

_CHECKOUT: Final = Path(__file__).parent.parent.parent


def backup(file: Annotated[Path, typer.Argument(help="Where to write; never over a file.", dir_okay=False)]) -> None:
    """Write the whole database to a file, as it is at one moment, while everybody goes on working.

    The file holds personal data, unencrypted, and no password or key of yours: SECRET_KEY and the other settings are
    kept by whoever set them.
    """
    with _refusals(), _database(running=True) as url:
        archive.dump(url, file)
    megabytes = max(1, file.stat().st_size // 1_000_000)
    say(f"{file}: {megabytes} MB, migration {archive.revision_in(file)}. It holds personal data: keep it as safe.")


def restore(
    file: Annotated[Path, typer.Argument(help="What `buurtloket backup` wrote.", dir_okay=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Throw away what is in the database now.")] = False,  # noqa: FBT002  Typer's own form of a flag
) -> None:
    """Make the database what a backup says: whole, or not at all. Exit code 0 only when its books balance.

    Stop web, worker and beat first. Nothing is charged afterwards until the worker has asked the provider what was
    paid since the backup.
    """
    with _refusals():
        revision = archive.revision_in(file)
        if not archive.is_known(revision):
            raise Refused(f"{file} was made by a newer Buurtloket (migration {revision}): install that one first.")
        with _database(running=False) as url:
            archive.check_may_be_filled(url, replace=replace)
            archive.fill(url, file)
            _migrate(url)
            balanced = _prove(url)
    if not balanced:
        raise typer.Exit(1)


def _prove(url: str) -> bool:
    database = Database(url, pool_size=2)
    try:
        with database.transaction() as session:
            note_restored(session, now=machine_now())
        verdict = check_books(database, None)
    finally:
        database.close()
    for finding in verdict.findings:
        say(f"{finding.invariant}: {finding.promise}: {finding.subject}")
    state = "Every book balances" if verdict.balanced else f"{len(verdict.findings)} differences"
    say(f"Restored. {state}: {verdict.checks} checks, € {verdict.captured_cents // 100} captured.")
    say("Start everything, wait a minute, and run `buurtloket check-books`: it says what was paid since the backup.")
    return verdict.balanced


def _migrate(url: str) -> None:
    engine = create_engine(url, poolclass=NullPool)
    config = Config(_CHECKOUT / "alembic.ini")
    config.set_main_option("script_location", str(_CHECKOUT / "alembic"))
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except (CommandError, SQLAlchemyError) as error:
        raise Refused(f"The backup was put back, but could not be migrated: {error}") from error


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (archive.BackupFailed, StartFailed) as error:
        raise Refused(str(error)) from error
    except psycopg.OperationalError as error:
        raise Refused("The database does not answer. Is it running, and is DATABASE_URL right?") from error


@contextmanager
def _database(*, running: bool) -> Iterator[str]:
    """Yield the address of the installation's database; where it is the embedded one and rests, it is started for this.

    `running` says whether the embedded stack may be at work meanwhile. Raises Refused, StartFailed.
    """
    if "DATABASE_URL" in os.environ:
        yield os.environ["DATABASE_URL"]
        return
    if at_work := running_environment():
        if not running:
            raise Refused(f"Buurtloket is running on {default_path()}. Stop it first.")
        yield at_work["DATABASE_URL"]
        return
    data = lock_data_folder(default_path())
    try:
        cluster = lay_cluster(data.path)
        child = Child(cluster.program())
        try:
            wait_until(cluster.is_ready, child)
            cluster.create_database(DATABASE)
            yield cluster.url(DATABASE)
        finally:
            child.stop()
    finally:
        data.release()
