"""A campaign that collected nearly its minimum: its plan is revised and confirmed, or everybody gets it back."""

from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from crowd.closing.campaign_queries import campaign_card
from crowd.closing.models import FinalDecision
from crowd.closing.plan_operations import answer_plan, remind, save_plan
from crowd.closing.plan_rules import NothingToAnswer, NothingToTakeBack, PlanHandedIn, TooLateToRevise
from crowd.initiatives.models import BudgetLine, Initiative
from crowd.initiatives.rules import NotYourInitiative, OnlyTheCounter
from crowd.municipalities.models import Municipality
from crowd.pledges.models import Pledge
from crowd.pledges.queries import lock_collected
from crowd.pledges.rules import CampaignNotOpen
from crowd.shared.errors import InvalidFields
from crowd.shared.money import Money
from crowd.shared.outbox import OutboxRow
from payments.cancelling.models import CancellationLine
from payments.ledger.models import Transfer
from payments.payouts.models import Refund
from payments.payouts.refund_operations import plan_partial_refund, plan_refunds
from payments.payouts.tranche_queries import money_here
from payments.settlement.operations import end_near_miss
from tests.cancelling import cancel, end_choosing
from tests.gifts import give_back
from tests.money import LOST, MoneyWorld
from tests.near_misses import (
    answer,
    collect,
    hand_in,
    initiator,
    near_miss_campaign,
    nearly_there,
    smaller_plan,
    standing,
    take_back,
)
from tests.payouts import a_campaign_to_pay


def _card(world: MoneyWorld, campaign: UUID) -> tuple[int, int, int, int, str]:
    with world.database.reading() as session:
        card = campaign_card(session, initiative_id=campaign)
    return card.minimum_cents, card.neighbours_cents, card.match_cents, card.supporters, card.state


def _goes_back(world: MoneyWorld, campaign: UUID) -> set[bool]:
    """Whether the collected gifts of a campaign are going back."""
    with world.database.reading() as session:
        found = session.scalars(
            select(Pledge.going_back_at.is_not(None)).where(
                Pledge.initiative_id == campaign, Pledge.state.in_(("collected", "refunded"))
            )
        )
        return set(found)


def test_each_near_miss_ends_as_its_people_decide(world: MoneyWorld) -> None:
    goes_on, _ = nearly_there(world)
    goes_on_with_less, some = nearly_there(world, by_card=True)
    too_many_leave, others = nearly_there(world)
    refused, unanswered, forgotten = (nearly_there(world)[0] for _ in range(3))
    everyone = (goes_on, goes_on_with_less, too_many_leave, refused, unanswered, forgotten)
    world.pass_deadline(goes_on)
    collect(world)
    assert {_card(world, one) for one in everyone} == {(100_00, 90_00, 0, 3, "near_miss")}
    with pytest.raises(CampaignNotOpen):
        world.promise(goes_on, 10_00)
    with pytest.raises(NothingToTakeBack):
        take_back(world, some[2])

    for campaign, needs in zip(everyone[:5], (85_00, 60_00, 85_00, 85_00, 85_00), strict=True):
        hand_in(world, campaign, needs)
    with pytest.raises(PlanHandedIn), world.database.transaction() as session:
        save_plan(session, initiative_id=goes_on, plan=smaller_plan(80_00), actor=initiator(world), now=world.now)
    for campaign in everyone[:3]:
        answer(world, campaign, "confirmed")
    answer(world, refused, "refused", "Zonder afdak past het niet in het park.")
    with pytest.raises(NothingToAnswer):
        answer(world, refused, "confirmed")

    take_back(world, some[2])
    take_back(world, others[2])
    with pytest.raises(NothingToTakeBack):
        take_back(world, some[2])
    # Everybody reads at once what is left, before anything was given back.
    assert _card(world, goes_on_with_less) == (100_00, 70_00, 0, 2, "near_miss")
    assert world.verdict().findings == ()

    world.advance(seconds=(standing(world, goes_on).donors_until or world.now).timestamp() - world.now.timestamp() - 1)
    world.work(rounds=1)
    assert (world.state_of_campaign(goes_on), world.state_of_campaign(refused)) == ("near_miss", "unfunded")
    assert world.state_of(some[2]) == "refunded"
    world.advance(seconds=1)
    with pytest.raises(TooLateToRevise):
        hand_in(world, forgotten, 85_00)
    with pytest.raises(NothingToAnswer):
        answer(world, unanswered, "confirmed")
    with pytest.raises(NothingToTakeBack):
        take_back(world, some[1])
    world.work(rounds=1)
    assert _card(world, goes_on) == (85_00, 90_00, 0, 3, "funded")
    assert _card(world, goes_on_with_less) == (60_00, 70_00, 0, 2, "funded")
    assert [world.state_of_campaign(one) for one in everyone[2:]] == ["unfunded"] * 4
    assert [_goes_back(world, one) for one in everyone] == [{False}, {False, True}, *[{True}] * 4]
    assert world.verdict().balanced
    with world.database.reading() as session:
        plan = select(BudgetLine.label, BudgetLine.amount_cents).where(BudgetLine.initiative_id == goes_on)
        assert [tuple(line) for line in session.execute(plan)] == [("Eén bank", 85_00)]


