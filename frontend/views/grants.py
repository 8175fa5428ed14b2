"""What the municipality's people see of applications, their assessment and decision, and of the pots."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from crowd.shared.money import Money
from frontend.views.forms import Choice, Form

ApplicationState = Literal["received", "assessed", "awarded", "refused", "lapsed", "fixed"]
# Which of the two clocks runs out first: the term of the law, or the campaign, which a decision must precede.
Clock = Literal["term", "campaign"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationFile:
    """One application. `days_left` counts to `last_day`, today included; below 1 it is too late."""

    id: UUID
    title: str
    summary: str
    href: str
    neighbourhood: str
    scheme: str
    scheme_href: str
    state: ApplicationState
    asked: Money
    minimum: Money
    received_at: datetime
    decide_by: date
    campaign_ends_on: date | None
    last_day: date
    days_left: int
    clock: Clock

    @property
    def is_late(self) -> bool:
        """Whether the clock has run out."""
        return self.days_left < 1


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """An application in the queue, and the one thing this reader can do with it, if anything."""

    file: ApplicationFile
    action: tuple[str, str] | None
    outcome: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PotLine:
    """A scheme and what is left of it."""

    name: str
    href: str
    ceiling: Money
    left: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """Every application of the municipality: what waits, the first clock to run out in front, and what is done."""

    template: ClassVar[str] = "grants/queue.html"
    waiting: Sequence[QueueLine]
    done: Sequence[QueueLine]
    pots: Sequence[PotLine]
    may_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A criterion, its score of 1 to 5 and the note beside it."""

    label: str
    score: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentView:
    """A finished assessment."""

    scores: Sequence[Score]
    advice: Money
    text: str
    assessor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentPage:
    """Score an application. Fields: score_{key}, note_{key}, advice, advice_text, no_interest.

    Without `may_assess` there is no form: `denial` says why, or `done` is what was written down.
    """

    template: ClassVar[str] = "grants/assessment.html"
    file: ApplicationFile
    form: Form
    criteria: Sequence[tuple[str, str]]
    scores: Sequence[Choice]
    done: AssessmentView | None = None
    denial: str = ""

    @property
    def may_assess(self) -> bool:
        """Whether the form is shown."""
        return self.done is None and not self.denial


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """What a decision may not pass: the ceiling and what was awarded of it, and the reader's own mandate."""

    ceiling: Money
    awarded: Money
    reserved: Money
    mandate: Money

    @property
    def left(self) -> Money:
        """What can still be awarded."""
        return self.ceiling - self.awarded


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """What was decided; `up_to` is zero for a refusal, `fixed` what it came to once the campaign was funded."""

    is_award: bool
    up_to: Money
    reasons: str
    legal_ground: str
    at: datetime
    fixed: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPage:
    """Award or refuse. Fields: outcome, up_to, reasons, legal_ground.

    Without an assessment, with a denial, or once decided there is no form.
    """

    template: ClassVar[str] = "grants/decision.html"
    file: ApplicationFile
    form: Form
    outcomes: Sequence[Choice]
    purse: Purse
    assessment: AssessmentView | None
    done: DecisionView | None = None
    denial: str = ""

    @property
    def may_decide(self) -> bool:
        """Whether the form is shown."""
        return self.assessment is not None and self.done is None and not self.denial


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignUnderScheme:
    """What one campaign holds of a pot, and what keeps it from being more."""

    title: str
    href: str
    state: str
    reserved: Money
    award: Money | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemePage:
    """A scheme: its terms, its pot, and who holds what of it."""

    template: ClassVar[str] = "grants/scheme.html"
    name: str
    legal_basis: str
    adds: Money
    per: Money
    donor_cap: Money
    project_cap: Money
    opens_on: date
    closes_on: date
    decision_weeks: int
    neighbourhoods: Sequence[str]
    purse: Purse
    free: Money
    campaigns: Sequence[CampaignUnderScheme]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSchemePage:
    """Open a scheme.

    Fields: scheme_id, name, legal_basis, ratio_percent, donor_cap, project_cap, pot, opens_on, closes_on, and
    neighbourhoods by their slugs.
    """

    template: ClassVar[str] = "grants/new_scheme.html"
    form: Form
    neighbourhoods: Sequence[Choice]
