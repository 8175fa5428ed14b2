"""Where campaigns stand, as the public pages show it: promised while it runs, weighed at the deadline, collected after.

Here, and not with the initiatives, because it takes pledges, match, closing and decision together. Statements are
built once; amounts in cents. The page of one campaign is read in `campaign_page_queries`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Literal, TypedDict
from uuid import UUID

from sqlalchemy import BigInteger, Select, Text, bindparam, func, literal_column, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from crowd.closing.models import Closing, FinalDecision, NearMiss
from crowd.closing.standing_queries import CollectingStanding, standings
from crowd.cofunding.models import Reservation
from crowd.initiatives.models import (
    BudgetLine,
    Initiative,
    Picture,
    TeamMember,
)
from crowd.initiatives.rules import InitiativeNotFound
from crowd.municipalities.models import Neighbourhood, Theme
from crowd.pledges.models import CampaignDelta, CampaignTotal
from crowd.shared.db import one_of

Standing = Literal["open", "succeeded", "ended", "all"]

PART_SIZE: Final = 12
_STATES: Final[dict[Standing, tuple[str, ...]]] = {
    "open": ("live",),
    "succeeded": ("collecting", "funded"),
    # A near miss takes no gifts, and nothing succeeded yet: whoever looks for it looks among what ended.
    "ended": ("near_miss", "unfunded", "cancelled"),
    "all": ("live", "suspended", "collecting", "near_miss", "funded", "unfunded", "cancelled"),
}


@dataclass(frozen=True, slots=True)
class CampaignCard:
    """A campaign in a list. `neighbours_cents` and `match_cents` are the truth of this moment in its life.

    `collecting`: what stands of it, only while it collects.
    """

    id: UUID
    slug: str
    title: str
    summary: str
    state: str
    theme_nl: str
    theme_en: str
    theme_picture: str
    neighbourhood: str
    picture_id: UUID | None
    picture_width: int
    picture_height: int
    picture_alt: str
    minimum_cents: int
    target_cents: int
    neighbours_cents: int
    supporters: int
    match_cents: int
    deadline_at: datetime | None
    live_at: datetime | None
    collecting: CollectingStanding | None = None

    def takes_pledges_at(self, now: datetime) -> bool:
        """Return whether anybody may give at this moment: while it is live, and later to fill a gap."""
        is_open = self.state == "live" and self.deadline_at is not None and now < self.deadline_at
        return is_open or self.gap_at(now) is not None

    def gap_at(self, now: datetime) -> CollectingStanding | None:
        """Return what stands when something is missing that neighbours may give at this moment."""
        return self.collecting if self.collecting is not None and self.collecting.has_gap_at(now) else None


@dataclass(frozen=True, slots=True)
class Figures:
    """What was reached together: campaigns open and succeeded, and the money of those that succeeded."""

    open_count: int
    funded_count: int
    given_cents: int
    matched_cents: int


@dataclass(frozen=True, slots=True)
class Filters:
    """What a visitor chose. Empty is no choice; `words` are looked for in title and summary."""

    standing: Standing = "open"
    theme: str = ""
    neighbourhood: str = ""
    words: str = ""


class _Kinds(TypedDict):
    standing: Standing
    theme: bool
    neighbourhood: bool
    words: bool


# Written into the statements: a parameter for each would make them twice as long to prepare and to send.
NO_TEXT: Final = literal_column("''", Text)
NOTHING: Final = literal_column("0", BigInteger)

# Short names, as in `campaign_page_queries`.
_Delta = aliased(CampaignDelta, name="d")
_Reserved = aliased(Reservation, name="v")
_Cost = aliased(BudgetLine, name="b")
_Decided = aliased(FinalDecision, name="f")
NEARLY: Final = aliased(NearMiss, name="n")
_DELTAS = (
    select(
        func.coalesce(func.sum(_Delta.amount_cents), NOTHING).label("cents"),
        func.coalesce(func.sum(_Delta.pledge_count), NOTHING).label("gifts"),
    )
    .where(_Delta.initiative_id == Initiative.id)
    .correlate(Initiative)
    .lateral("e")
)
_RESERVED = (
    select(func.coalesce(func.sum(_Reserved.amount_cents), NOTHING))
    .where(_Reserved.initiative_id == Initiative.id, one_of(_Reserved.state, ("reserved", "confirmed")))
    .correlate(Initiative)
    .scalar_subquery()
)
_TARGET = (
    select(func.coalesce(func.sum(_Cost.amount_cents), NOTHING))
    .where(_Cost.initiative_id == Initiative.id)
    .correlate(Initiative)
    .scalar_subquery()
)
CARD_COLUMNS = (
    Initiative.id,
    Initiative.slug,
    Initiative.title,
    Initiative.summary,
    Initiative.state,
    func.coalesce(Theme.label_nl, NO_TEXT),
    func.coalesce(Theme.label_en, NO_TEXT),
    func.coalesce(Theme.picture, NO_TEXT),
    func.coalesce(Neighbourhood.name, NO_TEXT),
    Initiative.picture_id,
    func.coalesce(Picture.width, NOTHING),
    func.coalesce(Picture.height, NOTHING),
    Initiative.picture_alt,
    func.coalesce(Initiative.minimum_cents, NOTHING),
    _TARGET,
    # The rolled-up total plus what was not rolled up yet, in one snapshot, until the campaign was weighed.
    func.coalesce(
        _Decided.collected_cents,
        NEARLY.left_cents,
        Closing.secured_cents,
        func.coalesce(CampaignTotal.amount_cents, NOTHING) + _DELTAS.c.cents,
    ),
    func.coalesce(
        _Decided.collected_count,
        NEARLY.left_count,
        Closing.secured_count,
        func.coalesce(CampaignTotal.pledge_count, NOTHING) + _DELTAS.c.gifts,
    ),
    func.coalesce(_Decided.match_cents, NEARLY.left_match_cents, Closing.match_cents, _RESERVED),
    Initiative.deadline_at,
    Initiative.live_at,
)


def with_standing(statement: Select[Any]) -> Select[Any]:
    """Return a statement over initiatives with everything CARD_COLUMNS reads joined to it."""
    return (
        statement.select_from(Initiative)
        .outerjoin(Theme, Theme.id == Initiative.theme_id)
        .outerjoin(Neighbourhood, Neighbourhood.id == Initiative.neighbourhood_id)
        .outerjoin(Picture, Picture.id == Initiative.picture_id)
        .outerjoin(CampaignTotal, CampaignTotal.initiative_id == Initiative.id)
        .outerjoin(Closing, Closing.initiative_id == Initiative.id)
        .outerjoin(_Decided, _Decided.initiative_id == Initiative.id)
        .outerjoin(NEARLY, NEARLY.initiative_id == Initiative.id)
        .join(_DELTAS, literal_column("true"))
    )


_CARDS = with_standing(select(*CARD_COLUMNS))


@lru_cache(maxsize=128)
def _list_statement(
    *, standing: Standing, theme: bool, neighbourhood: bool, words: bool, after: bool, most: int
) -> Select[Any]:
    """Return the statement for these kinds of filter, made once each: their values are parameters."""
    chosen = _filtered(_CARDS, standing, theme=theme, neighbourhood=neighbourhood, words=words)
    if after:
        chosen = chosen.where(
            tuple_(Initiative.live_at, Initiative.id) < tuple_(bindparam("after_at"), bindparam("after_id"))
        )
    # A literal limit: as a parameter it would keep PostgreSQL from ever adopting a generic plan.
    return chosen.order_by(Initiative.live_at.desc(), Initiative.id.desc()).limit(literal_column(str(most)))


@lru_cache(maxsize=64)
def _count_statement(*, standing: Standing, theme: bool, neighbourhood: bool, words: bool) -> Select[Any]:
    counted = (
        select(func.count())
        .select_from(Initiative)
        .outerjoin(Theme, Theme.id == Initiative.theme_id)
        .outerjoin(Neighbourhood, Neighbourhood.id == Initiative.neighbourhood_id)
    )
    return _filtered(counted, standing, theme=theme, neighbourhood=neighbourhood, words=words)


def _filtered(
    statement: Select[Any], standing: Standing, *, theme: bool, neighbourhood: bool, words: bool
) -> Select[Any]:
    states = _STATES[standing]
    chosen = statement.where(
        Initiative.municipality_id == bindparam("municipality_id"),
        # One state by equality keeps the index's own order, so the next part is found without sorting.
        Initiative.state == literal_column(f"'{states[0]}'") if len(states) == 1 else one_of(Initiative.state, states),
        Initiative.live_at.is_not(None),
    )
    if theme:
        chosen = chosen.where(Theme.slug == bindparam("theme"))
    if neighbourhood:
        chosen = chosen.where(Neighbourhood.slug == bindparam("neighbourhood"))
    if words:
        chosen = chosen.where(
            or_(
                Initiative.title.ilike(bindparam("words"), escape="\\"),
                Initiative.summary.ilike(bindparam("words"), escape="\\"),
            )
        )
    return chosen


def _kinds(filters: Filters) -> _Kinds:
    return {
        "standing": filters.standing,
        "theme": bool(filters.theme),
        "neighbourhood": bool(filters.neighbourhood),
        "words": bool(filters.words),
    }


def _values(municipality_id: UUID, filters: Filters) -> dict[str, Any]:
    words = filters.words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {
        "municipality_id": municipality_id,
        "theme": filters.theme,
        "neighbourhood": filters.neighbourhood,
        "words": f"%{words}%",
    }


def campaigns(
    session: Session,
    *,
    municipality_id: UUID,
    filters: Filters,
    after: tuple[datetime, UUID] | None = None,
    most: int = PART_SIZE,
) -> list[CampaignCard]:
    """Return campaigns the newest first: those that follow `after` (live_at, id), at most `most`."""
    statement = _list_statement(**_kinds(filters), after=after is not None, most=most)
    values = _values(municipality_id, filters)
    if after is not None:
        values |= {"after_at": after[0], "after_id": after[1]}
    return as_they_stand(session, cards=[card_of(row) for row in session.execute(statement, values)])


def count_campaigns(session: Session, *, municipality_id: UUID, filters: Filters) -> int:
    """Return how many campaigns fit the filters."""
    statement = _count_statement(**_kinds(filters))
    return int(session.execute(statement, _values(municipality_id, filters)).scalar_one())


# Chosen first (as an array, which PostgreSQL fills before anything else), added up afterwards: else it would make
# the sums of a whole neighbourhood for the sake of three.
_Neighbour = aliased(Initiative, name="neighbour")
_ELSEWHERE = _CARDS.where(
    Initiative.id
    == func.any(
        func.array(
            select(_Neighbour.id)
            .where(
                _Neighbour.municipality_id == bindparam("municipality_id"),
                _Neighbour.neighbourhood_id == bindparam("neighbourhood_id"),
                _Neighbour.state == literal_column("'live'"),
                _Neighbour.id != bindparam("initiative_id"),
            )
            .order_by(_Neighbour.deadline_at, _Neighbour.id)
            .limit(literal_column("3"))
            .scalar_subquery()
        )
    )
).order_by(Initiative.deadline_at, Initiative.id)


def campaigns_nearby(
    session: Session, *, municipality_id: UUID, neighbourhood_id: UUID, initiative_id: UUID
) -> list[CampaignCard]:
    """Return up to three other open campaigns of the neighbourhood, the one that ends first first."""
    values = {
        "municipality_id": municipality_id,
        "neighbourhood_id": neighbourhood_id,
        "initiative_id": initiative_id,
    }
    return [card_of(row) for row in session.execute(_ELSEWHERE, values)]


_MINE = (
    with_standing(select(*CARD_COLUMNS))
    .join(TeamMember, TeamMember.initiative_id == Initiative.id)
    .where(TeamMember.person_id == bindparam("person_id"))
    .order_by(Initiative.edited_at.desc(), Initiative.id.desc())
    .limit(literal_column("100"))
)


def campaigns_of(session: Session, *, person_id: UUID) -> list[CampaignCard]:
    """Return every initiative this person answers for or helps to run, in any state, last written in first."""
    return as_they_stand(session, cards=[card_of(row) for row in session.execute(_MINE, {"person_id": person_id})])


def card_of(row: Sequence[Any]) -> CampaignCard:
    """Return the card in the first columns of a row that was selected with CARD_COLUMNS."""
    values = list(row[: len(CARD_COLUMNS)])
    # PostgreSQL sums whole numbers into decimals.
    for at in (13, 14, 15, 16, 17):
        values[at] = int(values[at])
    return CampaignCard(*values)


def as_they_stand(session: Session, *, cards: list[CampaignCard]) -> list[CampaignCard]:
    """Return the cards with what stands now of those that collect, instead of what was weighed at their deadline."""
    collecting = [card.id for card in cards if card.state == "collecting"]
    if not collecting:
        return cards
    stand = standings(session, initiative_ids=collecting)
    return [_with(card, stand[card.id]) if card.id in stand else card for card in cards]


def _with(card: CampaignCard, stands: CollectingStanding) -> CampaignCard:
    return replace(
        card,
        neighbours_cents=stands.crowd.cents,
        supporters=stands.supporters,
        match_cents=stands.match.cents,
        collecting=stands,
    )


_FIGURES = (
    select(
        func.count().filter(Initiative.state == "live"),
        func.count().filter(Initiative.state == "funded"),
        func.coalesce(func.sum(FinalDecision.collected_cents).filter(FinalDecision.outcome == "funded"), NOTHING),
        func.coalesce(func.sum(FinalDecision.match_cents).filter(FinalDecision.outcome == "funded"), NOTHING),
    )
    .select_from(Initiative)
    .outerjoin(FinalDecision, FinalDecision.initiative_id == Initiative.id)
    .where(Initiative.municipality_id == bindparam("municipality_id"), one_of(Initiative.state, ("live", "funded")))
)


def figures(session: Session, *, municipality_id: UUID) -> Figures:
    """Return what a municipality's neighbours reached together."""
    return Figures(*(int(value) for value in session.execute(_FIGURES, {"municipality_id": municipality_id}).one()))


_CARD_BY_ID = _CARDS.where(Initiative.id == bindparam("initiative_id"))
_CARD_BY_SLUG = _CARDS.where(Initiative.slug == bindparam("slug"))


def campaign_card(session: Session, *, initiative_id: UUID | None = None, slug: str = "") -> CampaignCard:
    """Return one campaign, by its id or its address, as a card shows it. Raises InitiativeNotFound."""
    if initiative_id is not None:
        row = session.execute(_CARD_BY_ID, {"initiative_id": initiative_id}).first()
    else:
        row = session.execute(_CARD_BY_SLUG, {"slug": slug}).first()
    if row is None:
        raise InitiativeNotFound
    return as_they_stand(session, cards=[card_of(row)])[0]
