"""What the municipality's counter sees of initiatives: what waits, one of them under review, and helping somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

from frontend.views.forms import Choice, Form
from frontend.views.initiatives import CampaignState, InitiativePage

Tone = Literal["neutral", "positive", "warning", "negative", "live"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """One thing that waits: what, whose, where, since when, and by when an answer is due."""

    href: str
    title: str
    who: str
    where: str
    since: datetime
    due_on: date | None
    is_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A list of the counter, the most urgent first; without lines it says `empty`."""

    anchor: str
    title: str
    lines: Sequence[QueueLine]
    empty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterPage:
    """The counter's front page: everything that waits for somebody here."""

    template: ClassVar[str] = "counter/page.html"
    queues: Sequence[Queue]
    may_help: bool
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadStep:
    """One step an initiative took."""

    state: CampaignState
    at: datetime
    by: str
    reason: str
    notes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage:
    """One initiative for the counter: as its readers will see it, its road, and what can be done.

    Forms: goedkeuring; wijzigingen (reason, note_idea .. note_photo); publicatie (ends_on); schorsing, hervatting,
    annulering (reason); overdracht (email, invitation_id).
    """

    template: ClassVar[str] = "counter/review.html"
    base: str
    shown: InitiativePage
    road: tuple[RoadStep, ...]
    form: Form
    answer_by: date | None
    ends_on: date | None
    may_review: bool
    may_publish: bool
    may_suspend: bool
    may_resume: bool
    may_cancel: bool
    may_hand_over: bool
    own: bool
    invitation_id: str
    invited: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpPage:
    """Begin an initiative for somebody at the desk or on the phone. Fields: name, email, channel, consent."""

    template: ClassVar[str] = "counter/help.html"
    form: Form
    initiative_id: str
    channels: tuple[Choice, ...]
