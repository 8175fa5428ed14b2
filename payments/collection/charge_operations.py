"""The one charge of a pledge: planned, confirmed, and what became of it. The reply and the webhook end here alike.

Locks, always in this order: the campaign (shared), the pledge, the charge.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.closing.queries import collect_until
from crowd.initiatives.queries import campaign_facts
from crowd.pledges import operations as pledges
from crowd.pledges import queries as pledge_queries
from crowd.pledges.queries import PledgeRow
from crowd.shared import outbox
from crowd.shared.actor import Actor
from crowd.shared.money import Money
from payments.collection import queries
from payments.collection.models import Charge
from payments.collection.queries import ChargeRow
from payments.collection.rules import ANNOUNCED_BEFORE, FINAL, REMIND_EVERY, next_attempt, read_intent
from payments.collection.trouble_rules import trouble_of
from payments.ledger.operations import post
from payments.provider import Intent

LEASE_SECONDS = 90
# After no usable answer: soon again, with the same key, but not at once, because a provider that is away stays away.
ASK_AGAIN_SECONDS = 10
_LEASE_IS_FREE = text("(charges.leased_until IS NULL OR charges.leased_until < clock_timestamp())")
_NEW_LEASE = text(f"clock_timestamp() + interval '{LEASE_SECONDS} seconds'")
_NOT_AT_ONCE = text(f"clock_timestamp() + interval '{ASK_AGAIN_SECONDS} seconds'")

_DUE = (
    select(Charge.pledge_id)
    .where(
        Charge.state.in_(("planned", "created", "confirming", "declined")),
        Charge.next_attempt_at <= bindparam("now"),
        _LEASE_IS_FREE,
    )
    .order_by(Charge.next_attempt_at, Charge.pledge_id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_LEASE_DUE = (
    update(Charge)
    .where(Charge.pledge_id == _DUE.c.pledge_id)
    .values(leased_until=_NEW_LEASE)
    .returning(Charge.pledge_id)
)
_LEASE_ONE = (
    update(Charge)
    .where(Charge.pledge_id == bindparam("the_pledge"), _LEASE_IS_FREE)
    .values(leased_until=_NEW_LEASE)
    .returning(Charge.pledge_id)
)


def plan_charges(
    session: Session, *, pledges_to_charge: Sequence[PledgeRow], now: datetime, reason: str = "the minimum was reached"
) -> None:
    """Plan one charge per pledge, all locked by the caller: a card at once, a debit after it was announced."""
    if not pledges_to_charge:
        return
    debits = queries.debited(session, pledge_ids=[pledge.id for pledge in pledges_to_charge])
    pledges.change_states(session, pledges=pledges_to_charge, to="charging", now=now, reason=reason)
    session.execute(
        insert(Charge).on_conflict_do_nothing(index_elements=[Charge.pledge_id]),
        [
            {
                "pledge_id": pledge.id,
                "initiative_id": pledge.initiative_id,
                "amount_cents": pledge.amount_cents,
                "way": "sepa_debit" if pledge.id in debits else "card",
                "planned_at": now,
                "next_attempt_at": now + ANNOUNCED_BEFORE if pledge.id in debits else now,
            }
            for pledge in pledges_to_charge
        ],
    )
    for pledge_id in sorted(debits):
        _announce(session, pledge_id=pledge_id, at=now + ANNOUNCED_BEFORE)


def _announce(session: Session, *, pledge_id: UUID, at: datetime) -> None:
    """Tell the donor which amount will be debited, and when. The letter reads both from the charge."""
    outbox.add(
        session,
        kind="pledge.debit_announced",
        args={"pledge_id": str(pledge_id)},
        dedupe_key=f"pledge.debit_announced/{pledge_id}/{int(at.timestamp())}",
    )


def make_due(session: Session, *, pledge_id: UUID, now: datetime) -> None:
    """Have a charge that waits for its donor tried again: they just saved another card, or a bank account.

    A card at once; a debit is announced first.
    """
    is_debit = bool(queries.debited(session, pledge_ids=[pledge_id]))
    again = now + ANNOUNCED_BEFORE if is_debit else now
    # Everything starts anew, what was mailed too: it was about the other card.
    made_due = session.execute(
        update(Charge)
        .where(Charge.pledge_id == pledge_id, Charge.state.in_(("declined", "needs_action")))
        .values(
            state="declined",
            may_retry=True,
            declines=0,
            decline_code=None,
            last_mailed_at=None,
            next_attempt_at=again,
            leased_until=None,
        )
        .returning(Charge.pledge_id)
    ).first()
    if made_due is not None and is_debit:
        _announce(session, pledge_id=pledge_id, at=again)


def lease_due_charges(session: Session, *, now: datetime, most: int) -> list[UUID]:
    """Lease up to `most` charges that are due at `now` (business time) to the caller and return their pledges."""
    return sorted(session.scalars(_LEASE_DUE, {"now": now, "most": most}))


def lease_charge(session: Session, *, pledge_id: UUID) -> bool:
    """Lease one charge to the caller and return True, or False while somebody else works on it."""
    return session.execute(_LEASE_ONE, {"the_pledge": pledge_id}).first() is not None


def ask_again_soon(session: Session, *, pledge_id: UUID) -> None:
    """Shorten the caller's lease of a charge whose outcome is unknown, so that it is asked for again in a while."""
    session.execute(
        update(Charge)
        .where(Charge.pledge_id == pledge_id, Charge.leased_until.is_not(None))
        .values(leased_until=_NOT_AT_ONCE)
    )


