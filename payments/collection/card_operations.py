"""The card or bank account of a pledge: saved on the hosted page, replaced by another, forgotten when of no use.

The return page, the webhook and the sweep all end in `record_setup`, so any may be first. Locks in the order of
charge_operations.py: the campaign (shared), the pledge, the charge.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.closing.gap_queries import gap_window
from crowd.cofunding.operations import reserve_match, reweigh_match
from crowd.initiatives.models import Initiative
from crowd.pledges import operations as pledges
from crowd.pledges import queries as pledge_queries
from crowd.pledges.models import Pledge
from crowd.pledges.queries import PledgeRow
from crowd.shared import audit
from crowd.shared.actor import Actor, system
from crowd.shared.errors import InvalidFields
from crowd.shared.money import Money
from payments.collection import queries
from payments.collection.charge_operations import make_due, plan_charges
from payments.collection.models import Charge, Checkout, Customer, DebitTerms, ReplacedMethod, SavedMethod
from payments.collection.rules import TooMuchForAnAccount, check_debit_terms, may_be_debited
from payments.provider import HostedSetup

_CARD_IS_DONE = ("abandoned", "withdrawn", "released", "dropped", "refunded", "charged_back")


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

    What was saved secures a promise and reserves its match, or replaces what it had; while collecting it replaces the
    card that failed and makes the charge due, or plans that of a gift that fills a gap. A bank account for more than
    may be debited is refused: the pledge stays what it was. Applying the same twice changes nothing.
    """
    checkout = queries.checkout(session, session_ref=setup.ref)
    if checkout is None:
        return None
    if setup.status == "expired":
        _end_checkout(session, session_ref=setup.ref, state="expired", now=now)
        pledges.abandon_pledge(session, pledge_id=checkout.pledge_id, now=now, reason="the payment page expired")
    elif setup.status == "complete" and setup.method_ref is not None and checkout.state == "open":
        if not _is_welcome(session, pledge_id=checkout.pledge_id, setup=setup):
            _end_checkout(session, session_ref=setup.ref, state="refused", now=now)
            return pledge_queries.pledge(session, pledge_id=checkout.pledge_id)
        gap = gap_window(session, pledge_id=checkout.pledge_id)
        pledge = pledges.secure_pledge(session, pledge_id=checkout.pledge_id, now=now, gap=gap)
        had_card = checkout.number > 1 and queries.saved_method(session, pledge_id=pledge.id) is not None
        _save_method(session, pledge_id=checkout.pledge_id, setup=setup, now=now)
        pledges.record_way(session, pledge_id=pledge.id, way=setup.way)
        _end_checkout(session, session_ref=setup.ref, state="complete", now=now)
        if pledge.state == "secured" and gap is not None and pledge.promised_at >= gap.since:
            plan_charges(session, pledges_to_charge=[pledge], now=now, reason="it fills a gap")
        elif pledge.state == "secured" and had_card:
            _change_card(session, pledge=pledge, card_fingerprint=setup.fingerprint, now=now)
        elif pledge.state == "secured":
            reserve_match(session, pledge_id=pledge.id, card_fingerprint=setup.fingerprint, now=now)
        elif pledge.state in {"declined", "needs_action"}:
            make_due(session, pledge_id=pledge.id, now=now)
    return pledge_queries.pledge(session, pledge_id=checkout.pledge_id)


def _change_card(session: Session, *, pledge: PledgeRow, card_fingerprint: str, now: datetime) -> None:
    """Note that a promise has another card, and weigh its match anew: two donors with one card are one donor."""
    reweigh_match(session, pledge_id=pledge.id, card_fingerprint=card_fingerprint, now=now)
    audit.record(
        session,
        actor=system(pledge.municipality_id),
        action="pledge.card_changed",
        subject_type="pledge",
        subject_id=pledge.id,
        now=now,
    )


def _is_welcome(session: Session, *, pledge_id: UUID, setup: HostedSetup) -> bool:
    pledge = pledge_queries.pledge(session, pledge_id=pledge_id)
    terms = queries.debit_terms(session, municipality_id=pledge.municipality_id)
    return setup.kind != "sepa_debit" or may_be_debited(amount=Money(pledge.amount_cents), terms=terms)


