"""When money may leave, and who may say so."""

from dataclasses import dataclass
from uuid import UUID

from crowd.shared.actor import Actor
from crowd.shared.errors import Conflict, Forbidden, Invalid, NotFound, msg
from crowd.shared.money import Money
from payments.payouts.tranche_rules import PlanUndecided, ReportNotApproved


class NotFunded(Conflict):
    """Only a funded campaign pays out."""

    sentence = msg("This initiative has not been funded, so there is nothing to pay out.")


class PayeeNotReady(Conflict):
    """The initiator has not told the provider where the money may go."""

    sentence = msg("The initiator has not finished filling in where the money should go.")


class MatchNotReceived(Conflict):
    """The municipality's share is paid out with the gifts, so it must have arrived."""

    sentence = msg("The municipality's share has not been received yet.")


class MatchDiffers(Invalid):
    """What arrived is not what was fixed."""

    sentence = msg("The municipality's share is € {euros}; fill in exactly that amount.")


class NoMatchExpected(Conflict):
    """No match was fixed for this campaign."""

    sentence = msg("The municipality does not pay a share for this initiative.")


class ReferenceMissing(Invalid):
    """A receipt on the bank account is found again by its reference."""

    sentence = msg("Fill in the reference of the bank transfer.")


class AlreadyPaidOut(Conflict):
    """One payout per tranche."""

    sentence = msg("This payout was already approved.")


class PayoutsStopped(Conflict):
    """A plan to cancel was proposed: until it is refused, nothing leaves."""

    sentence = msg("A plan to stop this initiative was proposed, so nothing is paid out.")


class MoreThanGiven(Conflict):
    """A refund above what is left of a gift."""

    sentence = msg("More than is left of a contribution cannot be given back.")


class PayeeClosed(Conflict):
    """The account no longer takes money."""

    sentence = msg("The account the money should go to was closed. The initiator must name another one.")


class OnlyTheTreasurer(Forbidden):
    """Money leaves on a treasurer's word."""

    sentence = msg("Only the municipality's treasurer can do this.")


class OwnMoney(Forbidden):
    """Four eyes: nobody approves a payout to an initiative of their own."""

    sentence = msg("You belong to this initiative, so another treasurer approves its payout.")


class NothingToTryAgain(Conflict):
    """No refund came back, or the donor gave an account meanwhile."""

    sentence = msg("This cannot be tried again: the donor gave an account number, or the money went back already.")


class NoPayoutHere(NotFound):
    """No payout to see."""

    sentence = msg("There is no payout for this initiative.")


@dataclass(frozen=True, slots=True)
class PayoutFacts:
    """What deciding about the next payout of a campaign needs to know. Amounts in cents.

    `is_paid_out`: every tranche was approved; `number` is the tranche that comes next of `tranches` (0 without a
    plan), `approved_reports` how many reports on progress were approved; `is_undecided`: the initiator proposed a plan,
    and no treasurer set one; `is_stopped`: somebody proposed to cancel the campaign.
    """

    state: str
    payee_state: str | None
    match_cents: int
    match_received_cents: int
    is_paid_out: bool
    team: frozenset[UUID]
    number: int = 1
    approved_reports: int = 0
    is_undecided: bool = False
    tranches: int = 0
    is_stopped: bool = False


def check_treasurer(*, actor: Actor) -> None:
    """Return when the actor is a treasurer; raise OnlyTheTreasurer otherwise."""
    if "treasurer" not in actor.roles:
        raise OnlyTheTreasurer


def check_payout(*, actor: Actor, facts: PayoutFacts, number: int = 1) -> None:
    """Return when this actor may pay tranche `number` of this campaign now; raise what is missing."""
    check_treasurer(actor=actor)
    if actor.person_id in facts.team:
        raise OwnMoney
    if facts.state != "funded":
        raise NotFunded
    if facts.is_stopped:
        raise PayoutsStopped
    if facts.is_paid_out or number < facts.number:
        raise AlreadyPaidOut
    if facts.is_undecided:
        raise PlanUndecided
    if facts.approved_reports < number - 1 or number > facts.number:
        raise ReportNotApproved
    if facts.payee_state == "closed":
        raise PayeeClosed
    if facts.payee_state != "ready":
        raise PayeeNotReady
    if facts.match_received_cents < facts.match_cents:
        raise MatchNotReceived


def check_match_received(*, actor: Actor, fixed: Money, received: Money, reference: str) -> None:
    """Return when this receipt of the municipality's share may be booked; raise what is wrong with it."""
    check_treasurer(actor=actor)
    if not fixed:
        raise NoMatchExpected
    if received != fixed:
        raise MatchDiffers(field="amount", euros=f"{fixed.cents // 100},{fixed.cents % 100:02d}")
    if not reference.strip():
        raise ReferenceMissing(field="reference")
