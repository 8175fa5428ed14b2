"""A payment that its donor, or their bank, wants back: held, answered, won, lost, and who bears it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from payments.collection.queries import charge
from payments.disputes.queries import DisputeRow, disputes
from payments.disputes.rules import NoAnswerExpected
from payments.disputes.workflow import submit_evidence
from payments.ledger.models import Transfer
from payments.payouts.queries import payout
from payments.payouts.tranche_operations import approve_payout
from payments.payouts.workflow import send_payout_lines
from tests.money import NOT_AUTHORIZED, TAKEN_BACK_AT_ONCE, TAKEN_BACK_LATER, MoneyWorld
from tests.payouts import name_payee


def _funded(world: MoneyWorld, *cents: int) -> tuple[UUID, list[UUID]]:
    campaign = world.campaign(sum(cents))
    pledges = [world.pledge(campaign, part) for part in cents]
    world.pass_deadline(campaign)
    world.work()
    assert world.state_of_campaign(campaign) == "funded"
    return campaign, pledges


def _dispute(world: MoneyWorld, pledge: UUID, **details: object) -> str:
    with world.database.reading() as session:
        row = charge(session, pledge_id=pledge)
    assert row is not None
    made: dict[str, Any] = world.sandbox.control.call("POST", f"/_sandbox/charges/{row.charge_ref}/dispute", details)
    world.work(rounds=1)
    return str(made["id"])


def _decide(world: MoneyWorld, dispute: str, status: str) -> None:
    world.sandbox.control.call("POST", f"/_sandbox/disputes/{dispute}/verdict", {"status": status})
    world.work(rounds=1)


def _disputes(world: MoneyWorld) -> list[DisputeRow]:
    with world.database.reading() as session:
        return disputes(session, municipality_id=world.municipality_id)


def _booked(world: MoneyWorld) -> dict[str, int]:
    with world.database.reading() as session:
        found = session.execute(
            select(Transfer.kind, func.sum(Transfer.amount_cents))
            .where(Transfer.kind.like("dispute%"))
            .group_by(Transfer.kind)
        )
        return {kind: int(cents) for kind, cents in found}


def _pay_out(world: MoneyWorld, campaign: UUID) -> None:
    name_payee(world, campaign)
    treasurer = world.staff("treasurer")
    with world.database.transaction() as session:
        approve_payout(session, initiative_id=campaign, actor=treasurer, now=world.now)
    send_payout_lines(world.database, world.gateway, now=world.now, most=50, at_once=2)


def _sent(world: MoneyWorld, campaign: UUID) -> tuple[str, int, int]:
    with world.database.reading() as session:
        found = payout(session, initiative_id=campaign)
    assert found is not None
    return found.state, found.lines_sent, found.lines


def test_a_dispute_puts_the_amount_in_suspense_and_costs_a_fee(world: MoneyWorld) -> None:
    _, (pledge, _) = _funded(world, 30_00, 20_00)
    _dispute(world, pledge)
    (found,) = _disputes(world)
    assert (world.state_of(pledge), found.state, found.amount_cents) == ("disputed", "open", 30_00)
    assert found.due_at is not None
    assert _booked(world) == {"dispute_opened": 30_00, "dispute_fee": 20_00}
    assert world.verdict().findings == ()


def test_a_dispute_holds_its_part_of_the_payout_until_it_is_won(world: MoneyWorld) -> None:
    campaign, (pledge, _) = _funded(world, 30_00, 20_00)
    dispute = _dispute(world, pledge)
    _pay_out(world, campaign)
    held = _sent(world, campaign)
    _decide(world, dispute, "won")
    world.work()
    assert held == ("approved", 1, 2)
    assert (world.state_of(pledge), _sent(world, campaign)) == ("collected", ("sent", 2, 2))
    assert _booked(world)["dispute_won"] == 30_00
    assert world.verdict().findings == ()


def test_a_dispute_lost_before_the_payout_is_borne_by_the_campaign(world: MoneyWorld) -> None:
    campaign, (pledge, _) = _funded(world, 30_00, 20_00)
    dispute = _dispute(world, pledge)
    _pay_out(world, campaign)
    _decide(world, dispute, "lost")
    (found,) = _disputes(world)
    assert (world.state_of(pledge), found.borne_by) == ("charged_back", "campaign")
    assert _sent(world, campaign) == ("sent", 1, 1)
    assert _booked(world)["dispute_lost"] == 30_00
    assert world.verdict().findings == ()


def test_a_dispute_lost_after_the_payout_is_borne_by_the_platform(world: MoneyWorld) -> None:
    campaign, (pledge, _) = _funded(world, 30_00, 20_00)
    _pay_out(world, campaign)
    dispute = _dispute(world, pledge)
    _decide(world, dispute, "lost")
    (found,) = _disputes(world)
    assert (world.state_of(pledge), found.borne_by) == ("charged_back", "platform")
    assert _booked(world)["dispute_lost_after_payout"] == 30_00
    assert world.verdict().findings == ()


def test_a_dispute_lost_while_the_answer_to_its_transfer_was_lost_waits_for_what_became_of_it(
    world: MoneyWorld,
) -> None:
    campaign, (pledge, _) = _funded(world, 30_00, 20_00)
    world.sandbox.control.fault("drop_after", operation="transfers.create", count=2)
    _pay_out(world, campaign)
    assert _sent(world, campaign) == ("approved", 0, 2)
    world.end_leases()
    # Both parts left, and nobody told us. What is lost now must not be called off as if it were still here.
    with world.database.reading() as session:
        row = charge(session, pledge_id=pledge)
    assert row is not None
    made: dict[str, Any] = world.sandbox.control.call("POST", f"/_sandbox/charges/{row.charge_ref}/dispute", {})
    world.sandbox.control.call("POST", f"/_sandbox/disputes/{made['id']}/verdict", {"status": "lost"})
    world.work(rounds=1)
    assert _sent(world, campaign) == ("sent", 2, 2)
    world.end_leases()
    world.work()
    (found,) = _disputes(world)
    assert (world.state_of(pledge), found.borne_by) == ("charged_back", "platform")
    assert world.verdict().findings == ()


def test_a_dispute_waits_for_what_became_of_a_refund_whose_answer_was_lost(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.pledge(campaign, 30_00)
    world.debited_pledge(campaign, 20_00, NOT_AUTHORIZED)
    world.pass_deadline(campaign)
    world.sandbox.control.fault("drop_after", operation="refunds.create")
    world.live_through_collecting()
    assert (world.state_of_campaign(campaign), world.state_of(pledge)) == ("unfunded", "collected")
    dispute = _dispute(world, pledge, amount=30_00)
    assert _disputes(world) == []
    world.end_leases()
    world.work()
    world.end_leases()
    world.work()
    assert (world.state_of(pledge), len(_disputes(world))) == ("refunded", 1)
    _decide(world, dispute, "lost")
    (found,) = _disputes(world)
    assert (found.state, found.borne_by) == ("lost", "platform")
    assert world.verdict().findings == ()


@pytest.mark.parametrize(("evidence", "state"), [("winning_evidence", "won"), ("losing_evidence", "lost")])
def test_a_treasurer_answers_once_and_the_bank_decides(world: MoneyWorld, evidence: str, state: str) -> None:
    _, (pledge,) = _funded(world, 30_00)
    _dispute(world, pledge)
    (found,) = _disputes(world)
    treasurer = world.staff("treasurer")

    def answer() -> None:
        submit_evidence(
            world.database, world.gateway, dispute_id=found.id, evidence=evidence, actor=treasurer, now=world.now
        )

    answer()
    (waiting,) = _disputes(world)
    with pytest.raises(NoAnswerExpected):
        answer()
    world.sandbox.control.advance(6)
    world.work()
    assert (waiting.state, waiting.evidence, waiting.evidence_at) == ("under_review", evidence, world.now)
    assert [row.state for row in _disputes(world)] == [state]
    assert world.verdict().findings == ()


def test_an_inquiry_moves_no_money(world: MoneyWorld) -> None:
    _, (pledge,) = _funded(world, 30_00)
    dispute = _dispute(world, pledge, inquiry=True)
    (found,) = _disputes(world)
    _decide(world, dispute, "won")
    assert (world.state_of(pledge), found.state, _booked(world)) == ("collected", "inquiry", {})
    assert [row.state for row in _disputes(world)] == ["closed"]
    assert world.verdict().findings == ()


def test_a_debit_taken_back_at_once_does_not_count(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    good, gone = world.pledge(campaign, 30_00), world.debited_pledge(campaign, 20_00, TAKEN_BACK_AT_ONCE)
    world.pass_deadline(campaign)
    world.live_through_collecting()
    assert (world.state_of(gone), world.state_of(good)) == ("charged_back", "refunded")
    assert world.state_of_campaign(campaign) == "unfunded"
    assert [(row.state, row.borne_by) for row in _disputes(world)] == [("lost", "campaign")]
    assert world.verdict().findings == ()


def test_what_was_debited_is_paid_out_when_it_can_no_longer_be_taken_back(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    world.pledge(campaign, 40_00)
    stays = world.debited_pledge(campaign, 10_00)
    goes = world.debited_pledge(campaign, 15_00, TAKEN_BACK_LATER)
    world.pass_deadline(campaign)
    world.live_through_collecting()
    _pay_out(world, campaign)
    at_first = _sent(world, campaign)
    world.advance(days=43)
    world.work()
    later = _sent(world, campaign)
    world.advance(days=10)
    world.work()
    assert (at_first, later) == (("approved", 1, 3), ("approved", 1, 2))
    assert (_sent(world, campaign), world.state_of(stays), world.state_of(goes)) == (
        ("sent", 2, 2),
        "collected",
        "charged_back",
    )
    assert world.verdict().findings == ()


def test_a_dispute_that_is_won_after_the_campaign_failed_goes_back(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    kept = world.pledge(campaign, 40_00)
    failing = world.debited_pledge(campaign, 10_00, NOT_AUTHORIZED)
    world.pass_deadline(campaign)
    world.work()
    dispute = _dispute(world, kept)
    world.live_through_collecting()
    assert world.state_of_campaign(campaign) == "unfunded"
    _decide(world, dispute, "won")
    world.work()
    assert (world.state_of(kept), world.state_of(failing)) == ("refunded", "dropped")
    assert world.verdict().findings == ()


def test_looking_twice_at_a_dispute_changes_nothing(world: MoneyWorld) -> None:
    _, (pledge,) = _funded(world, 30_00)
    dispute = _dispute(world, pledge)
    _decide(world, dispute, "lost")
    before = (_disputes(world), _booked(world))
    world.now += timedelta(hours=1)
    with world.database.transaction() as session:
        session.execute(text("UPDATE provider_events SET handled_at = NULL, due_at = now()"))
    world.work()
    assert (_disputes(world), _booked(world)) == before
