"""Under which reference a treasurer transferred to the municipality what it gets of stopped initiatives."""

from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from payments.cancelling.models import Cancellation, CancellationLine, CancellationStep

_REFERENCES = (
    select(CancellationStep.line_id, CancellationStep.reference)
    .join(CancellationLine, CancellationLine.id == CancellationStep.line_id)
    .join(Cancellation, Cancellation.id == CancellationLine.cancellation_id)
    .where(Cancellation.municipality_id == bindparam("municipality_id"), CancellationStep.reference != "")
)


def town_references(session: Session, *, municipality_id: UUID) -> dict[str, str]:
    """Return the noted reference by line of a plan, which is the source of its posting."""
    rows = session.execute(_REFERENCES, {"municipality_id": municipality_id})
    return {str(line_id): reference for line_id, reference in rows}
