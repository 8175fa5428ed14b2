"""Whether the books are right."""

from typing import Annotated

import typer

from frontend.commands.tools import Refused, say, tools
from payments.books.workflow import check_books as compare
from payments.collection.workflow import record_fees
from payments.provider import OutcomeUnknown


def check_books(
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask the payment provider.")] = False,  # noqa: FBT002  Typer's own form of a flag
) -> None:
    """Compare every book with every other and with the provider. Exit code 0 only when nothing differs."""
    with tools() as runtime:
        try:
            if not offline:
                with runtime.database.reading() as session:
                    now = runtime.clock.now(session)
                record_fees(runtime.database, runtime.gateway, now=now)
            verdict = compare(runtime.database, None if offline else runtime.gateway)
        except OutcomeUnknown as error:
            raise Refused("The payment provider does not answer. Try again, or use --offline.") from error
    for finding in verdict.findings:
        say(
            f"{finding.invariant}: {finding.promise}\n"
            f"    {finding.subject}: expected {finding.expected}, found {finding.found}"
        )
    euros = f"€ {verdict.captured_cents // 100}.{verdict.captured_cents % 100:02d}"
    with_provider = "and with the provider" if verdict.compared_with_provider else "without asking the provider"
    if not verdict.balanced:
        say(f"{len(verdict.findings)} differences in {verdict.checks} checks {with_provider}.")
        raise typer.Exit(1)
    in_flight = f" {verdict.in_flight} payments are under way." if verdict.in_flight else ""
    say(f"Every book balances: {verdict.checks} checks {with_provider}, {euros} captured.{in_flight}")
