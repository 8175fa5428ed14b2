"""Everything the public page of one campaign says, in one statement (three while it collects); and its match."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, bindparam, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, aliased

from crowd.accounts.models import Organisation, Person
from crowd.closing.campaign_queries import (
    CARD_COLUMNS,
    NEARLY,
    NO_TEXT,
    NOTHING,
    CampaignCard,
    as_they_stand,
    card_of,
    with_standing,
)
from crowd.closing.models import Closing
from crowd.cofunding.models import CampaignMatch, Reservation, Scheme, SchemeNeighbourhood
from crowd.grants.models import Application, Decision
from crowd.initiatives.models import BudgetLine, Initiative, InitiativeTransition, InitiativeUpdate, TeamMember
from crowd.pledges.models import Pledge
from crowd.rewards.models import Reward
from crowd.rewards.queries import RewardRow
from crowd.shared.db import one_of

DONORS_SHOWN: Final = 10
# Whose money counts, or did when the campaign was weighed.
_COUNTED: Final = ("secured", "charging", "processing", "needs_action", "collected")


@dataclass(frozen=True, slots=True)
class PublicUpdate:
    """News, with the name of whoever wrote it."""

    title: str
    body: str
    published_at: datetime
    author: str


@dataclass(frozen=True, slots=True)
class PublicDonor:
    """A supporter: the name they chose to show, or nothing."""

    name: str
    amount_cents: int
    at: datetime
    message: str


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """Everything the page of one initiative says. `part` is the reader's own part in it, if any."""

    card: CampaignCard
    municipality_id: UUID
    story: str
    help_wanted: str
    place_note: str
    initiator: str
    neighbourhood_id: UUID | None
    part: str | None
    assisted: bool
    state_reason: str
    collecting_until: datetime | None
    tolerance_percent: int
    was_near_miss: bool
    at_banks_cents: int
    budget: tuple[tuple[str, int], ...]
    updates: tuple[PublicUpdate, ...]
    donors: tuple[PublicDonor, ...]
    offers: tuple[RewardRow, ...]


@dataclass(frozen=True, slots=True)
class MatchStanding:
    """Under which scheme a campaign falls and what was decided; `award_cents` is empty until then."""

    scheme: str
    ratio_percent: int
    donor_cap_cents: int
    project_cap_cents: int
    pot_left_cents: int
    award_cents: int | None
    bounds: tuple[str, ...]
    reasons: str
    decided_at: datetime | None


def _all_of(rows: Select[Any]) -> ScalarSelect[Any]:
    """Return these rows of one initiative, in their order, as one JSON array; nothing when there are none."""
    found = rows.correlate(Initiative).subquery("x")
    return select(func.json_agg(found.c.j)).scalar_subquery()


# Short names, and each row made JSON where it is found: psycopg remembers how to send a statement only when it has at
# most 4,096 characters (`tests/unit/closing/test_statement_length.py`).
_Author = aliased(Person, name="a")
_Initiator = aliased(Person, name="o")
_Update = aliased(InitiativeUpdate, name="u")
_Gift = aliased(Pledge, name="p")
_Line = aliased(BudgetLine, name="b")
_Member = aliased(TeamMember, name="m")
_Step = aliased(InitiativeTransition, name="t")
_NEWS_JSON = _all_of(
    select(func.json_build_array(_Update.title, _Update.body, _Update.published_at, _Author.name).label("j"))
    .join(_Author, _Author.id == _Update.published_by)
    .where(_Update.initiative_id == Initiative.id)
    .order_by(_Update.published_at.desc(), _Update.id.desc())
    .limit(literal_column("20"))
)
_DONORS_JSON = _all_of(
    select(
        func.json_build_array(_Gift.public_name, _Gift.amount_cents, _Gift.promised_at, _Gift.public_message).label("j")
    )
    .where(_Gift.initiative_id == Initiative.id, one_of(_Gift.state, _COUNTED))
    .order_by(_Gift.promised_at.desc(), _Gift.id.desc())
    .limit(literal_column(str(DONORS_SHOWN)))
)
_BUDGET_JSON = _all_of(
    select(func.json_build_array(_Line.label, _Line.amount_cents).label("j"))
    .where(_Line.initiative_id == Initiative.id)
    .order_by(_Line.position)
)
_Offer = aliased(Reward, name="r")
_OFFERS_JSON = (
    select(
        func.json_agg(
            aggregate_order_by(
                func.json_build_array(
                    _Offer.id,
                    _Offer.initiative_id,
                    _Offer.title,
                    _Offer.description,
                    _Offer.from_cents,
                    _Offer.stock,
                    _Offer.stock - _Offer.taken,
                ),
                _Offer.from_cents,
                _Offer.id,
            )
        )
    )
    .where(_Offer.initiative_id == Initiative.id, _Offer.closed_at.is_(None))
    .correlate(Initiative)
    .scalar_subquery()
)
_STATE_REASON = (
    select(_Step.reason)
    .where(_Step.initiative_id == Initiative.id, _Step.to_state == Initiative.state)
    .correlate(Initiative)
    .order_by(_Step.id.desc())
    .limit(literal_column("1"))
    .scalar_subquery()
)
_INITIATOR = (
    select(_Initiator.name)
    .join(_Member, _Member.person_id == _Initiator.id)
    .where(_Member.initiative_id == Initiative.id, _Member.part == literal_column("'initiator'"))
    .correlate(Initiative)
    .limit(literal_column("1"))
    .scalar_subquery()
)
_OWN_PART = (
    select(_Member.part)
    .where(_Member.initiative_id == Initiative.id, _Member.person_id == bindparam("person_id"))
    .correlate(Initiative)
    .scalar_subquery()
)
_AT_BANKS = (
    select(func.coalesce(func.sum(_Gift.amount_cents), NOTHING))
    .where(_Gift.initiative_id == Initiative.id, one_of(_Gift.state, ("processing",)))
    .correlate(Initiative)
    .scalar_subquery()
)
_PAGE = with_standing(
    select(
        *CARD_COLUMNS,
        Initiative.municipality_id,
        Initiative.story,
        Initiative.help_wanted,
        Initiative.place_note,
        func.coalesce(Organisation.name, _INITIATOR, NO_TEXT),
        Initiative.neighbourhood_id,
        _OWN_PART,
        one_of(Initiative.channel, ("desk", "phone")),
        func.coalesce(_STATE_REASON, NO_TEXT),
        Closing.collect_until,
        Initiative.tolerance_percent,
        NEARLY.initiative_id.is_not(None),
        _AT_BANKS,
        _BUDGET_JSON,
        _NEWS_JSON,
        _DONORS_JSON,
        _OFFERS_JSON,
    )
).outerjoin(Organisation, Organisation.id == Initiative.organisation_id)
_PAGE_BY_SLUG = _PAGE.where(Initiative.slug == bindparam("slug"))
_PAGE_BY_ID = _PAGE.where(Initiative.id == bindparam("initiative_id"))


