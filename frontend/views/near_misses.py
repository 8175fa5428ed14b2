"""What is shown of a campaign that nearly made it: where it is, the plan that changes, and the acts on it."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from crowd.shared.money import Money
from frontend.views.forms import Form
from frontend.views.initiatives import Card, NearMiss, Revision

PlanStep = Literal["budget", "words", "check"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisePage:
    """One step of writing a smaller plan, or, with `is_handed_in`, what was handed in and where it is.

    Fields: `label_1`, `amount_1` and so on, up to `rows`, and minimum; what_changes and why. `there_is` is what was
    collected with the municipality's share on it.
    """

    template: ClassVar[str] = "near_misses/revise.html"
    card: Card
    base: str
    near_miss: NearMiss
    there_is: Money
    step: PlanStep
    number: int
    form: Form
    rows: int = 0
    target: Money | None = None
    revision: Revision | None = None
    is_handed_in: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPage:
    """A revised plan for who answers it. Fields: outcome ("confirmed" or "refused"), reason."""

    template: ClassVar[str] = "near_misses/answer.html"
    card: Card
    action: str
    near_miss: NearMiss
    there_is: Money
    revision: Revision
    form: Form
    may_answer: bool = True
