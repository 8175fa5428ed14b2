"""What messages about an initiative say: to whom, and with which words."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from crowd.accounts.models import Person
from crowd.initiatives.models import InitiativeTransition, InitiativeUpdate, ReviewNote, TeamMember


@dataclass(frozen=True, slots=True)
class SaidAtStep:
    """What was said at one step of an initiative: a reason, and (section, note) where there was one to make."""

    reason: str
    notes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class News:
    """One update, as it was published; `author` may be empty."""

    title: str
    body: str
    author: str


_TEAM = (
    select(TeamMember.person_id)
    .where(TeamMember.initiative_id == bindparam("initiative_id"))
    .order_by(TeamMember.joined_at, TeamMember.person_id)
)
_REASON = select(InitiativeTransition.reason).where(InitiativeTransition.id == bindparam("transition_id"))
_NOTES = select(ReviewNote.section, ReviewNote.body).where(ReviewNote.transition_id == bindparam("transition_id"))
_NEWS = (
    select(InitiativeUpdate.title, InitiativeUpdate.body, Person.name)
    .join(Person, Person.id == InitiativeUpdate.published_by)
    .where(InitiativeUpdate.id == bindparam("update_id"))
)


def team_of(session: Session, *, initiative_id: UUID) -> list[UUID]:
    """Return everyone who answers for an initiative or helps run it; nobody while it is unclaimed."""
    return list(session.scalars(_TEAM, {"initiative_id": initiative_id}))


def said_at(session: Session, *, transition_id: int) -> SaidAtStep:
    """Return what was said at this step."""
    reason = session.execute(_REASON, {"transition_id": transition_id}).scalar_one_or_none()
    notes = session.execute(_NOTES, {"transition_id": transition_id})
    return SaidAtStep(reason or "", tuple((section, body) for section, body in notes))


def news(session: Session, *, update_id: UUID) -> News | None:
    """Return one update, or None when there is none with this id."""
    row = session.execute(_NEWS, {"update_id": update_id}).first()
    return News(*row) if row else None
