"""What the money rooms do by themselves: each act takes the Runtime, reads the clock, and calls one workflow."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from crowd.closing.plan_operations import remind as remind_of_terms
from crowd.cofunding.forgetting_operations import forget_fingerprints
from crowd.pledges.operations import roll_up_totals
from crowd.shared.clock import local_date, local_midnight, machine_now
from frontend.runtime import Runtime
from payments.bank import workflow as bank
from payments.bank.forgetting_operations import forget_accounts, forget_households, forget_statement_parties
from payments.bank.forgetting_rules import accounts_before, households_before
from payments.bank.provider_workflow import book_moves
from payments.books.workflow import reconcile
from payments.cancelling.town_queries import town_references
from payments.cancelling.workflow import do_due_lines
from payments.collection.adoption_workflow import adopt_payments
from payments.collection.charge_operations import remind_donors
from payments.collection.fee_workflow import record_fees
from payments.collection.workflow import forget_unneeded_cards
from payments.inbox import workflow as inbox
from payments.payouts import reversal_workflow as reversals
from payments.payouts import workflow as payouts
from payments.payouts.share_workflow import match_shares
from payments.provider import OutcomeUnknown
from payments.settlement import workflow as settlement

# One turn takes up at most this many lines, so that it ends well before the next.
LINES_A_TURN: Final = 120
EVENTS_A_TURN: Final = 50


def _now(runtime: Runtime) -> datetime:
    with runtime.database.reading() as session:
        return runtime.clock.now(session)


def _at_once(runtime: Runtime) -> int:
    # Every line needs a connection now and then; two stay free for whoever else works in this process.
    return max(1, runtime.settings.database_pool_size - 2)


def close_due_campaigns(runtime: Runtime) -> None:
    """Close every campaign whose deadline has passed."""
    settlement.close_due_campaigns(runtime.database, now=_now(runtime))


def plan_settlements(runtime: Runtime) -> None:
    """Plan the charges of every campaign that started collecting."""
    settlement.plan_settlements(runtime.database, now=_now(runtime))


def work_off_charges(runtime: Runtime) -> None:
    """Take up charges that are due; after a backup was put back, first learn what the provider did since."""
    now = _now(runtime)
    adopt_payments(runtime.database, runtime.gateway, now=now)
    settlement.work_off_charges(
        runtime.database, runtime.gateway, now=now, most=LINES_A_TURN, at_once=_at_once(runtime)
    )


def end_settlements(runtime: Runtime) -> None:
    """Decide every campaign whose charges are all final."""
    settlement.end_settlements(runtime.database, runtime.gateway, now=_now(runtime))


def do_cancellations(runtime: Runtime) -> None:
    """Do what donors of cancelled initiatives chose, once their term is over."""
    do_due_lines(runtime.database, now=_now(runtime), most=LINES_A_TURN)


def end_near_misses(runtime: Runtime) -> None:
    """Decide every campaign that nearly made it and of which nobody's answer is awaited any more."""
    settlement.end_near_misses(runtime.database, now=_now(runtime))


def remind_of_near_misses(runtime: Runtime) -> None:
    """Tell whose turn it is with a campaign that nearly made it that the term is about to end."""
    with runtime.database.transaction() as session:
        remind_of_terms(session, now=runtime.clock.now(session))


def send_refunds(runtime: Runtime) -> None:
    """Give back what was planned to be given back."""
    payouts.send_refunds(
        runtime.database, runtime.gateway, now=_now(runtime), most=LINES_A_TURN, at_once=_at_once(runtime)
    )


def send_payouts(runtime: Runtime) -> None:
    """Send what a treasurer approved."""
    payouts.send_payout_lines(
        runtime.database, runtime.gateway, now=_now(runtime), most=LINES_A_TURN, at_once=_at_once(runtime)
    )


def send_reversals(runtime: Runtime) -> None:
    """Take back what a treasurer asked back."""
    reversals.send_reversals(runtime.database, runtime.gateway, now=_now(runtime), most=LINES_A_TURN)


def match_bank_lines(runtime: Runtime) -> None:
    """Match lines of our bank account with what is awaited, also what was written down after its money came."""
    now = _now(runtime)
    bank.match_gifts(runtime.database, now=now)
    match_shares(runtime.database, now=now)
    bank.match_booked_lines(runtime.database, notes_in=town_references, now=now)


def note_fees(runtime: Runtime) -> None:
    """Book what the provider kept of each charge, as far as it says so."""
    record_fees(runtime.database, runtime.gateway, now=_now(runtime))


def forget_cards(runtime: Runtime) -> None:
    """Have the provider forget cards that will not be charged any more."""
    forget_unneeded_cards(runtime.database, runtime.gateway, machine_now=machine_now(), now=_now(runtime))


def forget_donors(runtime: Runtime) -> None:
    """Forget where donors live and which account they have, after their term."""
    now, kept = _now(runtime), runtime.settings
    ended_before = households_before(now=now, days=kept.keep_households_days)
    with runtime.database.transaction() as session:
        forget_fingerprints(session, ended_before=ended_before)
        forget_households(session, ended_before=ended_before)
        paid_before = accounts_before(today=local_date(now), years=kept.keep_accounts_years)
        forget_accounts(session, paid_before=local_midnight(paid_before))
        forget_statement_parties(session, booked_before=paid_before, now=now)


def handle_events(runtime: Runtime) -> None:
    """Act on what the provider told us."""
    inbox.handle_events(runtime.database, runtime.gateway, now=_now(runtime), most=EVENTS_A_TURN)


def sweep_events(runtime: Runtime) -> None:
    """Ask the provider what it told us, in case a webhook was lost."""
    inbox.sweep_events(runtime.database, runtime.gateway)


def sweep_payments(runtime: Runtime) -> None:
    """Look at checkouts and payments we have not heard of for a while."""
    now = _now(runtime)
    inbox.sweep_checkouts(runtime.database, runtime.gateway, machine_now=machine_now(), now=now)
    inbox.sweep_charges(runtime.database, runtime.gateway, machine_now=machine_now(), now=now)


def sweep_refunds(runtime: Runtime) -> None:
    """Look at refunds that came back, in case we were not told."""
    inbox.sweep_refunds(runtime.database, runtime.gateway, now=_now(runtime))


def book_provider_moves(runtime: Runtime) -> None:
    """Book what went from the provider to our own bank account, and the other way."""
    book_moves(runtime.database, runtime.gateway, now=_now(runtime))


def remind(runtime: Runtime) -> None:
    """Mail donors who must act and have not heard from us lately."""
    now = _now(runtime)
    with runtime.database.transaction() as session:
        remind_donors(session, now=now)


def roll_up(runtime: Runtime) -> None:
    """Fold the changes of campaign totals together."""
    with runtime.database.transaction() as session:
        roll_up_totals(session)


def check_books_nightly(runtime: Runtime) -> None:
    """Compare every book and keep each difference by name; it is an error in the log too, which an operator watches."""
    # What the provider sent to our bank since the last hour is booked first, so that it is no difference.
    with suppress(OutcomeUnknown):
        book_provider_moves(runtime)
    verdict = reconcile(runtime.database, runtime.gateway, now=_now(runtime))
    if not verdict.balanced:
        raise BooksDiffer(len(verdict.findings))


class BooksDiffer(Exception):
    """check-books found differences: they stand on the treasurer's page, and `buurtloket check-books` says them too."""


NIGHTLY: Final = timedelta(days=1).total_seconds()
