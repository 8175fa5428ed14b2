"""From shifts as the domain knows them to shifts as pages show them."""

from datetime import datetime
from typing import Literal

from frontend.formats import Language
from frontend.views.initiatives import Shift
from frontend.views.volunteering import Closed, Fit, ShiftCard
from matching.placements.score import Failure, Score
from matching.roles.queries import ShiftLine

SHIFTS = "/meehelpen"


def shift_card(line: ShiftLine, language: Language, *, now: datetime, href: str = "") -> ShiftCard:
    """Return the shift in the reader's language; without `href` it leads to its own public page."""
    theme = line.theme_en if language == "en" else line.theme_nl
    return ShiftCard(
        id=str(line.id),
        href=href or f"{SHIFTS}/{line.id}",
        role=line.role_title,
        initiative=line.initiative_title,
        initiative_href=f"/initiatieven/{line.initiative_slug}",
        theme=theme or "",
        neighbourhood=line.neighbourhood or "",
        starts_at=line.starts_at,
        ends_at=line.ends_at,
        place=line.meeting_point or line.pc4 or "",
        is_remote=line.is_remote,
        free=line.free,
        places=line.capacity,
        minimum_age=line.minimum_age,
        needs_credential=line.needs_credential,
        closed=_closed(line, now),
    )


def page_shift(line: ShiftLine) -> Shift:
    """Return the shift as the page of its initiative lists it; a full one leads to the waiting list."""
    return Shift(
        role=line.role_title,
        starts_at=line.starts_at,
        ends_at=line.ends_at,
        place=line.meeting_point,
        places_free=line.free,
        places=line.capacity,
        href=f"{SHIFTS}/{line.id}",
    )


def fit_view(score: Score, *, failures: tuple[Failure, ...] = (), skills: tuple[tuple[int, str], ...] = ()) -> Fit:
    """Return a score for a page."""
    return Fit(total=score.total, terms=score.terms, failures=failures, skills=skills)


def expected(line: ShiftLine) -> Literal["accepted", "applied", "waitlisted"]:
    """Return what somebody nobody knows would get on this shift."""
    return "applied" if line.needs_credential else "accepted" if line.free else "waitlisted"


def _closed(line: ShiftLine, now: datetime) -> Closed:
    if line.cancelled_at is not None:
        return "cancelled"
    if line.starts_at <= now:
        return "over"
    return "" if line.is_open(now) else "stopped"
