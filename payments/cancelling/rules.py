"""Cancelling a campaign that was funded: how what is left is divided, who may say so, and what a donor may choose.

Pure, to the cent. What is left is divided over everybody who paid for it, in proportion to what they gave.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from crowd.initiatives.rules import REASON_LENGTH_MAX, ReasonMissing, ReasonTooLong
from crowd.shared.actor import Actor
from crowd.shared.errors import Conflict, Forbidden, Invalid, NotFound, msg
from crowd.shared.money import ZERO, Money

State = Literal["proposed", "refused", "approved"]
Choice = Literal["refund", "move", "gift"]
Way = Literal["refund", "bank", "move", "gift", "share", "lost"]
STATES: Final = ("proposed", "refused", "approved")
CHOICES: Final = ("refund", "move", "gift")
# refund, bank: back to its donor, by the provider or by bank. share: the municipality's own. lost: a dispute took it.
WAYS: Final = ("refund", "bank", "move", "gift", "share", "lost")
# How long a donor may choose. Whoever says nothing gets their money back.
CHOOSING_LASTS: Final = timedelta(days=14)
REFERENCE_LENGTH: Final = 80


class CancellationNotFound(NotFound):
    """Nobody proposed to cancel this initiative, or the plan was refused."""

    sentence = msg("There is no plan to stop this initiative.")


class OnlyTheOffice(Forbidden):
    """A plan is proposed by whoever handles money or initiatives for the municipality."""

    sentence = msg("Only a treasurer or a clerk of the municipality can propose this.")


class OnlyATreasurerDecides(Forbidden):
    """Money leaves on a treasurer's word."""

    sentence = msg("Only the municipality's treasurer can decide about this plan.")


class OwnPlan(Forbidden):
    """Four eyes: the second person is never the first."""

    sentence = msg("You proposed this plan yourself, so another treasurer must approve it.")


class OwnInitiativeStops(Forbidden):
    """Four eyes: nobody divides the money of an initiative of their own."""

    sentence = msg("You belong to this initiative, so others decide about stopping it.")


class NotCancellable(Conflict):
    """Only a funded campaign is cancelled with a plan."""

    sentence = msg("Only an initiative that was funded is stopped with a plan.")


class ProposedAlready(Conflict):
    """One plan at a time."""

    sentence = msg("A plan to stop this initiative was already proposed.")


class DecidedAlready(Conflict):
    """A plan is approved or refused once."""

    sentence = msg("This plan was already approved or refused.")


class NothingToDivide(Conflict):
    """Everything was paid out: nothing can be given back."""

    sentence = msg("Everything was paid out already, so there is nothing left to divide.")


class PlanOutdated(Conflict):
    """Money moved since the plan was made."""

    sentence = msg(
        "Money moved since this plan was made, so its amounts no longer hold. Refuse it and propose it again."
    )


class PaymentUnderWay(Conflict):
    """A part of a payout is being sent: whether it left is known shortly."""

    sentence = msg("A payment to this initiative is on its way at this moment. Try again in a few minutes.")


class BooksDoNotAgree(Conflict):
    """More is there than anybody gave, or less than nothing: first find out why."""

    sentence = msg("The books of this initiative do not agree. Look at the books first.")


class TooLateToChoose(Conflict):
    """The term is over, and what everybody chose is being done."""

    sentence = msg("The last day to choose has passed.")


class NothingToChoose(Conflict):
    """Nothing of this gift is left, or its bank is being asked to give it back."""

    sentence = msg("There is nothing to choose for this contribution.")


class ChoiceMissing(Invalid):
    """None of the three."""

    sentence = msg("Choose what should happen to your money.")


class TargetMissing(Invalid):
    """Another initiative, but which?"""

    sentence = msg("Choose which initiative gets your money.")


class ShareDiffers(Invalid):
    """What went back to the municipality is not what the plan says."""

    sentence = msg("The municipality gets € {euros} from this plan; fill in exactly that amount.")


class NothingForTheTown(Conflict):
    """The municipality has had all it gets, for now."""

    sentence = msg("At this moment nothing goes to the municipality.")


class TransferReferenceMissing(Invalid):
    """A transfer is found again by its reference."""

    sentence = msg("Fill in the reference of the bank transfer.")


@dataclass(frozen=True, slots=True, order=True)
class Party:
    """Somebody who paid, and how much, in cents. Without a pledge: the municipality, which also bore lost disputes."""

    gave_cents: int
    pledge_id: UUID | None


