"""Funded campaigns that are cancelled after all, by two people."""

from uuid import UUID

from crowd.pledges.queries import collected_ids
from crowd.shared.actor import Actor
from crowd.shared.money import Money
from payments.cancelling import queries
from payments.cancelling.line_operations import record_town_transfer, town_due
from payments.cancelling.operations import approve, choose, propose
from payments.cancelling.queries import LineRow
from tests.money import MoneyWorld
from tests.payouts import a_campaign_to_pay, plan_parts
from tests.payouts import approve as approve_payout

REASON = "De grond blijkt vervuild, dus de tuin kan er niet komen."


def propose_to_cancel(world: MoneyWorld, campaign: UUID, *, by: Actor | None = None) -> UUID:
    """A clerk proposes a plan."""
    by = by or world.staff("clerk")
    with world.database.transaction() as session:
        return propose(session, initiative_id=campaign, reason=REASON, actor=by, now=world.now)


def approve_plan(world: MoneyWorld, campaign: UUID, *, by: Actor | None = None) -> None:
    """A treasurer approves it."""
    by = by or world.staff("treasurer")
    with world.database.transaction() as session:
        approve(session, initiative_id=campaign, actor=by, now=world.now)


def cancel(world: MoneyWorld, campaign: UUID) -> UUID:
    """Two people cancel a campaign."""
    plan_id = propose_to_cancel(world, campaign)
    approve_plan(world, campaign)
    return plan_id


def choose_for(world: MoneyWorld, pledge: UUID, choice: str, target: UUID | None = None) -> LineRow:
    """A donor says what should happen to their money."""
    with world.database.transaction() as session:
        actor = Actor(municipality_id=world.municipality_id)
        return choose(session, pledge_id=pledge, choice=choice, target=target, actor=actor, now=world.now)


def end_choosing(world: MoneyWorld) -> None:
    """The term passes, and the worker does what everybody chose."""
    world.advance(days=16)
    world.work()


def pay_town(world: MoneyWorld, campaign: UUID) -> int:
    """A treasurer transfers to the municipality what it gets now; return the cents."""
    with world.database.transaction() as session:
        plan = queries.the_plan_of(session, initiative_id=campaign)
        due = town_due(session, plan_id=plan.id)
        record_town_transfer(
            session,
            initiative_id=campaign,
            amount=due,
            reference="STOP 1",
            actor=world.staff("treasurer"),
            now=world.now,
        )
    return due.cents


def amounts(world: MoneyWorld, plan_id: UUID) -> dict[UUID | None, Money]:
    """What everybody gets by a plan."""
    with world.database.reading() as session:
        return {line.pledge_id: Money(line.amount_cents) for line in queries.lines(session, plan_id=plan_id)}


def stop_half_way(world: MoneyWorld, campaign: UUID) -> None:
    """A campaign of three gifts is cancelled after its first half was paid: one back, one moved, one left."""
    target = a_campaign_to_pay(world, gifts=(10_00,), confirmed=True)
    plan_parts(world, campaign, 50, 50)
    approve_payout(world, campaign)
    world.work()
    cancel(world, campaign)
    with world.database.reading() as session:
        _, moves, leaves = collected_ids(session, initiative_id=campaign)
    choose_for(world, moves, "move", target)
    choose_for(world, leaves, "gift")
    end_choosing(world)
    pay_town(world, campaign)
