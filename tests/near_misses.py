"""Playing a near miss: the initiator hands in a smaller plan, and the counter answers."""

from uuid import UUID

from crowd.closing.plan_operations import answer_plan, save_plan, submit_plan
from crowd.closing.plan_queries import NearMissRow, near_miss
from crowd.closing.plan_rules import Plan
from crowd.initiatives.content_rules import Line
from crowd.shared.actor import Actor
from crowd.shared.money import Money
from payments.settlement.operations import take_back_gift
from tests.gifts import take_cash
from tests.money import LOST, MoneyWorld

WHAT = "Er komt een bank minder en geen afdak."
WHY = "Twee bijdragen konden niet worden afgeschreven."


def collect(world: MoneyWorld) -> None:
    """Let collecting pass in two steps: what can be charged is, what cannot is given up."""
    world.work(rounds=1)
    world.advance(days=8)
    world.work(rounds=1)


def smaller_plan(cents: int) -> Plan:
    """A plan that needs so much and costs so much."""
    return Plan(lines=(Line("Eén bank", Money(cents)),), minimum=Money(cents), what_changes=WHAT, why=WHY)


def nearly_there(world: MoneyWorld, *, by_card: bool = False) -> tuple[UUID, list[UUID]]:
    """A campaign of 100.00 with three gifts that make 90.00, and one of 10.00 by a card that cannot be charged."""
    campaign = world.campaign(100_00)
    amounts = (40_00, 30_00, 20_00)
    gifts = [world.pledge(campaign, cents) if by_card else take_cash(world, campaign, cents) for cents in amounts]
    world.pledge(campaign, 10_00, LOST)
    return campaign, gifts


def near_miss_campaign(world: MoneyWorld) -> tuple[UUID, list[UUID]]:
    """The same, paid by card, as it stands when collecting ended."""
    campaign, gifts = nearly_there(world, by_card=True)
    world.pass_deadline(campaign)
    collect(world)
    assert world.state_of_campaign(campaign) == "near_miss"
    return campaign, gifts


def initiator(world: MoneyWorld) -> Actor:
    """Whoever began every campaign of this world."""
    return Actor(municipality_id=world.municipality_id, person_id=world.initiator_id)


def hand_in(world: MoneyWorld, campaign: UUID, cents: int) -> None:
    """The initiator writes a smaller plan and hands it in."""
    with world.database.transaction() as session:
        save_plan(session, initiative_id=campaign, plan=smaller_plan(cents), actor=initiator(world), now=world.now)
        submit_plan(session, initiative_id=campaign, actor=initiator(world), now=world.now)


def answer(world: MoneyWorld, campaign: UUID, outcome: str, reason: str = "") -> None:
    """A clerk confirms or refuses."""
    clerk = world.staff("clerk")
    with world.database.transaction() as session:
        answer_plan(session, initiative_id=campaign, outcome=outcome, reason=reason, actor=clerk, now=world.now)


def take_back(world: MoneyWorld, pledge_id: UUID) -> None:
    """A donor takes a gift back on the page of their own contribution."""
    donor = Actor(municipality_id=world.municipality_id)
    with world.database.transaction() as session:
        take_back_gift(session, pledge_id=pledge_id, actor=donor, now=world.now)


def standing(world: MoneyWorld, campaign: UUID) -> NearMissRow:
    """How the near miss stands."""
    with world.database.reading() as session:
        found = near_miss(session, initiative_id=campaign)
    assert found is not None
    return found
