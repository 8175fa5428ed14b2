"""Reading placements, and both sides as scoring sees them. The top tens stand in `suggestions.py`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Select, bindparam, func, literal, select, text
from sqlalchemy.orm import Session

from crowd.accounts.models import Person
from crowd.municipalities.rules import Place
from matching.placements.models import MatchPolicy, Placement, PlacementTransition
from matching.placements.rules import AWAITS, OCCUPIES, WEEK, Openness, PlacementNotFound
from matching.placements.score import QUARTER, Policy, ShiftSide, VolunteerSide

_begins = func.lower(Placement.during, type_=DateTime(timezone=True))
_ends = func.upper(Placement.during, type_=DateTime(timezone=True))
DUE_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacementFacts:
    """A placement as doors and mails need it."""

    id: UUID
    municipality_id: UUID
    volunteer_id: UUID
    shift_id: UUID
    state: str
    origin: str
    locale: str
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    changed_at: datetime
    expires_at: datetime | None
    asked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnShift:
    """A person on a shift's list, as the initiator sees it. `email` is theirs to see once the person said yes."""

    placement_id: UUID
    person_id: UUID
    state: str
    origin: str
    name: str
    email: str
    changed_at: datetime
    expires_at: datetime | None


_FACTS: Select[*tuple[Any, ...]] = select(
    Placement.id,
    Placement.municipality_id,
    Placement.volunteer_id,
    Placement.shift_id,
    Placement.state,
    Placement.origin,
    Placement.locale,
    _begins.label("starts_at"),
    _ends.label("ends_at"),
    Placement.created_at,
    Placement.changed_at,
    Placement.expires_at,
    Placement.asked_at,
)
_ONE = _FACTS.where(Placement.id == bindparam("placement_id"))


def placement(session: Session, *, placement_id: UUID) -> PlacementFacts:
    """Return one placement; raise PlacementNotFound."""
    row = session.execute(_ONE, {"placement_id": placement_id}).one_or_none()
    if row is None:
        raise PlacementNotFound
    return PlacementFacts(**row._asdict())


def placement_of(session: Session, *, volunteer_id: UUID, shift_id: UUID) -> PlacementFacts | None:
    """Return this person's placement on this shift, in whatever state."""
    row = session.execute(
        _FACTS.where(Placement.volunteer_id == volunteer_id, Placement.shift_id == shift_id)
    ).one_or_none()
    return PlacementFacts(**row._asdict()) if row else None


def placements_of(session: Session, *, volunteer_id: UUID) -> list[PlacementFacts]:
    """Return this person's last hundred placements, the latest shift first."""
    rows = session.execute(
        _FACTS.where(Placement.volunteer_id == volunteer_id).order_by(_begins.desc(), Placement.id).limit(100)
    )
    return [PlacementFacts(**row._asdict()) for row in rows]


def on_shifts(session: Session, *, shift_ids: Collection[UUID]) -> dict[UUID, list[OnShift]]:
    """Return who stands on the lists of these shifts, by shift, in the order in which they came there."""
    rows = session.execute(
        select(
            Placement.shift_id,
            Placement.id.label("placement_id"),
            Placement.volunteer_id.label("person_id"),
            Placement.state,
            Placement.origin,
            Person.name,
            Person.email,
            Placement.changed_at,
            Placement.expires_at,
        )
        .join(Person, Person.id == Placement.volunteer_id)
        .where(Placement.shift_id.in_(shift_ids))
        .order_by(Placement.created_at, Placement.id)
    )
    found: dict[UUID, list[OnShift]] = {}
    for row in rows:
        fields = row._asdict()
        found.setdefault(fields.pop("shift_id"), []).append(OnShift(**fields))
    return found


def state_before(session: Session, *, placement_id: UUID) -> str | None:
    """Return the state a placement had before the one it is in."""
    return session.execute(
        select(PlacementTransition.from_state)
        .where(PlacementTransition.placement_id == placement_id)
        .order_by(PlacementTransition.id.desc())
        .limit(literal(1, literal_execute=True))
    ).scalar_one_or_none()


