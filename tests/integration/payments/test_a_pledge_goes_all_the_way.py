"""From promise to ledger, through the real sandbox: each card, and each way a campaign can end."""

from datetime import timedelta

import pytest
from sqlalchemy import bindparam, func, select, text

from crowd.pledges.operations import withdraw_pledge
from crowd.pledges.queries import total
from crowd.pledges.rules import PledgeCannotBecome
from crowd.shared.actor import Actor
from crowd.shared.clock import machine_now
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from payments.collection.queries import charge, saved_method
from payments.collection.rules import NothingToPay
from payments.collection.workflow import (
    finish_latest_checkout,
    forget_unneeded_cards,
    open_checkout,
    pay_now,
)
from payments.inbox.workflow import handle_events, sweep_events
from payments.ledger.models import Transfer
from payments.payouts.operations import record_match_received
from payments.payouts.queries import payee, payout
from payments.payouts.rules import MatchDiffers, PayeeNotReady
from payments.payouts.tranche_operations import approve_payout
from payments.payouts.workflow import onboard_payee
from payments.settlement.workflow import CampaignsFailed, close_due_campaigns, work_off_charges
from tests.money import (
    ADDRESSES,
    ASKS_ALWAYS,
    ASKS_AND_DECLINES,
    DECLINED_TWICE,
    DECLINED_WHEN_CHARGED,
    GOOD,
    LOST,
    MoneyWorld,
)
from tests.payouts import name_payee


def _booked(world: MoneyWorld, kind: str) -> int:
    with world.database.reading() as session:
        return int(
            session.execute(
                select(func.coalesce(func.sum(Transfer.amount_cents), 0)).where(Transfer.kind == kind)
            ).scalar_one()
        )


