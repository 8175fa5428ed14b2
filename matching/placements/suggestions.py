"""The ten best shifts for a volunteer, and the ten best volunteers for a shift: one statement each, all in PostgreSQL.

The arithmetic is that of `score.py`, term by term; a test compares order and terms over random data. Places are
sought by the GiST indexes (`shifts.place` within somebody's circle, somebody's circle around a place), the week
and the languages by one comparison of masks.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from matching.placements.rules import OPEN_INVITATIONS_MAX, WEEK, WEEK_INVITATIONS_MAX
from matching.placements.score import (
    CALM,
    CALM_HOURS,
    CREDIT,
    FAIR_SHARE,
    FULL,
    QUARTER,
    URGENT_HOURS,
    Policy,
    Score,
    Term,
)

TOP: Final = 10


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A shift for a volunteer, or a volunteer for a shift, and why. `id` is the shift's or the person's."""

    id: UUID
    score: Score


_CREDIT = f"(ARRAY[{CREDIT[1]},{CREDIT[2]},{CREDIT[3]}])"
_WEIGHTS = """
weights AS (
  SELECT CAST(:skills AS int) AS skills, CAST(:distance AS int) AS distance, CAST(:interest AS int) AS interest,
    CAST(:fairness AS int) AS fairness, CAST(:need AS int) AS need, CAST(:language AS int) AS language,
    CAST(:decay_metres AS double precision) AS decay_metres
)
"""
# Both statements name the sides alike: w weights, v volunteer, s shift, r role, i initiative.
_TERMS = f"""
  CASE WHEN skill.asked = 0 THEN w.skills / 2 ELSE w.skills * skill.worth / (100 * skill.asked) END AS skill_points,
  CASE WHEN s.place IS NULL THEN w.distance
       ELSE round(w.distance * exp(-far.metres / w.decay_metres))::int END AS distance_points,
  CASE WHEN NOT likes.is_known THEN w.interest / 2 WHEN likes.it THEN w.interest ELSE 0 END AS interest_points,
  w.fairness * greatest(0, {FAIR_SHARE} - load.recent) / {FAIR_SHARE} AS fairness_points,
  w.need * (s.capacity - s.filled)::int
    * ({FULL} - least(greatest(ahead.hours - {URGENT_HOURS}, 0), {CALM_HOURS - URGENT_HOURS})
       * {FULL - CALM} / {CALM_HOURS - URGENT_HOURS})
    / (s.capacity::int * {FULL}) AS need_points,
  CASE WHEN spoken.asked = 0 THEN w.language ELSE w.language * spoken.have / spoken.asked END AS language_points,
  skill.asked AS skills_asked, skill.have AS skills_have, far.metres, likes.it AS likes, likes.is_known, load.recent,
  (s.capacity - s.filled)::int AS free, s.capacity::int AS capacity, ahead.hours,
  spoken.asked AS languages_asked, spoken.have AS languages_have
"""
_MEASURES = """
CROSS JOIN LATERAL (
  SELECT CASE WHEN s.place IS NOT NULL THEN round(sqrt(
    (s.place[0] - v.home[0]) * (s.place[0] - v.home[0]) + (s.place[1] - v.home[1]) * (s.place[1] - v.home[1])
  ))::int END AS metres
) far
CROSS JOIN LATERAL (
  SELECT bit_count((r.required_languages | r.desired_languages)::bit(64))::int AS asked,
         bit_count(((r.required_languages | r.desired_languages) & v.languages)::bit(64))::int AS have
) spoken
CROSS JOIN LATERAL (
  SELECT greatest(0, floor(extract(epoch FROM lower(s.during) - CAST(:now AS timestamptz)) / 3600))::int AS hours,
         (lower(s.during) AT TIME ZONE 'Europe/Amsterdam')::date AS day
) ahead
CROSS JOIN LATERAL (
  SELECT coalesce(bool_or(t.theme_id = i.theme_id), false) AS it,
         count(*) > 0 AND i.theme_id IS NOT NULL AS is_known
  FROM volunteer_themes t WHERE t.volunteer_id = v.person_id
) likes
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE p.state IN ('accepted','checked_in') AND upper(p.during) > :now)::int AS upcoming,
         count(*) FILTER (WHERE p.state IN ('accepted','checked_in','completed') AND lower(p.during) >= :since)::int
           AS recent,
         count(*) FILTER (WHERE p.state = 'invited')::int AS invited,
         count(*) FILTER (WHERE p.asked_at > :week_ago)::int AS asked_this_week,
         max(p.asked_at) AS last_asked_at
  FROM placements p WHERE p.volunteer_id = v.person_id
) load
"""
_POSSIBLE = """
  s.cancelled_at IS NULL AND lower(s.during) > :now AND s.filled < s.capacity
  AND i.state IN ('live','collecting','near_miss','funded')
  AND v.offers & s.asks = s.asks
  AND (s.place IS NULL OR far.metres <= v.radius_km * 1000)
  AND load.upcoming < v.wants_at_most
  AND skill.meets
  AND (r.minimum_age IS NULL OR extract(year FROM age(ahead.day::timestamp, v.born_on::timestamp)) >= r.minimum_age)
  AND (r.needs_credential IS NULL OR EXISTS (
    SELECT FROM volunteer_credentials c WHERE c.volunteer_id = v.person_id AND c.kind = r.needs_credential
      AND (c.valid_until IS NULL OR c.valid_until >= ahead.day)))
  AND NOT EXISTS (
    SELECT FROM placements p WHERE p.volunteer_id = v.person_id
      AND (p.shift_id = s.id OR (p.state IN ('accepted','checked_in') AND p.during && s.during)))
"""
_TOTAL = "skill_points + distance_points + interest_points + fairness_points + need_points + language_points"
_SHIFTS = f"""
WITH {_WEIGHTS}, me AS MATERIALIZED (
  SELECT * FROM volunteers WHERE person_id = :volunteer_id AND home IS NOT NULL
), own AS (
  SELECT skill_id, {_CREDIT}[level] AS credit FROM volunteer_skills WHERE volunteer_id = :volunteer_id
), credit AS MATERIALIZED (
  SELECT skill_id, max(credit) AS credit, bool_or(meets) AS meets FROM (
    SELECT skill_id, credit, true AS meets FROM own
    UNION ALL SELECT k.parent_id, credit, true FROM own JOIN skills k ON k.id = own.skill_id
    WHERE k.parent_id IS NOT NULL
    UNION ALL SELECT k.id, credit / 2, false FROM own JOIN skills k ON k.parent_id = own.skill_id
  ) worth GROUP BY skill_id
), found AS (
  SELECT s.id, {_TERMS}, lower(s.during) AS starts_at
  FROM weights w CROSS JOIN me v
  JOIN shifts s ON s.municipality_id = v.municipality_id AND (s.place IS NULL OR s.place <@ v.reach)
  JOIN roles r ON r.id = s.role_id
  JOIN initiatives i ON i.id = s.initiative_id
  {_MEASURES}
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS asked, coalesce(sum(c.credit), 0)::int AS worth, count(c.credit)::int AS have,
           coalesce(bool_and(c.meets IS TRUE) FILTER (WHERE k.is_required), true) AS meets
    FROM role_skills k LEFT JOIN credit c ON c.skill_id = k.skill_id WHERE k.role_id = s.role_id
  ) skill
  WHERE {_POSSIBLE}
)
SELECT * FROM found ORDER BY {_TOTAL} DESC, starts_at, id LIMIT {TOP}
"""  # noqa: S608  only this file's own constants are put together
_VOLUNTEERS = f"""
WITH {_WEIGHTS}, it AS MATERIALIZED (
  SELECT * FROM shifts WHERE id = :shift_id
), wanted AS MATERIALIZED (
  SELECT k.skill_id AS asked, k.is_required, counts.skill_id, counts.divisor, counts.meets
  FROM it JOIN role_skills k ON k.role_id = it.role_id
  CROSS JOIN LATERAL (
    SELECT k.skill_id, 1 AS divisor, true AS meets
    UNION ALL SELECT narrower.id, 1, true FROM skills narrower WHERE narrower.parent_id = k.skill_id
    UNION ALL SELECT own.parent_id, 2, false FROM skills own WHERE own.id = k.skill_id AND own.parent_id IS NOT NULL
  ) counts
), found AS (
  SELECT v.person_id AS id, {_TERMS}, load.last_asked_at
  FROM weights w CROSS JOIN it s
  JOIN roles r ON r.id = s.role_id
  JOIN initiatives i ON i.id = s.initiative_id
  JOIN volunteers v ON v.municipality_id = s.municipality_id AND v.home IS NOT NULL
    AND (s.place IS NULL OR v.reach @> circle(s.place, 0))
  {_MEASURES}
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS asked, coalesce(sum(best.credit), 0)::int AS worth, count(best.credit)::int AS have,
           coalesce(bool_and(best.meets) FILTER (WHERE best.is_required), true) AS meets
    FROM (
      SELECT wanted.asked, wanted.is_required, max({_CREDIT}[have.level] / wanted.divisor) AS credit,
             bool_or(wanted.meets AND have.level IS NOT NULL) AS meets
      FROM wanted LEFT JOIN volunteer_skills have
        ON have.volunteer_id = v.person_id AND have.skill_id = wanted.skill_id
      GROUP BY wanted.asked, wanted.is_required
    ) best
  ) skill
  WHERE {_POSSIBLE} AND load.invited < {OPEN_INVITATIONS_MAX} AND load.asked_this_week < {WEEK_INVITATIONS_MAX}
)
SELECT * FROM found ORDER BY {_TOTAL} DESC, last_asked_at NULLS FIRST, id LIMIT {TOP}
"""  # noqa: S608  only this file's own constants are put together
_FIND_SHIFTS = text(_SHIFTS)
_FIND_VOLUNTEERS = text(_VOLUNTEERS)