def record_created(session: Session, *, pledge_id: UUID, intent_ref: str) -> None:
    """Remember the one payment intent of a pledge, which stays locked; the first one stays."""
    pledge_queries.pledge(session, pledge_id=pledge_id, lock=True)
    session.execute(
        update(Charge)
        .where(Charge.pledge_id == pledge_id, Charge.state == "planned")
        .values(state="created", intent_ref=intent_ref)
    )


def record_never_made(session: Session, *, pledge_id: UUID, code: str, now: datetime) -> None:
    """End a charge whose payment the provider refused to make: nothing was taken, and the same answer would follow.

    Its donor is told that the contribution lapsed. Twice is once.
    """
    pledge = pledge_queries.pledge(session, pledge_id=pledge_id, lock=True)
    charge = queries.charge(session, pledge_id=pledge_id, lock=True)
    if charge is None or charge.state != "planned":
        return
    if pledge.state != "dropped":
        pledges.change_state(session, pledge=pledge, to="declined", now=now, reason=code)
        pledge = pledge_queries.pledge(session, pledge_id=pledge_id)
        pledges.change_state(session, pledge=pledge, to="dropped", now=now, reason=code)
        _tell_dropped(session, pledge_id=pledge_id)
    session.execute(
        update(Charge)
        .where(Charge.pledge_id == pledge_id)
        .values(state="cancelled", decline_code=code, leased_until=None, next_attempt_at=None)
    )


def begin_confirm(session: Session, *, pledge_id: UUID, now: datetime, by_ideal: bool = False) -> ChargeRow | None:
    """Begin the next confirmation and return the charge with its number; None when none may begin.

    It is made with what the donor saved, or `by_ideal`. A number is only taken when the outcome of the one before is
    known, so two confirmations never overlap.
    """
    pledge = pledge_queries.pledge(session, pledge_id=pledge_id, lock=True)
    charge = queries.charge(session, pledge_id=pledge_id, lock=True)
    if charge is None or charge.state not in {"created", "declined", "needs_action"}:
        return None
    if pledge.state in {"declined", "needs_action"}:
        pledges.change_state(session, pledge=pledge, to="charging", now=now)
    elif pledge.state != "charging":
        return None
    session.execute(
        update(Charge)
        .where(Charge.pledge_id == pledge_id)
        .values(
            state="confirming",
            way="ideal" if by_ideal else charge.kind,
            confirm_number=charge.confirm_number + 1,
            next_attempt_at=now,
        )
    )
    return queries.charge(session, pledge_id=pledge_id)


def forget_confirm(session: Session, *, pledge_id: UUID, number: int, now: datetime) -> None:
    """Take back a confirmation of which the provider shows no trace: the next one begins in a while."""
    session.execute(
        update(Charge)
        .where(Charge.pledge_id == pledge_id, Charge.state == "confirming", Charge.confirm_number == number)
        .values(state="created", next_attempt_at=now, leased_until=_NOT_AT_ONCE)
    )


