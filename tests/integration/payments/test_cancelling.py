"""A funded campaign is cancelled by two people, and what is left goes where everybody chose, to the cent."""

from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from crowd.closing.cancel_operations import cancel_campaign
from crowd.initiatives.rules import InitiativeCannotBecome
from crowd.pledges.queries import pledge as pledge_row
from crowd.shared.money import Money
from payments.books.past_queries import findings_as_of
from payments.cancelling import queries
from payments.cancelling.line_operations import do_line
from payments.cancelling.operations import refuse
from payments.cancelling.rules import (
    NothingForTheTown,
    NothingToChoose,
    NothingToDivide,
    OwnPlan,
    PlanOutdated,
    ProposedAlready,
    TargetMissing,
    TooLateToChoose,
)
from payments.ledger.models import Transfer
from payments.ledger.queries import funds_cents
from payments.payouts.models import Refund
from payments.payouts.queries import payout, payout_facts
from payments.payouts.refund_operations import plan_partial_refund
from payments.payouts.rules import MoreThanGiven, PayoutsStopped
from tests.cancelling import (
    amounts,
    approve_plan,
    cancel,
    choose_for,
    end_choosing,
    pay_town,
    propose_to_cancel,
    stop_half_way,
)
from tests.depth import deep
from tests.money import REFUND_FAILS, MoneyWorld
from tests.payouts import a_campaign_to_pay, approve, plan_parts, receive_match


def _pledges(world: MoneyWorld, campaign: UUID) -> list[UUID]:
    with world.database.reading() as session:
        return [
            row[0]
            for row in session.execute(
                text("SELECT id FROM pledges WHERE initiative_id = :campaign ORDER BY id"), {"campaign": campaign}
            )
        ]


def _booked(world: MoneyWorld, *kinds: str) -> dict[str, int]:
    with world.database.reading() as session:
        found = session.execute(
            select(Transfer.kind, func.sum(Transfer.amount_cents))
            .where(Transfer.kind.in_(kinds))
            .group_by(Transfer.kind)
        )
        return {kind: int(cents) for kind, cents in found}


def _left(world: MoneyWorld, campaign: UUID) -> int:
    with world.database.reading() as session:
        return funds_cents(session, initiative_id=campaign)


def test_the_books_balance_at_every_moment_of_a_plan(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(20_00, 20_00, 20_00), match=30_00)
    stop_half_way(world, campaign)
    with world.database.reading() as session:
        moments = session.scalars(select(Transfer.occurred_at).distinct()).all()
        wrong = [found for moment in moments for found in findings_as_of(session, moment=moment)]
    assert len(moments) >= 3
    assert wrong == []


def test_what_is_left_goes_back_to_everybody_in_proportion(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(30_00, 30_00), cash=(10_00,), match=30_00)
    plan_parts(world, campaign, 40, 60)
    approve(world, campaign)
    world.work()
    card, second, cash = _pledges(world, campaign)
    plan_id = cancel(world, campaign)
    assert amounts(world, plan_id) == {card: Money(18_00), second: Money(18_00), cash: Money(6_00), None: Money(18_00)}
    assert world.state_of_campaign(campaign) == "cancelled"
    assert sorted(world.mails("pledge.may_choose")) == sorted(map(str, (card, second, cash)))
    assert world.verdict().findings == ()
    world.work()
    assert world.state_of(card) == "collected"
    end_choosing(world)
    assert [world.state_of(one) for one in (card, second, cash)] == ["refunded", "refunded", "collected"]
    assert world.mails("pledge.account_wanted") == [str(cash)]
    assert pay_town(world, campaign) == 18_00
    with pytest.raises(NothingForTheTown):
        pay_town(world, campaign)
    assert _booked(world, "refund", "match_returned") == {"refund": 36_00, "match_returned": 18_00}
    assert _left(world, campaign) == 6_00
    assert world.verdict().findings == ()


