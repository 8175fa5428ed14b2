"""Recording what happened to a checkout or a charge. The reply and the webhook end here alike, so either may win.

Locks, always in this order: the campaign (shared), the pledge, the charge.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.cofunding.operations import reserve_match
from crowd.initiatives.models import Initiative
from crowd.initiatives.queries import campaign_facts
from crowd.pledges import operations as pledges
from crowd.pledges import queries as pledge_queries
from crowd.pledges.models import Pledge
from crowd.pledges.queries import PledgeRow
from crowd.shared import outbox
from crowd.shared.actor import Actor
from crowd.shared.money import Money
from payments.collection import queries
from payments.collection.models import Charge, Checkout, Customer, SavedMethod
from payments.collection.queries import ChargeRow
from payments.collection.rules import FINAL, REMIND_EVERY, next_attempt, read_intent
from payments.ledger.operations import post
from payments.provider import HostedSetup, Intent

LEASE_SECONDS = 90
_LEASE_IS_FREE = text("(charges.leased_until IS NULL OR charges.leased_until < clock_timestamp())")
_NEW_LEASE = text(f"clock_timestamp() + interval '{LEASE_SECONDS} seconds'")

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
_WITHOUT_FEE = (
    select(Charge.pledge_id, Charge.initiative_id, Charge.charge_ref, Charge.succeeded_at)
    .where(Charge.state == "succeeded", Charge.fee_cents.is_(None))
    .order_by(Charge.succeeded_at)
    .limit(literal_column("5000"))
)


_CARD_IS_DONE = ("abandoned", "withdrawn", "released", "dropped", "refunded", "charged_back")


# --- Saving a card --------------------------------------------------------------------------------------------


def record_customer(session: Session, *, person_id: UUID, customer_ref: str) -> None:
    """Remember the provider's customer of a person; the first one stays."""
    session.execute(insert(Customer).values(person_id=person_id, customer_ref=customer_ref).on_conflict_do_nothing())


def record_checkout(
    session: Session, *, pledge_id: UUID, number: int, session_ref: str, url: str, now: datetime
) -> None:
    """Remember a hosted page that was opened for a pledge."""
    session.execute(
        insert(Checkout)
        .values(pledge_id=pledge_id, number=number, session_ref=session_ref, url=url, created_at=now)
        .on_conflict_do_nothing()
    )


def record_setup(session: Session, *, setup: HostedSetup, now: datetime) -> PledgeRow | None:
    """Apply what the hosted page came to, and return the pledge; None when the page is not ours.

    A saved card secures a promise and reserves its match, or, while collecting, replaces the card that failed and
    makes the charge due at once. Applying the same twice changes nothing.
    """
    checkout = queries.checkout(session, session_ref=setup.ref)
    if checkout is None:
        return None
    if setup.status == "expired":
        _end_checkout(session, session_ref=setup.ref, state="expired", now=now)
        pledges.abandon_pledge(session, pledge_id=checkout.pledge_id, now=now, reason="the payment page expired")
    elif setup.status == "complete" and setup.method_ref is not None and checkout.state == "open":
        pledge = pledges.secure_pledge(session, pledge_id=checkout.pledge_id, now=now)
        _save_method(session, pledge_id=checkout.pledge_id, setup=setup, now=now)
        _end_checkout(session, session_ref=setup.ref, state="complete", now=now)
        if pledge.state == "secured":
            reserve_match(session, pledge_id=pledge.id, card_fingerprint=setup.fingerprint, now=now)
        elif pledge.state in {"declined", "needs_action"}:
            _make_due(session, pledge_id=pledge.id, now=now)
    return pledge_queries.pledge(session, pledge_id=checkout.pledge_id)


def lease_unchecked_checkouts(
    session: Session, *, begun_before: datetime, not_since: datetime, now: datetime
) -> list[str]:
    """Return hosted pages whose end we do not know and that were not looked at since `not_since` (machine time).

    Only those begun before `begun_before` (business time), so that nobody is disturbed while paying. Marks them as
    looked at `now`; at most 200, the longest unseen first.
    """
    waiting = (
        select(Checkout.id)
        .where(
            Checkout.state == "open",
            Checkout.created_at < begun_before,
            func.coalesce(Checkout.checked_at, not_since) <= not_since,
        )
        .order_by(Checkout.checked_at.nulls_first(), Checkout.id)
        .limit(literal_column("200"))
        .with_for_update(skip_locked=True)
        .cte("waiting")
    )
    marked = update(Checkout).where(Checkout.id == waiting.c.id).values(checked_at=now).returning(Checkout.session_ref)
    return list(session.scalars(marked))