def shifts_for(session: Session, *, volunteer_id: UUID, policy: Policy, now: datetime) -> list[Suggestion]:
    """Return the ten open shifts that fit this volunteer best, best first; ties go to the sooner shift.

    Only what breaks no hard constraint; nothing for somebody without a profile.
    """
    found = session.execute(_FIND_SHIFTS, {"volunteer_id": volunteer_id, **_parameters(policy, now)})
    return [Suggestion(row.id, _score(row, policy)) for row in found]


def volunteers_for(session: Session, *, shift_id: UUID, policy: Policy, now: datetime) -> list[Suggestion]:
    """Return the ten volunteers who fit this shift best, best first; ties go to who was asked longest ago.

    Leaves out who stands on the shift's list already, whatever they answered, and who was asked enough this week.
    """
    found = session.execute(_FIND_VOLUNTEERS, {"shift_id": shift_id, **_parameters(policy, now)})
    return [Suggestion(row.id, _score(row, policy)) for row in found]


def _parameters(policy: Policy, now: datetime) -> dict[str, Any]:
    return {**asdict(policy), "now": now, "since": now - QUARTER, "week_ago": now - WEEK}


def _score(row: Row[Any], policy: Policy) -> Score:
    return Score(
        (
            Term("skills", row.skill_points, policy.skills, {"asked": row.skills_asked, "have": row.skills_have}),
            Term("distance", row.distance_points, policy.distance, {"metres": row.metres}),
            Term("interest", row.interest_points, policy.interest, {"likes": row.likes, "is_known": row.is_known}),
            Term("fairness", row.fairness_points, policy.fairness, {"recent": row.recent}),
            Term(
                "need", row.need_points, policy.need, {"free": row.free, "capacity": row.capacity, "hours": row.hours}
            ),
            Term(
                "language",
                row.language_points,
                policy.language,
                {"asked": row.languages_asked, "have": row.languages_have},
            ),
        )
    )
