"""Taking initiatives over from elsewhere."""

from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from crowd.initiatives.content_rules import end_date_errors
from crowd.initiatives.import_operations import Dossier, Outcome, import_dossier
from crowd.shared.actor import operator
from crowd.shared.clock import local_date
from crowd.shared.errors import DomainError, InvalidFields
from frontend.commands.tools import Refused, our_municipality, say, tools
from frontend.imports.register import NotARegister, Row, read_register
from frontend.runtime import Runtime


def import_initiatives(
    file: Annotated[Path, typer.Argument(help="CSV: a municipal subsidy register.", dir_okay=False)],
    live: Annotated[bool, typer.Option("--live", help="Put them online at once, as your own act.")] = False,  # noqa: FBT002  Typer's own form of a flag
    ends_on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="With --live: the last day to give.")
    ] = None,
) -> None:
    """Make initiatives of a subsidy register's dossiers, each once. Bad rows are named and skipped."""
    if live != (ends_on is not None):
        raise Refused("--live and --ends-on DATE go together.")
    rows = rows_of(file)
    with tools() as runtime:
        counts = take_over(runtime, rows, ends_on=ends_on.date() if ends_on else None)
    say(
        f"{len(rows)} rows: {counts['live']} live, {counts['draft']} draft, {counts['known']} known already,"
        f" {counts['refused']} refused."
    )


def rows_of(file: Path) -> list[Row]:
    """Return the rows of a register; raise Refused with what is wrong with the file."""
    try:
        return read_register(file)
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from error
    except NotARegister as error:
        raise Refused(f"{file}: {error}") from error


def take_over(runtime: Runtime, rows: list[Row], *, ends_on: date | None) -> Counter[str]:
    """Import these rows, saying which are refused and why; return outcome -> count. Raises Refused for the date."""
    _check_end(runtime, ends_on)
    counts: Counter[str] = Counter()
    for row in track(rows, description="Importing", console=Console(stderr=True), transient=True):
        refused: DomainError | None = row.refused
        if row.dossier is not None:
            try:
                counts[_import(runtime, row.dossier, ends_on)] += 1
            except DomainError as error:
                refused = error
        if refused is not None:
            counts["refused"] += 1
            say(f"line {row.line}: {_sentence(refused)}")
    return counts


def _check_end(runtime: Runtime, ends_on: date | None) -> None:
    if ends_on is None:
        return
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
    if errors := end_date_errors(ends_on, today=local_date(now)):
        raise Refused(str(errors[0]))


def _import(runtime: Runtime, dossier: Dossier, ends_on: date | None) -> Outcome:
    with runtime.database.transaction() as session:
        return import_dossier(
            session,
            dossier=dossier,
            live_until=ends_on,
            actor=operator(our_municipality(session)),
            now=runtime.clock.now(session),
        )


def _sentence(refused: DomainError) -> str:
    if isinstance(refused, InvalidFields):
        return " ".join(str(error) for error in refused.errors)
    return str(refused)
