"""What will become of each line of a file: for the preview, and again at the moment of doing it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from crowd.shared.errors import DomainError
from matching.moving import queries
from matching.moving.line_rules import (
    Judged,
    RoleLine,
    SessionLine,
    Town,
    VolunteerLine,
    left_out,
    read_role,
    read_session,
    read_volunteer,
    said,
    with_note,
)
from matching.moving.note_rules import SameAsLine, Torn
from matching.moving.queries import ImportFacts
from matching.moving.rules import Kind, Line, values_of
from matching.roles.rules import SHIFTS_MAX, TooManyShifts

_Content = VolunteerLine | RoleLine | SessionLine
_READERS: Mapping[Kind, Callable[[Mapping[str, str], Town], tuple[_Content, list[DomainError]]]] = {
    "volunteers": read_volunteer,
    "roles": read_role,
    "sessions": read_session,
}


def judge(session: Session, *, facts: ImportFacts, now: datetime) -> list[Judged]:
    """Return every line of the file with what will become of it, in the file's order. Writes nothing."""
    town = queries.town(session, facts=facts, now=now)
    read = [_read(line, facts, town) for line in facts.lines]
    contents = [one.content for one in read if one.content is not None]
    known = set(queries.known_keys(session, facts=facts, keys=[content.key for content in contents]))
    emails = {one.email.lower() for one in contents if isinstance(one, VolunteerLine) and one.email}
    known |= _helping_already(session, facts=facts, emails=emails)
    judged = _known_or_new(read, known)
    return _within_limits(session, judged) if facts.kind == "sessions" else judged


def _read(line: Line, facts: ImportFacts, town: Town) -> Judged:
    if any(value.strip() for value in line.values[len(facts.headers) :]):
        return Judged(number=line.number, outcome="refused", notes=(Torn(),))
    try:
        values = values_of(line, headers=facts.headers, mapping=facts.mapping)
        content, notes = _READERS[facts.kind](values, town)
    except DomainError as error:
        return Judged(number=line.number, outcome=left_out(error), notes=said(error))
    return Judged(number=line.number, outcome="new", notes=tuple(notes), content=content)


def _helping_already(session: Session, *, facts: ImportFacts, emails: set[str]) -> set[str]:
    people = queries.people_with(session, municipality_id=facts.municipality_id, emails=emails)
    helping = queries.volunteers_among(session, people=people.values())
    return {email for email, person in people.items() if person in helping}


def _known_or_new(read: Sequence[Judged], known: set[str]) -> list[Judged]:
    """Tell what is known from what is new; of two lines with the same number or address the first counts."""
    first: dict[str, int] = {}
    judged = []
    for one in read:
        names = _names(one.content)
        same = next((first[name] for name in names if name in first), None)
        if same is not None:
            judged.append(with_note(one, SameAsLine(line=same), "known"))
            continue
        first.update(dict.fromkeys(names, one.number))
        judged.append(replace(one, outcome="known") if any(name in known for name in names) else one)
    return judged


def _names(content: VolunteerLine | RoleLine | SessionLine | None) -> tuple[str, ...]:
    """Return everything a line is known by."""
    if content is None:
        return ()
    if isinstance(content, VolunteerLine) and content.email:
        return tuple(dict.fromkeys((content.key, content.email.lower())))
    return (content.key,)


def _within_limits(session: Session, judged: Sequence[Judged]) -> list[Judged]:
    initiatives = {one.content.role.initiative_id for one in judged if isinstance(one.content, SessionLine)}
    planned = queries.shift_counts(session, initiatives=list(initiatives))
    within = []
    for one in judged:
        if one.outcome == "new" and isinstance(one.content, SessionLine):
            of = one.content.role.initiative_id
            planned[of] = planned.get(of, 0) + 1
            if planned[of] > SHIFTS_MAX:
                within.append(with_note(one, TooManyShifts(most=SHIFTS_MAX), "refused"))
                continue
        within.append(one)
    return within
