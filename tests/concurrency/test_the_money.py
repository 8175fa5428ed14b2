"""Money under real commits: whoever acts at the same moment, a pledge counts once and is charged once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

from crowd.closing.operations import close_campaign
from crowd.pledges.operations import Promise, make_pledge, roll_up_totals, withdraw_pledge
from crowd.pledges.queries import total
from crowd.shared.actor import Actor
from crowd.shared.errors import DomainError
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from payments.collection import workflow as collecting
from payments.collection.workflow import finish_latest_checkout, pay_now
from payments.inbox.workflow import handle_events
from payments.provider import OutcomeUnknown
from payments.settlement.workflow import end_settlements, plan_settlements, work_off_charges
from tests.depth import deep
from tests.money import ASKS_ALWAYS, GOOD, MoneyWorld

THREADS = 8


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Run all acts in threads that start together; their results, or the refusals they raised."""
    start = Barrier(len(acts), timeout=30)

    def begin(act: Callable[[], object]) -> object:
        start.wait()
        try:
            return act()
        except (DomainError, OutcomeUnknown) as refusal:
            return refusal

    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        return list(pool.map(begin, acts))


def test_the_same_form_sent_many_times_at_once_is_one_pledge(world: MoneyWorld) -> None:
    campaign, pledge_id = world.campaign(50_00), new_id()
    promise = Promise(pledge_id=pledge_id, email="een@voorbeeld.example", amount=Money(25_00))

    def send() -> UUID:
        with world.database.transaction() as session:
            made = make_pledge(
                session,
                initiative_id=campaign,
                promise=promise,
                actor=Actor(municipality_id=world.municipality_id),
                now=world.now,
            )
        return made.id

    assert at_once([send] * THREADS) == [pledge_id] * THREADS


def test_coming_back_and_the_webhook_at_once_secure_a_pledge_once(world: MoneyWorld) -> None:
    campaign = world.campaign(500_00)
    pledge = world.promise(campaign, 25_00)
    world.pay(pledge, GOOD, finish=False)

    def come_back() -> None:
        finish_latest_checkout(world.database, world.gateway, pledge_id=pledge, now=world.now)

    def webhook() -> int:
        return handle_events(world.database, world.gateway, now=world.now, most=20)

    at_once([come_back, come_back, webhook, come_back])
    with world.database.reading() as session:
        assert total(session, initiative_id=campaign).amount_cents == 25_00


def test_workers_that_settle_at_once_charge_every_pledge_once(world: MoneyWorld) -> None:
    campaign = world.campaign(100_00)
    pledges = [world.pledge(campaign, 10_00) for _ in range(deep(sample=12, full=60))]
    world.pass_deadline(campaign)
    with world.database.transaction() as session:
        close_campaign(session, initiative_id=campaign, now=world.now)

    def worker() -> None:
        plan_settlements(world.database, now=world.now)
        for _ in range(3):
            work_off_charges(world.database, world.gateway, now=world.now, most=5, at_once=2)
        end_settlements(world.database, world.gateway, now=world.now)

    at_once([worker] * 4)
    world.work()
    assert {world.state_of(pledge) for pledge in pledges} == {"collected"}
    assert all(world.charges_at_provider(pledge) == 1 for pledge in pledges)
    assert world.verdict().balanced


def test_one_charge_taken_up_twice_at_once_is_charged_once(world: MoneyWorld) -> None:
    # As when a lease ran out although its worker still lives.
    campaign = world.campaign(50_00)
    pledge = world.pledge(campaign, 50_00)
    world.pass_deadline(campaign)
    with world.database.transaction() as session:
        close_campaign(session, initiative_id=campaign, now=world.now)
    plan_settlements(world.database, now=world.now)

    def charge() -> None:
        collecting.charge(world.database, world.gateway, pledge_id=pledge, now=world.now)

    at_once([charge] * 4)
    world.end_leases()
    world.work()
    assert world.state_of(pledge) == "collected"
    assert world.charges_at_provider(pledge) == 1
    assert world.verdict().balanced


def test_a_donor_who_approves_twice_at_once_pays_once(world: MoneyWorld) -> None:
    campaign = world.campaign(50_00)
    pledge = world.pledge(campaign, 50_00, ASKS_ALWAYS)
    world.pass_deadline(campaign)
    world.work()

    def approve() -> str | None:
        return pay_now(
            world.database, world.gateway, pledge_id=pledge, return_url="https://loket.example/terug", now=world.now
        )

    banks = [answer for answer in at_once([approve] * 4) if isinstance(answer, str)]
    assert banks
    world.say_yes(banks[-1])
    world.work()
    assert world.state_of(pledge) == "collected"
    assert world.charges_at_provider(pledge) == 1


def test_withdrawing_while_the_campaign_closes_counts_one_way_or_the_other(world: MoneyWorld) -> None:
    actor = Actor(municipality_id=world.municipality_id)
    for _ in range(deep(sample=4, full=40)):
        campaign = world.campaign(50_00)
        pledge = world.pledge(campaign, 50_00)
        world.pass_deadline(campaign)

        def withdraw(pledge: UUID = pledge) -> None:
            with world.database.transaction() as session:
                withdraw_pledge(session, pledge_id=pledge, actor=actor, now=world.now)

        def close(campaign: UUID = campaign) -> None:
            with world.database.transaction() as session:
                close_campaign(session, initiative_id=campaign, now=world.now)

        at_once([withdraw, close])
        world.work()
        outcome = (world.state_of(pledge), world.state_of_campaign(campaign))
        assert outcome in {("withdrawn", "unfunded"), ("collected", "funded")}
    assert world.verdict().balanced


def test_totals_are_exact_while_they_are_rolled_up(world: MoneyWorld) -> None:
    campaign = world.campaign(10_000_00)
    pledges = [world.promise(campaign, 10_00) for _ in range(10)]

    def roll_up() -> None:
        for _ in range(20):
            with world.database.transaction() as session:
                roll_up_totals(session)

    def secure() -> None:
        for pledge in pledges:
            world.pay(pledge)

    def look() -> list[int]:
        seen = []
        for _ in range(50):
            with world.database.reading() as session:
                seen.append(total(session, initiative_id=campaign).amount_cents)
        return seen

    seen = at_once([roll_up, roll_up, secure, look])[3]
    assert isinstance(seen, list)
    assert seen == sorted(seen), "a total that goes down while nobody withdraws lost a delta for a moment"
    with world.database.reading() as session:
        assert total(session, initiative_id=campaign).amount_cents == 100_00
