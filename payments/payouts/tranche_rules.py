"""How a payout is cut into tranches: which parts a plan may have, and what each part takes. Pure, to the cent.

A plan says how much each tranche pays. The municipality's share is spread over them by largest remainder; the rest of
each tranche is neighbours' money: first what came in cash and by transfer, then charges, oldest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from crowd.shared.errors import Conflict, Forbidden, Invalid, msg
from crowd.shared.money import ZERO, Money

TRANCHES_MAX: Final = 6
MILESTONE_LENGTH_MAX: Final = 200
_ALL: Final = 100
_Key = TypeVar("_Key")


class PlanDoesNotAddUp(Invalid):
    """The parts are not the whole."""

    sentence = msg("The parts must be 100% together; these are {percent}%.")


class PartTooSmall(Invalid):
    """A part of nothing, or less than a cent."""

    sentence = msg("Every part must be a whole percentage above zero.")


class TooManyParts(Invalid):
    """More parts than anybody keeps an eye on."""

    sentence = msg("Use at most {most} parts.")


class MilestoneMissing(Invalid):
    """Nobody can report on a milestone without a name."""

    sentence = msg("Say for each part what will have been done by then, in at most {length} characters.")


class PlanFixed(Conflict):
    """Money left, or somebody already said it may."""

    sentence = msg("The plan can no longer be changed: its first part was already approved.")


class PlanUndecided(Conflict):
    """The initiator asked for parts, and nobody answered."""

    sentence = msg("The initiator proposed to be paid in parts. Set the plan first.")


class ReportNotApproved(Conflict):
    """The next part follows on an approved report about the one before."""

    sentence = msg("This part is paid once the report about the part before it has been approved.")


class NothingLeft(Conflict):
    """Everything this part was for has gone back."""

    sentence = msg("There is nothing left to pay out.")


class ApprovedByYourself(Forbidden):
    """Four eyes: the second approval is somebody else's."""

    sentence = msg("You approved this payout yourself. Above € {euros} somebody else must approve it too.")


@dataclass(frozen=True, slots=True)
class Part:
    """One tranche of a plan: what it pays, and how much of that is the municipality's. In cents."""

    amount_cents: int
    match_cents: int


@dataclass(frozen=True, slots=True)
class Parts:
    """What one tranche pays, by where it comes from. In cents."""

    gifts_cents: int
    deposits_cents: int
    match_cents: int

    @property
    def total_cents(self) -> int:
        """Everything this tranche pays."""
        return self.gifts_cents + self.deposits_cents + self.match_cents


def check_percents(percents: Sequence[int], milestones: Sequence[str]) -> None:
    """Return when these whole percentages, each with its milestone, are a plan.

    Raises TooManyParts, PartTooSmall, PlanDoesNotAddUp, MilestoneMissing.
    """
    if len(percents) > TRANCHES_MAX:
        raise TooManyParts(field="percent-1", most=TRANCHES_MAX)
    for number, percent in enumerate(percents, 1):
        if percent <= 0:
            raise PartTooSmall(field=f"percent-{number}")
    if sum(percents) != _ALL:
        raise PlanDoesNotAddUp(field="percent-1", percent=sum(percents))
    for number, milestone in enumerate(milestones, 1):
        if not 0 < len(milestone.strip()) <= MILESTONE_LENGTH_MAX:
            raise MilestoneMissing(field=f"milestone-{number}", length=MILESTONE_LENGTH_MAX)


def plan(*, crowd: Money, match: Money, percents: Sequence[int]) -> list[Part]:
    """Return the tranches of neighbours' and municipality's money, each with its part of the municipality's share.

    Amounts follow the percentages, the share follows the amounts, both by largest remainder: each adds up exactly.
    """
    amounts = [amount.cents for amount in (crowd + match).split(percents)]
    shares = match.split(amounts) if any(amounts) else [ZERO for _ in amounts]
    return [Part(amount, share.cents) for amount, share in zip(amounts, shares, strict=True)]


def parts_now(*, planned: Sequence[Part], gifts_cents: int, deposits_cents: int) -> Parts:
    """Return what the first of the `planned` tranches pays, when this much of neighbours' money is still here.

    Exactly what was planned while all of it is. When some went back (or came back) since, what is here is spread over
    the tranches that remain, in proportion; the last one takes all. What came in cash and by transfer goes first: no
    bank can ask it back.
    """
    first, *_ = planned
    weights = [part.amount_cents - part.match_cents for part in planned]
    here = Money(gifts_cents + deposits_cents)
    crowd = here.split(weights)[0] if any(weights) else (here if len(planned) == 1 else ZERO)
    deposits = min(deposits_cents, crowd.cents)
    return Parts(gifts_cents=crowd.cents - deposits, deposits_cents=deposits, match_cents=first.match_cents)


def take_charges(wanted_cents: int, charges: Sequence[tuple[_Key, int]]) -> list[tuple[_Key, int]]:
    """Return which charges make `wanted_cents`, and how much of each: in the order given, splitting at most the last.

    `charges` are (key, what is left of it), and hold at least as much as is wanted.
    """
    taken: list[tuple[_Key, int]] = []
    for key, left in charges:
        if wanted_cents == 0:
            break
        cents = min(left, wanted_cents)
        if cents:
            taken.append((key, cents))
            wanted_cents -= cents
    return taken


def needs_second(*, planned: Sequence[Part], alone_cents: int) -> bool:
    """Whether two people approve each tranche: judged by the whole plan, so cutting it up does not evade the limit."""
    return sum(part.amount_cents for part in planned) > alone_cents
