"""When money may be asked back from who received it, and by whom. Pure."""

from typing import Final, Literal
from uuid import UUID

from crowd.shared.actor import Actor
from crowd.shared.errors import Conflict, Forbidden, msg
from crowd.shared.money import Money
from payments.payouts.rules import OwnMoney, check_treasurer

# How asking one gift back stands. nothing: nobody asked, or the provider refused and it may be asked for again.
Standing = Literal["nothing", "waits", "under_way", "came_back"]
STANDINGS: Final = ("nothing", "waits", "under_way", "came_back")
# The only state of a pledge whose money is lost.
LOST: Final = "charged_back"


class NothingToAskBack(Conflict):
    """The gift was not lost, none of it left, or it was asked back before."""

    sentence = msg("Nothing of this gift can be asked back: it did not leave, or it was asked back already.")


class StopsByPlan(Conflict):
    """What was lost stands in the plan to cancel as the municipality's: got back twice it would be somebody else's."""

    sentence = msg("A plan to stop this initiative already counts what was lost, so it is not asked back as well.")


class NotAskedYet(Conflict):
    """There is nothing to approve."""

    sentence = msg("Nobody asked to have this money back, or somebody approved it already.")


class AskedByYourself(Forbidden):
    """Four eyes."""

    sentence = msg("You asked for this yourself, so another treasurer approves it.")


def check_asking(*, actor: Actor, team: frozenset[UUID]) -> None:
    """Return when this actor may ask for money back, or approve that; raise OnlyTheTreasurer or OwnMoney."""
    check_treasurer(actor=actor)
    if actor.person_id in team:
        raise OwnMoney


def needs_second(*, amount: Money, alone: Money) -> bool:
    """Whether asking so much back takes two people: above what one may pay out alone."""
    return amount > alone


def standing(states: frozenset[str]) -> Standing:
    """Return how asking a gift back stands, from the states of what was asked of its parts."""
    if "asked" in states:
        return "waits"
    if "planned" in states:
        return "under_way"
    return "came_back" if "succeeded" in states else "nothing"
