"""Reading one line of another tool's file: what it says, what is wrong with it, and what to do about that. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from crowd.accounts.rules import NAME_LENGTH, address
from crowd.shared.errors import DomainError, Invalid, InvalidFields
from matching.moving.note_rules import (
    AddressLeftOut,
    AgeRounded,
    DayNotRead,
    ElsewherePostcode,
    Gone,
    InitiativeNotFound,
    KeptAsHistory,
    KeyTooLong,
    MomentNotRead,
    NameMade,
    NoKey,
    NoKeyOfOther,
    NoMoment,
    PlaceOfInitiative,
    PlaceUnknown,
    RoleNotKnown,
    TitleCut,
    TooYoung,
    UnknownWords,
)
from matching.moving.rules import Outcome, plain
from matching.moving.word_rules import is_whole, read_cells, read_clock, read_day, read_languages
from matching.roles import rules as roles
from matching.volunteers.rules import RADIUS_MAX, RADIUS_MIN, SKILLS_MAX, YOUNGEST, BadBirthDate, check_birth_date

_KEY_MAX: Final = 120
_PC4: Final = re.compile(r"([1-9]\d{3})\s*([A-Za-z]{2})?")
_YES: Final = frozenset({"true", "ja", "yes", "j", "y", "1", "waar", "x"})
_NO: Final = frozenset({"false", "nee", "no", "n", "0", "onwaar"})
# Whoever was turned away or left is not brought back by a file.
_GONE: Final = frozenset(
    {
        *("denied", "access denied", "refused", "rejected", "inactive", "archived", "deleted"),
        *("afgewezen", "geweigerd", "inactief", "uitgeschreven", "gearchiveerd", "verwijderd", "gestopt", "overleden"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolunteerLine:
    """A volunteer as a line says it. `cells` is 0 when it does not say when they are free: nobody asks them then."""

    key: str
    name: str
    email: str = ""
    pc4: str = ""
    radius_km: int = 5
    born_on: date | None = None
    languages: int = 0
    cells: int = 0
    skills: frozenset[int] = frozenset()
    is_paused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleLine:
    """A role as a line says it."""

    key: str
    initiative_id: UUID
    draft: roles.RoleDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleKnown:
    """A role that sessions can belong to."""

    id: UUID
    initiative_id: UUID
    is_remote: bool
    required_languages: int
    pc4: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """A session as a line says it; the moments are UTC."""

    key: str
    role: RoleKnown
    starts_at: datetime
    ends_at: datetime
    capacity: int
    minimum_crew: int
    pc4: str
    meeting_point: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """What lines are read against: postcodes, the words of skills in small letters, initiatives, roles, and the day."""

    now: datetime
    today: date
    pc4s: frozenset[str] = frozenset()
    skills: Mapping[str, int] = field(default_factory=dict)
    # By slug and by title in small letters; and the one chosen for the whole file.
    initiatives: Mapping[str, UUID] = field(default_factory=dict)
    initiative_id: UUID | None = None
    # By the other tool's number and by title, in small letters.
    roles: Mapping[str, RoleKnown] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One line: what will become of it, what there is to say about it, and what it holds when it can be kept."""

    number: int
    outcome: Outcome
    notes: tuple[DomainError, ...] = ()
    content: VolunteerLine | RoleLine | SessionLine | None = None