def test_donors_choose_another_initiative_or_leave_it_to_the_neighbourhood(world: MoneyWorld) -> None:
    target = a_campaign_to_pay(world, gifts=(20_00,))
    campaign = a_campaign_to_pay(world, gifts=(30_00, 20_00, 10_00))
    moves, leaves, silent = _pledges(world, campaign)
    cancel(world, campaign)
    with pytest.raises(TargetMissing):
        choose_for(world, moves, "move", campaign)
    choose_for(world, moves, "gift")
    chosen = choose_for(world, moves, "move", target)
    choose_for(world, leaves, "gift")
    assert (chosen.choice, chosen.to_initiative_id) == ("move", target)
    end_choosing(world)
    with pytest.raises(NothingToChoose):
        choose_for(world, moves, "refund")
    assert pay_town(world, campaign) == 20_00
    assert [world.state_of(one) for one in (moves, leaves, silent)] == ["collected", "collected", "refunded"]
    assert sorted(world.mails("pledge.choice_done")) == sorted(map(str, (moves, leaves)))
    assert (_left(world, campaign), _left(world, target)) == (0, 50_00)
    approve(world, target)
    world.work()
    with world.database.reading() as session:
        paid = payout(session, initiative_id=target)
    assert paid is not None
    assert (paid.gifts_cents, paid.deposits_cents, paid.state) == (20_00, 30_00, "sent")
    assert (_left(world, campaign), _left(world, target)) == (0, 0)
    assert world.verdict().findings == ()


def test_money_for_an_initiative_that_was_paid_meanwhile_goes_back(world: MoneyWorld) -> None:
    target = a_campaign_to_pay(world, gifts=(20_00,))
    campaign = a_campaign_to_pay(world, gifts=(30_00,))
    (pledge,) = _pledges(world, campaign)
    cancel(world, campaign)
    choose_for(world, pledge, "move", target)
    approve(world, target)
    end_choosing(world)
    assert world.state_of(pledge) == "refunded"
    assert world.verdict().findings == ()


def test_what_was_moved_to_an_initiative_that_stops_too_goes_to_the_neighbourhood(world: MoneyWorld) -> None:
    target = a_campaign_to_pay(world, gifts=(20_00,))
    campaign = a_campaign_to_pay(world, gifts=(30_00,))
    (pledge,) = _pledges(world, campaign)
    cancel(world, campaign)
    choose_for(world, pledge, "move", target)
    end_choosing(world)
    plan_id = cancel(world, target)
    assert amounts(world, plan_id)[pledge] == Money(30_00)
    end_choosing(world)
    assert pay_town(world, target) == 30_00
    assert (world.state_of(pledge), _left(world, target)) == ("collected", 0)
    assert world.verdict().findings == ()


def test_a_proposed_plan_stops_every_payout_until_it_is_refused(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(30_00, 20_00))
    clerk = world.staff("clerk")
    propose_to_cancel(world, campaign, by=clerk)
    with pytest.raises(PayoutsStopped):
        approve(world, campaign)
    with pytest.raises(ProposedAlready):
        propose_to_cancel(world, campaign)
    with world.database.transaction() as session:
        refuse(session, initiative_id=campaign, actor=clerk, now=world.now)
    assert approve(world, campaign) == "approved"
    propose_to_cancel(world, campaign)
    world.work()
    with world.database.reading() as session:
        held = payout(session, initiative_id=campaign)
    assert held is not None
    assert (held.lines_sent, held.lines) == (0, 2)
    approve_plan(world, campaign)
    end_choosing(world)
    assert (world.state_of_campaign(campaign), _left(world, campaign)) == ("cancelled", 0)
    assert world.verdict().findings == ()


