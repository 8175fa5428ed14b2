"""A grant's legal life: which steps exist, who may take them, by when, and what must be written down. Pure.

The articles are those of the Algemene wet bestuursrecht (Awb) and the Algemene termijnenwet (Atw).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, TypeAlias
from uuid import UUID

import holidays

from crowd.shared.actor import Actor
from crowd.shared.errors import Conflict, Forbidden, Invalid, InvalidFields, NotFound, msg
from crowd.shared.money import Money

TRANSITIONS: dict[str, frozenset[str]] = {
    "received": frozenset({"assessed", "lapsed"}),
    # Never decided without an assessment, not even refused: the reasons must rest on one.
    "assessed": frozenset({"awarded", "refused", "lapsed"}),
    # An award is conditional on the minimum: it is fixed when the campaign is funded, and lapses when it is not.
    "awarded": frozenset({"fixed", "lapsed"}),
    "refused": frozenset(),
    "fixed": frozenset(),
    "lapsed": frozenset(),
}
STATES = tuple(TRANSITIONS)
OPEN = frozenset({"received", "assessed"})

# What every application is scored on, 1 to 5: the same few questions for all, so that outcomes can be compared.
CRITERIA: Final[dict[str, str]] = {
    "benefit": msg("The neighbourhood benefits from it."),
    "support": msg("Neighbours want it and help with it."),
    "feasible": msg("The plan and the budget can be carried out."),
    "lasting": msg("It lasts, or it is well looked after."),
    "open": msg("Everybody can join in."),
}
SCORES: Final = (1, 2, 3, 4, 5)
TEXT_LENGTH_MIN: Final = 20
TEXT_LENGTH_MAX: Final = 4000
NOTE_LENGTH_MAX: Final = 1000
GROUND_LENGTH_MAX: Final = 300

# Atw 4: a term of more than twelve weeks is not moved past weekends and holidays.
WEEKS_THAT_MOVE: Final = 12


class ApplicationNotFound(NotFound):
    """There is no such application in this municipality, or it is not theirs to see."""

    sentence = msg("We cannot find this application.")


class OnlyAssessors(Forbidden):
    """Scoring is for somebody with the role of assessor in this municipality."""

    sentence = msg("Only an assessor can assess this application.")


class OnlyApprovers(Forbidden):
    """Deciding is for somebody with mandate in this municipality."""

    sentence = msg("Only somebody with a mandate can decide on this application.")


class OwnApplication(Forbidden):
    """Nobody acts on an application of an initiative they belong to."""

    sentence = msg("You belong to this initiative, so somebody else assesses and decides.")


class AssessorDecides(Forbidden):
    """Four eyes: the assessor of an application does not decide on it. The database refuses it too."""

    sentence = msg("You assessed this application, so somebody else decides on it.")


class AlreadyAssessed(Conflict):
    """The first assessment stands."""

    sentence = msg("This application was already assessed.")


class NotYetAssessed(Conflict):
    """A decision rests on an assessment."""

    sentence = msg("This application has to be assessed first.")


class AlreadyDecided(Conflict):
    """The first decision stands; a resident can object to it, nobody can overwrite it."""

    sentence = msg("This application was already decided on.")


class CampaignIsOver(Conflict):
    """After the deadline an award could no longer be what donors read before it."""

    sentence = msg("The campaign has ended, so nothing can be decided on this application any more.")


class CeilingReached(Conflict):
    """Awb 4:25 lid 2: an award above the ceiling must be refused."""

    sentence = msg("The fund has nothing left to award: the law then asks for a refusal.")


class InterestNotExcluded(Invalid):
    """Whoever has an interest in it does not assess it."""

    sentence = msg("Declare that you have no interest in this initiative. If you have one, ask a colleague to assess.")


class ScoreMissing(Invalid):
    """Every criterion gets a score."""

    sentence = msg("Choose a score from 1 to 5.")


class NoteTooLong(Invalid):
    """A note explains one score."""

    sentence = msg("Use at most {length} characters.")


class AdviceMissing(Invalid):
    """A score without words helps nobody decide."""

    sentence = msg("Write your advice in at least {length} characters, so that others can follow it.")


class ReasonsMissing(Invalid):
    """Awb 3:46: a decision rests on reasons people can follow."""

    sentence = msg("Give the reasons in at least {length} characters, in words the initiator understands.")


class GroundMissing(Invalid):
    """A decision names the article it rests on."""

    sentence = msg("Name the article this decision rests on.")


class OutcomeMissing(Invalid):
    """Award or refuse."""

    sentence = msg("Choose whether you award or refuse.")


class GrantAmountMissing(Invalid):
    """An award goes up to an amount, and is not zero: that would be a refusal."""

    sentence = msg("Fill in an amount above zero, for example 1500 or 1500.50.")


class AdviceAmountMissing(Invalid):
    """The advised amount may be zero: then the advice is to refuse."""

    sentence = msg("Fill in the amount you advise; 0 if you advise to refuse.")


class AboveAsked(Invalid):
    """Nobody gets more than was asked."""

    sentence = msg("This is more than was asked: {asked}.")


class AboveMandate(Invalid):
    """The mandate ends at an amount."""

    sentence = msg("Your mandate goes up to {mandate}. Ask somebody with a higher mandate to decide.")


class AboveCeiling(Invalid):
    """What was awarded to others, and this, would pass the ceiling."""

    sentence = msg("The fund can still award {left}.")


Denial: TypeAlias = Forbidden | NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationFacts:
    """What deciding who may act needs to know. `is_of_the_team` is the actor's own part in the initiative."""

    municipality_id: UUID
    state: str
    is_of_the_team: bool = False
    assessor_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentForm:
    """What the assessor filled in. A score or an amount that could not be read is None."""

    scores: Mapping[str, int | None]
    notes: Mapping[str, str]
    advice: Money | None
    advice_text: str
    no_interest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionForm:
    """What the approver filled in: "awarded" up to an amount, or "refused"; reasons and the article beneath it."""

    outcome: str
    up_to: Money | None
    reasons: str
    legal_ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an award may not pass: what was asked, the approver's mandate, and what the ceiling still leaves."""

    asked: Money
    mandate: Money
    ceiling_left: Money


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[date]:
    # Atw 3 names these days and puts Good Friday beside them; 5 May counts every year, not every fifth.
    return frozenset(holidays.country_holidays("NL", years=year, categories=("public", "optional")))