def read_volunteer(values: Mapping[str, str], town: Town) -> tuple[VolunteerLine, list[DomainError]]:
    """Return the volunteer of a line, with what to say about it.

    Raises Gone, TooYoung, NoKey, KeyTooLong, BadBirthDate.
    """
    if plain(values.get("status", "")) in _GONE:
        raise Gone(status=values["status"])
    age = values.get("age", "")
    if is_whole(age) and int(age) < YOUNGEST:
        raise TooYoung(age=int(age), least=YOUNGEST)
    notes: list[DomainError] = []
    key, email = _key_of(values), _email_of(values, notes)
    if not (key or email):
        raise NoKey
    born_on = _day(values.get("born_on", ""), notes)
    if born_on is not None:
        try:
            check_birth_date(born_on, today=town.today)
        except BadBirthDate:
            # Only too young keeps somebody out; a date in another century is a slip.
            if (town.today - born_on).days < YOUNGEST * 366:
                raise
            notes.append(DayNotRead(text=values["born_on"]))
            born_on = None
    words: list[str] = []
    languages = read_languages(values.get("languages", ""), words)
    cells = read_cells(values.get("cells", ""), words)
    skills = _skills(values.get("skills", ""), town, words, most=SKILLS_MAX)
    if words:
        notes.append(UnknownWords(words=", ".join(words)))
    radius = values.get("radius_km", "")
    return (
        VolunteerLine(
            key=key or email.lower(),
            name=_name_of(values, key, notes),
            email=email,
            pc4=_pc4(values.get("postcode", ""), town, notes),
            radius_km=min(max(int(radius), RADIUS_MIN), RADIUS_MAX) if is_whole(radius) else 5,
            born_on=born_on,
            languages=languages,
            cells=cells,
            skills=skills,
            is_paused=plain(values.get("may_ask", "")) in _NO,
        ),
        notes,
    )


def read_role(values: Mapping[str, str], town: Town) -> tuple[RoleLine, list[DomainError]]:
    """Return the role of a line. Raises NoKeyOfOther, InitiativeNotFound, and what is wrong with the role."""
    notes: list[DomainError] = []
    title, description = " ".join(values.get("title", "").split()), values.get("description", "").strip()
    if not title:
        raise NoKeyOfOther
    initiative_id = _initiative(values.get("initiative", ""), town)
    if len(title) > roles.TITLE_MAX:
        notes.append(TitleCut(most=roles.TITLE_MAX))
        description = f"{title}\n\n{description}".strip()
    words: list[str] = []
    skills = _skills(values.get("skills", ""), town, words, most=roles.SKILLS_MAX)
    if words:
        notes.append(UnknownWords(words=", ".join(words)))
    draft = roles.RoleDraft(
        title=title if len(title) <= roles.TITLE_MAX else f"{title[: roles.TITLE_MAX - 1].rstrip()}…",
        description=description[: roles.DESCRIPTION_MAX],
        desired_skills=skills,
        minimum_age=_minimum_age(values.get("minimum_age", ""), notes),
        is_remote=plain(values.get("is_remote", "")) in _YES,
    )
    key = _key_of(values) or f"{initiative_id}:{title.lower()}"[:_KEY_MAX]
    return RoleLine(key=key, initiative_id=initiative_id, draft=roles.clean_role(draft)), notes


def read_session(values: Mapping[str, str], town: Town) -> tuple[SessionLine, list[DomainError]]:
    """Return the session of a line. One of a day that has passed is kept as history.

    Raises RoleNotKnown, NoMoment, MomentNotRead, PlaceUnknown, KeyTooLong, and what `roles.rules.check_shift` does.
    """
    notes: list[DomainError] = []
    name = values.get("role", "")
    role = town.roles.get(name.lower())
    if role is None:
        raise RoleNotKnown(role=name or "-")
    on, starts, ends = _moments(values)
    capacity, crew = values.get("capacity", ""), values.get("minimum_crew", "")
    draft = roles.ShiftDraft(
        on=on,
        starts=starts,
        ends=ends,
        capacity=int(capacity) if is_whole(capacity) else 1,
        minimum_crew=int(crew) if is_whole(crew) else 1,
        meeting_point=values.get("meeting_point", "")[: roles.MEETING_POINT_MAX],
    )
    begins = datetime.combine(on, starts, tzinfo=UTC)
    is_over = on < town.today
    # Judged as it was on the day before it began, for what is over.
    starts_at, ends_at = roles.check_shift(draft, now=begins - timedelta(days=1) if is_over else town.now)
    if is_over:
        notes.append(KeptAsHistory())
    key = _key_of(values) or f"{role.id}:{starts_at.isoformat()}"
    return (
        SessionLine(
            key=key,
            role=role,
            starts_at=starts_at,
            ends_at=ends_at,
            capacity=draft.capacity,
            minimum_crew=draft.minimum_crew,
            pc4=_place(values.get("postcode", ""), role, town, notes, is_over=is_over),
            meeting_point=draft.meeting_point,
        ),
        notes,
    )


def said(error: DomainError) -> tuple[DomainError, ...]:
    """Return everything a refusal says, one by one."""
    return error.errors if isinstance(error, InvalidFields) else (error,)