def test_a_share_of_the_municipality_that_never_came_is_no_longer_owed(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    world.award_match(campaign, up_to_cents=20_00)
    pledge = world.promise(campaign, 40_00)
    world.confirm_everyone()
    world.pay(pledge)
    world.pass_deadline(campaign)
    world.work()
    plan_id = propose_to_cancel(world, campaign)
    with pytest.raises(PayoutsStopped):
        receive_match(world, campaign)
    approve_plan(world, campaign)
    assert amounts(world, plan_id) == {pledge: Money(40_00)}
    end_choosing(world)
    assert _booked(world, "match_withdrawn", "refund") == {"match_withdrawn": 20_00, "refund": 40_00}
    assert world.verdict().findings == ()


def test_the_same_person_never_approves_and_a_plan_that_aged_is_made_anew(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(30_00, 20_00))
    treasurer = world.staff("treasurer")
    propose_to_cancel(world, campaign, by=treasurer)
    with pytest.raises(OwnPlan):
        approve_plan(world, campaign, by=treasurer)
    pledge, _ = _pledges(world, campaign)
    with world.database.transaction() as session:
        # A bank took it back meanwhile.
        session.execute(text("UPDATE pledges SET state = 'disputed' WHERE id = :id"), {"id": pledge})
        session.execute(
            text("INSERT INTO refunds (pledge_id, amount_cents, reason, planned_at) VALUES (:id, 3000, 'x', now())"),
            {"id": pledge},
        )
    with pytest.raises(PlanOutdated):
        approve_plan(world, campaign)


def test_everything_paid_out_leaves_nothing_to_divide_and_no_button_stops_a_funded_one(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(30_00,))
    with world.database.transaction() as session, pytest.raises(InitiativeCannotBecome):
        cancel_campaign(
            session, initiative_id=campaign, actor=world.staff("clerk"), now=world.now, reason="Het kan niet."
        )
    approve(world, campaign)
    world.work()
    with pytest.raises(NothingToDivide):
        propose_to_cancel(world, campaign)
    with world.database.reading() as session:
        assert not payout_facts(session, initiative_id=campaign).is_stopped


def test_a_line_done_twice_is_done_once_and_a_crash_loses_nothing(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(30_00, 20_00))
    plan_id = cancel(world, campaign)
    world.advance(days=16)
    with world.database.reading() as session:
        due = queries.due_lines(session, now=world.now, most=10)
    for line_id in (due[0], due[0]):
        with world.database.transaction() as session:
            do_line(session, line_id=line_id, now=world.now)
    # Asked, and the answer lost: the same key asks again.
    world.sandbox.control.fault("drop_after", path="/v1/refunds", count=1)
    world.work(rounds=1)
    world.end_leases()
    world.work()
    with world.database.reading() as session:
        sent = session.execute(select(func.count(), func.sum(Refund.amount_cents))).one()
        done = [line.done_at is not None for line in queries.lines(session, plan_id=plan_id)]
    assert (tuple(sent), done) == ((2, 50_00), [True, True])
    assert world.verdict().findings == ()


def test_a_part_that_came_back_days_later_goes_by_bank(world: MoneyWorld) -> None:
    campaign = world.campaign(30_00)
    pledge = world.debited_pledge(campaign, 30_00, REFUND_FAILS)
    world.pass_deadline(campaign)
    world.advance(days=3)
    world.live_through_collecting()
    plan_id = cancel(world, campaign)
    end_choosing(world)
    world.advance(days=1)
    world.work()
    with world.database.reading() as session:
        (line,) = queries.lines(session, plan_id=plan_id)
    assert (world.state_of(pledge), line.way, line.done_at) == ("collected", "refund", None)
    assert world.verdict().findings == ()


@pytest.mark.parametrize("status", deep(sample=["lost"], full=["won", "lost"]))
def test_a_dispute_holds_its_line_and_takes_no_more_than_it(world: MoneyWorld, status: str) -> None:
    campaign = a_campaign_to_pay(world, gifts=(30_00, 30_00))
    plan_parts(world, campaign, 50, 50)
    approve(world, campaign)
    world.work()
    _, held = _pledges(world, campaign)
    cancel(world, campaign)
    with world.database.reading() as session:
        charged = text("SELECT charge_ref FROM charges WHERE pledge_id = :id")
        charge_ref = session.execute(charged, {"id": held}).scalar_one()
    world.advance(days=16)
    disputed = world.sandbox.control.dispute(charge_ref)
    world.work()
    assert (world.state_of(held), _left(world, campaign)) == ("disputed", 15_00)
    world.sandbox.control.decide(str(disputed["id"]), status)
    world.work()
    lost = {"dispute_lost": 15_00, "dispute_lost_after_payout": 15_00} if status == "lost" else {}
    assert _booked(world, "dispute_lost", "dispute_lost_after_payout") == lost
    assert world.state_of(held) == ("refunded" if status == "won" else "charged_back")
    assert _left(world, campaign) == 0
    assert world.verdict().findings == ()


def test_the_term_ends_and_the_plan_itself_never_changes(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(30_00,))
    (pledge,) = _pledges(world, campaign)
    plan_id = cancel(world, campaign)
    with world.database.reading() as session:
        gift = pledge_row(session, pledge_id=pledge)
    with world.database.transaction() as session, pytest.raises(MoreThanGiven):
        plan_partial_refund(session, pledge=gift, amount=Money(30_01), reason="te veel", now=world.now)
    world.advance(days=16)
    with pytest.raises(TooLateToChoose):
        choose_for(world, pledge, "gift")
    for statement in (
        "UPDATE cancellations SET reason = 'anders' WHERE id = :plan",
        "UPDATE cancellation_lines SET amount_cents = 0 WHERE cancellation_id = :plan",
        """
        INSERT INTO cancellations (municipality_id, initiative_id, reason, gave_cents, left_cents, proposed_at,
                                   proposed_by, state, decided_at, decided_by)
        SELECT municipality_id, initiative_id, reason, 2, 1, proposed_at, proposed_by, 'refused', proposed_at,
               proposed_by
        FROM cancellations WHERE id = :plan
        """,
    ):
        with pytest.raises(DBAPIError), world.database.transaction() as session:
            session.execute(text(statement), {"plan": plan_id})