def check_new_amount(session: Session, *, pledge: PledgeRow) -> None:
    """Return when what is saved for a pledge can pay its new amount; raise InvalidFields when it is an account's limit.

    Call it in the transaction that changes the amount.
    """
    if queries.debited(session, pledge_ids=[pledge.id]):
        terms = queries.debit_terms(session, municipality_id=pledge.municipality_id)
        if not may_be_debited(amount=Money(pledge.amount_cents), terms=terms):
            raise InvalidFields((TooMuchForAnAccount(field="amount", euros=terms.limit.cents // 100),))


def set_debit_terms(
    session: Session, *, municipality_id: UUID, limit: Money, held_days: int, actor: Actor, now: datetime
) -> None:
    """Say up to which amount a municipality takes direct debits, and for how many days it keeps what was debited.

    Raises LimitNotPossible, HeldTooShort.
    """
    check_debit_terms(limit=limit, held_days=held_days)
    values = {"limit_cents": limit.cents, "held_days": held_days}
    session.execute(
        insert(DebitTerms)
        .values(municipality_id=municipality_id, **values)
        .on_conflict_do_update(index_elements=[DebitTerms.municipality_id], set_=values)
    )
    audit.record(
        session,
        actor=actor,
        action="municipality.debit_terms_set",
        subject_type="municipality",
        subject_id=municipality_id,
        now=now,
        facts=values,
    )


def _save_method(session: Session, *, pledge_id: UUID, setup: HostedSetup, now: datetime) -> None:
    kept = {
        "method_ref": setup.method_ref,
        "customer_ref": setup.customer_ref,
        "fingerprint": setup.fingerprint,
        "brand": setup.brand,
        "last4": setup.last4,
        "kind": setup.kind,
        "mandate_reference": setup.mandate_reference,
        "mandate_url": setup.mandate_url,
        "saved_at": now,
        "detached_at": None,
    }
    before = session.execute(
        select(SavedMethod.method_ref)
        .where(SavedMethod.pledge_id == pledge_id, SavedMethod.detached_at.is_(None))
        .with_for_update()
    ).scalar_one_or_none()
    if before is not None and before != setup.method_ref:
        session.execute(
            insert(ReplacedMethod)
            .values(method_ref=before, pledge_id=pledge_id, replaced_at=now)
            .on_conflict_do_nothing()
        )
    session.execute(
        insert(SavedMethod)
        .values(pledge_id=pledge_id, **kept)
        .on_conflict_do_update(index_elements=[SavedMethod.pledge_id], set_=kept)
    )


def _end_checkout(session: Session, *, session_ref: str, state: str, now: datetime) -> None:
    session.execute(
        update(Checkout)
        .where(Checkout.session_ref == session_ref, Checkout.state == "open")
        .values(state=state, ended_at=now)
    )


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


def lease_replaced_cards(session: Session, *, not_since: datetime, now: datetime) -> list[tuple[UUID, str]]:
    """Return the replaced cards the provider still keeps and that were not tried since `not_since`, with their pledge.

    Marks them as tried `now`; both are machine time. One with which a charge may be under way is left alone. At most
    50 at a time.
    """
    under_way = select(Charge.pledge_id).where(
        Charge.pledge_id == ReplacedMethod.pledge_id, Charge.state.in_(("confirming", "processing"))
    )
    kept = (
        select(ReplacedMethod.method_ref)
        .where(
            ReplacedMethod.detached_at.is_(None),
            func.coalesce(ReplacedMethod.detach_tried_at, not_since) <= not_since,
            ~under_way.exists(),
        )
        .order_by(ReplacedMethod.replaced_at, ReplacedMethod.method_ref)
        .limit(literal_column("50"))
        .with_for_update(skip_locked=True)
        .cte("replaced")
    )
    marked = (
        update(ReplacedMethod)
        .where(ReplacedMethod.method_ref == kept.c.method_ref)
        .values(detach_tried_at=now)
        .returning(ReplacedMethod.pledge_id, ReplacedMethod.method_ref)
    )
    return [(row.pledge_id, row.method_ref) for row in session.execute(marked)]


def record_replaced_detached(session: Session, *, method_ref: str, now: datetime) -> None:
    """Remember that the provider forgot a replaced card."""
    session.execute(update(ReplacedMethod).where(ReplacedMethod.method_ref == method_ref).values(detached_at=now))