def has_expired(session: Session, *, now: datetime) -> list[UUID]:
    """Return a bounded number of placements whose time to answer has passed, the longest overdue first."""
    return list(
        session.scalars(
            select(Placement.id)
            .where(Placement.state.in_(sorted(AWAITS)), Placement.expires_at <= now)
            .order_by(Placement.expires_at, Placement.id)
            .limit(DUE_AT_ONCE)
        )
    )


def has_ended(session: Session, *, now: datetime) -> list[UUID]:
    """Return a bounded number of placements whose shift has ended and of which nobody said how it went."""
    return list(
        session.scalars(
            select(Placement.id)
            .where(Placement.state.in_(sorted(OCCUPIES)), _ends <= now)
            .order_by(_ends, Placement.id)
            .limit(DUE_AT_ONCE)
        )
    )


def counts(session: Session, *, municipality_id: UUID) -> dict[str, int]:
    """Return how many placements are in each state that occurs."""
    rows = session.execute(
        select(Placement.state, func.count())
        .where(Placement.municipality_id == municipality_id)
        .group_by(Placement.state)
    )
    return {state: count for state, count in rows}  # noqa: C416  a row is no pair to mypy


def next_waiting(session: Session, *, shift_id: UUID) -> UUID | None:
    """Return who waits longest for a place on this shift."""
    return session.execute(
        select(Placement.id)
        .where(Placement.shift_id == shift_id, Placement.state == "waitlisted")
        .order_by(Placement.changed_at, Placement.id)
        .limit(literal(1, literal_execute=True))
    ).scalar_one_or_none()


def offered(session: Session, *, shift_id: UUID) -> int:
    """Return how many people from the waiting list have a place offered to them at this moment."""
    return session.execute(
        select(func.count())
        .select_from(Placement)
        .where(Placement.shift_id == shift_id, Placement.state == "invited", Placement.origin == "own")
    ).scalar_one()


def openness(session: Session, *, volunteer_id: UUID, now: datetime) -> Openness:
    """Return how often this person is being asked."""
    row = session.execute(
        select(
            func.count().filter(Placement.state == "invited"),
            func.count().filter(Placement.asked_at > now - WEEK),
        ).where(Placement.volunteer_id == volunteer_id)
    ).one()
    return Openness(open_invitations=row[0], this_week=row[1])


def policy(session: Session) -> Policy:
    """Return the weights that count now: the highest version, or our own while nobody decided otherwise."""
    row = session.execute(
        select(
            MatchPolicy.version,
            MatchPolicy.skills,
            MatchPolicy.distance,
            MatchPolicy.interest,
            MatchPolicy.fairness,
            MatchPolicy.need,
            MatchPolicy.language,
            MatchPolicy.decay_metres,
        )
        .order_by(MatchPolicy.version.desc())
        .limit(literal(1, literal_execute=True))
    ).one_or_none()
    return Policy(**row._asdict()) if row else Policy()


_VOLUNTEER_SIDE = text("""
SELECT v.municipality_id, v.home[0]::int AS east, v.home[1]::int AS north, v.radius_km, v.offers, v.languages,
  v.wants_at_most, v.born_on,
  coalesce((SELECT json_object_agg(skill_id, level) FROM volunteer_skills WHERE volunteer_id = v.person_id), '{}')
    AS skills,
  ARRAY(SELECT theme_id FROM volunteer_themes WHERE volunteer_id = v.person_id) AS themes,
  coalesce((
    SELECT json_object_agg(kind, valid_until) FROM volunteer_credentials WHERE volunteer_id = v.person_id
  ), '{}') AS credentials
FROM volunteers v WHERE v.person_id = :volunteer_id
""")
_SHIFT_SIDE = text("""
SELECT s.id, s.municipality_id, i.state AS initiative_state, s.cancelled_at IS NOT NULL AS is_cancelled,
  s.place[0]::int AS east, s.place[1]::int AS north, lower(s.during) AS starts_at, upper(s.during) AS ends_at,
  s.capacity, s.filled, s.asks, r.required_languages | r.desired_languages AS asked_languages, i.theme_id,
  r.minimum_age, r.needs_credential,
  coalesce((SELECT json_object_agg(skill_id, is_required) FROM role_skills WHERE role_id = r.id), '{}') AS skills
FROM shifts s JOIN roles r ON r.id = s.role_id JOIN initiatives i ON i.id = s.initiative_id
WHERE s.id = :shift_id
""")


