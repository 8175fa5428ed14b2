"""Reading fiscal hosts: which there are, whom they receive for, and who asks them."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, literal_column, select
from sqlalchemy.orm import Session

from crowd.accounts.models import Organisation
from crowd.initiatives.models import Initiative
from payments.payouts.models import FiscalHost, Payee, Payout, PayoutLine


@dataclass(frozen=True, slots=True)
class HostRow:
    """A fiscal host: an organisation that receives money for groups. `state` is started until its account is known."""

    organisation_id: UUID
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class HostedRow:
    """An initiative that asks a fiscal host, or for which it receives: then it agreed."""

    host_id: UUID
    initiative_id: UUID
    title: str
    slug: str
    has_agreed: bool


_HOSTS = select(FiscalHost.organisation_id, Organisation.name, FiscalHost.state).join(
    Organisation, Organisation.id == FiscalHost.organisation_id
)
_HERE = (
    _HOSTS.where(Organisation.municipality_id == bindparam("municipality_id"))
    .order_by(Organisation.name)
    .limit(literal_column("200"))
)
_OF_PERSON = _HOSTS.where(Organisation.claimed_by == bindparam("person_id"))
_HOSTED = (
    select(
        Payee.host_id,
        Payee.initiative_id,
        Initiative.title,
        Initiative.slug,
        Payee.agreed_at.is_not(None).label("has_agreed"),
    )
    .join(Initiative, Initiative.id == Payee.initiative_id)
    .join(Organisation, Organisation.id == Payee.host_id)
    .where(Organisation.claimed_by == bindparam("person_id"), Payee.state != "closed")
    .order_by(Payee.agreed_at.is_not(None), Payee.started_at, Payee.id)
    .limit(literal_column("200"))
)
_NAME = (
    select(Organisation.name)
    .join(Payee, Payee.host_id == Organisation.id)
    .where(Payee.initiative_id == bindparam("initiative_id"), Payee.agreed_at.is_not(None))
    .order_by(Payee.state == "closed", Payee.started_at.desc())
    .limit(literal_column("1"))
)


def hosts(session: Session, *, municipality_id: UUID) -> list[HostRow]:
    """Return the organisations of a municipality that receive money for groups, by name."""
    return [HostRow(**row._asdict()) for row in session.execute(_HERE, {"municipality_id": municipality_id})]


def hosts_of(session: Session, *, person_id: UUID) -> dict[UUID, HostRow]:
    """Return the fiscal hosts this person answers for, by organisation."""
    rows = session.execute(_OF_PERSON, {"person_id": person_id})
    return {row.organisation_id: HostRow(**row._asdict()) for row in rows}


def hosted(session: Session, *, person_id: UUID) -> list[HostedRow]:
    """Return the initiatives that ask, or have, a fiscal host this person answers for; those that ask first."""
    return [HostedRow(**row._asdict()) for row in session.execute(_HOSTED, {"person_id": person_id})]


def host_name(session: Session, *, initiative_id: UUID) -> str:
    """Return the fiscal host that receives for an initiative; empty when it has an account of its own."""
    return session.execute(_NAME, {"initiative_id": initiative_id}).scalar_one_or_none() or ""


def host_account(session: Session, *, organisation_id: UUID) -> str | None:
    """Return the provider's account of a fiscal host, or None before it has one."""
    found = session.execute(select(FiscalHost.account_ref).where(FiscalHost.organisation_id == organisation_id))
    return found.scalar_one_or_none()


def holds_lines(session: Session, *, initiative_id: UUID) -> bool:
    """Whether a closed account of this initiative holds transfers that were approved and did not leave."""
    found = session.execute(
        select(PayoutLine.id)
        .join(Payout, Payout.tranche_id == PayoutLine.tranche_id)
        .join(Payee, Payee.id == Payout.payee_id)
        .where(Payee.initiative_id == initiative_id, Payee.state == "closed", PayoutLine.state == "planned")
        .limit(literal_column("1"))
    )
    return found.first() is not None
