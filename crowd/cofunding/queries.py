"""Reading schemes, pots and reservations."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from crowd.accounts.models import Person
from crowd.cofunding.models import CampaignMatch, Reservation, Scheme, SchemeNeighbourhood
from crowd.cofunding.rules import (
    Bound,
    MatchRule,
    campaign_bound,
    potential,
)
from crowd.initiatives.models import Initiative
from crowd.initiatives.queries import campaign_facts
from crowd.municipalities.models import Neighbourhood
from crowd.pledges.models import Pledge
from crowd.pledges.queries import total
from crowd.shared.clock import local_date
from crowd.shared.errors import NotFound, msg
from crowd.shared.money import Money


class SchemeNotFound(NotFound):
    """There is no such scheme in this municipality."""

    sentence = msg("We cannot find this scheme.")


@dataclass(frozen=True, slots=True)
class SchemeFacts:
    """A scheme and how full its pot is. `reserved_cents` also holds what was confirmed: it has left the pot."""

    id: UUID
    municipality_id: UUID
    name: str
    legal_basis: str
    ratio_percent: int
    donor_cap_cents: int
    project_cap_cents: int
    pot_cents: int
    reserved_cents: int
    opens_on: date
    closes_on: date
    decision_weeks: int

    @property
    def pot_left(self) -> Money:
        """What the next pledge can still be matched with."""
        return Money(self.pot_cents - self.reserved_cents)

    def rule(self, *, award: Money | None = None) -> MatchRule:
        """Return what the scheme promises, within what was awarded when that is known."""
        return MatchRule(
            ratio_percent=self.ratio_percent,
            donor_cap=Money(self.donor_cap_cents),
            project_cap=Money(self.project_cap_cents),
            award=award,
        )


@dataclass(frozen=True, slots=True)
class ReservationRow:
    """The match set aside for one pledge."""

    pledge_id: UUID
    person_id: UUID
    amount_cents: int
    bound: Bound
    state: str
    reserved_at: datetime


@dataclass(frozen=True, slots=True)
class PotentialMatch:
    """The most the municipality can add to a campaign, and why not more: for a page that asks for nothing yet."""

    scheme: SchemeFacts
    amount: Money
    bound: Bound


@dataclass(frozen=True, slots=True)
class MatchSoFar:
    """What is set aside for a campaign now, and why not more. `award` is empty until a decision, zero if refused."""

    scheme: SchemeFacts
    amount: Money
    bound: Bound
    award: Money | None


@dataclass(frozen=True, slots=True)
class CampaignUnderScheme:
    """What one campaign holds of a pot; `bound` says why not more, while it is live."""

    title: str
    slug: str
    state: str
    reserved: Money
    award: Money | None
    bound: Bound | None


_SCHEME_COLUMNS = (
    Scheme.id,
    Scheme.municipality_id,
    Scheme.name,
    Scheme.legal_basis,
    Scheme.ratio_percent,
    Scheme.donor_cap_cents,
    Scheme.project_cap_cents,
    Scheme.pot_cents,
    Scheme.reserved_cents,
    Scheme.opens_on,
    Scheme.closes_on,
    Scheme.decision_weeks,
)
_SCHEME = select(*_SCHEME_COLUMNS).where(Scheme.id == bindparam("scheme_id"))
# Not the full FOR UPDATE: that would wait for, and be waited for by, every row that only refers to the scheme.
_SCHEME_LOCKED = _SCHEME.with_for_update(key_share=True)
_PINNED = (
    select(*_SCHEME_COLUMNS)
    .join(CampaignMatch, CampaignMatch.scheme_id == Scheme.id)
    .where(CampaignMatch.initiative_id == bindparam("initiative_id"))
)
# Of two that apply, the one that opened first: it is also the first to run out of time.
_APPLICABLE = (
    select(*_SCHEME_COLUMNS)
    .join(SchemeNeighbourhood, SchemeNeighbourhood.scheme_id == Scheme.id)
    .join(
        Initiative,
        (Initiative.neighbourhood_id == SchemeNeighbourhood.neighbourhood_id)
        & (Initiative.municipality_id == Scheme.municipality_id),
    )
    .where(
        Initiative.id == bindparam("initiative_id"),
        Scheme.opens_on <= bindparam("on"),
        Scheme.closes_on >= bindparam("on"),
    )
    .order_by(Scheme.opens_on, Scheme.id)
    .limit(literal_column("1"))
)
_SCHEMES = (
    select(*_SCHEME_COLUMNS)
    .where(Scheme.municipality_id == bindparam("municipality_id"))
    .order_by(Scheme.opens_on.desc(), Scheme.id)
)
_AWARD = select(CampaignMatch.award_cents).where(CampaignMatch.initiative_id == bindparam("initiative_id"))
_HELD = Reservation.state.in_(("reserved", "confirmed"))
_RESERVED = select(func.coalesce(func.sum(Reservation.amount_cents), 0)).where(
    Reservation.initiative_id == bindparam("initiative_id"), _HELD
)
_RESERVATIONS = (
    select(
        Reservation.pledge_id,
        Reservation.person_id,
        Reservation.amount_cents,
        Reservation.bound,
        Reservation.state,
        Reservation.reserved_at,
    )
    .where(Reservation.initiative_id == bindparam("initiative_id"))
    .order_by(Reservation.reserved_at, Reservation.pledge_id)
)
_UNDER_SCHEME = (
    select(
        Initiative.id,
        Initiative.title,
        Initiative.slug,
        Initiative.state,
        Initiative.minimum_cents,
        CampaignMatch.award_cents,
        func.coalesce(func.sum(Reservation.amount_cents).filter(_HELD), 0),
        func.array_remove(func.array_agg(Reservation.bound.distinct()), None),
    )
    .join(Initiative, Initiative.id == CampaignMatch.initiative_id)
    .outerjoin(Reservation, Reservation.initiative_id == Initiative.id)
    .where(CampaignMatch.scheme_id == bindparam("scheme_id"))
    .group_by(Initiative.id, CampaignMatch.initiative_id)
    .order_by(Initiative.live_at.desc(), Initiative.id)
    .limit(literal_column("200"))
)
_PLACES = (
    select(Neighbourhood.name)
    .join(SchemeNeighbourhood, SchemeNeighbourhood.neighbourhood_id == Neighbourhood.id)
    .where(SchemeNeighbourhood.scheme_id == bindparam("scheme_id"))
    .order_by(Neighbourhood.name)
)
_PLACES_BY_SCHEME = (
    select(SchemeNeighbourhood.scheme_id, func.array_agg(Neighbourhood.slug).label("slugs"))
    .join(Neighbourhood, Neighbourhood.id == SchemeNeighbourhood.neighbourhood_id)
    .where(Neighbourhood.municipality_id == bindparam("municipality_id"))
    .group_by(SchemeNeighbourhood.scheme_id)
)
# A gift from an address that was confirmed by another road than its own receipt: a sign-in, another receipt.
_CONFIRMED_ELSEWHERE = (
    select(Reservation.pledge_id)
    .join(Pledge, (Pledge.id == Reservation.pledge_id) & (Pledge.state == "secured"))
    .join(Initiative, (Initiative.id == Reservation.initiative_id) & (Initiative.state == "live"))
    .join(Person, (Person.id == Reservation.person_id) & Person.email_confirmed_at.is_not(None))
    .where(Reservation.state == "reserved", Reservation.bound == "not_confirmed")
    .order_by(Reservation.reserved_at, Reservation.pledge_id)
    .limit(literal_column("100"))
)


def scheme(session: Session, *, scheme_id: UUID, lock: bool = False) -> SchemeFacts:
    """Return a scheme; with `lock` its pot is ours until the transaction ends. Raises SchemeNotFound."""
    row = session.execute(_SCHEME_LOCKED if lock else _SCHEME, {"scheme_id": scheme_id}).first()
    if row is None:
        raise SchemeNotFound
    return SchemeFacts(**row._asdict())


def schemes(session: Session, *, municipality_id: UUID) -> list[SchemeFacts]:
    """Return every scheme of a municipality, the newest first."""
    return [SchemeFacts(**row._asdict()) for row in session.execute(_SCHEMES, {"municipality_id": municipality_id})]


def campaigns_under(session: Session, *, scheme_id: UUID) -> list[CampaignUnderScheme]:
    """Return what each campaign under a scheme holds of its pot, the newest campaign first; at most 200."""
    pot = scheme(session, scheme_id=scheme_id)
    found = session.execute(_UNDER_SCHEME, {"scheme_id": scheme_id}).all()
    lines = []
    for initiative_id, title, slug, state, minimum_cents, award_cents, held_cents, bounds in found:
        held, award = Money(int(held_cents)), None if award_cents is None else Money(award_cents)
        bound = None
        if state == "live":
            crowd = Money(total(session, initiative_id=initiative_id).amount_cents)
            bound = campaign_bound(
                bounds=(Bound(name) for name in bounds or ()),
                matched=held,
                rule=pot.rule(award=award),
                goal_gap=Money(minimum_cents or 0) - crowd - held,
                pot_left=pot.pot_left,
            )
        lines.append(CampaignUnderScheme(title, slug, state, held, award, bound))
    return lines


def places_of(session: Session, *, scheme_id: UUID) -> list[str]:
    """Return the names of the neighbourhoods where a scheme applies."""
    return list(session.scalars(_PLACES, {"scheme_id": scheme_id}))


def places_by_scheme(session: Session, *, municipality_id: UUID) -> dict[UUID, list[str]]:
    """Return scheme -> the slugs of the neighbourhoods where it applies, in order."""
    found = session.execute(_PLACES_BY_SCHEME, {"municipality_id": municipality_id})
    return {row.scheme_id: sorted(row.slugs) for row in found}


def confirmed_elsewhere(session: Session) -> list[UUID]:
    """Return pledges that were not matched for want of a confirmed address, and can be now; at most 100."""
    return list(session.scalars(_CONFIRMED_ELSEWHERE))


def scheme_for(session: Session, *, initiative_id: UUID, on: date) -> SchemeFacts | None:
    """Return the scheme an initiative falls under: the one it applied under, else the one open to its place `on`."""
    pinned = session.execute(_PINNED, {"initiative_id": initiative_id}).first()
    row = pinned or session.execute(_APPLICABLE, {"initiative_id": initiative_id, "on": on}).first()
    return None if row is None else SchemeFacts(**row._asdict())


def reserved_cents(session: Session, *, initiative_id: UUID) -> int:
    """Return what is set aside for a campaign now, or was confirmed for it at the end."""
    return int(session.execute(_RESERVED, {"initiative_id": initiative_id}).scalar_one())


def reservations(session: Session, *, initiative_id: UUID) -> list[ReservationRow]:
    """Return what was set aside for each pledge of a campaign, first come first; released ones too."""
    found = session.execute(_RESERVATIONS, {"initiative_id": initiative_id})
    return [
        ReservationRow(row.pledge_id, row.person_id, row.amount_cents, Bound(row.bound), row.state, row.reserved_at)
        for row in found
    ]


def award_of(session: Session, *, initiative_id: UUID) -> Money | None:
    """Return the most that was awarded to a campaign; None before a decision, zero when it was refused."""
    cents = session.execute(_AWARD, {"initiative_id": initiative_id}).scalar_one_or_none()
    return None if cents is None else Money(cents)


def potential_match(session: Session, *, initiative_id: UUID, on: date) -> PotentialMatch | None:
    """Return the most the municipality can add to this initiative and why; None when no scheme applies `on` that day.

    Also for a draft, as soon as it has a place and a minimum. Raises InitiativeNotFound.
    """
    campaign = campaign_facts(session, initiative_id=initiative_id)
    found = scheme_for(session, initiative_id=initiative_id, on=on)
    if found is None or campaign.minimum_cents is None:
        return None
    own = Money(reserved_cents(session, initiative_id=initiative_id))
    match = potential(
        rule=found.rule(award=award_of(session, initiative_id=initiative_id)),
        goal=Money(campaign.minimum_cents),
        pot_left=found.pot_left + own,
    )
    return PotentialMatch(scheme=found, amount=match.amount, bound=match.bound)


def match_so_far(session: Session, *, initiative_id: UUID) -> MatchSoFar | None:
    """Return what is set aside for a campaign now, with the bound; None when it falls under no scheme."""
    campaign = campaign_facts(session, initiative_id=initiative_id)
    if campaign.live_at is None or campaign.minimum_cents is None:
        return None
    found = scheme_for(session, initiative_id=initiative_id, on=local_date(campaign.live_at))
    if found is None:
        return None
    held = [row for row in reservations(session, initiative_id=initiative_id) if row.state != "released"]
    amount = Money.total(Money(row.amount_cents) for row in held)
    award = award_of(session, initiative_id=initiative_id)
    crowd = Money(total(session, initiative_id=initiative_id).amount_cents)
    bound = campaign_bound(
        bounds=(row.bound for row in held),
        matched=amount,
        rule=found.rule(award=award),
        goal_gap=Money(campaign.minimum_cents) - crowd - amount,
        pot_left=found.pot_left,
    )
    return MatchSoFar(scheme=found, amount=amount, bound=bound, award=award)
