"""Whether the books are right: now, or at any moment in the past."""

from datetime import date, datetime
from typing import Annotated

import typer

from crowd.shared.clock import AMSTERDAM, end_of
from frontend.commands.tools import Refused, say, tools
from frontend.runtime import Runtime
from payments.books.rules import Finding, PastVerdict
from payments.books.workflow import check_books as compare
from payments.books.workflow import check_books_as_of
from payments.collection.fee_workflow import record_fees
from payments.provider import OutcomeUnknown


def read_moment(words: str) -> datetime:
    """Return the moment in `words`: a day (its end, in the Netherlands) or a day and a time (there, unless it says).

    Raises typer.BadParameter.
    """
    try:
        moment = datetime.fromisoformat(words)
    except ValueError as error:
        raise typer.BadParameter("write a day as 2026-12-31, or a moment as 2026-12-31T17:00") from error
    try:
        return end_of(date.fromisoformat(words))
    except ValueError:
        return moment if moment.tzinfo else moment.replace(tzinfo=AMSTERDAM)


def check_books(
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask the payment provider.")] = False,  # noqa: FBT002  Typer's own form of a flag
    as_of: Annotated[
        datetime | None,
        typer.Option(parser=read_moment, metavar="MOMENT", help="The books as they were: 2026-12-31 or ...T17:00."),
    ] = None,
) -> None:
    """Compare every book with every other and with the provider. Exit code 0 only when nothing differs."""
    with tools() as runtime:
        with runtime.database.reading() as session:
            now = runtime.clock.now(session)
        if as_of is None:
            _check_now(runtime, now, offline=offline)
        elif as_of > now:
            raise Refused("That moment has not come yet.")
        else:
            _check_past(check_books_as_of(runtime.database, moment=as_of))


def _check_now(runtime: Runtime, now: datetime, *, offline: bool) -> None:
    try:
        if not offline:
            record_fees(runtime.database, runtime.gateway, now=now)
        verdict = compare(runtime.database, None if offline else runtime.gateway)
    except OutcomeUnknown as error:
        raise Refused("The payment provider does not answer. Try again, or use --offline.") from error
    _say_findings(verdict.findings)
    with_provider = "and with the provider" if verdict.compared_with_provider else "without asking the provider"
    if not verdict.balanced:
        say(f"{len(verdict.findings)} differences in {verdict.checks} checks {with_provider}.")
        raise typer.Exit(1)
    in_flight = f" {verdict.in_flight} payments are under way." if verdict.in_flight else ""
    captured = _euros(verdict.captured_cents)
    say(f"Every book balances: {verdict.checks} checks {with_provider}, € {captured} captured.{in_flight}")


def _check_past(verdict: PastVerdict) -> None:
    say(f"The books as of {verdict.moment.astimezone(AMSTERDAM).isoformat(timespec='seconds')}")
    for balance in verdict.balances:
        left = balance.debit_cents - balance.credit_cents
        columns = f"{_euros(balance.debit_cents):>14}{_euros(balance.credit_cents):>14}{_euros(left):>14}"
        say(f"  {balance.kind:<26}{columns}")
    later = f", {verdict.recorded_later} of them written down later" if verdict.recorded_later else ""
    say(f"{verdict.postings} postings by then{later}. Columns: debited, credited, what is left (debit - credit).")
    for question in verdict.unasked:
        say(f"Cannot be asked of the past: {question.invariant}: {question.promise} (no history: {question.lacks})")
    _say_findings(verdict.findings)
    if not verdict.balanced:
        say(f"{len(verdict.findings)} differences in {verdict.asked} checks of that moment.")
        raise typer.Exit(1)
    say(f"Every book balanced then: {verdict.asked} checks; {len(verdict.unasked)} cannot be asked of the past.")


def _say_findings(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        say(
            f"{finding.invariant}: {finding.promise}\n"
            f"    {finding.subject}: expected {finding.expected}, found {finding.found}"
        )


def _euros(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"