def volunteer_side(session: Session, *, volunteer_id: UUID, now: datetime) -> VolunteerSide | None:
    """Return a volunteer as `score.py` sees one; None for somebody who never helped nor wrote a profile."""
    row = session.execute(_VOLUNTEER_SIDE, {"volunteer_id": volunteer_id}).one_or_none()
    if row is None:
        return None
    placed = session.execute(
        select(Placement.shift_id, Placement.state, _begins, _ends).where(Placement.volunteer_id == volunteer_id)
    ).all()
    busy = [(begin, end) for _, state, begin, end in placed if state in OCCUPIES]
    counted = {*OCCUPIES, "completed"}
    return VolunteerSide(
        municipality_id=row.municipality_id,
        home=None if row.east is None else Place(east=row.east, north=row.north),
        reach_metres=row.radius_km * 1000,
        offers=row.offers,
        languages=row.languages,
        wants_at_most=row.wants_at_most,
        upcoming=sum(1 for _, end in busy if end > now),
        recent=sum(1 for _, state, begin, _ in placed if state in counted and begin >= now - QUARTER),
        born_on=row.born_on,
        skills={int(skill): level for skill, level in row.skills.items()},
        themes=frozenset(row.themes),
        credentials={kind: date.fromisoformat(day) if day else None for kind, day in row.credentials.items()},
        busy=tuple(busy),
        known=frozenset(shift_id for shift_id, *_ in placed),
    )


def shift_side(session: Session, *, shift_id: UUID) -> ShiftSide | None:
    """Return a shift as `score.py` sees one; None when there is none."""
    row = session.execute(_SHIFT_SIDE, {"shift_id": shift_id}).one_or_none()
    if row is None:
        return None
    fields = row._asdict()
    east, north, skills = fields.pop("east"), fields.pop("north"), fields.pop("skills")
    return ShiftSide(
        **fields,
        place=None if east is None else Place(east=east, north=north),
        skills={int(skill): bool(required) for skill, required in skills.items()},
    )


_OVERFULL = text(
    """
    SELECT count(*) FROM shifts s WHERE s.municipality_id = :municipality_id AND s.capacity < (
        SELECT count(*) FROM placements p
        WHERE p.shift_id = s.id AND p.state IN ('accepted', 'checked_in', 'completed', 'no_show'))
    """
)
_OVERLAPS = text(
    """
    SELECT count(*) FROM placements one JOIN placements other
        ON other.volunteer_id = one.volunteer_id AND other.id > one.id AND other.during && one.during
        AND other.state IN ('accepted', 'checked_in', 'completed', 'no_show')
    WHERE one.municipality_id = :municipality_id
        AND one.state IN ('accepted', 'checked_in', 'completed', 'no_show')
    """
)


def overfull_shifts(session: Session, *, municipality_id: UUID) -> int:
    """Return how many shifts have more people than places, counted person by person: 0, or something is broken."""
    return int(session.execute(_OVERFULL, {"municipality_id": municipality_id}).scalar_one())


def overlaps(session: Session, *, municipality_id: UUID) -> int:
    """Return how many pairs of placements have one person in two places at once: 0, or something is broken."""
    return int(session.execute(_OVERLAPS, {"municipality_id": municipality_id}).scalar_one())
