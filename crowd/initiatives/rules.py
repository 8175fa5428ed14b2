"""What an initiative may become, and who may do what to it. The only transition table of an initiative."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias
from uuid import UUID

from crowd.shared.actor import Actor, Channel
from crowd.shared.errors import Conflict, Forbidden, Invalid, NotFound, msg

TRANSITIONS: dict[str, frozenset[str]] = {
    "draft": frozenset({"submitted", "cancelled"}),
    "submitted": frozenset({"changes_requested", "approved", "cancelled"}),
    # Only the initiator hands in again: a clerk never edits somebody's words into an approvable shape.
    "changes_requested": frozenset({"submitted", "cancelled"}),
    # Not back to draft: what was approved is what goes live, only the end date may move at publication.
    "approved": frozenset({"live", "cancelled"}),
    # unfunded: the deadline passed below the minimum. Never straight to funded: money must be collected first.
    "live": frozenset({"collecting", "unfunded", "suspended", "cancelled"}),
    # A suspended campaign passes no deadline. It is resumed first; a closing then finds it due at once.
    "suspended": frozenset({"live", "cancelled"}),
    # Not cancelled: cards are being charged, and only the final decision knows what must be refunded.
    "collecting": frozenset({"funded", "near_miss", "unfunded"}),
    # Not cancelled either: without a revised plan it ends by itself, and everything is given back.
    "near_miss": frozenset({"funded", "unfunded"}),
    # With a plan of two people that says where the money goes (`payments/cancelling`), never by the button.
    "funded": frozenset({"cancelled"}),
    "unfunded": frozenset(),
    "cancelled": frozenset(),
}
STATES = tuple(TRANSITIONS)
# Where a button ends it at once. A funded one holds money, so that takes a plan.
CANCELLED_AT_ONCE = frozenset(state for state, after in TRANSITIONS.items() if "cancelled" in after) - {"funded"}
# Nothing is decided about these any more.
ENDED = frozenset({"funded", "unfunded", "cancelled"})
EDITABLE = frozenset({"draft", "changes_requested"})
# What a visitor may see. A cancelled initiative is public only when it was live before, see `is_public`.
PUBLIC = frozenset({"live", "suspended", "collecting", "near_miss", "funded", "unfunded"})
# A step that takes something from people, or refuses them something, is never taken without saying why.
NEEDS_REASON = frozenset({"changes_requested", "suspended"})
REASON_LENGTH_MAX = 2000
REVIEW_DAYS = 14
_SATURDAY = 5

_OFFICE = frozenset({"clerk", "administrator"})
_READERS = frozenset({"clerk", "assessor", "approver", "treasurer", "administrator"})


class InitiativeNotFound(NotFound):
    """There is no such initiative, or it is not public and not theirs."""

    sentence = msg("We cannot find this initiative.")


class InitiativeCannotBecome(Conflict):
    """The transition table has no such edge."""

    sentence = msg("This step is no longer possible: the initiative has moved on. Reload the page to see where it is.")


class ReasonMissing(Invalid):
    """A step that others must understand was taken without a reason."""

    sentence = msg("Write down why, so that the initiator can understand it.")


class ReasonTooLong(Invalid):
    """Longer than anybody reads."""

    sentence = msg("This text is too long: use at most {length} characters.")


class NotYourInitiative(Forbidden):
    """The initiative may be seen by this person, but this act is for its initiator."""

    sentence = msg("Only the initiator can do this.")


class OnlyTheCounter(Forbidden):
    """This act is for the municipality's counter."""

    sentence = msg("Only the municipality's counter can do this.")


class OwnInitiative(Forbidden):
    """Four eyes: a clerk does not review what is their own."""

    sentence = msg("You started this initiative yourself, so somebody else reviews it.")


class NotEditable(Conflict):
    """The text is with the municipality, or already public."""

    sentence = msg("This initiative has been handed in and can no longer be changed.")


Denial: TypeAlias = Forbidden | NotFound | Conflict


@dataclass(frozen=True, slots=True)
class InitiativeFacts:
    """What deciding who may act needs to know. `part` is the actor's own: initiator, team, or None.

    `assisted`: it was begun at the desk or by phone, so the counter helps to write it.
    """

    municipality_id: UUID
    state: str
    part: str | None = None
    was_live: bool = False
    assisted: bool = False


