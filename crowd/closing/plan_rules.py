"""A near miss: who may do what until when, and what a revised plan must say. Pure.

Three terms follow each other, each ends by itself: the initiator's, the municipality's, the donors'. Whenever somebody
lets a term pass, everything is given back.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, TypeAlias

from crowd.initiatives.content_rules import Budget, Line, section_errors
from crowd.initiatives.rules import InitiativeFacts, NotYourInitiative, is_office, may_review, may_see
from crowd.shared.actor import Actor
from crowd.shared.errors import Conflict, Forbidden, Invalid, InvalidFields, NotFound, msg
from crowd.shared.money import Money

PLAN_IS_AWAITED: Final = timedelta(days=14)
ANSWER_IS_AWAITED: Final = timedelta(days=14)
DONORS_DECIDE: Final = timedelta(days=14)
# So long before a term ends, whose turn it is hears so once more.
REMINDED_BEFORE: Final = timedelta(days=3)
TEXT_LENGTH_MIN: Final = 20
TEXT_LENGTH_MAX: Final = 2000

Step: TypeAlias = Literal["plan", "answer", "donors", "decide", "give_back"]
Denial: TypeAlias = Forbidden | NotFound | Conflict


class NotANearMiss(Conflict):
    """The campaign is not, or no longer, a near miss."""

    sentence = msg("This initiative did not just miss its minimum, or it was already decided.")


class TooLateToRevise(Conflict):
    """The fourteen days are over, and everything is given back."""

    sentence = msg("The time to hand in another plan is over. Everybody gets their money back.")


class PlanHandedIn(Conflict):
    """What the municipality reads, and donors will, stands still."""

    sentence = msg("The new plan has been handed in and can no longer be changed.")


class NothingToAnswer(Conflict):
    """No plan waits for an answer: there is none yet, it was answered, or its term is over."""

    sentence = msg("No new plan waits for an answer here. Reload the page to see where it is.")


class OwnPlan(Forbidden):
    """Four eyes: who handed in a plan does not confirm it."""

    sentence = msg("You handed in this plan yourself, so somebody else answers it.")


class NothingToTakeBack(Conflict):
    """Only a collected gift to a near miss with a confirmed plan is taken back, and only within the donors' term."""

    sentence = msg("This contribution cannot be taken back now: the time for it is over, or has not begun.")


class RefusalReasonMissing(Invalid):
    """Everybody's money goes back because of it."""

    sentence = msg("Write down why not in at least {length} characters: the initiator reads it.")


class AnswerMissing(Invalid):
    """Confirm or refuse."""

    sentence = msg("Choose whether the initiative may go on with this plan.")


class PlanTextMissing(Invalid):
    """Donors decide on it."""

    sentence = msg("Write this in at least {length} characters, so that everybody who gave can follow it.")


class PlanTextTooLong(Invalid):
    """Longer than donors read."""

    sentence = msg("Use at most {length} characters.")


class PlanLinesMissing(Invalid):
    """A plan without lines says nothing."""

    sentence = msg("Fill in what will be paid: at least one line.")


class PlanMinimumMissing(Invalid):
    """What is needed at least, also when some donors take their money back."""

    sentence = msg("Fill in the new minimum in euros.")


class PlanMinimumTooHigh(Invalid):
    """More than there is: the plan could never be carried out."""

    sentence = msg("The new minimum can be at most what there is now: {most}.")


