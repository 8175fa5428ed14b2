"""What the API tells of a funded initiative that stopped: the sums, and where what was left went so far."""

from datetime import datetime
from uuid import UUID

from pydantic import Field
from sqlalchemy.orm import Session

from frontend.api.shapes import Cents, Shape
from frontend.cancelling import stopped_of
from payments.cancelling.queries import plan_of


class Stopped(Shape):
    """How the money of an initiative is divided that was funded and stopped after all."""

    reason: str
    gave_cents: Cents = Field(description="Given by neighbours and municipality.")
    spent_cents: Cents = Field(description="Paid out before it stopped.")
    left_cents: Cents = Field(description="Divided over everybody who gave, in proportion.")
    town_cents: Cents = Field(description="The municipality's own part of what was left.")
    choose_until: datetime = Field(description="Until this moment donors choose what happens to their part.")
    returned_cents: Cents = Field(description="Paid back to donors so far.")
    moved_cents: Cents = Field(description="Moved to other initiatives so far.")
    given_to_town_cents: Cents = Field(description="Transferred to the municipality so far.")
    lost_cents: Cents = Field(description="Taken back by a donor's bank.")


def stopped_shape(session: Session, *, initiative_id: UUID, now: datetime) -> Stopped | None:
    """Return how the money of a stopped initiative is divided; None when it stopped before it was funded."""
    plan = plan_of(session, initiative_id=initiative_id)
    found = stopped_of(session, initiative_id=initiative_id, now=now)
    if found is None or plan is None or plan.choose_until is None:
        return None
    return Stopped(
        reason=plan.reason,
        gave_cents=found.gave.cents,
        spent_cents=found.spent.cents,
        left_cents=found.left.cents,
        town_cents=found.town.cents,
        choose_until=plan.choose_until,
        returned_cents=found.returned.cents,
        moved_cents=found.moved.cents,
        given_to_town_cents=found.given_to_town.cents,
        lost_cents=found.lost.cents,
    )
