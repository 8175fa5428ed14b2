"""Reading initiatives. Hot statements are built once and select columns only."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from crowd.initiatives.content_rules import Budget, Content, Help, Idea, Line, Photo, Place
from crowd.initiatives.models import BudgetLine, Initiative, PictureSize, TeamMember
from crowd.initiatives.rules import InitiativeFacts, InitiativeNotFound
from crowd.shared.money import Money

Lock = Literal["none", "share", "update"]


@dataclass(frozen=True, slots=True)
class CampaignFactsRow:
    """An initiative as money and people look at it. Amounts in cents; `target_cents` sums the budget lines."""

    id: UUID
    municipality_id: UUID
    slug: str
    title: str
    state: str
    minimum_cents: int | None
    target_cents: int
    ends_on: date | None
    deadline_at: datetime | None
    live_at: datetime | None
    theme_id: UUID | None
    neighbourhood_id: UUID | None
    pc4: str | None
    organisation_id: UUID | None
    tolerance_percent: int


_TARGET = (
    select(func.coalesce(func.sum(BudgetLine.amount_cents), 0))
    .where(BudgetLine.initiative_id == Initiative.id)
    .correlate(Initiative)
    .scalar_subquery()
)
_FACTS = select(
    Initiative.id,
    Initiative.municipality_id,
    Initiative.slug,
    Initiative.title,
    Initiative.state,
    Initiative.minimum_cents,
    _TARGET,
    Initiative.ends_on,
    Initiative.deadline_at,
    Initiative.live_at,
    Initiative.theme_id,
    Initiative.neighbourhood_id,
    Initiative.pc4,
    Initiative.organisation_id,
    Initiative.tolerance_percent,
)
_FACTS_BY_ID = _FACTS.where(Initiative.id == bindparam("initiative_id"))
_FACTS_BY_SLUG_SHARED = _FACTS.where(Initiative.slug == bindparam("slug")).with_for_update(of=Initiative, read=True)
_FACTS_BY_LOCK = {
    "none": _FACTS_BY_ID,
    "share": _FACTS_BY_ID.with_for_update(of=Initiative, read=True),
    "update": _FACTS_BY_ID.with_for_update(of=Initiative),
}
_ID_BY_SLUG = select(Initiative.id).where(Initiative.slug == bindparam("slug"))
_FACTS_FOR_ACTOR = (
    select(
        Initiative.municipality_id,
        Initiative.state,
        TeamMember.part,
        Initiative.live_at.is_not(None),
        Initiative.channel.in_(("desk", "phone")),
    )
    .outerjoin(
        TeamMember,
        (TeamMember.initiative_id == Initiative.id) & (TeamMember.person_id == bindparam("person_id")),
    )
    .where(Initiative.id == bindparam("initiative_id"))
)


_NEXT_DEADLINE = select(func.min(Initiative.deadline_at)).where(
    Initiative.state == "live", Initiative.deadline_at > bindparam("now")
)


def campaign_facts(session: Session, *, initiative_id: UUID, lock: Lock = "none") -> CampaignFactsRow:
    """Return what deciding about a campaign needs, its row locked as asked until the transaction ends.

    A pledge takes "share" (many at once), a change of state "update". Raises InitiativeNotFound.
    """
    row = session.execute(_FACTS_BY_LOCK[lock], {"initiative_id": initiative_id}).first()
    if row is None:
        raise InitiativeNotFound
    return CampaignFactsRow(*row)


def campaign_at(session: Session, *, slug: str) -> CampaignFactsRow:
    """Return what `campaign_facts` returns with the lock "share", of the initiative at this address."""
    row = session.execute(_FACTS_BY_SLUG_SHARED, {"slug": slug}).first()
    if row is None:
        raise InitiativeNotFound
    return CampaignFactsRow(*row)


def id_of(session: Session, *, slug: str) -> UUID:
    """Return the id of the initiative at this address; raises InitiativeNotFound."""
    found = session.execute(_ID_BY_SLUG, {"slug": slug}).scalar_one_or_none()
    if found is None:
        raise InitiativeNotFound
    return found


def next_deadline(session: Session, *, now: datetime) -> datetime | None:
    """Return the first deadline of a live campaign after `now`, or None when there is none."""
    return session.execute(_NEXT_DEADLINE, {"now": now}).scalar_one()


def facts_for(session: Session, *, initiative_id: UUID, person_id: UUID | None) -> InitiativeFacts:
    """Return what the `may_...` rules need to know about this person and this initiative; InitiativeNotFound."""
    row = session.execute(_FACTS_FOR_ACTOR, {"initiative_id": initiative_id, "person_id": person_id}).first()
    if row is None:
        raise InitiativeNotFound
    return InitiativeFacts(*row)


_TEXTS = select(
    Initiative.title,
    Initiative.summary,
    Initiative.story,
    Initiative.theme_id,
    Initiative.pc4,
    Initiative.place_note,
    Initiative.neighbourhood_id,
    Initiative.minimum_cents,
    Initiative.ends_on,
    Initiative.help_wanted,
    Initiative.picture_id,
    Initiative.picture_alt,
).where(Initiative.id == bindparam("initiative_id"))
_LINES = (
    select(BudgetLine.label, BudgetLine.amount_cents)
    .where(BudgetLine.initiative_id == bindparam("initiative_id"))
    .order_by(BudgetLine.position)
)


def content(session: Session, *, initiative_id: UUID) -> Content:
    """Return everything the initiative says, section by section; raises InitiativeNotFound."""
    row = session.execute(_TEXTS, {"initiative_id": initiative_id}).first()
    if row is None:
        raise InitiativeNotFound
    lines = session.execute(_LINES, {"initiative_id": initiative_id})
    return Content(
        idea=Idea(title=row.title, summary=row.summary, story=row.story, theme_id=row.theme_id),
        place=Place(pc4=row.pc4 or "", place_note=row.place_note, neighbourhood_id=row.neighbourhood_id),
        budget=Budget(
            lines=tuple(Line(label=label, amount=Money(cents)) for label, cents in lines),
            minimum=None if row.minimum_cents is None else Money(row.minimum_cents),
            ends_on=row.ends_on,
        ),
        help=Help(help_wanted=row.help_wanted),
        photo=Photo(picture_id=row.picture_id, picture_alt=row.picture_alt),
    )


_PICTURE_CONTENT = select(PictureSize.content).where(
    PictureSize.picture_id == bindparam("picture_id"),
    PictureSize.width == bindparam("width"),
    PictureSize.format == bindparam("format"),
)


def picture_content(session: Session, *, picture_id: UUID, width: int, kind: str) -> bytes | None:
    """Return the bytes of one width of a photo in one format ("webp", "jpeg"), or None when there are none."""
    return session.execute(
        _PICTURE_CONTENT, {"picture_id": picture_id, "width": width, "format": kind}
    ).scalar_one_or_none()


_LIVE = (
    select(Initiative.id, Initiative.title)
    .where(Initiative.municipality_id == bindparam("municipality_id"), Initiative.state == "live")
    .order_by(Initiative.title, Initiative.id)
)


def live_campaigns(session: Session, *, municipality_id: UUID) -> list[tuple[UUID, str]]:
    """Return (id, title) of every campaign that is live, by title."""
    return [(row.id, row.title) for row in session.execute(_LIVE, {"municipality_id": municipality_id})]