def record_intent(session: Session, *, pledge_id: UUID, intent: Intent, now: datetime, answers: int | None) -> None:
    """Apply what the provider says about a pledge's payment, whether as a reply, a webhook or a sweep.

    `answers` is the number of the confirmation this is the reply to, None for a fetched intent. While a
    confirmation is under way only its own reply may say that it failed: a fetched intent can still carry the
    error of the one before. Success and cancellation are believed from anywhere. Applying twice changes nothing.
    """
    pledge = pledge_queries.pledge(session, pledge_id=pledge_id, lock=True)
    charge = queries.charge(session, pledge_id=pledge_id, lock=True)
    reading = read_intent(
        status=intent.status,
        code=intent.code,
        decline_code=intent.decline_code,
        advice_code=intent.advice_code,
        way=charge.way if charge is not None else "card",
    )
    if charge is None or reading is None or charge.state in {"succeeded", "cancelled"}:
        return
    is_stale = charge.state == "confirming" and answers != charge.confirm_number
    if is_stale and reading.state not in {"succeeded", "cancelled"}:
        return
    if answers is None and _is_old_news(charge.state, reading.state):
        return
    _apply(session, pledge=pledge, charge=charge, intent=intent, reading_state=reading.state, now=now)
    if reading.state == "declined":
        _plan_retry(session, charge=charge, may_retry=reading.may_retry, now=now)
    if reading.state in {"declined", "needs_action"}:
        code = intent.decline_code or intent.code or "authentication_required"
        session.execute(update(Charge).where(Charge.pledge_id == pledge_id).values(decline_code=code))
        # The same trouble every 48 hours; another one at once, because something else is asked of the donor.
        is_news = charge.decline_code is not None and trouble_of(charge.decline_code) != trouble_of(code)
        _mail_donor(session, charge=charge, kind=f"pledge.{reading.state}", now=now, is_news=is_news)


def _is_old_news(charge_state: str, reading_state: str) -> bool:
    """Whether a fetched intent says what we know already.

    After a decline nothing new can fail before we ask again, yet the intent goes on showing that error, also when
    the donor has saved another card meanwhile.
    """
    return charge_state == reading_state or (charge_state == "declined" and reading_state == "needs_action")


def record_withdrawn(session: Session, *, pledge_id: UUID, actor: Actor, now: datetime) -> PledgeRow:
    """Withdraw a pledge whose payment was cancelled at the provider for it, and return it."""
    seen = pledge_queries.pledge(session, pledge_id=pledge_id)
    campaign_facts(session, initiative_id=seen.initiative_id, lock="share")
    pledge = pledge_queries.pledge(session, pledge_id=pledge_id, lock=True)
    # A webhook may have told of the cancellation before us: then it lapsed, which takes as little.
    if pledge.state != "dropped":
        pledge = pledges.withdraw_pledge(session, pledge_id=pledge_id, actor=actor, now=now)
    session.execute(
        update(Charge)
        .where(Charge.pledge_id == pledge_id, Charge.state.not_in(FINAL))
        .values(state="cancelled", leased_until=None, next_attempt_at=None)
    )
    return pledge


def _apply(
    session: Session, *, pledge: PledgeRow, charge: ChargeRow, intent: Intent, reading_state: str, now: datetime
) -> None:
    becomes = {"succeeded": "collected", "cancelled": "dropped"}.get(reading_state, reading_state)
    if pledge.state in {"needs_action", "declined"} and becomes not in {pledge.state, "dropped"}:
        # The donor's bank has the last word, for better or worse: the table's road there goes by charging.
        pledges.change_state(session, pledge=pledge, to="charging", now=now)
        pledge = pledge_queries.pledge(session, pledge_id=pledge.id)
    if pledge.state in {"charging", "processing"} and becomes == "dropped":
        # Cancelled while it was tried once more: it was not taken, and nothing is tried after it.
        pledges.change_state(session, pledge=pledge, to="declined", now=now, reason="cancelled while it was tried")
        pledge = pledge_queries.pledge(session, pledge_id=pledge.id)
    # Who withdrew stays withdrawn: their payment was cancelled for it.
    if pledge.state != becomes and not (pledge.state == "withdrawn" and becomes == "dropped"):
        pledges.change_state(
            session, pledge=pledge, to=becomes, now=now, reason=intent.decline_code or intent.code or ""
        )
        if becomes == "dropped":
            _tell_dropped(session, pledge_id=pledge.id)
    values: dict[str, object] = {"state": reading_state, "leased_until": None, "next_attempt_at": None}
    if reading_state == "succeeded":
        values |= {"charge_ref": intent.charge_ref, "succeeded_at": now}
        pledges.record_way(session, pledge_id=pledge.id, way=_paid_with(charge, pledge))
        post(
            session,
            kind="charge",
            municipality_id=pledge.municipality_id,
            initiative_id=charge.initiative_id,
            amount=Money(charge.amount_cents),
            source_type="pledge",
            source_id=str(pledge.id),
            occurred_at=now,
        )
    session.execute(update(Charge).where(Charge.pledge_id == charge.pledge_id).values(**values))


