"""Reading gifts at the counter: one by one, those that wait, and what goes back by bank."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, literal, literal_column, or_, select
from sqlalchemy.orm import Session

from crowd.accounts.models import Person
from crowd.initiatives.models import Initiative
from crowd.pledges.models import Pledge
from crowd.pledges.rules import OFFLINE_WAYS
from payments.bank.models import BankReturn, Deposit, MoneyTerms
from payments.bank.rules import CASH_ALONE, GOES_BACK, PAYOUT_ALONE, NoSuchDeposit


@dataclass(frozen=True, slots=True)
class Terms:
    """How a municipality takes money outside the provider, and the limits for one person; no account is empty."""

    bank_account: str
    cash_alone_cents: int
    payout_alone_cents: int = PAYOUT_ALONE.cents


@dataclass(frozen=True, slots=True)
class DepositRow:
    """The money of one pledge that does not pass the provider."""

    pledge_id: UUID
    municipality_id: UUID
    initiative_id: UUID
    way: str
    amount_cents: int
    reference: str
    donor_name: str
    household: str
    channel: str
    state: str
    needs_second: bool
    recorded_at: datetime
    recorded_by: UUID
    confirmed_at: datetime | None
    confirmed_by: UUID | None
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class GiftLine:
    """A gift at the counter in a list, with its campaign and the pledge's state."""

    pledge_id: UUID
    title: str
    donor_name: str
    amount_cents: int
    way: str
    state: str
    pledge_state: str
    reference: str
    recorded_at: datetime
    recorded_by: UUID


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """Money that goes back to a donor by bank: `state` is planned until their account is known, ready, then paid.

    `came_back`: it was given by card or from an account, and its refund came back.
    """

    pledge_id: UUID
    title: str
    donor_name: str
    amount_cents: int
    kind: str
    state: str
    account_holder: str
    account_iban: str
    account_by: UUID | None
    reference: str
    paid_at: datetime | None
    came_back: bool = False


_DEPOSIT = select(*(getattr(Deposit, name) for name in DepositRow.__dataclass_fields__))
_DEPOSIT_BY_PLEDGE = _DEPOSIT.where(Deposit.pledge_id == bindparam("pledge_id"))
_DEPOSIT_LOCKED = _DEPOSIT_BY_PLEDGE.with_for_update()
_LINES = (
    select(
        Deposit.pledge_id,
        Initiative.title,
        Deposit.donor_name,
        Deposit.amount_cents,
        Deposit.way,
        Deposit.state,
        Pledge.state.label("pledge_state"),
        Deposit.reference,
        Deposit.recorded_at,
        Deposit.recorded_by,
    )
    .join(Pledge, Pledge.id == Deposit.pledge_id)
    .join(Initiative, Initiative.id == Deposit.initiative_id)
    .where(Deposit.municipality_id == bindparam("municipality_id"))
    .limit(literal_column("200"))
)
# Those of a near miss too: a donor without an address is told of the smaller plan by the counter.
_OPEN = _LINES.where(
    or_(
        Deposit.state.in_(("announced", "to_confirm", "held")) & Pledge.state.in_(("promised", "secured")),
        (Initiative.state == "near_miss") & (Pledge.state == "collected") & Pledge.going_back_at.is_(None),
    )
).order_by(Deposit.recorded_at, Deposit.pledge_id)
_GOES_BACK = (Deposit.state == "held") & Pledge.state.in_(GOES_BACK)
_RETURNS = (
    select(
        Deposit.pledge_id,
        Initiative.title,
        Deposit.donor_name,
        func.coalesce(BankReturn.amount_cents, Deposit.amount_cents).label("amount_cents"),
        func.coalesce(BankReturn.kind, literal("deposit")).label("kind"),
        func.coalesce(BankReturn.state, literal("planned")).label("state"),
        func.coalesce(BankReturn.account_holder, literal("")).label("account_holder"),
        func.coalesce(BankReturn.account_iban, literal("")).label("account_iban"),
        BankReturn.account_by,
        func.coalesce(BankReturn.reference, literal("")).label("reference"),
        BankReturn.paid_at,
    )
    .join(Pledge, Pledge.id == Deposit.pledge_id)
    .join(Initiative, Initiative.id == Deposit.initiative_id)
    .outerjoin(BankReturn, (BankReturn.pledge_id == Deposit.pledge_id) & (BankReturn.state != "cancelled"))
    .where(or_(_GOES_BACK, BankReturn.id.is_not(None)))
)
_RETURN = _RETURNS.where(Deposit.pledge_id == bindparam("pledge_id"))
_RETURNS_OPEN = (
    _RETURNS.where(
        Deposit.municipality_id == bindparam("municipality_id"),
        func.coalesce(BankReturn.state, literal("planned")) != "paid",
    )
    .order_by(func.coalesce(BankReturn.state, literal("planned")).desc(), Deposit.recorded_at, Deposit.pledge_id)
    .limit(literal_column("200"))
)
# What came by the provider and goes back by bank: its donor is known by an address, or else a name.
_BY_PROVIDER = (
    select(
        BankReturn.pledge_id,
        Initiative.title,
        func.coalesce(Person.email, Person.name).label("donor_name"),
        BankReturn.amount_cents,
        BankReturn.kind,
        BankReturn.state,
        BankReturn.account_holder,
        BankReturn.account_iban,
        BankReturn.account_by,
        BankReturn.reference,
        BankReturn.paid_at,
        literal_column("true").label("came_back"),
    )
    .join(Pledge, Pledge.id == BankReturn.pledge_id)
    .join(Person, Person.id == Pledge.person_id)
    .join(Initiative, Initiative.id == Pledge.initiative_id)
    .where(Pledge.way.not_in(OFFLINE_WAYS), BankReturn.state != "cancelled")
)
_BY_PROVIDER_ONE = _BY_PROVIDER.where(BankReturn.pledge_id == bindparam("pledge_id"))
_BY_PROVIDER_OPEN = (
    _BY_PROVIDER.where(
        Pledge.municipality_id == bindparam("municipality_id"), BankReturn.state.in_(("planned", "ready"))
    )
    .order_by(BankReturn.state.desc(), BankReturn.planned_at, BankReturn.pledge_id)
    .limit(literal_column("200"))
)
_PERSONS = _BY_PROVIDER.with_only_columns(BankReturn.pledge_id).where(
    Pledge.person_id == bindparam("person_id"), BankReturn.state.in_(("planned", "ready"))
)
_COLLECTED = (
    select(func.coalesce(func.sum(Deposit.amount_cents), 0))
    .join(Pledge, Pledge.id == Deposit.pledge_id)
    .where(
        Deposit.initiative_id == bindparam("initiative_id"), Deposit.state == "collected", Pledge.state == "collected"
    )
)
# Whoever came before without an address is known by name and household, as the clerk knows them.
_SAME_DONOR = (
    select(Pledge.person_id)
    .join(Deposit, Deposit.pledge_id == Pledge.id)
    .join(Person, (Person.id == Pledge.person_id) & Person.email.is_(None))
    .where(
        Deposit.municipality_id == bindparam("municipality_id"),
        Deposit.household == bindparam("household"),
        func.lower(Deposit.donor_name) == func.lower(bindparam("donor_name")),
    )
    .order_by(Deposit.recorded_at)
    .limit(literal_column("1"))
)