def left_out(error: DomainError) -> Outcome:
    """Return what becomes of a line that was refused so: left out on purpose, or wrong."""
    return "left_out" if isinstance(error, Gone | TooYoung) else "refused"


def with_note(judged: Judged, note: DomainError, outcome: Outcome) -> Judged:
    """Return a line with one thing more to say."""
    return replace(judged, outcome=outcome, notes=(note, *judged.notes))


def _key_of(values: Mapping[str, str]) -> str:
    key = " ".join(values.get("key", "").split())
    if len(key) > _KEY_MAX:
        raise KeyTooLong(most=_KEY_MAX)
    return key


def _email_of(values: Mapping[str, str], notes: list[DomainError]) -> str:
    text = values.get("email", "")
    if not text:
        return ""
    try:
        return address(text)
    except Invalid:
        notes.append(AddressLeftOut())
        return ""


def _name_of(values: Mapping[str, str], key: str, notes: list[DomainError]) -> str:
    whole = values.get("name", "") or f"{values.get('first_name', '')} {values.get('last_name', '')}"
    name = " ".join(whole.split())[:NAME_LENGTH]
    if not name and key:
        name = f"Vrijwilliger {key}"[:NAME_LENGTH]
        notes.append(NameMade(name=name))
    return name


def _pc4(text: str, town: Town, notes: list[DomainError]) -> str:
    if not text:
        return ""
    found = _PC4.fullmatch(text)
    if found and found[1] in town.pc4s:
        return found[1]
    notes.append(ElsewherePostcode(postcode=text[:10]))
    return ""


def _place(text: str, role: RoleKnown, town: Town, notes: list[DomainError], *, is_over: bool) -> str:
    if role.is_remote:
        return ""
    found = _PC4.fullmatch(text)
    if found and found[1] in town.pc4s:
        return found[1]
    if role.pc4 and role.pc4 in town.pc4s:
        if text:
            notes.append(PlaceOfInitiative(postcode=text[:10]))
        return role.pc4
    if not is_over:
        raise PlaceUnknown(postcode=text[:10] or "-")
    return ""


def _initiative(text: str, town: Town) -> UUID:
    named = " ".join(text.lower().split())
    found = town.initiatives.get(named) if named else town.initiative_id
    if found is None:
        raise InitiativeNotFound(name=text or "-")
    return found


def _minimum_age(text: str, notes: list[DomainError]) -> int | None:
    if not is_whole(text) or int(text) == 0:
        return None
    asked = next((age for age in roles.AGES if age >= int(text)), roles.AGES[-1])
    if asked != int(text):
        notes.append(AgeRounded(age=int(text), asked=asked))
    return asked


def _moments(values: Mapping[str, str]) -> tuple[date, time, time]:
    on_text, starts_text = values.get("on", ""), values.get("starts", "")
    if not (on_text and starts_text):
        raise NoMoment
    on = read_day(on_text)
    if on is None:
        raise MomentNotRead(text=on_text[:20])
    starts = read_clock(starts_text)
    if values.get("ends"):
        return on, starts, read_clock(values["ends"])
    hours = values.get("hours", "").replace(",", ".")
    if not re.fullmatch(r"\d{1,2}(\.\d{1,2})?", hours):
        raise MomentNotRead(text=hours[:20] or "-")
    whole, _point, part = hours.partition(".")
    ends = datetime.combine(on, starts) + timedelta(hours=int(whole), minutes=int(part.ljust(2, "0") or 0) * 60 // 100)
    if ends.date() != on:
        raise roles.EndsBeforeItStarts(field="ends")
    return on, starts, ends.time()


def _day(text: str, notes: list[DomainError]) -> date | None:
    found = read_day(text) if text else None
    if text and found is None:
        notes.append(DayNotRead(text=text[:20]))
    return found


def _skills(text: str, town: Town, unknown: list[str], *, most: int) -> frozenset[int]:
    words = list(dict.fromkeys(" ".join(word.lower().split()) for word in re.split(r"[,;|\n]", text)))
    unknown += [word for word in words if word and word not in town.skills]
    return frozenset(list(dict.fromkeys(town.skills[word] for word in words if word in town.skills))[:most])