def test_a_plan_fits_in_what_was_collected_and_is_written_answered_and_decided_by_whom_it_concerns(
    world: MoneyWorld,
) -> None:
    campaign, gifts = nearly_there(world)
    world.pass_deadline(campaign)
    collect(world)
    with pytest.raises(InvalidFields):
        hand_in(world, campaign, 95_00)
    stranger = world.staff("assessor")
    with pytest.raises(NotYourInitiative), world.database.transaction() as session:
        save_plan(session, initiative_id=campaign, plan=smaller_plan(80_00), actor=stranger, now=world.now)
    hand_in(world, campaign, 60_00)
    with pytest.raises(OnlyTheCounter), world.database.transaction() as session:
        answer_plan(
            session, initiative_id=campaign, outcome="confirmed", reason="", actor=initiator(world), now=world.now
        )
    answer(world, campaign, "confirmed")
    take_back(world, gifts[2])
    assert world.mails("pledge.account_wanted") == [str(gifts[2])]
    with world.database.transaction() as session:
        assert end_near_miss(session, initiative_id=campaign, now=world.now) is None
    world.advance(days=14)
    for outcome in ("funded", None):
        with world.database.transaction() as session:
            assert end_near_miss(session, initiative_id=campaign, now=world.now) == outcome
    # Cash that waits for its donor's account is still here, and is not paid out.
    assert world.state_of(gifts[2]) == "collected"
    with world.database.reading() as session:
        assert session.execute(select(FinalDecision.collected_cents)).scalar_one() == 70_00
        assert money_here(session, initiative_id=campaign).deposits_cents == 70_00
    assert world.verdict().balanced


def test_the_match_is_fixed_on_what_is_left_up_to_the_revised_minimum(world: MoneyWorld) -> None:
    campaign = world.campaign(120_00)
    world.award_match(campaign, up_to_cents=40_00)
    promised = [world.promise(campaign, cents) for cents in (40_00, 24_00, 6_00, 10_00)]
    world.confirm_everyone()
    for pledge in promised[:3]:
        world.pay(pledge)
    world.pay(promised[3], LOST)
    world.pass_deadline(campaign)
    collect(world)
    # 70.00 with half of it added is 105.00: 87.5% of the minimum.
    assert _card(world, campaign) == (120_00, 70_00, 35_00, 3, "near_miss")
    hand_in(world, campaign, 95_00)
    answer(world, campaign, "confirmed")
    assert _card(world, campaign) == (120_00, 70_00, 31_00, 3, "near_miss")
    take_back(world, promised[2])
    assert _card(world, campaign) == (120_00, 64_00, 31_00, 2, "near_miss")
    world.advance(days=14)
    world.work(rounds=1)
    assert _card(world, campaign) == (95_00, 64_00, 31_00, 2, "funded")
    with world.database.reading() as session:
        booked = session.execute(select(Transfer.amount_cents).where(Transfer.kind == "match_awarded")).scalar_one()
    assert booked == 31_00
    assert world.verdict().balanced


def test_the_tolerance_is_the_one_of_going_online_and_below_four_fifths_all_goes_back(world: MoneyWorld) -> None:
    with world.database.transaction() as session:
        session.execute(update(Municipality).values(tolerance_percent=10))
    tolerant, _ = nearly_there(world)
    with world.database.transaction() as session:
        session.execute(update(Municipality).values(tolerance_percent=0))
    far = world.campaign(100_00)
    gift = world.pledge(far, 79_99)
    world.pledge(far, 20_01, LOST)
    world.pass_deadline(far)
    collect(world)
    assert world.state_of_campaign(tolerant) == "funded"
    assert (world.state_of_campaign(far), world.state_of(gift)) == ("unfunded", "refunded")
    with world.database.reading() as session:
        kept = session.execute(select(Initiative.tolerance_percent).where(Initiative.id == tolerant)).scalar_one()
    assert kept == 10
    assert world.verdict().balanced