def check_transition(*, current: str, to: str, reason: str = "") -> None:
    """Return when an initiative in state `current` may become `to`.

    Raises InitiativeCannotBecome outside the table, ReasonMissing when this step needs a reason, ReasonTooLong.
    """
    if to not in TRANSITIONS[current]:
        raise InitiativeCannotBecome
    takes_from_others = to in NEEDS_REASON or (to == "cancelled" and current in PUBLIC)
    if takes_from_others and not reason.strip():
        raise ReasonMissing(field="reason")
    if len(reason) > REASON_LENGTH_MAX:
        raise ReasonTooLong(field="reason", length=REASON_LENGTH_MAX)


def review_due_on(submitted_on: date) -> date:
    """Return the day by which whoever handed in an initiative may expect an answer: two weeks, past a weekend.

    A promise of the counter and not a term of the law: a review decides about publication, not about a grant.
    """
    due = submitted_on + timedelta(days=REVIEW_DAYS)
    # Saturday is 5, Sunday 6: both move to the Monday after.
    return due + timedelta(days=7 - due.weekday() if due.weekday() >= _SATURDAY else 0)


def is_public(facts: InitiativeFacts) -> bool:
    """Whether anyone may read the page: from going live on, also when it was cancelled after that."""
    return facts.state in PUBLIC or (facts.state == "cancelled" and facts.was_live)


def is_machine(actor: Actor) -> bool:
    """Whether this is an operator's command or the system itself; neither signs in."""
    return actor.channel in {Channel.OPERATOR, Channel.SYSTEM} and actor.person_id is None


def is_office(actor: Actor, facts: InitiativeFacts) -> bool:
    """Whether the actor works at the counter of this initiative's municipality, or on the server itself."""
    if is_machine(actor):
        return True
    return actor.municipality_id == facts.municipality_id and bool(actor.roles & _OFFICE)


def may_see(actor: Actor, facts: InitiativeFacts) -> Denial | None:
    """Whether the actor may read it: everyone once public; before that its people and the municipality's staff.

    A draft is its people's alone, unless the counter helps to write it: staff see it once it is handed in.
    """
    if is_public(facts) or facts.part is not None or is_machine(actor):
        return None
    is_staff = actor.municipality_id == facts.municipality_id and bool(actor.roles & _READERS)
    return None if is_staff and (facts.state != "draft" or facts.assisted) else InitiativeNotFound()


def may_edit(actor: Actor, facts: InitiativeFacts) -> Denial | None:
    """Whether the actor may change and hand in its text, which is possible until it is handed in.

    Its people may; the counter may where it helps: begun at the desk or by phone, on behalf of the resident.
    """
    if facts.part is None and not is_machine(actor) and not (is_office(actor, facts) and facts.assisted):
        return may_see(actor, facts) or NotYourInitiative()
    return None if facts.state in EDITABLE else NotEditable()


def may_review(actor: Actor, facts: InitiativeFacts) -> Denial | None:
    """Whether the actor may approve it or ask for changes: a clerk, and never on their own initiative."""
    return _office(actor, facts) or (OwnInitiative() if facts.part is not None else None)


def may_publish(actor: Actor, facts: InitiativeFacts) -> Denial | None:
    """Whether the actor may put an approved initiative online: its initiator or the counter."""
    return _initiator_or_office(actor, facts)


def may_suspend(actor: Actor, facts: InitiativeFacts) -> Denial | None:
    """Whether the actor may pause or resume a campaign: only the counter."""
    return _office(actor, facts)


def may_cancel(actor: Actor, facts: InitiativeFacts) -> Denial | None:
    """Whether the actor may end it for good: its initiator, or the counter. A draft is thrown away by its people."""
    return _initiator_or_office(actor, facts)


def may_tell_news(actor: Actor, facts: InitiativeFacts) -> Denial | None:
    """Whether the actor may publish an update: its initiator or team, once it is public."""
    if facts.part is None:
        return may_see(actor, facts) or NotYourInitiative()
    return None if is_public(facts) else InitiativeCannotBecome()


def may_moderate(actor: Actor, facts: InitiativeFacts) -> Denial | None:
    """Whether the actor may hide what a donor wrote, and see who chose what: its initiator, or the counter."""
    return _initiator_or_office(actor, facts)


def may_hand_over(actor: Actor, facts: InitiativeFacts) -> Denial | None:
    """Whether the actor may invite someone to answer for an unclaimed organisation's initiative: the counter."""
    return _office(actor, facts)


def _initiator_or_office(actor: Actor, facts: InitiativeFacts) -> Denial | None:
    if facts.part == "initiator":
        return None
    return may_see(actor, facts) or (None if is_office(actor, facts) else NotYourInitiative())


def _office(actor: Actor, facts: InitiativeFacts) -> Denial | None:
    return may_see(actor, facts) or (None if is_office(actor, facts) else OnlyTheCounter())