def _save_method(session: Session, *, pledge_id: UUID, setup: HostedSetup, now: datetime) -> None:
    kept = {
        "method_ref": setup.method_ref,
        "customer_ref": setup.customer_ref,
        "fingerprint": setup.fingerprint,
        "brand": setup.brand,
        "last4": setup.last4,
        "saved_at": now,
        "detached_at": None,
    }
    session.execute(
        insert(SavedMethod)
        .values(pledge_id=pledge_id, **kept)
        .on_conflict_do_update(index_elements=[SavedMethod.pledge_id], set_=kept)
    )


def lease_unneeded_cards(session: Session, *, not_since: datetime, now: datetime) -> list[UUID]:
    """Return pledges whose saved card will never be charged (again) and was not tried to forget since `not_since`.

    Marks them as tried `now`; both are machine time. A collected pledge keeps its card until its campaign is
    decided. At most 50, the longest kept first.
    """
    is_decided = select(Initiative.id).where(
        Initiative.id == Pledge.initiative_id, Initiative.state.in_(("funded", "unfunded"))
    )
    kept = (
        select(SavedMethod.pledge_id)
        .join(Pledge, Pledge.id == SavedMethod.pledge_id)
        .where(
            SavedMethod.detached_at.is_(None),
            func.coalesce(SavedMethod.detach_tried_at, not_since) <= not_since,
            Pledge.state.in_(_CARD_IS_DONE) | ((Pledge.state == "collected") & is_decided.exists()),
        )
        .order_by(SavedMethod.saved_at)
        .limit(literal_column("50"))
        .with_for_update(of=SavedMethod, skip_locked=True)
        .cte("kept")
    )
    marked = (
        update(SavedMethod)
        .where(SavedMethod.pledge_id == kept.c.pledge_id)
        .values(detach_tried_at=now)
        .returning(SavedMethod.pledge_id)
    )
    return list(session.scalars(marked))


def record_detached(session: Session, *, pledge_id: UUID, method_ref: str, now: datetime) -> None:
    """Remember that the provider forgot a saved card."""
    session.execute(
        update(SavedMethod)
        .where(SavedMethod.pledge_id == pledge_id, SavedMethod.method_ref == method_ref)
        .values(detached_at=now)
    )


def _end_checkout(session: Session, *, session_ref: str, state: str, now: datetime) -> None:
    session.execute(
        update(Checkout)
        .where(Checkout.session_ref == session_ref, Checkout.state == "open")
        .values(state=state, ended_at=now)
    )


def _make_due(session: Session, *, pledge_id: UUID, now: datetime) -> None:
    # The decline count starts anew: it was about the other card.
    session.execute(
        update(Charge)
        .where(Charge.pledge_id == pledge_id, Charge.state.in_(("declined", "needs_action")))
        .values(state="declined", may_retry=True, declines=0, next_attempt_at=now, leased_until=None)
    )


# --- Charging -------------------------------------------------------------------------------------------------


def plan_charges(session: Session, *, pledges_to_charge: Sequence[PledgeRow], now: datetime) -> None:
    """Plan one charge per pledge, all locked by the caller, due at once."""
    if not pledges_to_charge:
        return
    pledges.change_states(session, pledges=pledges_to_charge, to="charging", now=now, reason="the minimum was reached")
    session.execute(
        insert(Charge).on_conflict_do_nothing(index_elements=[Charge.pledge_id]),
        [
            {
                "pledge_id": pledge.id,
                "initiative_id": pledge.initiative_id,
                "amount_cents": pledge.amount_cents,
                "planned_at": now,
                "next_attempt_at": now,
            }
            for pledge in pledges_to_charge
        ],
    )


def lease_due_charges(session: Session, *, now: datetime, most: int) -> list[UUID]:
    """Lease up to `most` charges that are due at `now` (business time) to the caller and return their pledges."""
    return sorted(session.scalars(_LEASE_DUE, {"now": now, "most": most}))


def lease_charge(session: Session, *, pledge_id: UUID) -> bool:
    """Lease one charge to the caller and return True, or False while somebody else works on it."""
    return session.execute(_LEASE_ONE, {"the_pledge": pledge_id}).first() is not None


def record_created(session: Session, *, pledge_id: UUID, intent_ref: str) -> None:
    """Remember the one payment intent of a pledge; the first one stays."""
    session.execute(
        update(Charge)
        .where(Charge.pledge_id == pledge_id, Charge.state == "planned")
        .values(state="created", intent_ref=intent_ref)
    )


