"""Which shares of the municipality are still to come, and under which reference."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, exists, literal_column, select
from sqlalchemy.orm import Session

from crowd.closing.models import FinalDecision
from crowd.initiatives.models import Initiative
from payments.bank.rules import SHARE, reference
from payments.bank.statement_rules import Awaited
from payments.payouts.models import MatchReceipt, PayoutStop


@dataclass(frozen=True, slots=True)
class AwaitedShare:
    """A share that was fixed and is still to come; `reference` is what the municipality writes on its transfer."""

    initiative_id: UUID
    title: str
    amount_cents: int

    @property
    def reference(self) -> str:
        """The reference of this campaign's share: the same each time it is asked."""
        return reference(kind=SHARE, subject_id=self.initiative_id)


_AWAITED = (
    select(Initiative.id, Initiative.title, FinalDecision.match_cents)
    .join(FinalDecision, FinalDecision.initiative_id == Initiative.id)
    .outerjoin(MatchReceipt, MatchReceipt.initiative_id == Initiative.id)
    .where(
        Initiative.municipality_id == bindparam("municipality_id"),
        FinalDecision.match_cents > 0,
        MatchReceipt.initiative_id.is_(None),
        ~exists().where(PayoutStop.initiative_id == Initiative.id),
    )
    .order_by(FinalDecision.decided_at, Initiative.id)
    .limit(literal_column("1000"))
)


def awaited_shares(session: Session, *, municipality_id: UUID) -> list[AwaitedShare]:
    """Return the shares that were fixed and have not arrived, the oldest first, at most 1000."""
    return [AwaitedShare(*row) for row in session.execute(_AWAITED, {"municipality_id": municipality_id})]


def awaited_by_reference(session: Session, *, municipality_id: UUID) -> dict[str, Awaited]:
    """Return the same by reference, for matching."""
    return {
        one.reference: Awaited(one.initiative_id, one.amount_cents)
        for one in awaited_shares(session, municipality_id=municipality_id)
    }
