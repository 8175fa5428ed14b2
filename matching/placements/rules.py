"""The road of a placement, and how long somebody has to answer. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from crowd.shared.errors import Conflict, Forbidden, Invalid, NotFound, msg

TRANSITIONS: Final[dict[str, frozenset[str]]] = {
    "proposed": frozenset({"invited", "withdrawn"}),
    # waitlisted: somebody says yes after the last place went, and would still like to come.
    "invited": frozenset({"accepted", "declined", "expired", "withdrawn", "waitlisted"}),
    "applied": frozenset({"accepted", "waitlisted", "declined", "expired", "withdrawn"}),
    # expired: the shift began before a place came free. Every application gets an answer or an end.
    "waitlisted": frozenset({"invited", "expired", "withdrawn"}),
    # Straight to completed or no_show: checking in at the door is a possibility, not a duty.
    "accepted": frozenset({"checked_in", "completed", "no_show", "cancelled"}),
    # accepted: somebody at the desk tapped the wrong name.
    "checked_in": frozenset({"completed", "no_show", "accepted"}),
    # The clock assumes that people came. Whoever was there knows better, and may say so either way.
    "completed": frozenset({"no_show"}),
    "no_show": frozenset({"completed"}),
    # People change their minds: their own sign-up opens these again. A new invitation never does; see `may_return`.
    "declined": frozenset({"applied"}),
    "expired": frozenset({"applied"}),
    "withdrawn": frozenset({"applied"}),
    "cancelled": frozenset({"applied"}),
}
STATES: Final = tuple(TRANSITIONS)
# Takes a place of the shift, and counts in `filled`.
TAKES_PLACE: Final = frozenset({"accepted", "checked_in", "completed", "no_show"})
# Occupies the volunteer: the database refuses two of these that overlap.
OCCUPIES: Final = frozenset({"accepted", "checked_in"})
# Waits for somebody's answer, and so has a moment at which it ends by itself.
AWAITS: Final = frozenset({"invited", "applied", "waitlisted"})
LEFT: Final = frozenset({"declined", "expired", "withdrawn", "cancelled"})

ANSWER_WITHIN: Final = timedelta(hours=48)
DECIDE_WITHIN: Final = timedelta(days=7)
# Each message costs goodwill.
OPEN_INVITATIONS_MAX: Final = 2
WEEK_INVITATIONS_MAX: Final = 3
WEEK: Final = timedelta(days=7)
# After this, what was recorded about who came stays as it is.
CORRECT_WITHIN: Final = timedelta(days=14)


class PlacementNotFound(NotFound):
    """There is no such placement, or it is somebody else's."""

    sentence = msg("We cannot find this sign-up.")


class PlacementCannotBecome(Conflict):
    """The transition table has no such edge."""

    sentence = msg("This is no longer possible: this sign-up has changed in the meantime. Reload the page.")


class ShiftIsFull(Conflict):
    """The last place went to somebody else."""

    sentence = msg("The last place has just been taken. You can still join the waiting list.")


class Overlaps(Conflict):
    """Nobody is in two places at once."""

    sentence = msg("You already help somewhere else at this time. Cancel that first, or choose another shift.")


class OverlapsForThem(Conflict):
    """The same, said to whoever wanted to accept them."""

    sentence = msg("This person already helps somewhere else at this time.")


class InvitationExpired(Conflict):
    """The time to answer has passed."""

    sentence = msg(
        "The time to answer this invitation has passed. If there is still a place, you can sign up yourself."
    )


class AlreadyThere(Conflict):
    """One person, one shift, one placement."""

    sentence = msg("You are already on the list of this shift.")


class AlreadyAsked(Conflict):
    """Asked before, whatever came of it: after a no nobody asks again."""

    sentence = msg("This person is already on the list of this shift, or answered before.")


class AskedEnough(Conflict):
    """Too many questions to one person."""

    sentence = msg("This person has been asked often enough this week. Ask somebody else, or try again later.")


class DoesNotFit(Conflict):
    """A hard constraint is broken."""

    sentence = msg("This person does not fit this shift: something was changed in the meantime.")


class TooYoung(Invalid):
    """Not old enough on the day itself."""

    sentence = msg("For this shift you must be at least {age} years old on the day itself.")


class BirthDateMissing(Invalid):
    """The role asks an age, and we do not know it."""

    sentence = msg("Fill in your date of birth: this shift has a minimum age of {age}.")


class CredentialNotSeen(Invalid):
    """Accepting somebody for this role means having seen their document."""

    sentence = msg("Confirm that you have seen the document this role asks for.")


class NotOverYet(Conflict):
    """Who came is known afterwards."""

    sentence = msg("You can record who came once the shift has ended.")


class TooLateToCorrect(Conflict):
    """What was recorded stands."""

    sentence = msg("This can no longer be changed: the shift is more than {days} days ago.")


class NotTheirs(Forbidden):
    """An answer is for the person who was asked."""

    sentence = msg("Only the person who was asked can answer.")


def check_transition(*, current: str, to: str) -> None:
    """Return when a placement in state `current` may become `to`; raise PlacementCannotBecome."""
    if to not in TRANSITIONS[current]:
        raise PlacementCannotBecome


def may_return(*, state: str, before: str | None) -> bool:
    """Whether somebody in a state they left by may sign up again, knowing the state before it.

    Not when the organisation said no to their application: then only the organisation asks again.
    """
    return state in LEFT and not (state == "declined" and before == "applied")


def answer_by(*, now: datetime, starts_at: datetime) -> datetime:
    """Return until when an invitation stands: 48 hours, or half the time until the shift starts if that is less."""
    return _halfway(now, starts_at, ANSWER_WITHIN)


def decide_by(*, now: datetime, starts_at: datetime) -> datetime:
    """Return until when the organisation answers an application: a week, or half the time until the shift starts."""
    return _halfway(now, starts_at, DECIDE_WITHIN)


def _halfway(now: datetime, starts_at: datetime, most: timedelta) -> datetime:
    # In UTC: between two moments of one zone Python would not count the hour the clock jumps over.
    now, starts_at = now.astimezone(UTC), starts_at.astimezone(UTC)
    return now + max(timedelta(0), min(most, (starts_at - now) / 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Openness:
    """What deciding about one more invitation needs: how many are open now, and how many came this week."""

    open_invitations: int
    this_week: int


def may_be_asked(facts: Openness) -> bool:
    """Whether one more invitation still is a kindness."""
    return facts.open_invitations < OPEN_INVITATIONS_MAX and facts.this_week < WEEK_INVITATIONS_MAX
