"""Forms about helping: from what was typed to what the domain takes, keeping what was typed either way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Final
from uuid import UUID

from starlette.datastructures import FormData

from crowd.accounts.rules import BadAddress, BadName, address, person_name
from crowd.shared.errors import DomainError, Invalid, InvalidFields, msg
from frontend.launch_forms import read_day
from matching.roles.rules import DateMissing, RoleDraft, ShiftDraft, TimeMissing, check_people, clean_role
from matching.vocabulary.queries import SkillFacts
from matching.vocabulary.rules import CELLS, UnknownCell, language_mask
from matching.volunteers.rules import YOUNGEST, BadBirthDate, Profile, check_profile

_DIGITS_MAX: Final = 6
# What the buttons beside the week set at once, by what they send.
WEEK_PRESETS: Final[dict[str, frozenset[int]]] = {
    "workdays": frozenset(day * 3 + part for day in range(5) for part in (0, 1)),
    "evenings": frozenset(day * 3 + 2 for day in range(7)),
    "weekend": frozenset(day * 3 + part for day in (5, 6) for part in range(3)),
}


class NameMissing(Invalid):
    """Whoever meets you at the gate wants to know whom to expect."""

    sentence = msg("Fill in your name, so they know whom to expect.")


@dataclass(slots=True)
class Reader:
    """Reads fields one after another and remembers everything that is wrong, to say it all at once."""

    form: FormData
    errors: list[Invalid]

    def text(self, name: str) -> str:
        """Return a field as it was typed, without surrounding space."""
        value = self.form.get(name)
        return value.replace("\x00", "").strip() if isinstance(value, str) else ""

    def several(self, name: str) -> list[str]:
        """Return every value of a field that may come more than once."""
        return [value for value in self.form.getlist(name) if isinstance(value, str)]

    def whole(self, name: str) -> int:
        """Return a whole number; 0 when it is none, which every domain refuses where a number is asked."""
        typed = self.text(name)
        return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= _DIGITS_MAX else 0

    def day(self, name: str, wrong: Invalid, *, optional: bool = False) -> date | None:
        """Return a date, as the browser sends it or as people type it; None and a remembered error otherwise."""
        typed = self.text(name)
        if not typed and optional:
            return None
        try:
            found = read_day(typed)
        except ValueError:
            found = None
        if found is None:
            self.errors.append(wrong)
        return found

    def clock(self, name: str) -> time | None:
        """Return a time of day; 9:30, 09.30 and 0930 are the same. None and a remembered error otherwise."""
        typed = self.text(name).replace(".", ":")
        hours, colon, minutes = typed.partition(":") if ":" in typed else (typed[:-2], ":", typed[-2:])
        if colon and all(part.isascii() and part.isdecimal() and 1 <= len(part) <= 2 for part in (hours, minutes)):  # noqa: PLR2004  digits of an hour
            try:
                return time(int(hours), int(minutes))
            except ValueError:
                pass
        self.errors.append(TimeMissing(field=name))
        return None

    def done(self, also: Callable[[], object] = lambda: None) -> None:
        """Raise InvalidFields when something could not be read, together with what `also` finds wrong in the rest."""
        if not self.errors:
            return
        named = {error.field for error in self.errors}
        try:
            also()
        except Invalid as more:
            self.errors += [one for one in all_errors(more) if isinstance(one, Invalid) and one.field not in named]
        raise InvalidFields(tuple(self.errors))


def all_errors(error: DomainError) -> tuple[DomainError, ...]:
    """Return what is wrong, one by one."""
    return error.errors if isinstance(error, InvalidFields) else (error,)


def typed_values(form: FormData, *names: str) -> dict[str, str]:
    """Return what was typed in these fields, several values of one joined by commas."""
    return {name: ",".join(value for value in form.getlist(name) if isinstance(value, str)) for name in names}


def read_contact(form: FormData, *, asks_birth_date: bool) -> tuple[str, str, date | None]:
    """Return (name, address, date of birth) of somebody who signs up without account; raise InvalidFields."""
    reader = Reader(form, [])
    name = email = ""
    try:
        name = person_name(reader.text("name"))
        if not name:
            reader.errors.append(NameMissing(field="name"))
    except BadName as error:
        reader.errors.append(error)
    try:
        email = address(reader.text("email"))
    except BadAddress as error:
        reader.errors.append(error)
    born_on = read_birth_date(reader) if asks_birth_date else None
    reader.done()
    return name, email, born_on


def read_birth_date(reader: Reader, *, optional: bool = False) -> date | None:
    """Return a date of birth, which the domain judges further."""
    return reader.day("born_on", BadBirthDate(field="born_on", age=YOUNGEST), optional=optional)


def read_profile(
    form: FormData, *, skills: Mapping[str, SkillFacts], themes: Mapping[str, UUID], today: date
) -> Profile:
    """Return the profile that was filled in; raise InvalidFields when something could not be read."""
    reader = Reader(form, [])
    cells = read_cells(reader)
    profile = Profile(
        pc4="".join(reader.text("pc4").split())[:4],
        radius_km=reader.whole("radius_km"),
        languages=_languages(reader, "languages"),
        cells=sum(1 << cell for cell in cells),
        skills=read_skills(reader, skills),
        themes=frozenset(themes[slug] for slug in reader.several("themes") if slug in themes),
        born_on=read_birth_date(reader, optional=True),
        wants_at_most=reader.whole("wants_at_most"),
        is_paused=bool(reader.text("is_paused")),
    )
    reader.done(also=lambda: check_profile(profile, today=today))
    return profile


def read_cells(reader: Reader) -> frozenset[int]:
    """Return the chosen cells of the week, with those of the button that was pressed."""
    typed = reader.several("cells")
    if any(
        not (cell.isascii() and cell.isdecimal() and int(cell) < CELLS) for cell in typed if len(cell) <= _DIGITS_MAX
    ):
        reader.errors.append(UnknownCell(field="cells"))
        return frozenset()
    return frozenset(int(cell) for cell in typed if len(cell) <= _DIGITS_MAX) | WEEK_PRESETS.get(
        reader.text("act"), frozenset()
    )


def read_skills(reader: Reader, skills: Mapping[str, SkillFacts]) -> dict[int, int]:
    """Return skill id -> level of the chosen skills; one without a level is known well."""
    return {
        skills[slug].id: read_level(reader, slug) for slug in dict.fromkeys(reader.several("skills")) if slug in skills
    }


def read_level(reader: Reader, slug: str) -> int:
    """Return the level chosen for a skill."""
    return {"1": 1, "3": 3}.get(reader.text(f"level_{slug}"), 2)


def read_role(form: FormData, *, skills: Mapping[str, SkillFacts]) -> RoleDraft:
    """Return the role that was filled in; raise InvalidFields with what could not be read."""
    reader = Reader(form, [])
    age = reader.text("minimum_age")
    draft = RoleDraft(
        title=reader.text("title"),
        description=reader.text("description"),
        required_skills=frozenset(skills[one].id for one in reader.several("required_skills") if one in skills),
        desired_skills=frozenset(skills[one].id for one in reader.several("desired_skills") if one in skills),
        required_languages=_languages(reader, "required_languages"),
        desired_languages=_languages(reader, "desired_languages"),
        # Anything that is no age from the list is refused by the domain, with its own sentence.
        minimum_age=(int(age) if age.isascii() and age.isdecimal() and len(age) < _DIGITS_MAX else 0) if age else None,
        needs_credential=reader.text("needs_credential") or None,
        is_remote=bool(reader.text("is_remote")),
    )
    reader.done(also=lambda: clean_role(draft))
    return draft


def read_shift(form: FormData) -> ShiftDraft:
    """Return the shift that was filled in; raise InvalidFields with what could not be read."""
    reader = Reader(form, [])
    on, starts, ends = reader.day("on", DateMissing(field="on")), reader.clock("starts"), reader.clock("ends")
    capacity, minimum_crew, meeting_point = read_people(reader)
    reader.done(also=lambda: check_people(capacity=capacity, minimum_crew=minimum_crew, filled=0))
    return ShiftDraft(
        on=on or date.min,
        starts=starts or time.min,
        ends=ends or time.min,
        capacity=capacity,
        minimum_crew=minimum_crew,
        pc4="".join(reader.text("pc4").split())[:4],
        meeting_point=meeting_point,
    )


def read_people(reader: Reader) -> tuple[int, int, str]:
    """Return (places, least number of people, where they meet) of a shift's form."""
    # Left empty, one person is enough for it to go on.
    crew = reader.whole("minimum_crew") if reader.text("minimum_crew") else 1
    return reader.whole("capacity"), crew, reader.text("meeting_point")


def _languages(reader: Reader, name: str) -> int:
    try:
        return language_mask(reader.several(name))
    except Invalid as error:
        error.field = name
        reader.errors.append(error)
        return 0
