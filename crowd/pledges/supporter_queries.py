"""Who gave to an initiative and wrote something with it, for its initiator and the counter."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, literal_column, select, tuple_
from sqlalchemy.orm import Session

from crowd.pledges.models import Pledge

PART_SIZE: Final = 50
# Nothing came of these.
NEVER_STOOD: Final = ("promised", "abandoned")


@dataclass(frozen=True, slots=True)
class Supporter:
    """A gift with words. `donor_name` is for the municipality only when `public_name` is empty."""

    pledge_id: UUID
    public_name: str
    donor_name: str
    amount_cents: int
    at: datetime
    message: str
    is_hidden: bool


_WITH_WORDS = (
    select(
        Pledge.id,
        Pledge.public_name,
        Pledge.donor_name,
        Pledge.amount_cents,
        Pledge.promised_at,
        Pledge.message,
        Pledge.message_hidden_at.is_not(None),
    )
    .where(Pledge.initiative_id == bindparam("initiative_id"), Pledge.message != "", Pledge.state.not_in(NEVER_STOOD))
    .order_by(Pledge.promised_at.desc(), Pledge.id.desc())
    .limit(literal_column(str(PART_SIZE + 1)))
)


def with_words(
    session: Session, *, initiative_id: UUID, before: tuple[datetime, UUID] | None = None
) -> tuple[list[Supporter], tuple[datetime, UUID] | None]:
    """Return a part of the gifts with words, newest first, and where the next part begins (None: there is none)."""
    statement = _WITH_WORDS
    if before is not None:
        statement = statement.where(tuple_(Pledge.promised_at, Pledge.id) < before)
    found = [Supporter(*row) for row in session.execute(statement, {"initiative_id": initiative_id})]
    shown = found[:PART_SIZE]
    return shown, (shown[-1].at, shown[-1].pledge_id) if len(found) > PART_SIZE else None