def begin_confirm(session: Session, *, pledge_id: UUID, now: datetime) -> ChargeRow | None:
    """Begin the next confirmation and return the charge with its number; None when none may begin.

    A number is only taken when the outcome of the one before is known, so two confirmations never overlap.
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
        .values(state="confirming", confirm_number=charge.confirm_number + 1, next_attempt_at=now)
    )
    return queries.charge(session, pledge_id=pledge_id)


def forget_confirm(session: Session, *, pledge_id: UUID, number: int, now: datetime) -> None:
    """Take back a confirmation of which the provider shows no trace: the next one begins in a while."""
    session.execute(
        update(Charge)
        .where(Charge.pledge_id == pledge_id, Charge.state == "confirming", Charge.confirm_number == number)
        .values(state="created", next_attempt_at=now, leased_until=_NEW_LEASE)
    )


def record_intent(
    session: Session, *, pledge_id: UUID, intent: Intent, now: datetime, collect_until: datetime, answers: int | None
) -> None:
    """Apply what the provider says about a pledge's payment, whether as a reply, a webhook or a sweep.

    `answers` is the number of the confirmation this is the reply to, None for a fetched intent. While a
    confirmation is under way only its own reply may say that it failed: a fetched intent can still carry the
    error of the one before. Success and cancellation are believed from anywhere. Applying twice changes nothing.
    """
    pledge = pledge_queries.pledge(session, pledge_id=pledge_id, lock=True)
    charge = queries.charge(session, pledge_id=pledge_id, lock=True)
    reading = read_intent(
        status=intent.status, code=intent.code, decline_code=intent.decline_code, advice_code=intent.advice_code
    )
    if charge is None or reading is None or charge.state in {"succeeded", "cancelled"}:
        return
    is_stale = charge.state == "confirming" and answers != charge.confirm_number
    if is_stale and reading.state not in {"succeeded", "cancelled"}:
        return
    if charge.state == reading.state and answers is None:
        return
    _apply(session, pledge=pledge, charge=charge, intent=intent, reading_state=reading.state, now=now)
    if reading.state == "declined":
        _plan_retry(
            session, charge=charge, intent=intent, may_retry=reading.may_retry, now=now, collect_until=collect_until
        )
    if reading.state in {"declined", "needs_action"}:
        _mail_donor(session, charge=charge, kind=f"pledge.{reading.state}", now=now)


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
    if pledge.state in {"needs_action", "declined"} and becomes in {"collected", "processing"}:
        # The donor finished at the bank what we could not: the table's road to collected goes by charging.
        pledges.change_state(session, pledge=pledge, to="charging", now=now)
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


def _tell_dropped(session: Session, *, pledge_id: UUID) -> None:
    outbox.add(
        session,
        kind="pledge.dropped",
        args={"pledge_id": str(pledge_id)},
        dedupe_key=f"pledge.dropped/{pledge_id}",
    )


def _plan_retry(
    session: Session, *, charge: ChargeRow, intent: Intent, may_retry: bool, now: datetime, collect_until: datetime
) -> None:
    declines = charge.declines + 1
    again = next_attempt(declines=declines, may_retry=may_retry, now=now, collect_until=collect_until)
    session.execute(
        update(Charge)
        .where(Charge.pledge_id == charge.pledge_id)
        .values(
            declines=declines,
            decline_code=intent.decline_code or intent.code,
            may_retry=may_retry,
            next_attempt_at=again,
        )
    )


def _mail_donor(session: Session, *, charge: ChargeRow, kind: str, now: datetime) -> None:
    if charge.last_mailed_at is not None and now - charge.last_mailed_at < REMIND_EVERY:
        return
    outbox.add(
        session,
        kind=kind,
        args={"pledge_id": str(charge.pledge_id)},
        dedupe_key=f"{kind}/{charge.pledge_id}/{int(now.timestamp())}",
    )
    session.execute(update(Charge).where(Charge.pledge_id == charge.pledge_id).values(last_mailed_at=now))


def remind_donors(session: Session, *, now: datetime) -> int:
    """Mail every donor who must act and has not heard from us for 48 hours; return how many."""
    waiting = session.scalars(
        select(Charge.pledge_id)
        .where(
            Charge.state.in_(("needs_action", "declined")),
            Charge.next_attempt_at.is_(None),
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


def charges_without_fee(session: Session) -> list[tuple[UUID, UUID, str, datetime]]:
    """Return (pledge, campaign, provider charge, moment) of collected charges whose cost is not known yet."""
    return [
        (row.pledge_id, row.initiative_id, str(row.charge_ref), row.succeeded_at)
        for row in session.execute(_WITHOUT_FEE)
    ]


def record_fee(session: Session, *, pledge_id: UUID, fee: Money, movement_ref: str, now: datetime) -> None:
    """Record what the provider kept of a charge, and book it; the first time only."""
    pledge = pledge_queries.pledge(session, pledge_id=pledge_id)
    session.execute(
        update(Charge)
        .where(Charge.pledge_id == pledge_id, Charge.fee_cents.is_(None))
        .values(fee_cents=fee.cents, balance_transaction_ref=movement_ref)
    )
    if fee:
        post(
            session,
            kind="fee",
            municipality_id=pledge.municipality_id,
            initiative_id=pledge.initiative_id,
            amount=fee,
            source_type="pledge",
            source_id=str(pledge_id),
            occurred_at=now,
        )


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
