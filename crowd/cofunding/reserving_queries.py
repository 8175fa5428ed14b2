"""What must be read before a match is reserved, or handed on. Most of it while everybody else waits for the pot."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, false, func, literal_column, or_, select
from sqlalchemy.orm import Session

from crowd.accounts.models import Person
from crowd.cofunding.models import CampaignMatch, Reservation
from crowd.initiatives.models import Initiative, TeamMember
from crowd.pledges.models import Pledge
from crowd.pledges.queries import TOTAL_CENTS

# How many short-matched pledges a release looks at. What is left then stays in the pot for the next ones.
WAITING_LOOKED_AT: Final = 200


@dataclass(frozen=True, slots=True)
class Given:
    """A pledge as far as its match depends on who gave it, and what was reserved for it before (else None)."""

    amount_cents: int | None
    bound: str | None
    state: str | None
    card_fingerprint: str | None
    is_confirmed: bool
    is_of_the_team: bool
    is_pinned: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a campaign stands apart from one pledge: what neighbours secured, and what is held for the others."""

    crowd_cents: int
    award_cents: int | None
    card_of_another: bool
    held_cents: int
    held_by_donor_cents: int


@dataclass(frozen=True, slots=True)
class Held:
    """What a pledge has of the match now."""

    pledge_id: UUID
    initiative_id: UUID
    card_fingerprint: str
    amount_cents: int


# Who gave a pledge, and what was reserved for it before.
_GIVEN = (
    select(
        Reservation.amount_cents,
        Reservation.bound,
        Reservation.state,
        Reservation.card_fingerprint,
        (Pledge.confirmed_at.is_not(None) | Person.email_confirmed_at.is_not(None)).label("is_confirmed"),
        TeamMember.part.is_not(None).label("is_of_the_team"),
        CampaignMatch.scheme_id.is_not(None).label("is_pinned"),
    )
    .select_from(Pledge)
    .join(Person, Person.id == Pledge.person_id)
    .outerjoin(
        TeamMember,
        (TeamMember.initiative_id == Pledge.initiative_id) & (TeamMember.person_id == Pledge.person_id),
    )
    .outerjoin(CampaignMatch, CampaignMatch.initiative_id == Pledge.initiative_id)
    .outerjoin(Reservation, Reservation.pledge_id == Pledge.id)
    .where(Pledge.id == bindparam("pledge_id"))
)
_OTHERS = (Reservation.initiative_id == bindparam("initiative_id"), Reservation.pledge_id != bindparam("pledge_id"))
# One statement, because it runs while everybody else waits for the pot.
_STANDING = select(
    TOTAL_CENTS.label("crowd_cents"),
    select(CampaignMatch.award_cents)
    .where(CampaignMatch.initiative_id == bindparam("initiative_id"))
    .scalar_subquery()
    .label("award_cents"),
    func.coalesce(
        func.bool_or(
            (Reservation.amount_cents > 0)
            & (Reservation.person_id != bindparam("person_id"))
            & (Reservation.card_fingerprint == bindparam("card_fingerprint"))
            & (Reservation.card_fingerprint != "")
        ),
        false(),
    ).label("card_of_another"),
    func.coalesce(func.sum(Reservation.amount_cents), 0).label("held_cents"),
    func.coalesce(func.sum(Reservation.amount_cents).filter(Reservation.person_id == bindparam("person_id")), 0).label(
        "held_by_donor_cents"
    ),
).where(*_OTHERS, Reservation.state == "reserved")
# Whom released money can help: whoever waits for the pot, anywhere; and in the campaign it came from also those
# whom the campaign itself, the donor or the card had stopped.
_WAITING = (
    select(
        Reservation.pledge_id,
        Reservation.initiative_id,
        Reservation.card_fingerprint,
        Reservation.amount_cents,
    )
    .join(Pledge, (Pledge.id == Reservation.pledge_id) & (Pledge.state == "secured"))
    .join(Initiative, (Initiative.id == Reservation.initiative_id) & (Initiative.state == "live"))
    .where(
        Reservation.scheme_id == bindparam("scheme_id"),
        Reservation.state == "reserved",
        or_(
            Reservation.bound == "pot",
            (Reservation.initiative_id == bindparam("freed_by"))
            & Reservation.bound.in_(("goal", "project_cap", "award", "donor_cap", "same_card")),
        ),
    )
    .order_by(Reservation.reserved_at, Reservation.pledge_id)
    .limit(literal_column(str(WAITING_LOOKED_AT)))
)
_NEWEST_FIRST = (
    select(Reservation.pledge_id, Reservation.initiative_id, Reservation.card_fingerprint, Reservation.amount_cents)
    .where(
        Reservation.initiative_id == bindparam("initiative_id"),
        Reservation.state == "reserved",
        Reservation.amount_cents > 0,
    )
    .order_by(Reservation.reserved_at.desc(), Reservation.pledge_id.desc())
)


def given(session: Session, *, pledge_id: UUID) -> Given:
    """Return who gave a pledge, and what was reserved for it before. Ask it holding the pledge's lock."""
    return Given(*session.execute(_GIVEN, {"pledge_id": pledge_id}).one())


def standing(
    session: Session, *, initiative_id: UUID, pledge_id: UUID, person_id: UUID, card_fingerprint: str
) -> Standing:
    """Return where a campaign stands apart from this pledge, in one snapshot. Ask it under the pot's lock."""
    row = session.execute(
        _STANDING,
        {
            "initiative_id": initiative_id,
            "pledge_id": pledge_id,
            "person_id": person_id,
            "card_fingerprint": card_fingerprint,
        },
    ).one()
    crowd, award, card_of_another, held, held_by_donor = row
    return Standing(int(crowd), award, card_of_another, int(held), int(held_by_donor))


def waiting(session: Session, *, scheme_id: UUID, freed_by: UUID) -> list[Held]:
    """Return the oldest pledges of live campaigns that were matched short and may be helped by what came free."""
    return [Held(*row) for row in session.execute(_WAITING, {"scheme_id": scheme_id, "freed_by": freed_by})]


def newest_first(session: Session, *, initiative_id: UUID) -> list[Held]:
    """Return what is held for a campaign's pledges, the last one first."""
    return [Held(*row) for row in session.execute(_NEWEST_FIRST, {"initiative_id": initiative_id})]
