"""Reading waves: which run, what they lack, and how often people said yes before."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, literal, or_, select, text
from sqlalchemy.orm import Session

from matching.placements.models import Placement, Wave
from matching.placements.wave_rules import HISTORY, HISTORY_MOST, Answers, WaveFacts
from matching.roles.queries import ShiftLine

DUE_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveLine:
    """A wave as a board shows it."""

    id: UUID
    municipality_id: UUID
    shift_id: UUID
    started_at: datetime
    started_by: UUID | None
    rests_until: datetime | None
    ended_at: datetime | None
    ended_as: str | None


_LINE = select(
    Wave.id,
    Wave.municipality_id,
    Wave.shift_id,
    Wave.started_at,
    Wave.started_by,
    Wave.rests_until,
    Wave.ended_at,
    Wave.ended_as,
)
# An invitation has terms; a place offered to somebody on the waiting list has none. Each counts by its first answer.
_ANSWERS = text("""
WITH asked AS (
  SELECT p.id, s.initiative_id FROM placements p JOIN shifts s ON s.id = p.shift_id
  WHERE p.municipality_id = :municipality_id AND p.terms IS NOT NULL AND p.asked_at > :since
  ORDER BY p.asked_at DESC LIMIT :most
), answered AS (
  SELECT asked.initiative_id, (
    SELECT t.to_state FROM placement_transitions t
    WHERE t.placement_id = asked.id AND t.from_state = 'invited' ORDER BY t.id LIMIT 1
  ) AS answer FROM asked
)
SELECT count(*) FILTER (WHERE answer IN ('accepted','waitlisted')) AS yes,
  count(*) FILTER (WHERE answer IN ('declined','expired')) AS no,
  count(*) FILTER (WHERE answer IN ('accepted','waitlisted') AND initiative_id = :initiative_id) AS own_yes,
  count(*) FILTER (WHERE answer IN ('declined','expired') AND initiative_id = :initiative_id) AS own_no
FROM answered
""")


def running_wave(session: Session, *, shift_id: UUID) -> WaveLine | None:
    """Return the wave that runs for this shift."""
    row = session.execute(_LINE.where(Wave.shift_id == shift_id, Wave.ended_at.is_(None))).one_or_none()
    return WaveLine(**row._asdict()) if row else None


def last_wave(session: Session, *, shift_id: UUID) -> WaveLine | None:
    """Return the wave of this shift that was started last, whether it runs or ended."""
    row = session.execute(
        _LINE.where(Wave.shift_id == shift_id)
        .order_by(Wave.ended_at.desc().nulls_first(), Wave.id)
        .limit(literal(1, literal_execute=True))
    ).one_or_none()
    return WaveLine(**row._asdict()) if row else None


def due_waves(session: Session, *, now: datetime) -> list[UUID]:
    """Return shifts whose wave runs and does not rest, a bounded number; those with news first."""
    return list(
        session.scalars(
            select(Wave.shift_id)
            .where(Wave.ended_at.is_(None), or_(Wave.rests_until.is_(None), Wave.rests_until <= now))
            .order_by(Wave.rests_until.nulls_first(), Wave.started_at, Wave.id)
            .limit(DUE_AT_ONCE)
        )
    )


def wave_facts(session: Session, *, line: ShiftLine, now: datetime) -> WaveFacts:
    """Return what deciding about a wave needs. For a decision, hold the shift first."""
    row = session.execute(
        select(
            func.count().filter(Placement.origin == "own"),
            func.count().filter(Placement.origin == "asked"),
        ).where(Placement.shift_id == line.id, Placement.state == "invited")
    ).one()
    return WaveFacts(starts_at=line.starts_at, is_open=line.is_open(now), free=line.free, offered=row[0], asked=row[1])


def answers_before(
    session: Session, *, municipality_id: UUID, initiative_id: UUID, now: datetime
) -> tuple[Answers, Answers]:
    """Return what came of earlier invitations: of this initiative, and of all others here."""
    row = session.execute(
        _ANSWERS,
        {
            "municipality_id": municipality_id,
            "initiative_id": initiative_id,
            "since": now - HISTORY,
            "most": HISTORY_MOST,
        },
    ).one()
    return Answers(yes=row.own_yes, no=row.own_no), Answers(yes=row.yes - row.own_yes, no=row.no - row.own_no)