class PlanTooDear(Invalid):
    """The lines together are more than there is."""

    sentence = msg("Together the lines are {target}, and there is {most}. Leave something out, or make it smaller.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Where a near miss is: the state of its plan ("" while nobody began one), and until when each may act."""

    plan_until: datetime
    plan_state: str = ""
    answer_until: datetime | None = None
    donors_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an initiator wants to do with what there is: lines, the least that is needed, what changes, and why."""

    lines: tuple[Line, ...] = ()
    minimum: Money | None = None
    what_changes: str = ""
    why: str = ""

    @property
    def target(self) -> Money:
        """Return what everything costs together."""
        return Money.total(line.amount for line in self.lines if line.amount is not None)


def step_of(terms: Terms, *, now: datetime) -> Step:
    """Return whose turn it is: "plan", "answer" or "donors"; or what is to be done: "decide" or "give_back".

    Terms are half open: at the moment one ends it is over.
    """
    if terms.plan_state == "refused":
        return "give_back"
    if terms.plan_state == "confirmed":
        return "donors" if terms.donors_until is not None and now < terms.donors_until else "decide"
    if terms.plan_state == "submitted":
        return "answer" if terms.answer_until is not None and now < terms.answer_until else "give_back"
    return "plan" if now < terms.plan_until else "give_back"


def check_may_revise(terms: Terms, *, now: datetime) -> None:
    """Return when the plan may be written or handed in at `now`; raise PlanHandedIn or TooLateToRevise."""
    if terms.plan_state not in {"", "draft"}:
        raise PlanHandedIn
    if step_of(terms, now=now) != "plan":
        raise TooLateToRevise


def check_draft(plan: Plan, *, today: date) -> None:
    """Return when this can be kept, unfinished as it may be; raise InvalidFields naming what cannot be right."""
    if errors := _draft_errors(plan, today=today):
        raise InvalidFields(tuple(errors))


def check_plan(plan: Plan, *, minimum: Money, there_is: Money, today: date) -> Money:
    """Return the revised minimum when this can be handed in; raise InvalidFields naming everything that is wrong.

    The lines fit within what `there_is`, collected and matched; the minimum within the lines. `minimum` is the one
    that was missed, so the revised one is always lower.
    """
    errors = _draft_errors(plan, today=today)
    named = {error.field for error in errors}
    if not plan.lines:
        errors.append(PlanLinesMissing(field="lines"))
    elif plan.target > there_is and "lines" not in named:
        errors.append(PlanTooDear(field="lines", target=plan.target, most=there_is))
    if plan.minimum is None:
        errors.append(PlanMinimumMissing(field="minimum"))
    elif plan.minimum > there_is or plan.minimum >= minimum:
        errors.append(PlanMinimumTooHigh(field="minimum", most=there_is))
    errors += [
        PlanTextMissing(field=name, length=TEXT_LENGTH_MIN)
        for name in ("what_changes", "why")
        if len(getattr(plan, name)) < TEXT_LENGTH_MIN
    ]
    if errors or plan.minimum is None:
        raise InvalidFields(tuple(errors))
    return plan.minimum


def _draft_errors(plan: Plan, *, today: date) -> list[Invalid]:
    budget = Budget(lines=plan.lines, minimum=plan.minimum)
    errors: list[Invalid] = list(section_errors(budget, today=today))
    errors += [
        PlanTextTooLong(field=name, length=TEXT_LENGTH_MAX)
        for name in ("what_changes", "why")
        if len(getattr(plan, name)) > TEXT_LENGTH_MAX
    ]
    return errors


def check_answer(*, outcome: str, reason: str) -> str:
    """Return the reason, trimmed, when a plan can be answered so; raise InvalidFields otherwise."""
    reason = reason.strip()
    if outcome not in {"confirmed", "refused"}:
        raise InvalidFields((AnswerMissing(field="outcome"),))
    if outcome == "refused" and len(reason) < TEXT_LENGTH_MIN:
        raise InvalidFields((RefusalReasonMissing(field="reason", length=TEXT_LENGTH_MIN),))
    if len(reason) > TEXT_LENGTH_MAX:
        raise InvalidFields((PlanTextTooLong(field="reason", length=TEXT_LENGTH_MAX),))
    return reason


def may_revise(actor: Actor, facts: InitiativeFacts) -> Denial | None:
    """Whether the actor may write the revised plan: its initiator; the counter where it helps to write."""
    if facts.part == "initiator" and actor.person_id is not None:
        return None
    if actor.person_id is not None and facts.assisted and is_office(actor, facts):
        return None
    return may_see(actor, facts) or NotYourInitiative()


def may_answer(actor: Actor, facts: InitiativeFacts) -> Denial | None:
    """Whether the actor may confirm or refuse a revised plan: whoever reviews initiatives, never on their own."""
    if actor.person_id is None:
        return NotYourInitiative()
    return may_review(actor, facts)