def money_terms(session: Session, *, municipality_id: UUID) -> Terms:
    """Return how a municipality takes money outside the provider; the defaults while nobody said so."""
    row = session.get(MoneyTerms, municipality_id)
    return Terms(row.bank_account, row.cash_alone_cents, row.payout_alone_cents) if row else Terms("", CASH_ALONE.cents)


def deposit(session: Session, *, pledge_id: UUID, lock: bool = False) -> DepositRow:
    """Return the money of this pledge that does not pass the provider, locked when asked. Raises NoSuchDeposit."""
    found = find_deposit(session, pledge_id=pledge_id, lock=lock)
    if found is None:
        raise NoSuchDeposit
    return found


def find_deposit(session: Session, *, pledge_id: UUID, lock: bool = False) -> DepositRow | None:
    """Return the money of this pledge that does not pass the provider, or None when it is paid otherwise."""
    row = session.execute(_DEPOSIT_LOCKED if lock else _DEPOSIT_BY_PLEDGE, {"pledge_id": pledge_id}).first()
    return DepositRow(**row._asdict()) if row else None


def donor_without_address(session: Session, *, municipality_id: UUID, household: str, donor_name: str) -> UUID | None:
    """Return who gave before under this name from this household, without an e-mail address; None when nobody did."""
    asked = {"municipality_id": municipality_id, "household": household, "donor_name": donor_name}
    return session.execute(_SAME_DONOR, asked).scalar_one_or_none()


def open_gifts(session: Session, *, municipality_id: UUID) -> list[GiftLine]:
    """Return the gifts at the counter of campaigns that still run or nearly made it, the oldest first, at most 200."""
    return [GiftLine(**row._asdict()) for row in session.execute(_OPEN, {"municipality_id": municipality_id})]


def return_of(session: Session, *, pledge_id: UUID) -> ReturnLine | None:
    """Return what goes or went back to this donor by bank, or None when nothing does."""
    asked = {"pledge_id": pledge_id}
    row = session.execute(_RETURN, asked).first() or session.execute(_BY_PROVIDER_ONE, asked).first()
    return ReturnLine(**row._asdict()) if row else None


def open_returns(session: Session, *, municipality_id: UUID) -> list[ReturnLine]:
    """Return everything that still goes back by bank: first what can be paid, then what waits for an account."""
    asked = {"municipality_id": municipality_id}
    rows = (*session.execute(_BY_PROVIDER_OPEN, asked), *session.execute(_RETURNS_OPEN, asked))
    return sorted((ReturnLine(**row._asdict()) for row in rows), key=lambda line: line.state != "ready")


def returning_pledges(session: Session, *, person_id: UUID) -> frozenset[UUID]:
    """Return a donor's gifts whose refund came back, and that still go back by bank."""
    return frozenset(session.scalars(_PERSONS, {"person_id": person_id}))


def collected_cents(session: Session, *, initiative_id: UUID) -> int:
    """Return what a campaign's gifts in cash and by transfer came to and still are: given back ones are left out."""
    return int(session.execute(_COLLECTED, {"initiative_id": initiative_id}).scalar_one())