def test_a_dispute_meanwhile_counts_as_gone_until_it_is_won(world: MoneyWorld) -> None:
    campaign, gifts = near_miss_campaign(world)
    hand_in(world, campaign, 80_00)
    answer(world, campaign, "confirmed")
    with world.database.reading() as session:
        ref = session.execute(
            text("SELECT charge_ref FROM charges WHERE pledge_id = :gift"), {"gift": gifts[2]}
        ).scalar_one()
    disputed = world.sandbox.control.call("POST", f"/_sandbox/charges/{ref}/dispute", {})
    world.work(rounds=1)
    assert _card(world, campaign) == (100_00, 70_00, 0, 2, "near_miss")
    with pytest.raises(NothingToTakeBack):
        take_back(world, gifts[2])
    world.sandbox.control.call("POST", f"/_sandbox/disputes/{disputed['id']}/verdict", {"status": "won"})
    world.work(rounds=1)
    assert _card(world, campaign) == (100_00, 90_00, 0, 3, "near_miss")
    world.advance(days=14)
    world.work(rounds=1)
    assert world.state_of_campaign(campaign) == "funded"
    assert world.verdict().balanced


def test_a_refund_that_came_back_counts_no_more_and_goes_by_bank(world: MoneyWorld) -> None:
    campaign, gifts = near_miss_campaign(world)
    hand_in(world, campaign, 60_00)
    answer(world, campaign, "confirmed")
    take_back(world, gifts[2])
    world.work(rounds=1)
    assert world.state_of(gifts[2]) == "refunded"
    with world.database.reading() as session:
        ref = session.scalars(select(Refund.refund_ref).where(Refund.pledge_id == gifts[2])).one()
    world.sandbox.control.call("POST", f"/_sandbox/refunds/{ref}/failure", {})
    world.work(rounds=1)
    assert world.state_of(gifts[2]) == "collected"
    assert _card(world, campaign) == (100_00, 70_00, 0, 2, "near_miss")
    with pytest.raises(NothingToTakeBack):
        take_back(world, gifts[2])
    assert world.verdict().findings == ()
    world.advance(days=14)
    world.work(rounds=1)
    assert _card(world, campaign) == (60_00, 70_00, 0, 2, "funded")
    with world.database.reading() as session:
        assert money_here(session, initiative_id=campaign).gifts_cents == 70_00
    give_back(world, gifts[2])
    assert world.state_of(gifts[2]) == "refunded"
    assert world.verdict().balanced


def test_what_goes_back_is_no_part_of_a_plan_to_stop_and_what_such_a_plan_gives_back_was_counted(
    world: MoneyWorld,
) -> None:
    campaign, gifts = nearly_there(world)
    world.pass_deadline(campaign)
    collect(world)
    hand_in(world, campaign, 60_00)
    answer(world, campaign, "confirmed")
    take_back(world, gifts[2])
    world.advance(days=14)
    world.work(rounds=1)
    assert world.state_of_campaign(campaign) == "funded"
    cancel(world, campaign)
    with world.database.reading() as session:
        plan = select(CancellationLine.pledge_id, CancellationLine.amount_cents).order_by(CancellationLine.number)
        planned = {tuple(line) for line in session.execute(plan) if line.amount_cents}
    assert planned == {(gifts[0], 40_00), (gifts[1], 30_00)}
    end_choosing(world)
    with world.database.reading() as session:
        going = session.scalars(select(Pledge.id).where(Pledge.going_back_at.is_not(None)))
        assert set(going) == {gifts[2]}
    assert world.verdict().findings == ()


def test_a_part_that_goes_back_leaves_the_gift_counting(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(30_00, 20_00))
    with world.database.transaction() as session:
        first, second = lock_collected(session, initiative_id=campaign)
        plan_partial_refund(session, pledge=first, amount=Money(5_00), reason="half", now=world.now)
        plan_refunds(session, pledges=[first, second], reason="whole", now=world.now)
        assert [one.id for one in lock_collected(session, initiative_id=campaign)] == [first.id]


def test_whose_turn_it_is_hears_once_that_the_term_ends(world: MoneyWorld) -> None:
    campaign, _ = nearly_there(world)
    world.pass_deadline(campaign)
    collect(world)

    def told() -> list[str]:
        with world.database.transaction() as session:
            remind(session, now=world.now)
            remind(session, now=world.now)
            ends = select(OutboxRow.kind).where(OutboxRow.kind.like("plan.%_ends")).order_by(OutboxRow.id)
            return list(session.scalars(ends))

    world.advance(days=10)
    assert told() == []
    world.advance(days=1)
    assert told() == ["plan.writing_ends"]
    hand_in(world, campaign, 60_00)
    assert told() == ["plan.writing_ends"]
    world.advance(days=12)
    assert told() == ["plan.writing_ends", "plan.answering_ends"]
    answer(world, campaign, "confirmed")
    world.advance(days=12)
    assert told() == ["plan.writing_ends", "plan.answering_ends", "plan.choosing_ends"]
