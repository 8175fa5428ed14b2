"""What the counter reads: what waits for review, what was asked before, who was invited."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from crowd.accounts.models import Organisation, Person
from crowd.accounts.queries import EMAIL
from crowd.initiatives.models import (
    Initiative,
    InitiativeTransition,
    Invitation,
    ReviewNote,
    TeamMember,
)
from crowd.initiatives.rules import review_due_on
from crowd.municipalities.models import Neighbourhood
from crowd.shared.clock import local_date

# The inbox is worked off from its oldest end, so what does not fit on the page comes by itself.
_INBOX_SIZE: Final = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """An initiative in one of the counter's lists; `due_on` is when whoever handed it in may expect an answer."""

    id: UUID
    slug: str
    title: str
    state: str
    initiator: str
    neighbourhood: str
    since: datetime
    due_on: date


@dataclass(frozen=True, slots=True)
class Step:
    """One step on an initiative's road, by whom, with the notes that went with it."""

    to_state: str
    at: datetime
    by: str
    reason: str
    notes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """Somebody was asked to answer for an initiative."""

    id: UUID
    initiative_id: UUID
    title: str
    email: str
    invited_at: datetime


_INITIATOR = (
    select(Person.name)
    .join(TeamMember, TeamMember.person_id == Person.id)
    .where(TeamMember.initiative_id == Initiative.id, TeamMember.part == "initiator")
    .correlate(Initiative)
    .limit(literal_column("1"))
    .scalar_subquery()
)
_WAITING = (
    select(
        Initiative.id,
        Initiative.slug,
        Initiative.title,
        Initiative.state,
        func.coalesce(Organisation.name, _INITIATOR, ""),
        func.coalesce(Neighbourhood.name, ""),
        func.coalesce(Initiative.submitted_at, Initiative.edited_at),
    )
    .outerjoin(Organisation, Organisation.id == Initiative.organisation_id)
    .outerjoin(Neighbourhood, Neighbourhood.id == Initiative.neighbourhood_id)
    .where(Initiative.municipality_id == bindparam("municipality_id"), Initiative.state == bindparam("state"))
    .limit(literal_column(str(_INBOX_SIZE)))
)
_OLDEST_FIRST = _WAITING.order_by(Initiative.submitted_at, Initiative.id)


def waiting(session: Session, *, municipality_id: UUID, state: str) -> list[Waiting]:
    """Return the initiatives in `state`, handed in longest ago first, at most 200."""
    found = session.execute(_OLDEST_FIRST, {"municipality_id": municipality_id, "state": state})
    return [Waiting(*row, due_on=review_due_on(local_date(row[6]))) for row in found]


_HELPED = _WAITING.where(Initiative.channel.in_(("desk", "phone"))).order_by(Initiative.edited_at.desc())


def helped_drafts(session: Session, *, municipality_id: UUID) -> list[Waiting]:
    """Return the drafts begun at the desk or by phone, last written in first."""
    found = session.execute(_HELPED, {"municipality_id": municipality_id, "state": "draft"})
    return [Waiting(*row, due_on=review_due_on(local_date(row[6]))) for row in found]


_ROAD = (
    select(
        InitiativeTransition.id,
        InitiativeTransition.to_state,
        InitiativeTransition.at,
        func.coalesce(Person.name, ""),
        InitiativeTransition.reason,
    )
    .outerjoin(Person, Person.id == InitiativeTransition.by_person_id)
    .where(InitiativeTransition.initiative_id == bindparam("initiative_id"))
    .order_by(InitiativeTransition.id.desc())
)
_NOTES = (
    select(ReviewNote.transition_id, ReviewNote.section, ReviewNote.body)
    .join(InitiativeTransition, InitiativeTransition.id == ReviewNote.transition_id)
    .where(InitiativeTransition.initiative_id == bindparam("initiative_id"))
)


def road(session: Session, *, initiative_id: UUID) -> list[Step]:
    """Return every step an initiative took, the last first, with what the counter asked at each."""
    notes: dict[int, list[tuple[str, str]]] = {}
    for transition_id, section, body in session.execute(_NOTES, {"initiative_id": initiative_id}):
        notes.setdefault(transition_id, []).append((section, body))
    return [
        Step(to_state, at, by, reason, tuple(notes.get(step_id, ())))
        for step_id, to_state, at, by, reason in session.execute(_ROAD, {"initiative_id": initiative_id})
    ]


_INVITATION = (
    select(Invitation.id, Invitation.initiative_id, Initiative.title, Invitation.email, Invitation.invited_at)
    .join(Initiative, Initiative.id == Invitation.initiative_id)
    .where(Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))
)
_INVITATION_BY_ID = _INVITATION.where(Invitation.id == bindparam("invitation_id"))
_INVITATION_FOR = _INVITATION.where(Invitation.initiative_id == bindparam("initiative_id"))
_INVITATIONS_OF = _INVITATION.join(
    Person, (Person.email == Invitation.email) & (Person.municipality_id == Initiative.municipality_id)
).where(Person.id == bindparam("person_id"))


def open_invitation(session: Session, *, invitation_id: UUID) -> OpenInvitation | None:
    """Return an invitation that can still be accepted, or None."""
    row = session.execute(_INVITATION_BY_ID, {"invitation_id": invitation_id}).one_or_none()
    return OpenInvitation(*row) if row else None


def invitation_for(session: Session, *, initiative_id: UUID) -> OpenInvitation | None:
    """Return the open invitation to answer for this initiative, or None."""
    row = session.execute(_INVITATION_FOR, {"initiative_id": initiative_id}).one_or_none()
    return OpenInvitation(*row) if row else None


def invitations_of(session: Session, *, person_id: UUID) -> list[OpenInvitation]:
    """Return the open invitations sent to this person's address."""
    return [OpenInvitation(*row) for row in session.execute(_INVITATIONS_OF, {"person_id": person_id})]


@dataclass(frozen=True, slots=True)
class Initiator:
    """The person who answers for an initiative, and by which channel it began."""

    person_id: UUID
    name: str
    email: str
    channel: str


_WHO = (
    select(Person.id, Person.name, EMAIL, Initiative.channel)
    .join(TeamMember, TeamMember.person_id == Person.id)
    .join(Initiative, Initiative.id == TeamMember.initiative_id)
    .where(Initiative.id == bindparam("initiative_id"), TeamMember.part == "initiator")
)


def initiator(session: Session, *, initiative_id: UUID) -> Initiator | None:
    """Return who answers for an initiative, or None while nobody does."""
    row = session.execute(_WHO, {"initiative_id": initiative_id}).first()
    return Initiator(*row) if row else None