def _paid_with(charge: ChargeRow, pledge: PledgeRow) -> str:
    """Return how a pledge was paid: what iDEAL made known and was debited later was chosen as iDEAL."""
    return pledge.way if charge.way == "sepa_debit" and pledge.way == "ideal" else charge.way


def _tell_dropped(session: Session, *, pledge_id: UUID) -> None:
    outbox.add(
        session,
        kind="pledge.dropped",
        args={"pledge_id": str(pledge_id)},
        dedupe_key=f"pledge.dropped/{pledge_id}",
    )


def _plan_retry(session: Session, *, charge: ChargeRow, may_retry: bool, now: datetime) -> None:
    # Giving up at iDEAL says nothing about what was saved: that goes on as it stood.
    by_ideal = charge.way == "ideal"
    declines = charge.declines if by_ideal else charge.declines + 1
    may_retry = charge.may_retry and declines > 0 if by_ideal else may_retry
    until = collect_until(session, initiative_id=charge.initiative_id)
    is_debit = charge.kind == "sepa_debit"
    again = next_attempt(declines=declines, may_retry=may_retry, is_debit=is_debit, now=now, collect_until=until)
    session.execute(
        update(Charge)
        .where(Charge.pledge_id == charge.pledge_id)
        .values(
            declines=declines,
            may_retry=may_retry,
            next_attempt_at=again,
        )
    )
    if is_debit and again is not None:
        _announce(session, pledge_id=charge.pledge_id, at=again)


def _mail_donor(session: Session, *, charge: ChargeRow, kind: str, now: datetime, is_news: bool = False) -> None:
    if not is_news and charge.last_mailed_at is not None and now - charge.last_mailed_at < REMIND_EVERY:
        return
    outbox.add(
        session,
        kind=kind,
        args={"pledge_id": str(charge.pledge_id)},
        dedupe_key=f"{kind}/{charge.pledge_id}/{int(now.timestamp())}",
    )
    session.execute(update(Charge).where(Charge.pledge_id == charge.pledge_id).values(last_mailed_at=now))


def remind_donors(session: Session, *, now: datetime) -> int:
    """Mail every donor whose payment failed and who has not heard from us for 48 hours; return how many.

    Also while we try again by ourselves another day: they may mend it before. Not when that is due now, since its
    outcome is told.
    """
    waiting = session.scalars(
        select(Charge.pledge_id)
        .where(
            Charge.state.in_(("needs_action", "declined")),
            Charge.next_attempt_at.is_(None) | (Charge.next_attempt_at > now),
            Charge.last_mailed_at <= now - REMIND_EVERY,
        )
        .order_by(Charge.last_mailed_at)
        .limit(literal_column("500"))
        .with_for_update(skip_locked=True)
    ).all()
    for pledge_id in waiting:
        charge = queries.charge(session, pledge_id=pledge_id)
        if charge is not None:
            _mail_donor(session, charge=charge, kind=f"pledge.{charge.state}", now=now)
    return len(waiting)


def lease_unchecked_charges(session: Session, *, not_since: datetime, now: datetime) -> list[tuple[UUID, str]]:
    """Return (pledge, intent) of charges that wait for another's word and were not looked at since `not_since`.

    Marks them as looked at `now`; both are machine time. At most 200, oldest first.
    """
    waiting = (
        select(Charge.pledge_id)
        .where(
            Charge.state.in_(("needs_action", "processing")),
            func.coalesce(Charge.checked_at, not_since) <= not_since,
        )
        .order_by(Charge.checked_at.nulls_first(), Charge.pledge_id)
        .limit(literal_column("200"))
        .with_for_update(skip_locked=True)
        .cte("waiting")
    )
    marked = session.execute(
        update(Charge)
        .where(Charge.pledge_id == waiting.c.pledge_id)
        .values(checked_at=now)
        .returning(Charge.pledge_id, Charge.intent_ref)
    )
    return [(row.pledge_id, str(row.intent_ref)) for row in marked]
