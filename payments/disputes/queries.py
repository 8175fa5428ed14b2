"""Reading disputes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, literal_column, select
from sqlalchemy.orm import Session

from crowd.initiatives.models import Initiative
from crowd.pledges.models import Pledge
from payments.collection.models import Charge
from payments.disputes.models import Dispute
from payments.disputes.rules import DisputeNotFound


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """One dispute, with the initiative it costs or not, as a treasurer looks at it."""

    id: UUID
    dispute_ref: str
    pledge_id: UUID
    municipality_id: UUID
    amount_cents: int
    fee_cents: int
    reason: str
    state: str
    way: str
    due_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    borne_by: str | None
    evidence: str
    evidence_at: datetime | None
    title: str
    slug: str


_DISPUTE = (
    select(
        Dispute.id,
        Dispute.dispute_ref,
        Dispute.pledge_id,
        Dispute.municipality_id,
        Dispute.amount_cents,
        Dispute.fee_cents,
        Dispute.reason,
        Dispute.state,
        Charge.way,
        Dispute.due_at,
        Dispute.opened_at,
        Dispute.closed_at,
        Dispute.borne_by,
        Dispute.evidence,
        Dispute.evidence_at,
        Initiative.title,
        Initiative.slug,
    )
    .join(Pledge, Pledge.id == Dispute.pledge_id)
    .join(Initiative, Initiative.id == Pledge.initiative_id)
    .join(Charge, Charge.pledge_id == Dispute.pledge_id)
)


def dispute(session: Session, *, dispute_id: UUID, municipality_id: UUID | None) -> DisputeRow:
    """Return one dispute of this municipality. Raises DisputeNotFound."""
    found = session.execute(
        _DISPUTE.where(Dispute.id == dispute_id, Dispute.municipality_id == municipality_id)
    ).first()
    if found is None:
        raise DisputeNotFound
    return DisputeRow(**found._asdict())


def disputes(session: Session, *, municipality_id: UUID) -> list[DisputeRow]:
    """Return a municipality's disputes: first what awaits our answer, soonest due first; at most 200."""
    waits_last = case((Dispute.state.in_(("open", "inquiry")), 0), else_=1)
    found = session.execute(
        _DISPUTE.where(Dispute.municipality_id == municipality_id)
        .order_by(waits_last, Dispute.due_at, Dispute.opened_at.desc(), Dispute.id)
        .limit(literal_column("200"))
    )
    return [DisputeRow(**row._asdict()) for row in found]
