"""The ledger, for an accountant."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from crowd.municipalities.queries import the_municipality
from frontend.commands.tools import Refused, say, tools
from frontend.ledger_files import write_ledger
from frontend.runtime import Runtime
from payments.books.export_rules import Period, euros
from payments.books.export_workflow import Exported, Format


def export_ledger(
    file: Annotated[Path, typer.Argument(help="Where to write; never over a file that is there.", dir_okay=False)],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day, included.")],
    form: Annotated[
        Literal["xaf", "csv"], typer.Option("--format", help="XML Auditfile Financieel 3.2, or a table.")
    ] = "xaf",
) -> None:
    """Write the ledger's postings of some days to a file. It holds no donors' names."""
    period = Period(first.date(), last.date())
    with tools() as runtime:
        exported = _write(runtime, file, period, form)
        if form == "xaf" and not runtime.settings.tax_number:
            say("TAX_NUMBER is not set: the file says ONBEKEND where the municipality's tax number belongs.")
    say(f"{file}: {exported.postings} postings, € {euros(exported.cents)} debited and credited.")


def _write(runtime: Runtime, file: Path, period: Period, form: Format) -> Exported:
    with runtime.database.reading() as session:
        now, municipality = runtime.clock.now(session), the_municipality(session)
    if municipality is None:
        raise Refused("There is no municipality yet: begin with `buurtloket municipality create`.")
    try:
        # Only its owner may read it, and what is there already is kept.
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
            return write_ledger(runtime, municipality=municipality, period=period, form=form, now=now, write=out.write)
    except BaseException:
        # Half a ledger must not be taken for a whole one.
        file.unlink(missing_ok=True)
        raise
