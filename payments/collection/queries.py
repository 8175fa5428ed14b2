"""Reading checkouts, saved cards and bank accounts, and charges."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, select, true
from sqlalchemy.orm import Session

from crowd.pledges.models import Pledge
from crowd.pledges.queries import PledgeRow
from crowd.shared.money import Money
from payments.collection import rules
from payments.collection.models import Charge, Checkout, Customer, DebitTerms, SavedMethod
from payments.collection.rules import FINAL


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """The one payment of a pledge, with the saved card or bank account. `way` is what was last tried with."""

    pledge_id: UUID
    initiative_id: UUID
    amount_cents: int
    state: str
    intent_ref: str | None
    charge_ref: str | None
    confirm_number: int
    declines: int
    decline_code: str | None
    next_attempt_at: datetime | None
    last_mailed_at: datetime | None
    method_ref: str
    customer_ref: str
    brand: str
    last4: str
    kind: str
    way: str
    may_retry: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PayingRow:
    """What a donor's own page tells about how they pay: what is saved, when it is taken, what was refused."""

    kind: str
    brand: str
    last4: str
    mandate_reference: str
    mandate_url: str
    is_kept: bool
    charge_state: str | None
    charge_way: str | None
    decline_code: str | None
    may_retry: bool
    next_attempt_at: datetime | None
    is_account_refused: bool
    debit_limit: Money


@dataclass(frozen=True, slots=True)
class CheckoutRow:
    """One visit to the hosted page."""

    pledge_id: UUID
    number: int
    session_ref: str
    url: str
    state: str
    created_at: datetime


_CHARGE = (
    select(
        Charge.pledge_id,
        Charge.initiative_id,
        Charge.amount_cents,
        Charge.state,
        Charge.intent_ref,
        Charge.charge_ref,
        Charge.confirm_number,
        Charge.declines,
        Charge.decline_code,
        Charge.next_attempt_at,
        Charge.last_mailed_at,
        SavedMethod.method_ref,
        SavedMethod.customer_ref,
        SavedMethod.brand,
        SavedMethod.last4,
        SavedMethod.kind,
        Charge.way,
        Charge.may_retry,
    )
    .join(SavedMethod, SavedMethod.pledge_id == Charge.pledge_id)
    .where(Charge.pledge_id == bindparam("pledge_id"))
)
_CHARGE_LOCKED = _CHARGE.with_for_update(of=Charge)
_WITHOUT_FEE = (
    select(Charge.pledge_id, Charge.charge_ref, Charge.succeeded_at)
    .where(Charge.state == "succeeded", Charge.fee_cents.is_(None))
    .order_by(Charge.succeeded_at)
    .limit(literal_column("5000"))
)
_CHECKOUT = select(
    Checkout.pledge_id, Checkout.number, Checkout.session_ref, Checkout.url, Checkout.state, Checkout.created_at
)
_LATEST_CHECKOUT = (
    _CHECKOUT.where(Checkout.pledge_id == bindparam("pledge_id"))
    .order_by(Checkout.number.desc())
    .limit(literal_column("1"))
)
_CHECKOUT_BY_REF = _CHECKOUT.where(Checkout.session_ref == bindparam("session_ref"))
_CUSTOMER = select(Customer.customer_ref).where(Customer.person_id == bindparam("person_id"))
_PAYING = (
    select(
        SavedMethod.kind,
        SavedMethod.brand,
        SavedMethod.last4,
        SavedMethod.mandate_reference,
        SavedMethod.mandate_url,
        (SavedMethod.pledge_id.is_not(None) & SavedMethod.detached_at.is_(None)).label("is_kept"),
        Charge.state.label("charge_state"),
        Charge.way.label("charge_way"),
        Charge.decline_code,
        func.coalesce(Charge.may_retry, true()).label("may_retry"),
        Charge.next_attempt_at,
        (
            select(Checkout.state)
            .where(Checkout.pledge_id == bindparam("pledge_id"))
            .order_by(Checkout.number.desc())
            .limit(literal_column("1"))
            .scalar_subquery()
            == "refused"
        ).label("is_account_refused"),
        select(DebitTerms.limit_cents)
        .where(DebitTerms.municipality_id == bindparam("municipality_id"))
        .scalar_subquery()
        .label("limit_cents"),
    )
    .select_from(Pledge)
    .outerjoin(SavedMethod, SavedMethod.pledge_id == Pledge.id)
    .outerjoin(Charge, Charge.pledge_id == Pledge.id)
    .where(Pledge.id == bindparam("pledge_id"))
)
# Written as the index has it, word for word: with parameters PostgreSQL could not see that it is the same.
_HAS_OPEN = select(
    select(Charge.pledge_id)
    .where(
        Charge.initiative_id == bindparam("initiative_id"),
        Charge.state.not_in([literal_column("'succeeded'"), literal_column("'cancelled'")]),
    )
    .exists()
)
_METHOD = select(SavedMethod).where(SavedMethod.pledge_id == bindparam("pledge_id"))


