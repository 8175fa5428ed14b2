"""What a volunteer's profile may say. Pure."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from crowd.shared.errors import Invalid, InvalidFields, NotFound, msg
from matching.vocabulary.rules import ALL_CELLS, LEVELS, UnknownCell, UnknownSkill

SKILLS_MAX: Final = 20
THEMES_MAX: Final = 10
RADIUS_MIN: Final = 1
RADIUS_MAX: Final = 100
WANTS_MAX: Final = 20
_OLDEST: Final = 120
# Younger people need their parents' consent, which this counter does not arrange.
YOUNGEST: Final = 12


class VolunteerNotFound(NotFound):
    """There is no such volunteer."""

    sentence = msg("We cannot find this volunteer.")


class UnknownPostcode(Invalid):
    """Not a postcode area of this municipality."""

    sentence = msg("Fill in the four digits of your postcode, for example {example}.")


class BadRadius(Invalid):
    """No distance, or the other end of the country."""

    sentence = msg("Fill in how far you want to travel: from {least} to {most} kilometres.")


class BadWish(Invalid):
    """No placements, or more than anybody can do."""

    sentence = msg("Fill in how many shifts you want at most at a time: from 1 to {most}.")


class NoTime(Invalid):
    """Somebody who is never free cannot be suggested anything."""

    sentence = msg("Choose at least one part of the week in which you are usually free.")


class NoLanguage(Invalid):
    """Everybody speaks something."""

    sentence = msg("Choose at least one language you speak.")


class BadBirthDate(Invalid):
    """In the future, in another century, or too young."""

    sentence = msg("Fill in your date of birth, for example 31-12-1990. You must be at least {age} years old.")


class TooManyThemes(Invalid):
    """More interests than can be called interests."""

    sentence = msg("Choose at most {most} subjects.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A profile as it was filled in. `skills` is skill id -> level; `cells` and `languages` are masks."""

    pc4: str
    radius_km: int
    languages: int
    cells: int
    skills: dict[int, int] = field(default_factory=dict)
    themes: frozenset[UUID] = frozenset()
    born_on: date | None = None
    wants_at_most: int = 2
    is_paused: bool = False


def check_profile(profile: Profile, *, today: date) -> None:
    """Return when the profile can be stored; else raise the one thing that is wrong, or InvalidFields with all."""
    errors = [*_wrong_limits(profile), *_wrong_choices(profile)]
    if profile.born_on is not None:
        try:
            check_birth_date(profile.born_on, today=today)
        except BadBirthDate as error:
            errors.append(error)
    if errors:
        raise errors[0] if len(errors) == 1 else InvalidFields(tuple(errors))


def check_birth_date(born_on: date, *, today: date) -> None:
    """Return when somebody born then can help today; raise BadBirthDate."""
    if not YOUNGEST <= age_on(born_on, today) <= _OLDEST:
        raise BadBirthDate(field="born_on", age=YOUNGEST)


def age_on(born_on: date, day: date) -> int:
    """Return how old somebody is on a day. Whoever was born on 29 February has their birthday on 1 March."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def _wrong_limits(profile: Profile) -> list[Invalid]:
    errors: list[Invalid] = []
    if not RADIUS_MIN <= profile.radius_km <= RADIUS_MAX:
        errors.append(BadRadius(field="radius_km", least=RADIUS_MIN, most=RADIUS_MAX))
    if not 1 <= profile.wants_at_most <= WANTS_MAX:
        errors.append(BadWish(field="wants_at_most", most=WANTS_MAX))
    return errors


def _wrong_choices(profile: Profile) -> list[Invalid]:
    errors: list[Invalid] = []
    if not profile.languages:
        errors.append(NoLanguage(field="languages"))
    if profile.cells & ~ALL_CELLS or profile.cells < 0:
        errors.append(UnknownCell(field="cells"))
    elif not profile.cells:
        errors.append(NoTime(field="cells"))
    if len(profile.skills) > SKILLS_MAX or any(level not in LEVELS for level in profile.skills.values()):
        errors.append(UnknownSkill(field="skills", most=SKILLS_MAX))
    if len(profile.themes) > THEMES_MAX:
        errors.append(TooManyThemes(field="themes", most=THEMES_MAX))
    return errors
