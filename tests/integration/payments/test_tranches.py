"""A payout in tranches, through the real sandbox: planned, reported on, approved by one or two, and sent."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import func, select

from crowd.initiatives.report_operations import answer_report, write_report
from crowd.initiatives.report_queries import reports, waiting_reports
from crowd.initiatives.report_rules import (
    NoteMissing,
    OnlyAnAssessor,
    OwnReport,
    ReportDecided,
    ReportTooShort,
    ReportWaiting,
)
from crowd.initiatives.rules import InitiativeNotFound
from crowd.shared.errors import DomainError
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from payments.bank.terms_operations import set_money_terms
from payments.ledger.models import Transfer
from payments.payouts.host_operations import close_payee
from payments.payouts.models import PayoutLine
from payments.payouts.queries import payout, payouts, waiting_for_payout
from payments.payouts.rules import AlreadyPaidOut, OnlyTheTreasurer, OwnMoney, PayeeClosed
from payments.payouts.tranche_operations import propose_plan, set_plan
from payments.payouts.tranche_queries import tranches
from payments.payouts.tranche_rules import (
    ApprovedByYourself,
    PlanDoesNotAddUp,
    PlanFixed,
    PlanUndecided,
    ReportNotApproved,
)
from tests.gifts import OUR_ACCOUNT
from tests.money import MoneyWorld
from tests.payouts import STORY, a_campaign_to_pay, approve, initiator, plan_parts, report_and_approve


def _booked(world: MoneyWorld, kind: str) -> list[int]:
    with world.database.reading() as session:
        return list(session.scalars(select(Transfer.amount_cents).where(Transfer.kind == kind).order_by(Transfer.id)))


def _lines(world: MoneyWorld, campaign: UUID, number: int) -> list[int]:
    with world.database.reading() as session:
        found = payout(session, initiative_id=campaign, number=number)
        assert found is not None
        return list(
            session.scalars(
                select(PayoutLine.amount_cents)
                .where(PayoutLine.tranche_id == found.tranche_id)
                .order_by(PayoutLine.pledge_id)
            )
        )


def _limit(world: MoneyWorld, cents: int) -> None:
    with world.database.transaction() as session:
        set_money_terms(
            session,
            municipality_id=world.municipality_id,
            bank_account=OUR_ACCOUNT,
            cash_alone=Money(100_00),
            payout_alone=Money(cents),
            actor=world.staff("administrator"),
            now=world.now,
        )


def _refused(world: MoneyWorld, campaign: UUID, refusal: type[DomainError], number: int = 1) -> None:
    with pytest.raises(refusal):
        approve(world, campaign, number)


def test_a_payout_in_three_parts_leaves_to_the_cent_and_splits_one_charge_at_each_cut(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(33_34, 33_34, 33_34), match=50_00)
    plan_parts(world, campaign, 40, 30, 30)
    with world.database.reading() as session:
        planned = [(one.amount_cents, one.match_cents) for one in tranches(session, initiative_id=campaign)]
    assert planned == [(60_01, 20_00), (45_01, 15_00), (45_00, 15_00)]
    approve(world, campaign)
    world.work()
    assert _lines(world, campaign, 1) == [33_34, 6_67]
    assert world.verdict().findings == ()
    for number in (2, 3):
        _refused(world, campaign, ReportNotApproved, number)
        report_and_approve(world, campaign)
        approve(world, campaign, number)
        world.work()
        assert world.verdict().findings == ()
    assert _lines(world, campaign, 2) == [26_67, 3_34]
    assert _lines(world, campaign, 3) == [30_00]
    assert _booked(world, "payout_match") == [20_00, 15_00, 15_00]
    assert sum(_booked(world, "payout_gifts")) == 100_02
    _refused(world, campaign, AlreadyPaidOut, 3)
    with world.database.reading() as session:
        assert waiting_for_payout(session, municipality_id=world.municipality_id) == []


def test_cash_leaves_with_the_first_parts_by_bank(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(40_00,), cash=(60_00,))
    plan_parts(world, campaign, 50, 50)
    approve(world, campaign)
    world.work()
    assert world.verdict().findings == ()
    report_and_approve(world, campaign)
    approve(world, campaign, 2)
    world.work()
    assert _booked(world, "payout_deposits") == [50_00, 10_00]
    assert _booked(world, "payout_gifts") == [40_00]
    assert world.verdict().findings == ()


def test_without_a_plan_one_part_is_everything(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(10_00, 20_00))
    assert approve(world, campaign) == "approved"
    world.work()
    with world.database.reading() as session:
        (one,) = payouts(session, initiative_id=campaign)
    assert (one.number, one.state, one.gifts_cents, one.first_by) == (1, "sent", 30_00, None)


def test_a_proposal_waits_for_the_treasurer_s_answer_and_money_waits_with_it(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(10_00, 20_00))
    proposal = {"initiative_id": campaign, "percents": [60, 40], "milestones": ["Begin", "Klaar"], "now": world.now}
    with world.database.transaction() as session, pytest.raises(InitiativeNotFound):
        propose_plan(session, actor=world.staff("treasurer"), **proposal)  # type: ignore[arg-type]
    with world.database.transaction() as session:
        propose_plan(session, actor=initiator(world), **proposal)  # type: ignore[arg-type]
    _refused(world, campaign, PlanUndecided)
    with world.database.transaction() as session, pytest.raises(OnlyTheTreasurer):
        set_plan(session, actor=initiator(world), **proposal)  # type: ignore[arg-type]
    own = replace(initiator(world), roles=frozenset({"treasurer"}))
    with world.database.transaction() as session, pytest.raises(OwnMoney):
        set_plan(session, actor=own, **proposal)  # type: ignore[arg-type]
    with world.database.transaction() as session, pytest.raises(PlanDoesNotAddUp):
        set_plan(session, actor=world.staff("treasurer"), **{**proposal, "percents": [60, 30]})  # type: ignore[arg-type]
    plan_parts(world, campaign, 60, 40)
    approve(world, campaign)
    with world.database.transaction() as session, pytest.raises(PlanFixed):
        set_plan(session, actor=world.staff("treasurer"), **proposal)  # type: ignore[arg-type]
    world.work()
    assert world.verdict().findings == ()


def test_above_the_limit_two_different_people_approve(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(60_00, 60_00))
    _limit(world, 100_00)
    plan_parts(world, campaign, 50, 50)
    first, second = world.staff("treasurer"), world.staff("treasurer")
    assert approve(world, campaign, by=first) == "waits"
    world.work()
    assert _booked(world, "payout_gifts") == []
    with pytest.raises(ApprovedByYourself):
        approve(world, campaign, by=first)
    assert approve(world, campaign, by=second) == "approved"
    world.work()
    with world.database.reading() as session:
        sent = payout(session, initiative_id=campaign)
    assert sent is not None
    assert (sent.first_by, sent.approved_by, sent.state) == (first.person_id, second.person_id, "sent")
    assert world.verdict().findings == ()


def test_two_first_words_at_once_are_one_first_and_one_second(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(60_00,))
    _limit(world, 10_00)
    people = [world.staff("treasurer") for _ in range(2)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        said = sorted(pool.map(lambda one: approve(world, campaign, by=one), people))
    assert said == ["approved", "waits"]
    world.work()
    assert _booked(world, "payout_gifts") == [60_00]
    assert world.verdict().findings == ()


def test_a_button_pressed_by_many_at_once_pays_once(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(60_00,))
    people = [world.staff("treasurer") for _ in range(4)]

    def press(number: int) -> str:
        try:
            return approve(world, campaign, by=people[number])
        except AlreadyPaidOut:
            return "too late"

    with ThreadPoolExecutor(max_workers=4) as pool:
        said = sorted(pool.map(press, range(4)))
    assert said == ["approved", "too late", "too late", "too late"]
    world.work()
    with world.database.reading() as session:
        assert session.execute(select(func.count()).select_from(PayoutLine)).scalar_one() == 1
    assert world.verdict().findings == ()


def test_a_closed_payee_is_not_paid(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(60_00,))
    treasurer = world.staff("treasurer")
    with world.database.transaction() as session:
        close_payee(session, initiative_id=campaign, reason="Opgeheven.", actor=treasurer, now=world.now)
    _refused(world, campaign, PayeeClosed)
    assert _booked(world, "payout_gifts") == []


# --- Reports --------------------------------------------------------------------------------------------------


def test_a_report_is_read_by_an_assessor_who_does_not_belong_to_it(world: MoneyWorld) -> None:
    campaign = a_campaign_to_pay(world, gifts=(60_00,))
    report_id, now = new_id(), world.now
    told = {"report_id": report_id, "initiative_id": campaign, "actor": initiator(world), "now": now}
    with world.database.transaction() as session, pytest.raises(ReportTooShort):
        write_report(session, body="Klaar.", **told)  # type: ignore[arg-type]
    with world.database.transaction() as session:
        write_report(session, body=STORY, **told)  # type: ignore[arg-type]
        write_report(session, body=STORY, **told)  # type: ignore[arg-type]
    with world.database.transaction() as session, pytest.raises(ReportWaiting):
        write_report(session, body=STORY, **{**told, "report_id": new_id()})  # type: ignore[arg-type]
    own = replace(initiator(world), roles=frozenset({"assessor"}))
    for actor, refusal in ((own, OwnReport), (world.staff("treasurer"), OnlyAnAssessor)):
        with world.database.transaction() as session, pytest.raises(refusal):
            answer_report(session, report_id=report_id, is_approved=True, actor=actor, now=now)
    assessor = world.staff("assessor")
    with world.database.transaction() as session, pytest.raises(NoteMissing):
        answer_report(session, report_id=report_id, is_approved=False, actor=assessor, now=now)
    with world.database.transaction() as session:
        assert [one.id for one in waiting_reports(session, municipality_id=world.municipality_id)] == [report_id]
        answer_report(session, report_id=report_id, is_approved=False, note="Stuur een foto.", actor=assessor, now=now)
    with world.database.transaction() as session, pytest.raises(ReportDecided):
        answer_report(session, report_id=report_id, is_approved=True, actor=assessor, now=now)
    report_and_approve(world, campaign)
    with world.database.reading() as session:
        found = reports(session, initiative_id=campaign)
    assert [(one.number, one.state) for one in found] == [(1, "returned"), (2, "approved")]