def campaign_page(
    session: Session, *, person_id: UUID | None, slug: str = "", initiative_id: UUID | None = None
) -> CampaignPage | None:
    """Return everything the page of one initiative says, found by address or by id; None when there is none.

    Whether this reader may see it is the door's question: `rules.may_see`.
    """
    if initiative_id is None:
        row = session.execute(_PAGE_BY_SLUG, {"slug": slug, "person_id": person_id}).first()
    else:
        row = session.execute(_PAGE_BY_ID, {"initiative_id": initiative_id, "person_id": person_id}).first()
    if row is None:
        return None
    *facts, budget, news, donors, offers = row[len(CARD_COLUMNS) :]
    made = (
        as_they_stand(session, cards=[card_of(row)])[0],
        *facts,
        tuple((label, cents) for label, cents in budget or ()),
        tuple(PublicUpdate(title, body, datetime.fromisoformat(at), author) for title, body, at, author in news or ()),
        tuple(PublicDonor(name, cents, datetime.fromisoformat(at), said) for name, cents, at, said in donors or ()),
        tuple(
            RewardRow(UUID(key), UUID(of), title, told, cents, stock, left, is_closed=False)
            for key, of, title, told, cents, stock, left in offers or ()
        ),
    )
    return CampaignPage(*made)


_BOUNDS = (
    select(func.array_agg(Reservation.bound.distinct()))
    .where(Reservation.initiative_id == Initiative.id, one_of(Reservation.state, ("reserved", "confirmed")))
    .correlate(Initiative)
    .scalar_subquery()
)
# The scheme a campaign is pinned to, else the one open to its place on the day it went live.
_MATCH = (
    select(
        Scheme.name,
        Scheme.ratio_percent,
        Scheme.donor_cap_cents,
        Scheme.project_cap_cents,
        Scheme.pot_cents - Scheme.reserved_cents,
        CampaignMatch.award_cents,
        _BOUNDS,
        func.coalesce(Decision.reasons, NO_TEXT),
        Decision.decided_at,
    )
    .select_from(Initiative)
    .outerjoin(CampaignMatch, CampaignMatch.initiative_id == Initiative.id)
    .outerjoin(
        SchemeNeighbourhood,
        CampaignMatch.scheme_id.is_(None) & (SchemeNeighbourhood.neighbourhood_id == Initiative.neighbourhood_id),
    )
    .join(
        Scheme,
        (Scheme.municipality_id == Initiative.municipality_id)
        & or_(
            Scheme.id == CampaignMatch.scheme_id,
            (Scheme.id == SchemeNeighbourhood.scheme_id)
            & (Scheme.opens_on <= bindparam("live_on"))
            & (Scheme.closes_on >= bindparam("live_on")),
        ),
    )
    .outerjoin(Application, Application.initiative_id == Initiative.id)
    .outerjoin(Decision, Decision.application_id == Application.id)
    .where(Initiative.id == bindparam("initiative_id"))
    .order_by(Scheme.opens_on, Scheme.id)
    .limit(literal_column("1"))
)


def match_standing(session: Session, *, initiative_id: UUID, live_on: date) -> MatchStanding | None:
    """Return under which scheme a campaign falls, and what was decided; None when there is no scheme for it.

    `live_on` is the Dutch calendar day on which it went live.
    """
    row = session.execute(_MATCH, {"initiative_id": initiative_id, "live_on": live_on}).first()
    if row is None:
        return None
    *facts, bounds, reasons, decided_at = row
    made = (*facts, tuple(bounds or ()), reasons, decided_at)
    return MatchStanding(*made)
