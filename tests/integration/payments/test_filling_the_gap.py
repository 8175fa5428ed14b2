"""While a campaign collects, what failed cards left open may be given by anybody, and is charged at once."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from crowd.closing.gap_queries import open_gap
from crowd.closing.models import Closing, FinalDecision
from crowd.closing.standing_queries import CollectingStanding
from crowd.pledges.rules import CampaignNotOpen
from crowd.shared.actor import Actor
from crowd.shared.money import Money
from payments.collection.workflow import withdraw
from payments.settlement.models import Settlement
from tests.money import ASKS_ALWAYS, DECLINED_WHEN_CHARGED, LOST, MoneyWorld


def _gap(world: MoneyWorld, campaign: UUID) -> CollectingStanding | None:
    with world.database.reading() as session:
        return open_gap(session, initiative_id=campaign, now=world.now)


@pytest.fixture(name="campaign")
def campaign_with_a_gap(world: MoneyWorld) -> UUID:
    """Ten of thirty euros cannot be charged: the card was lost."""
    campaign = world.campaign(30_00)
    world.pledge(campaign, 20_00)
    world.pledge(campaign, 10_00, LOST)
    world.pass_deadline(campaign)
    world.work()
    return campaign


def test_a_neighbour_fills_the_gap_and_is_charged_at_once(world: MoneyWorld, campaign: UUID) -> None:
    gap = _gap(world, campaign)
    assert gap is not None
    assert (gap.missing, gap.crowd, gap.supporters) == (Money(10_00), Money(20_00), 1)

    world.advance(days=1)
    fills = world.pledge(campaign, 10_00)
    assert world.state_of(fills) == "charging"
    assert _gap(world, campaign) is None
    world.work(rounds=1)
    assert world.state_of(fills) == "collected"
    assert world.charges_at_provider(fills) == 1
    assert world.verdict().findings == ()

    world.live_through_collecting()
    assert world.state_of_campaign(campaign) == "funded"
    assert world.verdict().balanced


def test_what_was_frozen_at_the_deadline_stays_so(world: MoneyWorld, campaign: UUID) -> None:
    world.pledge(campaign, 10_00)
    world.live_through_collecting()
    with world.database.reading() as session:
        frozen = session.execute(select(Closing.secured_cents, Closing.secured_count)).one()
        planned = session.execute(select(Settlement.planned_cents, Settlement.planned_count)).one()
        decided = session.execute(select(FinalDecision.collected_cents, FinalDecision.collected_count)).one()
    assert tuple(frozen) == tuple(planned) == (30_00, 2)
    assert tuple(decided) == (30_00, 2)


def test_nothing_is_taken_while_nothing_is_missing(world: MoneyWorld) -> None:
    campaign = world.campaign(20_00)
    world.pledge(campaign, 25_00)
    world.pledge(campaign, 10_00, LOST)
    world.pass_deadline(campaign)
    world.work()
    with pytest.raises(CampaignNotOpen):
        world.promise(campaign, 5_00)


def test_nothing_is_taken_once_collecting_ended(world: MoneyWorld, campaign: UUID) -> None:
    begun = world.promise(campaign, 10_00)
    gap = _gap(world, campaign)
    assert gap is not None
    world.advance(seconds=(gap.window.until - world.now).total_seconds())
    with pytest.raises(CampaignNotOpen):
        world.promise(campaign, 10_00)

    # A card that is saved too late, before anybody decided the campaign.
    world.pay(begun)
    assert world.state_of(begun) == "abandoned"
    world.work()
    assert world.state_of_campaign(campaign) == "unfunded"
    assert world.charges_at_provider(begun) == 0
    assert world.verdict().balanced


def test_a_promise_without_a_card_ends_with_collecting(world: MoneyWorld, campaign: UUID) -> None:
    begun = world.promise(campaign, 10_00)
    world.live_through_collecting()
    assert world.state_of(begun) == "abandoned"
    assert world.state_of_campaign(campaign) == "unfunded"
    assert world.verdict().balanced


def test_a_gift_that_fails_too_leaves_the_gap_open(world: MoneyWorld, campaign: UUID) -> None:
    fails = world.pledge(campaign, 10_00, DECLINED_WHEN_CHARGED)
    world.work()
    assert world.state_of(fails) == "declined"
    gap = _gap(world, campaign)
    assert gap is not None
    assert gap.missing == Money(10_00)
    world.live_through_collecting()
    assert (world.state_of(fails), world.state_of_campaign(campaign)) == ("dropped", "unfunded")
    assert world.verdict().balanced


def test_neighbours_have_their_week_when_whoever_failed_has_left(world: MoneyWorld) -> None:
    campaign = world.campaign(30_00)
    world.pledge(campaign, 20_00)
    leaves = world.pledge(campaign, 10_00, ASKS_ALWAYS)
    world.pass_deadline(campaign)
    world.work()
    nobody = Actor(municipality_id=world.municipality_id)
    withdraw(world.database, world.gateway, pledge_id=leaves, actor=nobody, now=world.now)

    world.advance(days=5)
    world.work()
    assert world.state_of_campaign(campaign) == "collecting"
    world.pledge(campaign, 12_00)
    world.work()
    assert world.state_of_campaign(campaign) == "funded"
    assert world.verdict().balanced


def test_the_match_counts_as_the_decision_will_compute_it(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    world.award_match(campaign, up_to_cents=20_00)
    gives, fails = world.promise(campaign, 30_00), world.promise(campaign, 10_00)
    world.confirm_everyone()
    world.pay(gives)
    world.pay(fails, LOST)
    world.pass_deadline(campaign)
    world.work()

    # 30.00 stands with a match of 15.00; the match of the card that failed is not counted.
    gap = _gap(world, campaign)
    assert gap is not None
    assert (gap.crowd, gap.match, gap.missing) == (Money(30_00), Money(15_00), Money(15_00))
    fills = world.promise(campaign, 15_00)
    world.confirm_everyone()
    world.pay(fills)
    world.live_through_collecting()
    with world.database.reading() as session:
        decided = session.execute(select(FinalDecision.collected_cents, FinalDecision.match_cents)).one()
    # What fills a gap is not matched itself: reservations were frozen at the deadline.
    assert tuple(decided) == (45_00, 15_00)
    assert world.state_of_campaign(campaign) == "funded"
    assert world.verdict().balanced


def test_a_crash_after_the_card_was_saved_changes_nothing(world: MoneyWorld, campaign: UUID) -> None:
    fills = world.promise(campaign, 10_00)
    world.pay(fills, finish=False)
    # Nobody came back to our page: the provider's event, or the sweep, brings it.
    world.advance(minutes=30)
    world.work()
    assert world.state_of(fills) == "collected"
    assert world.charges_at_provider(fills) == 1


@pytest.mark.parametrize(
    "fault",
    [
        "UPDATE pledges SET promised_at = promised_at - interval '30 days' WHERE id = :fills",
        "UPDATE pledges SET secured_at = secured_at + interval '30 days' WHERE id = :fills",
    ],
)
def test_check_books_sees_a_charge_that_was_neither_planned_nor_fills_a_gap(
    world: MoneyWorld, campaign: UUID, fault: str
) -> None:
    world.advance(hours=1)
    fills = world.pledge(campaign, 10_00)
    world.live_through_collecting()
    assert world.verdict().findings == ()
    with world.database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(fault), {"fills": fills})
    assert "I5" in {finding.invariant for finding in world.verdict().findings}


def test_a_gap_ends_to_the_second(world: MoneyWorld, campaign: UUID) -> None:
    gap = _gap(world, campaign)
    assert gap is not None
    with world.database.reading() as session:
        last = open_gap(session, initiative_id=campaign, now=gap.window.until - timedelta(seconds=1))
        after = open_gap(session, initiative_id=campaign, now=gap.window.until)
    assert (last is not None, after) == (True, None)
