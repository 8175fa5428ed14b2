"""How many people to ask for a shift, and until when. Pure.

Asking everybody who fits wastes goodwill; asking one at a time takes weeks. So as many are asked as will fill the
shift if people answer as they did before.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Final, Literal

from crowd.shared.errors import Conflict, NotFound, msg

# From here on nobody is asked out of the blue: only who wanted to come by themselves is offered a place.
ONLY_OFFERS: Final = timedelta(hours=48)
# How far back, and how many answers at most, our own history is read.
HISTORY: Final = timedelta(days=365)
HISTORY_MOST: Final = 1000
# Before anybody answered we take four of ten for a yes; ten answers of our own weigh as much as that guess.
PRIOR_YES: Final = 4
PRIOR_ANSWERS: Final = 10
# Enough were asked, or nobody is left to ask: looked at again after this, or at the first news of the shift.
REST: Final = timedelta(minutes=10)

Ending = Literal["stopped", "near", "closed"]
ENDINGS: Final[tuple[Ending, ...]] = ("stopped", "near", "closed")


class WaveNotFound(NotFound):
    """Nobody is being asked for this shift."""

    sentence = msg("Nobody is being asked for this shift at the moment.")


class WaveRuns(Conflict):
    """One wave per shift is enough."""

    sentence = msg("People are being asked for this shift already.")


class TooLateToAsk(Conflict):
    """Too close to ask strangers."""

    sentence = msg(
        "The shift begins within {hours} hours, so only people who signed up themselves are offered a place. "
        "You can still ask somebody yourself."
    )


class NobodyFits(Conflict):
    """There is nobody to ask next."""

    sentence = msg("At this moment nobody with a profile fits whom you have not asked yet.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What came of invitations: how many said yes, and how many answered no or were silent."""

    yes: int = 0
    no: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveFacts:
    """A shift as a wave sees it. `offered` are free places on offer to its waiting list, `asked` open invitations."""

    starts_at: datetime
    is_open: bool
    free: int
    offered: int
    asked: int


def accept_rate(*, own: Answers, town: Answers) -> Fraction:
    """Return the share of people that will say yes, above 0 and below 1, estimated from what was answered before.

    The initiative's own answers count fully; the town's stand behind them as ten answers, and a plain guess of four
    in ten behind the town's. So a first wave is sensible, and a hundred answers of one's own decide by themselves.
    """
    common = _with_prior(town, Fraction(PRIOR_YES, PRIOR_ANSWERS))
    return _with_prior(own, common)


def _with_prior(answers: Answers, prior: Fraction) -> Fraction:
    return (answers.yes + PRIOR_ANSWERS * prior) / (answers.yes + answers.no + PRIOR_ANSWERS)


def wanted_invitations(*, open_places: int, rate: Fraction) -> int:
    """Return how many invitations should be open at once: the places divided by the rate, rounded up."""
    return -((-max(0, open_places)) // rate)


def more_to_ask(facts: WaveFacts, *, rate: Fraction) -> int:
    """Return how many more people to ask now; 0 while enough were, or the shift is full."""
    open_places = facts.free - facts.offered
    return max(0, wanted_invitations(open_places=open_places, rate=rate) - facts.asked)


def is_near(*, starts_at: datetime, now: datetime) -> bool:
    """Whether the shift begins within 48 hours, by the hours that really pass."""
    return starts_at.astimezone(UTC) - now.astimezone(UTC) <= ONLY_OFFERS


def ending_of(facts: WaveFacts, *, now: datetime) -> Ending | None:
    """Return why a wave ends by itself, or None while it goes on. A full shift only rests: people cancel."""
    if is_near(starts_at=facts.starts_at, now=now):
        return "near"
    return None if facts.is_open else "closed"


def check_may_start(*, starts_at: datetime, now: datetime) -> None:
    """Return when a wave for this shift still makes sense; raise TooLateToAsk."""
    if is_near(starts_at=starts_at, now=now):
        raise TooLateToAsk(hours=ONLY_OFFERS // timedelta(hours=1))
