"""check-books: every book against every other, and against the provider."""

from datetime import datetime

from crowd.shared.db import Database
from payments.books import past_queries, queries
from payments.books.rules import PastVerdict, TheirPayment, Verdict, compare_balance, compare_payments
from payments.gateway import Gateway


def check_books(database: Database, gateway: Gateway | None) -> Verdict:
    """Return whether every book balances, with one finding per difference.

    Our tables are read at one moment, then the provider is asked (left out when `gateway` is None). Nothing is
    changed: a difference is reported, never mended silently. Raises OutcomeUnknown when the provider is away.
    """
    with database.snapshot() as session:
        found = queries.findings(session)
        ours = queries.our_charges(session)
        clearing = queries.clearing_cents(session)
        captured = queries.captured_cents(session)
        without_fee = queries.charges_without_fee(session)
    in_flight = 0
    if gateway is not None:
        theirs = [
            TheirPayment(payment.ref, payment.pledge_id, payment.status, payment.received_cents)
            for payment in gateway.payments()
        ]
        differences, in_flight = compare_payments(ours=ours, theirs=theirs)
        found += differences
        if not in_flight:
            found += compare_balance(
                clearing_cents=clearing, provider_cents=gateway.balance_cents(), charges_without_fee=without_fee
            )
    return Verdict(
        findings=tuple(sorted(found)),
        checks=len(queries.CHECKS) + (2 if gateway is not None else 0),
        captured_cents=captured,
        in_flight=in_flight,
        compared_with_provider=gateway is not None,
    )


def check_books_as_of(database: Database, *, moment: datetime) -> PastVerdict:
    """Return whether every book balanced at `moment` (business time), as far as the past can be asked.

    The provider is not asked: it tells how things are, not how they were. Nothing is changed.
    """
    with database.snapshot() as session:
        postings, recorded_later = past_queries.postings_as_of(session, moment=moment)
        return PastVerdict(
            moment=moment,
            findings=tuple(sorted(past_queries.findings_as_of(session, moment=moment))),
            asked=past_queries.ASKED,
            unasked=past_queries.UNASKED,
            balances=tuple(past_queries.balances_as_of(session, moment=moment)),
            postings=postings,
            recorded_later=recorded_later,
        )