def test_a_good_card_is_charged_only_when_the_minimum_is_reached(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    first, second = world.pledge(campaign, 30_00), world.pledge(campaign, 20_00)
    assert world.charges_at_provider(first) == 0
    world.pass_deadline(campaign)
    world.work()
    assert world.state_of_campaign(campaign) == "funded"
    assert {world.state_of(first), world.state_of(second)} == {"collected"}
    assert _booked(world, "charge") == 50_00
    assert world.verdict().balanced


def test_nothing_is_charged_when_the_minimum_is_not_reached(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.pledge(campaign, 49_99)
    world.pass_deadline(campaign)
    world.work()
    assert world.state_of_campaign(campaign) == "unfunded"
    assert world.state_of(pledge) == "released"
    assert world.charges_at_provider(pledge) == 0
    assert world.verdict().balanced


def test_a_promise_without_a_card_does_not_count(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    promised = world.promise(campaign, 50_00)
    world.pass_deadline(campaign)
    world.work()
    assert world.state_of_campaign(campaign) == "unfunded"
    assert world.state_of(promised) == "abandoned"


def test_a_soft_decline_is_tried_again_until_it_works(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    world.pledge(campaign, 40_00)
    declined = world.pledge(campaign, 10_00, DECLINED_TWICE)
    world.pass_deadline(campaign)
    world.work()
    assert world.state_of(declined) == "declined"
    world.live_through_collecting()
    assert world.state_of(declined) == "collected"
    assert world.state_of_campaign(campaign) == "funded"
    assert world.verdict().balanced


def test_too_many_failed_cards_give_everything_back(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    good, bad = world.pledge(campaign, 30_00), world.pledge(campaign, 20_00, DECLINED_WHEN_CHARGED)
    world.pass_deadline(campaign)
    world.work()
    assert world.state_of(good) == "collected"
    world.live_through_collecting()
    assert world.state_of_campaign(campaign) == "unfunded"
    assert world.state_of(good) == "refunded"
    assert world.state_of(bad) == "dropped"
    assert _booked(world, "refund") == 30_00
    assert world.verdict().balanced


def test_a_failed_card_does_not_sink_a_campaign_that_has_enough(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    good, bad = world.pledge(campaign, 50_00), world.pledge(campaign, 10_00, LOST)
    world.pass_deadline(campaign)
    world.live_through_collecting()
    assert world.state_of_campaign(campaign) == "funded"
    assert (world.state_of(good), world.state_of(bad)) == ("collected", "dropped")
    assert world.verdict().balanced


def test_a_lost_card_is_never_tried_again(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    world.pledge(campaign, 50_00)
    lost = world.pledge(campaign, 10_00, LOST)
    world.pass_deadline(campaign)
    world.live_through_collecting()
    with world.database.reading() as session:
        row = charge(session, pledge_id=lost)
    assert row is not None
    assert row.confirm_number == 1


def test_a_donor_whose_bank_asks_can_approve_by_the_link(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    asked = world.pledge(campaign, 50_00, ASKS_ALWAYS)
    world.pass_deadline(campaign)
    world.work()
    assert world.state_of(asked) == "needs_action"
    bank = pay_now(
        world.database, world.gateway, pledge_id=asked, return_url="https://loket.example/terug", now=world.now
    )
    assert bank is not None
    world.say_yes(bank)
    world.look_at_payment(asked)
    assert world.state_of(asked) == "collected"
    world.work()
    assert world.state_of_campaign(campaign) == "funded"
    assert world.charges_at_provider(asked) == 1
    assert world.verdict().balanced


def test_a_donor_whose_bank_asks_and_then_declines_can_use_another_card(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    asked = world.pledge(campaign, 50_00, ASKS_AND_DECLINES)
    world.pass_deadline(campaign)
    world.work()
    bank = pay_now(world.database, world.gateway, pledge_id=asked, return_url=ADDRESSES.success_url, now=world.now)
    assert bank is not None
    before = world.state_of(asked)
    world.say_yes(bank)
    world.look_at_payment(asked)
    after = world.state_of(asked)
    world.pay(asked, GOOD)
    world.work()
    assert (before, after, world.state_of(asked)) == ("needs_action", "declined", "collected")
    assert world.charges_at_provider(asked) == 1
    assert world.verdict().balanced


def test_an_old_word_of_the_bank_does_not_undo_another_card(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    asked = world.pledge(campaign, 50_00, ASKS_ALWAYS)
    world.pass_deadline(campaign)
    world.work()
    world.pay(asked, GOOD)
    # A webhook about the first attempt, which comes only now: the intent still shows its error.
    world.look_at_payment(asked)
    work_off_charges(world.database, world.gateway, now=world.now, most=10, at_once=1)
    assert world.state_of(asked) == "collected"


def test_a_donor_can_use_another_card_while_collecting(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.pledge(campaign, 50_00, DECLINED_WHEN_CHARGED)
    world.pass_deadline(campaign)
    world.work()
    assert world.state_of(pledge) == "declined"
    world.pay(pledge, GOOD)
    world.work()
    assert world.state_of(pledge) == "collected"
    assert world.state_of_campaign(campaign) == "funded"
    assert world.verdict().balanced


def test_a_donor_who_paid_has_nothing_left_to_pay(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.pledge(campaign, 50_00)
    world.pass_deadline(campaign)
    world.work()
    with pytest.raises(NothingToPay):
        pay_now(world.database, world.gateway, pledge_id=pledge, return_url=ADDRESSES.success_url, now=world.now)


def test_a_donor_can_withdraw_until_the_deadline_and_the_total_tells_so(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    stays, goes = world.pledge(campaign, 30_00), world.pledge(campaign, 20_00)
    actor = Actor(municipality_id=world.municipality_id)
    with world.database.transaction() as session:
        withdraw_pledge(session, pledge_id=goes, actor=actor, now=world.now)
    with world.database.reading() as session:
        assert (total(session, initiative_id=campaign).amount_cents, world.state_of(stays)) == (30_00, "secured")
    world.pass_deadline(campaign)
    world.work()
    assert world.state_of(goes) == "withdrawn"
    with world.database.transaction() as session, pytest.raises(PledgeCannotBecome):
        withdraw_pledge(session, pledge_id=stays, actor=actor, now=world.now)


def test_a_page_begun_before_the_deadline_may_be_finished_just_after_it(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.promise(campaign, 50_00)
    world.pass_deadline(campaign)
    world.now -= timedelta(minutes=6)
    world.pay(pledge)
    assert world.state_of(pledge) == "secured"
    world.now += timedelta(minutes=6)
    world.work()
    assert world.state_of_campaign(campaign) == "funded"


def test_a_card_saved_after_the_closing_is_not_used(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    world.pledge(campaign, 50_00)
    world.pass_deadline(campaign)
    just_before = world.now - timedelta(minutes=20)
    world.now, after = just_before, world.now
    late = world.promise(campaign, 10_00)
    url = open_checkout(world.database, world.gateway, pledge_id=late, addresses=ADDRESSES, now=world.now)
    world.now = after
    world.work()
    world.choose_card(url, GOOD)
    finish_latest_checkout(world.database, world.gateway, pledge_id=late, now=world.now)
    assert world.state_of(late) == "abandoned"
    with world.database.reading() as session:
        method = saved_method(session, pledge_id=late)
    assert method is not None
    assert method.detached_at is not None
    assert world.verdict().balanced


def test_a_funded_campaign_is_paid_out_once_to_the_cent(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    world.pledge(campaign, 30_00)
    world.pledge(campaign, 25_00)
    world.pass_deadline(campaign)
    world.work()
    treasurer = world.staff("treasurer")
    with world.database.transaction() as session, pytest.raises(PayeeNotReady):
        approve_payout(session, initiative_id=campaign, actor=treasurer, now=world.now)
    name_payee(world, campaign)
    with world.database.transaction() as session:
        approve_payout(session, initiative_id=campaign, actor=treasurer, now=world.now)
    world.work()
    with world.database.reading() as session:
        paid = payout(session, initiative_id=campaign)
    assert paid is not None
    assert (paid.state, paid.gifts_cents, paid.lines, paid.lines_sent) == ("sent", 55_00, 2, 2)
    assert _booked(world, "payout_gifts") == 55_00
    assert world.verdict().balanced


def test_a_payee_who_never_comes_back_from_the_provider_s_page_is_ready_all_the_same(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    payee_id = new_id()
    url = onboard_payee(
        world.database,
        world.gateway,
        payee_id=payee_id,
        initiative_id=campaign,
        display_name="Stichting Voorbeeld",
        contact_email="stichting@voorbeeld.example",
        return_url="https://loket.example/klaar",
        refresh_url="https://loket.example/opnieuw",
        actor=Actor(municipality_id=world.municipality_id, person_id=world.initiator_id),
        now=world.now,
    )
    with world.sandbox.browser() as browser:
        assert browser.post(url, data={"fill": "test"}).status_code == 303

    sweep_events(world.database, world.gateway)
    handle_events(world.database, world.gateway, now=world.now, most=50)

    with world.database.reading() as session:
        found = payee(session, initiative_id=campaign)
    assert found is not None
    assert found.state == "ready"


def test_the_municipality_s_share_completes_a_goal_and_is_booked_when_it_arrives(world: MoneyWorld) -> None:
    campaign = world.campaign(60_00)
    world.award_match(campaign, up_to_cents=20_00)
    donor = world.promise(campaign, 40_00)
    world.confirm_everyone()
    world.pay(donor)
    world.pass_deadline(campaign)
    world.work()
    assert world.state_of_campaign(campaign) == "funded"
    assert _booked(world, "match_awarded") == 20_00
    treasurer = world.staff("treasurer")
    with world.database.transaction() as session, pytest.raises(MatchDiffers):
        record_match_received(
            session, initiative_id=campaign, amount=Money(19_99), reference="A1", actor=treasurer, now=world.now
        )
    with world.database.transaction() as session:
        record_match_received(
            session, initiative_id=campaign, amount=Money(20_00), reference="A1", actor=treasurer, now=world.now
        )
    assert _booked(world, "match_received") == 20_00
    assert world.verdict().balanced


def test_a_card_is_forgotten_once_it_will_not_be_charged_any_more(world: MoneyWorld) -> None:
    funded, failed, open_one = world.campaign(50_00), world.campaign(99_00), world.campaign(99_00, days=80)
    pledges = [world.pledge(funded, 50_00), world.pledge(failed, 10_00)]
    kept = world.pledge(open_one, 10_00)
    world.pass_deadline(failed)
    world.work()
    moment = machine_now()
    tried = forget_unneeded_cards(world.database, world.gateway, machine_now=moment, now=world.now)
    with world.database.reading() as session:
        forgotten = [saved_method(session, pledge_id=pledge) for pledge in pledges]
        still = saved_method(session, pledge_id=kept)
    assert tried == 2
    assert all(method is not None and method.detached_at is not None for method in forgotten)
    assert still is not None
    assert still.detached_at is None


def test_a_card_that_could_not_be_forgotten_is_tried_again_later(world: MoneyWorld) -> None:
    campaign = world.campaign(99_00)
    pledge = world.pledge(campaign, 10_00)
    world.pass_deadline(campaign)
    world.work()
    world.sandbox.control.fault("drop_before", operation="payment_methods.detach")
    moment = machine_now()
    tried = [
        forget_unneeded_cards(world.database, world.gateway, machine_now=moment + timedelta(minutes=at), now=world.now)
        for at in (0, 1, 61)
    ]
    with world.database.reading() as session:
        method = saved_method(session, pledge_id=pledge)
    assert tried == [1, 0, 1]
    assert method is not None
    assert method.detached_at is not None


def test_one_event_that_cannot_be_handled_does_not_keep_the_others_waiting(world: MoneyWorld) -> None:
    campaign = world.campaign(100_00)
    broken, sound = (world.promise(campaign, 50_00) for _ in range(2))
    for pledge in (broken, sound):
        world.pay(pledge, finish=False)
    with world.database.transaction() as session:
        # Something nobody foresaw stands in the way of this one pledge.
        session.execute(
            text("ALTER TABLE saved_methods ADD CONSTRAINT planted CHECK (pledge_id <> :it)").bindparams(
                bindparam("it", str(broken), literal_execute=True)
            )
        )
    sweep_events(world.database, world.gateway)
    handle_events(world.database, world.gateway, now=world.now, most=200)
    with world.database.transaction() as session:
        session.execute(text("ALTER TABLE saved_methods DROP CONSTRAINT planted"))
    before = (world.state_of(broken), world.state_of(sound))
    world.end_leases()
    world.work(rounds=1)
    assert before == ("promised", "secured")
    assert world.state_of(broken) == "secured"


def test_one_campaign_that_fails_does_not_keep_the_others_waiting(world: MoneyWorld) -> None:
    broken, sound = world.campaign(50_00), world.campaign(50_00)
    world.pledge(broken, 50_00)
    world.pledge(sound, 50_00)
    with world.database.transaction() as session:
        # Something nobody foresaw stands in the way of this one campaign.
        session.execute(
            text("ALTER TABLE closings ADD CONSTRAINT planted CHECK (initiative_id <> :it)").bindparams(
                bindparam("it", str(broken), literal_execute=True)
            )
        )
    world.pass_deadline(sound)
    with pytest.raises(CampaignsFailed):
        close_due_campaigns(world.database, now=world.now)
    with world.database.transaction() as session:
        session.execute(text("ALTER TABLE closings DROP CONSTRAINT planted"))
    assert (world.state_of_campaign(broken), world.state_of_campaign(sound)) == ("live", "collecting")
