"""What somebody sees who writes an initiative: the beginning, the six steps, and what comes after handing it in."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

from crowd.shared.money import Money
from frontend.views.forms import Choice, Form
from frontend.views.initiatives import CampaignState, Card, Picture

StepName = Literal["idea", "place", "budget", "help", "photo", "check"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """One of my unfinished initiatives."""

    href: str
    title: str
    state: CampaignState


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPage:
    """What starting takes, and one button. `initiative_id` is chosen here, so two clicks begin one initiative."""

    template: ClassVar[str] = "launch/start.html"
    initiative_id: str
    drafts: tuple[DraftLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPage:
    """One step of six. `seen` is the fingerprint of what the form shows, so that no window overwrites another.

    Fields, by step: title, summary, story, theme; pc4, place_note; label_N and amount_N up to `rows`, minimum,
    ends_on; help_wanted; picture, picture_alt, remove, with `picture_id` chosen for a new photo. `note` is what
    the counter asked to change here.
    """

    template: ClassVar[str] = "launch/step.html"
    base: str
    step: StepName
    number: int
    form: Form
    seen: str
    title: str = ""
    note: str = ""
    themes: tuple[Choice, ...] = ()
    neighbourhood: str = ""
    rows: int = 0
    target: Money | None = None
    first_end: date | None = None
    last_end: date | None = None
    picture: Picture | None = None
    picture_id: str = ""
    on_behalf: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One thing filled in, as the last step shows it."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedStep:
    """One step as the last one shows it: what was filled in, what is missing, what the counter asked."""

    step: StepName
    answers: tuple[Answer, ...]
    gaps: tuple[tuple[str, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleMatch:
    """What the municipality could add to this plan, by which scheme, and why not more."""

    scheme: str
    amount: Money
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPage:
    """The last step: everything together, and the button that hands it in."""

    template: ClassVar[str] = "launch/check.html"
    base: str
    state: CampaignState
    steps: tuple[CheckedStep, ...]
    was_asked: bool
    reason: str = ""
    possible_match: PossibleMatch | None = None
    on_behalf: str = ""
    show_gaps: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return not any(step.gaps for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagePage:
    """Where an initiative stands for whoever answers for it, and what they can do now.

    Forms: publication (ends_on), news (update_id, title, body), cancellation (reason).
    """

    template: ClassVar[str] = "launch/manage.html"
    card: Card
    base: str
    edit_base: str
    state_since: datetime | None
    answer_by: date | None
    ends_on: date | None
    reason: str
    form: Form
    update_id: str
    may_publish: bool
    may_tell: bool
    may_cancel: bool
    may_see_supporters: bool = False
    may_offer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationPage:
    """An invitation to answer for an initiative that came in under an organisation's name."""

    template: ClassVar[str] = "launch/invitation.html"
    action: str
    title: str
    email: str
