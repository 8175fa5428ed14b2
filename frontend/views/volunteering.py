"""What helping out shows: shifts, signing up, one's own profile, and the initiator's planning."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from frontend.views.forms import Choice, Form
from matching.placements.score import Failure, Term

PlacementState = Literal[
    "proposed",
    "invited",
    "applied",
    "waitlisted",
    "accepted",
    "checked_in",
    "completed",
    "no_show",
    "declined",
    "expired",
    "withdrawn",
    "cancelled",
]
# Why somebody can no longer sign up; "" while they can.
Closed = Literal["", "cancelled", "over", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftCard:
    """A shift in a list. `place` is where people meet, with the postcode area when nothing else is known."""

    id: str
    href: str
    role: str
    initiative: str
    initiative_href: str
    theme: str
    neighbourhood: str
    starts_at: datetime
    ends_at: datetime
    place: str
    is_remote: bool
    free: int
    places: int
    minimum_age: int | None
    needs_credential: str | None
    closed: Closed


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpPage:
    """Every shift one can sign up for, filtered. `more_href` leads on by key."""

    template: ClassVar[str] = "volunteering/list.html"
    shifts: tuple[ShiftCard, ...]
    filters: Form
    themes: tuple[Choice, ...]
    neighbourhoods: tuple[Choice, ...]
    skills: tuple[Choice, ...]
    more_href: str | None = None
    is_first_part: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How well a shift and a volunteer fit: the six terms, and what makes it impossible (then no terms matter).

    `skills` names the skills that a failure speaks of, by id.
    """

    total: int
    terms: tuple[Term, ...]
    failures: tuple[Failure, ...] = ()
    skills: tuple[tuple[int, str], ...] = ()

    def skill(self, skill_id: object) -> str:
        """Return the name of a skill that is missing."""
        return dict(self.skills).get(int(str(skill_id)), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftPage:
    """One shift, and the form to sign up. Fields: placement_id, name, email, born_on; signed in only born_on.

    `own_href` leads to one's own placement, when there is one; `fit` is for who has a profile.
    """

    template: ClassVar[str] = "volunteering/shift.html"
    shift: ShiftCard
    description: str
    required_skills: tuple[str, ...]
    desired_skills: tuple[str, ...]
    required_languages: tuple[str, ...]
    desired_languages: tuple[str, ...]
    minimum_crew: int
    placement_id: str
    form: Form
    is_signed_in: bool
    asks_birth_date: bool
    own_href: str = ""
    fit: Fit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedUpPage:
    """What everybody reads after signing up by address, whoever they are: look in your mail."""

    template: ClassVar[str] = "volunteering/signed_up.html"
    shift: ShiftCard
    outcome: Literal["accepted", "applied", "waitlisted"]
    mailbox_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPlacementPage:
    """A volunteer's own page about one shift, by the link in every message. `base` is its address.

    `asks_code` while they can say that they are there. Field: code, the four digits at the door.
    """

    template: ClassVar[str] = "volunteering/own.html"
    base: str
    shift: ShiftCard
    state: PlacementState
    answer_by: datetime | None
    name: str
    asks_code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillChoice:
    """A skill in the profile: chosen with a level, or found and not chosen yet."""

    slug: str
    label: str
    level: int
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilePage:
    """A volunteer's profile. `cells` are the chosen cells of the week, 0 (Monday morning) to 20 (Sunday evening)."""

    template: ClassVar[str] = "volunteering/profile.html"
    form: Form
    cells: frozenset[int]
    skills: tuple[SkillChoice, ...]
    searched: str
    languages: tuple[Choice, ...]
    themes: tuple[Choice, ...]
    has_profile: bool
    skills_most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A shift for me, and why."""

    shift: ShiftCard
    fit: Fit


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionsPage:
    """The ten shifts that fit best."""

    template: ClassVar[str] = "volunteering/suggestions.html"
    suggestions: tuple[Suggestion, ...]
    is_paused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRole:
    """A role of an initiative with its shifts."""

    id: str
    title: str
    asks: str
    shifts: tuple[ShiftCard, ...]
    shift_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningPage:
    """An initiative's roles and shifts, for its people."""

    template: ClassVar[str] = "volunteering/planning.html"
    slug: str
    title: str
    roles: tuple[PlannedRole, ...]
    may_add: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillAsked:
    """A skill in the form of a role: chosen one way or the other, or found and not chosen yet."""

    slug: str
    label: str
    is_desired: bool
    is_required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePage:
    """Ask for a role.

    Fields: role_id, title, description, required_skills, desired_skills, required_languages, desired_languages,
    minimum_age, needs_credential, is_remote. `skills` are those chosen and those found for what was `searched`.
    """

    template: ClassVar[str] = "volunteering/role.html"
    slug: str
    title: str
    form: Form
    skills: tuple[SkillAsked, ...]
    searched: str
    languages: tuple[Choice, ...]
    ages: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanShiftPage:
    """Plan a shift of a role. Fields: shift_id, on, starts, ends, capacity, minimum_crew, pc4, meeting_point."""

    template: ClassVar[str] = "volunteering/plan_shift.html"
    slug: str
    title: str
    role: str
    action: str
    is_remote: bool
    form: Form


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """Somebody on a shift's list, for its initiator. `email` only of who said yes themselves."""

    base: str
    name: str
    email: str
    state: PlacementState
    changed_at: datetime
    expires_at: datetime | None
    hours: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveView:
    """Whether people are being asked by itself. `wanted` is how many would be asked at once, at this moment."""

    runs: bool
    is_near: bool
    wanted: int
    rate_percent: int
    wave_id: str
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who could be asked: a first name, and why. `placement_id` is the invitation's, chosen by the form."""

    person_id: str
    placement_id: str
    name: str
    fit: Fit


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage:
    """One shift for its initiator: who is in, asked, waiting or cannot, and whom to ask next.

    `wave` is empty once the shift takes nobody more; `next_id` names the invitation of "ask the next best".
    Fields of its form: capacity, minimum_crew, meeting_point.
    """

    template: ClassVar[str] = "volunteering/board.html"
    slug: str
    base: str
    shift: ShiftCard
    minimum_crew: int
    people: tuple[PersonLine, ...]
    candidates: tuple[Candidate, ...]
    form: Form
    is_over: bool
    wave: WaveView | None = None
    next_id: str = ""
    may_correct: bool = False

    def within(self, *states: str) -> tuple[PersonLine, ...]:
        """Return the people in these states."""
        return tuple(person for person in self.people if person.state in states)