def moved_past_holidays(day: date) -> date:
    """Return `day`, or the first day after it that is no Saturday, Sunday or recognised holiday (Atw 1 and 3)."""
    while day.isoweekday() > 5 or day in _holidays(day.year):  # noqa: PLR2004  Monday is 1, Friday 5
        day += timedelta(days=1)
    return day


def decide_by(*, received_on: date, weeks: int) -> date:
    """Return the last day on which a decision is in time: `weeks` after receipt (Awb 4:13), moved as the Atw says."""
    ends_on = received_on + timedelta(weeks=weeks)
    return moved_past_holidays(ends_on) if weeks <= WEEKS_THAT_MOVE else ends_on


def check_transition(*, current: str, to: str) -> None:
    """Return when an application in state `current` may become `to`; raise what stands in the way otherwise."""
    if to in TRANSITIONS[current]:
        return
    if to == "assessed":
        raise AlreadyAssessed if current == "assessed" else AlreadyDecided
    raise NotYetAssessed if current == "received" else AlreadyDecided


def check_before_deadline(*, state: str, deadline_at: datetime | None, now: datetime) -> None:
    """Return while an application can still be assessed and decided on; raise CampaignIsOver after the deadline."""
    if state not in {"live", "suspended"} or deadline_at is None or now >= deadline_at:
        raise CampaignIsOver


def may_see(actor: Actor, facts: ApplicationFacts) -> Denial | None:
    """Whether the actor may read the file: staff who assess, decide or look after the pot, in this municipality."""
    reads = actor.roles & {"assessor", "approver", "treasurer", "administrator", "clerk"}
    return None if reads and actor.municipality_id == facts.municipality_id else ApplicationNotFound()


