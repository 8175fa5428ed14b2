"""Campaigns that wait for their money, and the people who pay them."""

from uuid import UUID

from crowd.initiatives.report_operations import answer_report, write_report
from crowd.shared.actor import Actor
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from payments.payouts.operations import record_match_received
from payments.payouts.queries import payout_facts
from payments.payouts.tranche_operations import Approved, approve_payout, set_plan
from payments.payouts.workflow import onboard_payee, refresh_payee_of
from tests.gifts import take_cash
from tests.money import MoneyWorld

STORY = "De bakken staan, het hek is gezet en de school heeft gezaaid."


def initiator(world: MoneyWorld) -> Actor:
    return Actor(municipality_id=world.municipality_id, person_id=world.initiator_id)


def name_payee(world: MoneyWorld, campaign: UUID) -> None:
    """The initiator tells the provider where the money may go."""
    url = onboard_payee(
        world.database,
        world.gateway,
        payee_id=new_id(),
        initiative_id=campaign,
        display_name="Stichting Voorbeeld",
        contact_email="stichting@voorbeeld.example",
        return_url="https://loket.example/klaar",
        refresh_url="https://loket.example/opnieuw",
        actor=initiator(world),
        now=world.now,
    )
    with world.sandbox.browser() as browser:
        assert browser.post(url, data={"fill": "test"}).status_code == 303
    refresh_payee_of(world.database, world.gateway, initiative_id=campaign, now=world.now)


def receive_match(world: MoneyWorld, campaign: UUID) -> None:
    """A treasurer notes that the municipality's share arrived."""
    with world.database.transaction() as session:
        fixed = payout_facts(session, initiative_id=campaign).match_cents
        record_match_received(
            session,
            initiative_id=campaign,
            amount=Money(fixed),
            reference="MATCH 1",
            actor=world.staff("treasurer"),
            now=world.now,
        )


def a_campaign_to_pay(
    world: MoneyWorld,
    *,
    gifts: tuple[int, ...],
    match: int = 0,
    cash: tuple[int, ...] = (),
    confirmed: bool = False,
) -> UUID:
    """A funded campaign with these gifts by card and in cash and this match, whose payee is ready.

    `confirmed`: the donors of other campaigns confirmed their address too, which costs the test nothing.
    """
    campaign = world.campaign(sum(gifts) + sum(cash) + match)
    if match:
        world.award_match(campaign, up_to_cents=match)
    pledges = [world.promise(campaign, cents) for cents in gifts]
    if match or confirmed:
        world.confirm_everyone()
    for pledge in pledges:
        world.pay(pledge)
    for cents in cash:
        take_cash(world, campaign, cents)
    world.pass_deadline(campaign)
    world.work()
    assert world.state_of_campaign(campaign) == "funded"
    name_payee(world, campaign)
    if match:
        receive_match(world, campaign)
    return campaign


def plan_parts(world: MoneyWorld, campaign: UUID, *percents: int) -> None:
    """A treasurer decides to pay in these parts."""
    with world.database.transaction() as session:
        set_plan(
            session,
            initiative_id=campaign,
            percents=percents,
            milestones=[f"Mijlpaal {number}" for number in range(1, len(percents) + 1)],
            actor=world.staff("treasurer"),
            now=world.now,
        )


def approve(world: MoneyWorld, campaign: UUID, number: int = 1, *, by: Actor | None = None) -> Approved:
    """A treasurer approves a part."""
    by = by or world.staff("treasurer")
    with world.database.transaction() as session:
        return approve_payout(session, initiative_id=campaign, actor=by, now=world.now, number=number)


def report_and_approve(world: MoneyWorld, campaign: UUID) -> None:
    """The initiator reports, and an assessor approves it."""
    report_id = new_id()
    with world.database.transaction() as session:
        write_report(
            session, report_id=report_id, initiative_id=campaign, body=STORY, actor=initiator(world), now=world.now
        )
    with world.database.transaction() as session:
        answer_report(session, report_id=report_id, is_approved=True, actor=world.staff("assessor"), now=world.now)


def pay_in_two_parts(world: MoneyWorld, campaign: UUID) -> None:
    """A campaign is paid half now, and half after its report."""
    plan_parts(world, campaign, 50, 50)
    approve(world, campaign)
    world.work()
    report_and_approve(world, campaign)
    approve(world, campaign, 2)
    world.work()