@dataclass(frozen=True, slots=True)
class Standing:
    """The money of a campaign: who gave what, and how much of it is left. In cents."""

    parties: tuple[Party, ...]
    left_cents: int

    @property
    def gave_cents(self) -> int:
        """Everything that was given."""
        return sum(party.gave_cents for party in self.parties)

    @property
    def spent_cents(self) -> int:
        """What was paid out and did not come back."""
        return self.gave_cents - self.left_cents


@dataclass(frozen=True, slots=True)
class Line:
    """What one party gets of what is left, in cents."""

    pledge_id: UUID | None
    gave_cents: int
    amount_cents: int


def divide(standing: Standing) -> list[Line]:
    """Return what everybody gets of what is left, in proportion to what they gave: the donors first, by id.

    Largest remainder, and on a tie the smaller id, the municipality last: so the same whatever order they are named
    in. The lines add up to exactly what is left, and nobody gets more than they gave. Raises BooksDoNotAgree when
    more is left than was given or less than nothing, or somebody gave a negative amount.
    """
    if not 0 <= standing.left_cents <= standing.gave_cents or any(one.gave_cents < 0 for one in standing.parties):
        raise BooksDoNotAgree
    parties = sorted(standing.parties, key=lambda one: (one.pledge_id is None, one.pledge_id or UUID(int=0)))
    if not standing.gave_cents:
        return [Line(one.pledge_id, one.gave_cents, 0) for one in parties]
    shares = Money(standing.left_cents).split([one.gave_cents for one in parties])
    return [Line(one.pledge_id, one.gave_cents, share.cents) for one, share in zip(parties, shares, strict=True)]


def check_reason(reason: str) -> str:
    """Return the reason, which everybody will read; raise ReasonMissing or ReasonTooLong."""
    said = reason.strip()
    if not said:
        raise ReasonMissing(field="reason")
    if len(said) > REASON_LENGTH_MAX:
        raise ReasonTooLong(field="reason", length=REASON_LENGTH_MAX)
    return said


def check_proposal(*, actor: Actor, team: Collection[UUID], state: str) -> None:
    """Return when this actor may propose to cancel a campaign in this state; raise what is wrong."""
    if not actor.roles & {"treasurer", "clerk"}:
        raise OnlyTheOffice
    if actor.person_id in team:
        raise OwnInitiativeStops
    if state != "funded":
        raise NotCancellable


def check_decision(*, actor: Actor, team: Collection[UUID], proposed_by: UUID, state: str, approves: bool) -> None:
    """Return when this actor may approve, or refuse, a plan in this state; raise what is wrong.

    Whoever proposed it may take it back, and never approves it.
    """
    if "treasurer" not in actor.roles and (approves or actor.person_id != proposed_by):
        raise OnlyATreasurerDecides
    if actor.person_id in team:
        raise OwnInitiativeStops
    if approves and actor.person_id == proposed_by:
        raise OwnPlan
    if state != "proposed":
        raise DecidedAlready


def check_choice(*, state: str, choose_until: datetime | None, amount_cents: int, now: datetime) -> None:
    """Return when a donor may choose at `now`; raise NothingToChoose or TooLateToChoose."""
    if state != "approved" or choose_until is None or not amount_cents:
        raise NothingToChoose
    if now >= choose_until:
        raise TooLateToChoose


def way_of(*, choice: str, is_offline: bool, is_moved_here: bool, may_move: bool) -> Way:
    """Return what is done with a donor's line.

    Money that came from another cancelled initiative goes to the neighbourhood's pot, as its donor was told when they
    chose. Where the chosen initiative can take nothing any more, the money goes back.
    """
    if is_moved_here or choice == "gift":
        return "gift"
    if choice == "move" and may_move:
        return "move"
    return "bank" if is_offline else "refund"


def check_town_transfer(*, actor: Actor, due: Money, sent: Money, reference: str) -> str:
    """Return the reference when this transfer to the municipality may be booked; raise what is wrong with it."""
    if "treasurer" not in actor.roles:
        raise OnlyATreasurerDecides
    if not due:
        raise NothingForTheTown
    if sent != due:
        raise ShareDiffers(field="amount", euros=f"{due.cents // 100},{due.cents % 100:02d}")
    if not reference.strip():
        raise TransferReferenceMissing(field="reference")
    return reference.strip()[:REFERENCE_LENGTH]


def borne_by_campaign(*, line_cents: int, is_gone: bool, amount_cents: int) -> Money:
    """Return how much of a lost dispute a cancelled campaign bears: what its donor would have got, if still there."""
    return ZERO if is_gone else Money(min(line_cents, amount_cents))


def sum_of(lines: Iterable[Line], *, town: bool) -> Money:
    """Return what the municipality (`town`), or all donors together, get."""
    return Money(sum(line.amount_cents for line in lines if (line.pledge_id is None) == town))
