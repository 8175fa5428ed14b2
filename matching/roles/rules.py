"""What a role and a shift may be, and who plans them. Pure."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, TypeAlias

from crowd.initiatives.rules import InitiativeFacts, NotYourInitiative, is_office, may_see
from crowd.shared.actor import Actor
from crowd.shared.errors import Conflict, Forbidden, Invalid, InvalidFields, NotFound, msg
from matching.vocabulary.rules import AMSTERDAM

TITLE_MAX: Final = 80
DESCRIPTION_MAX: Final = 2000
MEETING_POINT_MAX: Final = 120
SKILLS_MAX: Final = 8
CAPACITY_MAX: Final = 500
AGES: Final = (16, 18, 21)
AHEAD_MAX: Final = timedelta(days=400)
LONGEST: Final = timedelta(hours=24)
SHIFTS_MAX: Final = 300
# A document somebody of the organisation must have seen before a person may do this work.
CREDENTIALS: Final = ("vog", "ehbo", "bhv", "rijbewijs_b")

# Hands are asked from the first day of a campaign until the work is done; not while it is paused.
HELPABLE: Final = frozenset({"live", "collecting", "near_miss", "funded"})
# Nothing will happen any more, so nobody should come.
STOPPED: Final = frozenset({"unfunded", "cancelled"})

Denial: TypeAlias = Forbidden | NotFound | Conflict


class RoleNotFound(NotFound):
    """There is no such role."""

    sentence = msg("We cannot find this role.")


class ShiftNotFound(NotFound):
    """There is no such shift, or its initiative is not public."""

    sentence = msg("We cannot find this shift.")


class NoHelpNow(Conflict):
    """The initiative stopped, or has not begun."""

    sentence = msg("This initiative is not looking for help at the moment.")


class OtherContent(Conflict):
    """The same form was sent before, with something else in it."""

    sentence = msg("This was already saved, with other content. Reload the page and look at what is there.")


class TitleMissing(Invalid):
    """A role without a name, or with too long a one."""

    sentence = msg("Give the role a name of at most {most} characters, for example Tending the garden.")


class DescriptionTooLong(Invalid):
    """A description longer than anybody reads."""

    sentence = msg("Use at most {most} characters to describe the role.")


class TooManySkills(Invalid):
    """More skills than a person can be expected to have."""

    sentence = msg("Choose at most {most} skills.")


class UnknownAge(Invalid):
    """Not one of the ages that can be asked."""

    sentence = msg("Choose a minimum age from the list.")


class UnknownCredential(Invalid):
    """Not one of the documents that can be asked."""

    sentence = msg("Choose a document from the list.")


class DateMissing(Invalid):
    """No date, or one that does not exist."""

    sentence = msg("Fill in the date as day, month and year, for example 12-12-2026.")


class TimeMissing(Invalid):
    """No time, or one that does not exist."""

    sentence = msg("Fill in the time as hours and minutes, for example 13:30.")


class TimeSkipped(Invalid):
    """On this day the clock jumps over this hour."""

    sentence = msg("This time does not exist on that day: the clock goes forward from 2:00 to 3:00.")


class EndsBeforeItStarts(Invalid):
    """A shift of no or negative length."""

    sentence = msg("The shift must end after it starts. Does it go past midnight? Make two shifts of it.")


class InThePast(Invalid):
    """A shift that has begun already."""

    sentence = msg("This moment has passed. Choose one in the future.")


class TooFarAhead(Invalid):
    """A shift nobody can plan for."""

    sentence = msg("This is too far ahead. Choose a day within {days} days.")


class BadCapacity(Invalid):
    """No people, or a crowd."""

    sentence = msg("Fill in how many people you need: a whole number from 1 to {most}.")


class BadCrew(Invalid):
    """A minimum above the number of places."""

    sentence = msg("The least number of people is between 1 and the number of places, {capacity}.")


class CapacityBelowAccepted(Invalid):
    """Fewer places than people who are coming."""

    sentence = msg("{filled} people have been accepted already, so there must be at least {filled} places.")


class MeetingPointTooLong(Invalid):
    """More than fits on a line."""

    sentence = msg("Use at most {most} characters to say where people meet.")


class UnknownPostcode(Invalid):
    """Not a postcode area of this municipality."""

    sentence = msg("Fill in the four digits of a postcode in this municipality, for example {example}.")


class ShiftIsOver(Conflict):
    """The shift has begun or passed."""

    sentence = msg("This shift has already begun, so it can no longer be changed.")


class ShiftIsCancelled(Conflict):
    """The initiator called it off."""

    sentence = msg("This shift was called off.")


class TooManyShifts(Conflict):
    """More shifts than one initiative can plan by hand."""

    sentence = msg("An initiative can have at most {most} shifts.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDraft:
    """A role as it was filled in. Skills are ids; languages are masks of the vocabulary."""

    title: str
    description: str = ""
    required_skills: frozenset[int] = frozenset()
    desired_skills: frozenset[int] = frozenset()
    required_languages: int = 0
    desired_languages: int = 0
    minimum_age: int | None = None
    needs_credential: str | None = None
    is_remote: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftDraft:
    """A shift as it was filled in, in local days and times; `pc4` is empty when it can be done from anywhere."""

    on: date
    starts: time
    ends: time
    capacity: int
    minimum_crew: int = 1
    pc4: str = ""
    meeting_point: str = ""


@dataclass(slots=True)
class _Errors:
    found: list[Invalid] = field(default_factory=list)

    def raise_any(self) -> None:
        if self.found:
            raise self.found[0] if len(self.found) == 1 else InvalidFields(tuple(self.found))


def clean_role(draft: RoleDraft) -> RoleDraft:
    """Return the role as it is stored: one line of title, a skill that is required not also desired.

    Raises the one thing that is wrong, or InvalidFields with all of them.
    """
    errors = _Errors()
    title, description = " ".join(draft.title.split()), draft.description.strip()
    if not 0 < len(title) <= TITLE_MAX:
        errors.found.append(TitleMissing(field="title", most=TITLE_MAX))
    if len(description) > DESCRIPTION_MAX:
        errors.found.append(DescriptionTooLong(field="description", most=DESCRIPTION_MAX))
    if len(draft.required_skills | draft.desired_skills) > SKILLS_MAX:
        errors.found.append(TooManySkills(field="skills", most=SKILLS_MAX))
    if draft.minimum_age is not None and draft.minimum_age not in AGES:
        errors.found.append(UnknownAge(field="minimum_age"))
    if draft.needs_credential is not None and draft.needs_credential not in CREDENTIALS:
        errors.found.append(UnknownCredential(field="needs_credential"))
    errors.raise_any()
    return RoleDraft(
        title=title,
        description=description,
        required_skills=draft.required_skills,
        desired_skills=draft.desired_skills - draft.required_skills,
        required_languages=draft.required_languages,
        desired_languages=draft.desired_languages & ~draft.required_languages,
        minimum_age=draft.minimum_age,
        needs_credential=draft.needs_credential,
        is_remote=draft.is_remote,
    )


def local_moment(day: date, at: time, *, field: str) -> datetime:
    """Return the moment, in UTC, at which Dutch clocks show this; raise TimeSkipped when they never do.

    In autumn an hour comes twice: the first is meant.
    """
    moment = datetime.combine(day, at.replace(tzinfo=None, fold=0), tzinfo=AMSTERDAM).astimezone(UTC)
    if moment.astimezone(AMSTERDAM).replace(tzinfo=None, fold=0) != datetime.combine(day, at.replace(fold=0)):
        raise TimeSkipped(field=field)
    return moment


def check_shift(draft: ShiftDraft, *, now: datetime) -> tuple[datetime, datetime]:
    """Return when the shift begins and ends, in UTC.

    Raises what is wrong with its time, people or meeting point: one thing, or InvalidFields with all of them.
    Whether the postcode exists is the caller's to ask.
    """
    errors = _Errors()
    errors.found += _wrong_with_people(draft)
    if len(draft.meeting_point.strip()) > MEETING_POINT_MAX:
        errors.found.append(MeetingPointTooLong(field="meeting_point", most=MEETING_POINT_MAX))
    starts_at = ends_at = now
    try:
        starts_at = local_moment(draft.on, draft.starts, field="starts")
        ends_at = local_moment(draft.on, draft.ends, field="ends")
    except TimeSkipped as skipped:
        errors.found.append(skipped)
        errors.raise_any()
    if ends_at <= starts_at or ends_at - starts_at > LONGEST:
        errors.found.append(EndsBeforeItStarts(field="ends"))
    if starts_at <= now:
        errors.found.append(InThePast(field="on"))
    elif starts_at > now + AHEAD_MAX:
        errors.found.append(TooFarAhead(field="on", days=AHEAD_MAX.days))
    errors.raise_any()
    return starts_at, ends_at


def check_people(*, capacity: int, minimum_crew: int, filled: int) -> None:
    """Return when a shift with `filled` accepted people may have this many places; else raise what is wrong."""
    draft = ShiftDraft(on=date.min, starts=time.min, ends=time.min, capacity=capacity, minimum_crew=minimum_crew)
    errors = _Errors(_wrong_with_people(draft))
    if not errors.found and capacity < filled:
        errors.found.append(CapacityBelowAccepted(field="capacity", filled=filled))
    errors.raise_any()


def check_is_ahead(cancelled_at: datetime | None, starts_at: datetime, *, now: datetime) -> None:
    """Return when a shift is still to come; raise ShiftIsCancelled or ShiftIsOver."""
    if cancelled_at is not None:
        raise ShiftIsCancelled
    if starts_at <= now:
        raise ShiftIsOver


def _wrong_with_people(draft: ShiftDraft) -> list[Invalid]:
    if not 1 <= draft.capacity <= CAPACITY_MAX:
        return [BadCapacity(field="capacity", most=CAPACITY_MAX)]
    if not 1 <= draft.minimum_crew <= draft.capacity:
        return [BadCrew(field="minimum_crew", capacity=draft.capacity)]
    return []


def may_plan(actor: Actor, facts: InitiativeFacts) -> Denial | None:
    """Whether the actor may ask for help and decide who comes: the initiative's own people, or the counter."""
    if facts.part is not None or is_office(actor, facts):
        return None
    return may_see(actor, facts) or NotYourInitiative()
