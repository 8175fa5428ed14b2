"""check-books: every book against every other, and against the provider; now, in the past, and every night."""

from dataclasses import dataclass, replace
from datetime import datetime

from crowd.shared.db import Database
from payments.books import operations, past_queries, queries
from payments.books.rules import (
    ASKED_OF_PROVIDER,
    CLEARING_IS_BALANCE,
    Finding,
    OurCharge,
    OurMovement,
    PastVerdict,
    TheirMovement,
    TheirPayment,
    Verdict,
    compare_balance,
    compare_movements,
    compare_payments,
)
from payments.gateway import Gateway
from payments.provider import OutcomeUnknown


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ours:
    """What our own tables say at one moment."""

    findings: list[Finding]
    charges: dict[str, OurCharge]
    movements: list[OurMovement]
    other_cents: int
    under_way: frozenset[str]
    clearing_cents: int
    captured_cents: int
    charges_without_fee: int


def check_books(database: Database, gateway: Gateway | None) -> Verdict:
    """Return whether every book balances, with one finding per difference.

    A difference counts when it is seen twice in a row: what was on its way during the first look is none. Nothing is
    changed: a difference is reported, never mended silently. Raises OutcomeUnknown when the provider is away; it is not
    asked when `gateway` is None.
    """
    first = _look(database, gateway)
    if first.balanced:
        return first
    seen = {(finding.promise, finding.subject) for finding in first.findings}
    second = _look(database, gateway)
    return replace(second, findings=tuple(f for f in second.findings if (f.promise, f.subject) in seen))


def _look(database: Database, gateway: Gateway | None) -> Verdict:
    """Read our tables at one moment, then ask the provider."""
    ours = _read(database)
    found, in_flight = list(ours.findings), 0
    asked = {check.promise for check in queries.CHECKS}
    if gateway is not None:
        theirs = [
            TheirPayment(payment.ref, payment.pledge_id, payment.status, payment.received_cents)
            for payment in gateway.payments()
        ]
        differences, in_flight = compare_payments(ours=ours.charges, theirs=theirs)
        found += differences
        found += compare_movements(
            ours=ours.movements,
            other_cents=ours.other_cents,
            theirs=[
                TheirMovement(movement.source_ref, movement.type, movement.amount_cents, movement.fee_cents)
                for movement in gateway.balance_movements(since=0)
            ],
            under_way=ours.under_way,
        )
        asked |= ASKED_OF_PROVIDER
        if not in_flight:
            found += compare_balance(
                clearing_cents=ours.clearing_cents,
                provider_cents=gateway.balance_cents(),
                charges_without_fee=ours.charges_without_fee,
            )
            asked |= {CLEARING_IS_BALANCE} if not ours.charges_without_fee else set()
    return Verdict(
        findings=tuple(sorted(found)),
        asked=frozenset(asked),
        checks=len(queries.CHECKS) + (3 if gateway is not None else 0),
        captured_cents=ours.captured_cents,
        in_flight=in_flight,
        compared_with_provider=gateway is not None,
    )


def _read(database: Database) -> _Ours:
    with database.snapshot() as session:
        return _Ours(
            findings=queries.findings(session),
            charges=queries.our_charges(session),
            movements=queries.our_movements(session),
            other_cents=queries.other_movements_cents(session),
            under_way=queries.kinds_under_way(session),
            clearing_cents=queries.clearing_cents(session),
            captured_cents=queries.captured_cents(session),
            charges_without_fee=queries.charges_without_fee(session),
        )


def reconcile(database: Database, gateway: Gateway, *, now: datetime) -> Verdict:
    """Check every book against every other and the provider, keep each difference as a named finding, and return all.

    Nothing is mended; a finding that is no longer seen is marked as gone. When the provider is away our own books are
    checked all the same, and kept, before OutcomeUnknown is raised.
    """
    with database.transaction() as session:
        check_id = operations.begin_check(session, now=now)
    unanswered: OutcomeUnknown | None = None
    try:
        verdict = check_books(database, gateway)
    except OutcomeUnknown as away:
        unanswered, verdict = away, check_books(database, None)
    with database.transaction() as session:
        operations.record_check(session, check_id=check_id, verdict=verdict, now=now)
    if unanswered is not None:
        raise unanswered
    return verdict


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