def charge(session: Session, *, pledge_id: UUID, lock: bool = False) -> ChargeRow | None:
    """Return the charge of a pledge with its saved card, locked when asked; None before it was planned."""
    row = session.execute(_CHARGE_LOCKED if lock else _CHARGE, {"pledge_id": pledge_id}).first()
    return ChargeRow(**row._asdict()) if row else None


def pledge_of_intent(session: Session, *, intent_ref: str) -> UUID | None:
    """Return the pledge this payment intent belongs to, or None when it is not ours."""
    return session.execute(select(Charge.pledge_id).where(Charge.intent_ref == intent_ref)).scalar_one_or_none()


def pledge_of_open_intent(session: Session, *, intent_ref: str) -> UUID | None:
    """Return the pledge whose charge this payment intent is; None when it is not ours, or its charge is final."""
    return session.execute(
        select(Charge.pledge_id).where(Charge.intent_ref == intent_ref, Charge.state.not_in(FINAL))
    ).scalar_one_or_none()


def latest_checkout(session: Session, *, pledge_id: UUID) -> CheckoutRow | None:
    """Return the last hosted page of a pledge, or None when it has none yet."""
    row = session.execute(_LATEST_CHECKOUT, {"pledge_id": pledge_id}).first()
    return CheckoutRow(**row._asdict()) if row else None


def checkout(session: Session, *, session_ref: str) -> CheckoutRow | None:
    """Return the checkout with the provider's reference, or None when it is not ours."""
    row = session.execute(_CHECKOUT_BY_REF, {"session_ref": session_ref}).first()
    return CheckoutRow(**row._asdict()) if row else None


def customer_ref(session: Session, *, person_id: UUID) -> str | None:
    """Return the provider's customer for a person, or None before their first checkout."""
    return session.execute(_CUSTOMER, {"person_id": person_id}).scalar_one_or_none()


def saved_method(session: Session, *, pledge_id: UUID) -> SavedMethod | None:
    """Return the card or bank account saved for a pledge, or None."""
    return session.scalars(_METHOD, {"pledge_id": pledge_id}).one_or_none()


def debited(session: Session, *, pledge_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these pledges are paid from a bank account."""
    found = session.scalars(
        select(SavedMethod.pledge_id).where(SavedMethod.pledge_id.in_(pledge_ids), SavedMethod.kind == "sepa_debit")
    )
    return set(found)


def debit_terms(session: Session, *, municipality_id: UUID) -> rules.DebitTerms:
    """Return how a municipality takes direct debits."""
    row = session.get(DebitTerms, municipality_id)
    if row is None:
        return rules.DEBIT_TERMS
    return rules.DebitTerms(limit=Money(row.limit_cents), held_for=timedelta(days=row.held_days))


def paying_facts(session: Session, *, pledge: PledgeRow) -> PayingRow:
    """Return how a pledge is paid, in one statement."""
    row = session.execute(_PAYING, {"pledge_id": pledge.id, "municipality_id": pledge.municipality_id}).one()
    facts = row._asdict()
    limit = facts.pop("limit_cents")
    facts |= {name: facts[name] or "" for name in ("kind", "brand", "last4", "mandate_reference", "mandate_url")}
    facts["is_account_refused"] = bool(facts["is_account_refused"])
    return PayingRow(**facts, debit_limit=rules.DEBIT_TERMS.limit if limit is None else Money(limit))


def open_charges(session: Session, *, initiative_id: UUID) -> list[UUID]:
    """Return the pledges of a campaign whose charge is not final yet."""
    return list(
        session.scalars(
            select(Charge.pledge_id)
            .where(Charge.initiative_id == initiative_id, Charge.state.not_in(FINAL))
            .order_by(Charge.pledge_id)
        )
    )


def has_open_charges(session: Session, *, initiative_id: UUID) -> bool:
    """Whether a charge of a campaign is not final yet; as quick among many charges as among few."""
    return bool(session.execute(_HAS_OPEN, {"initiative_id": initiative_id}).scalar_one())


def in_flight_charges(session: Session, *, initiative_id: UUID) -> int:
    """Return how many charges of a campaign are not begun or not answered: no deadline may cut those off."""
    return session.execute(
        select(func.count()).where(
            Charge.initiative_id == initiative_id, Charge.state.in_(("planned", "created", "confirming"))
        )
    ).scalar_one()


def at_banks(session: Session, *, initiative_id: UUID) -> set[UUID]:
    """Return the pledges of a campaign whose debit waits for a bank's answer: nobody can hasten or cancel those."""
    return set(
        session.scalars(
            select(Charge.pledge_id).where(Charge.initiative_id == initiative_id, Charge.state == "processing")
        )
    )


def charges_without_fee(session: Session) -> list[tuple[UUID, str, datetime]]:
    """Return (pledge, provider charge, moment) of collected charges whose cost is not known yet; at most 5000."""
    return [(row.pledge_id, str(row.charge_ref), row.succeeded_at) for row in session.execute(_WITHOUT_FEE)]