def may_assess(actor: Actor, facts: ApplicationFacts) -> Denial | None:
    """Whether the actor may score it: an assessor who does not belong to the initiative."""
    if "assessor" not in actor.roles or actor.person_id is None:
        return may_see(actor, facts) or OnlyAssessors()
    return may_see(actor, facts) or (OwnApplication() if facts.is_of_the_team else None)


def may_decide(actor: Actor, facts: ApplicationFacts) -> Denial | None:
    """Whether the actor may decide: an approver who neither assessed it nor belongs to the initiative."""
    if "approver" not in actor.roles or actor.person_id is None:
        return may_see(actor, facts) or OnlyApprovers()
    if facts.is_of_the_team:
        return may_see(actor, facts) or OwnApplication()
    return may_see(actor, facts) or (AssessorDecides() if facts.assessor_id == actor.person_id else None)


def check_assessment(*, form: AssessmentForm, asked: Money) -> Money:
    """Return the advised amount when the assessment is whole; raise InvalidFields naming everything missing."""
    errors: list[Invalid] = []
    for key in CRITERIA:
        if form.scores.get(key) not in SCORES:
            errors.append(ScoreMissing(field=f"score_{key}"))
        if len(form.notes.get(key, "")) > NOTE_LENGTH_MAX:
            errors.append(NoteTooLong(field=f"note_{key}", length=NOTE_LENGTH_MAX))
    if form.advice is None or form.advice.cents < 0:
        errors.append(AdviceAmountMissing(field="advice"))
    elif form.advice > asked:
        errors.append(AboveAsked(field="advice", asked=asked))
    errors += _text_errors(form.advice_text, field="advice_text", missing=AdviceMissing)
    if not form.no_interest:
        errors.append(InterestNotExcluded(field="no_interest"))
    if errors or form.advice is None:
        raise InvalidFields(tuple(errors))
    return form.advice


def check_decision(*, form: DecisionForm, limits: Limits) -> Money:
    """Return what is awarded at most, zero for a refusal, when the decision is whole and within every limit.

    Raises InvalidFields naming everything wrong, CeilingReached when only a refusal is left to decide.
    """
    errors: list[Invalid] = []
    if form.outcome not in {"awarded", "refused"}:
        errors.append(OutcomeMissing(field="outcome"))
    if form.outcome == "awarded":
        errors += _amount_errors(form.up_to, limits)
    errors += _text_errors(form.reasons, field="reasons", missing=ReasonsMissing)
    if not form.legal_ground.strip():
        errors.append(GroundMissing(field="legal_ground"))
    elif len(form.legal_ground) > GROUND_LENGTH_MAX:
        errors.append(NoteTooLong(field="legal_ground", length=GROUND_LENGTH_MAX))
    if errors:
        raise InvalidFields(tuple(errors))
    return form.up_to if form.outcome == "awarded" and form.up_to is not None else Money(0)


def _amount_errors(up_to: Money | None, limits: Limits) -> list[Invalid]:
    if limits.ceiling_left.cents <= 0:
        raise CeilingReached
    if up_to is None or up_to.cents <= 0:
        return [GrantAmountMissing(field="up_to")]
    if up_to > limits.asked:
        return [AboveAsked(field="up_to", asked=limits.asked)]
    if up_to > limits.mandate:
        return [AboveMandate(field="up_to", mandate=limits.mandate)]
    return [AboveCeiling(field="up_to", left=limits.ceiling_left)] if up_to > limits.ceiling_left else []


def _text_errors(text: str, *, field: str, missing: type[Invalid]) -> list[Invalid]:
    length = len(text.strip())
    if length < TEXT_LENGTH_MIN:
        return [missing(field=field, length=TEXT_LENGTH_MIN)]
    return [NoteTooLong(field=field, length=TEXT_LENGTH_MAX)] if length > TEXT_LENGTH_MAX else []
