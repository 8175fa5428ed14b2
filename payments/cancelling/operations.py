"""Proposing to cancel a funded campaign, deciding about it, and what each donor chooses.

Locks, always in this order: the campaign, the plan, the pledges.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from crowd.initiatives.operations import cancel_funded
from crowd.initiatives.queries import CampaignFactsRow, campaign_facts
from crowd.pledges.queries import lock_pledges
from crowd.pledges.queries import pledge as pledge_row
from crowd.shared import audit, outbox
from crowd.shared.actor import Actor
from crowd.shared.clock import end_of, local_date
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from payments.cancelling import queries
from payments.cancelling.models import Cancellation, CancellationChoice, CancellationLine
from payments.cancelling.queries import LineRow, PlanRow
from payments.cancelling.rules import (
    CHOICES,
    CHOOSING_LASTS,
    ChoiceMissing,
    Line,
    NothingToChoose,
    NothingToDivide,
    PaymentUnderWay,
    PlanOutdated,
    ProposedAlready,
    TargetMissing,
    check_choice,
    check_decision,
    check_proposal,
    check_reason,
    divide,
)
from payments.ledger.operations import post
from payments.payouts.queries import payout_facts
from payments.payouts.stop_operations import call_off_payouts, is_under_way, resume_payouts, stop_payouts

_NEWS = "pledge.may_choose"


def propose(session: Session, *, initiative_id: UUID, reason: str, actor: Actor, now: datetime) -> UUID:
    """Propose to cancel a funded campaign, with the division of what is left, and return the plan.

    From now on nothing leaves for it. Raises OnlyTheOffice, OwnInitiativeStops, NotCancellable, ProposedAlready,
    PaymentUnderWay, NothingToDivide, BooksDoNotAgree, ReasonMissing, ReasonTooLong.
    """
    campaign = campaign_facts(session, initiative_id=initiative_id, lock="update")
    check_proposal(actor=actor, team=payout_facts(session, initiative_id=initiative_id).team, state=campaign.state)
    said = check_reason(reason)
    if queries.plan_of(session, initiative_id=initiative_id, lock=True) is not None:
        raise ProposedAlready
    planned = _divide(session, initiative_id=initiative_id)
    stop_payouts(session, initiative_id=initiative_id, now=now)
    plan_id = new_id()
    left = sum(line.amount_cents for line in planned)
    session.execute(
        insert(Cancellation).values(
            id=plan_id,
            municipality_id=campaign.municipality_id,
            initiative_id=initiative_id,
            reason=said,
            gave_cents=sum(line.gave_cents for line in planned),
            left_cents=left,
            proposed_at=now,
            proposed_by=actor.person_id,
        )
    )
    session.execute(
        insert(CancellationLine),
        [
            {
                "cancellation_id": plan_id,
                "number": number,
                "pledge_id": line.pledge_id,
                "gave_cents": line.gave_cents,
                "amount_cents": line.amount_cents,
            }
            for number, line in enumerate(planned, 1)
        ],
    )
    _note(session, "cancellation.proposed", initiative_id=initiative_id, cents=left, actor=actor, now=now)
    return plan_id


def approve(session: Session, *, initiative_id: UUID, actor: Actor, now: datetime) -> None:
    """Cancel the campaign as its plan says: a treasurer who did not propose it.

    What was still to be paid out is called off, a share of the municipality that never came is no longer owed, and
    each donor is asked what should happen to their money. Raises what `rules.check_decision` raises,
    CancellationNotFound, PaymentUnderWay, PlanOutdated, NothingToDivide, BooksDoNotAgree.
    """
    campaign, plan = _to_decide(session, initiative_id=initiative_id, actor=actor, approves=True)
    planned = _divide(session, initiative_id=initiative_id)
    proposed = queries.lines(session, plan_id=plan.id)
    if planned != [Line(one.pledge_id, one.gave_cents, one.amount_cents) for one in proposed]:
        raise PlanOutdated
    call_off_payouts(session, initiative_id=initiative_id)
    owed = queries.unreceived_cents(session, initiative_id=initiative_id)
    if owed:
        post(
            session,
            kind="match_withdrawn",
            municipality_id=campaign.municipality_id,
            initiative_id=initiative_id,
            amount=Money(owed),
            source_type="initiative",
            source_id=str(initiative_id),
            occurred_at=now,
        )
    cancel_funded(session, initiative_id=initiative_id, actor=actor, now=now, reason=plan.reason)
    choose_until = end_of(local_date(now + CHOOSING_LASTS))
    _decide(session, plan=plan, state="approved", actor=actor, now=now, choose_until=choose_until)
    outbox.add_many(
        session,
        kind=_NEWS,
        jobs=[
            ({"pledge_id": str(one.pledge_id)}, f"{_NEWS}/{one.id}")
            for one in proposed
            if one.pledge_id is not None and one.amount_cents
        ],
    )
    _note(session, "cancellation.approved", initiative_id=initiative_id, cents=plan.left_cents, actor=actor, now=now)


def refuse(session: Session, *, initiative_id: UUID, actor: Actor, now: datetime) -> None:
    """Say no to a plan, or take back one's own: the campaign is paid out again as before.

    Raises what `rules.check_decision` raises, CancellationNotFound.
    """
    campaign, plan = _to_decide(session, initiative_id=initiative_id, actor=actor, approves=False)
    _decide(session, plan=plan, state="refused", actor=actor, now=now, choose_until=None)
    resume_payouts(session, initiative_id=initiative_id, municipality_id=campaign.municipality_id, now=now)
    _note(session, "cancellation.refused", initiative_id=initiative_id, cents=plan.left_cents, actor=actor, now=now)


def choose(
    session: Session, *, pledge_id: UUID, choice: str, target: UUID | None, actor: Actor, now: datetime
) -> LineRow:
    """Write down what a donor wants with their money, and return their line; until the term ends the last word counts.

    Raises ChoiceMissing, TargetMissing, NothingToChoose, TooLateToChoose.
    """
    seen = pledge_row(session, pledge_id=pledge_id)
    campaign_facts(session, initiative_id=seen.initiative_id, lock="share")
    plan = queries.plan_of(session, initiative_id=seen.initiative_id)
    is_held = pledge_row(session, pledge_id=pledge_id, lock=True).state != "collected"
    line = queries.line_of(session, pledge_id=pledge_id)
    if plan is None or line is None or line.way is not None or is_held:
        raise NothingToChoose
    check_choice(state=plan.state, choose_until=plan.choose_until, amount_cents=line.amount_cents, now=now)
    if choice not in CHOICES:
        raise ChoiceMissing(field="choice")
    if choice == "move" and target not in {
        one.id for one in queries.targets(session, municipality_id=plan.municipality_id)
    }:
        raise TargetMissing(field="target")
    to = target if choice == "move" else None
    # Without a word the money goes back, so saying that first changes nothing.
    before = line.choice or "refund", line.to_initiative_id
    if before != (choice, to):
        session.execute(
            insert(CancellationChoice).values(line_id=line.id, choice=choice, to_initiative_id=to, chosen_at=now)
        )
        audit.record(
            session,
            actor=actor,
            action="cancellation.chosen",
            subject_type="pledge",
            subject_id=pledge_id,
            now=now,
            facts={"choice": choice},
        )
    found = queries.line_of(session, pledge_id=pledge_id)
    if found is None:
        raise NothingToChoose
    return found


def _divide(session: Session, *, initiative_id: UUID) -> list[Line]:
    """Return what everybody would get now. The campaign is locked by the caller, its pledges from here on."""
    if is_under_way(session, initiative_id=initiative_id):
        raise PaymentUnderWay
    for state in ("collected", "disputed"):
        lock_pledges(session, initiative_id=initiative_id, state=state)
    found = queries.standing(session, initiative_id=initiative_id)
    if not found.left_cents:
        raise NothingToDivide
    return divide(found)


def _to_decide(
    session: Session, *, initiative_id: UUID, actor: Actor, approves: bool
) -> tuple[CampaignFactsRow, PlanRow]:
    campaign = campaign_facts(session, initiative_id=initiative_id, lock="update")
    plan = queries.the_plan_of(session, initiative_id=initiative_id, lock=True)
    team = payout_facts(session, initiative_id=initiative_id).team
    check_decision(actor=actor, team=team, proposed_by=plan.proposed_by, state=plan.state, approves=approves)
    return campaign, plan


def _decide(
    session: Session, *, plan: PlanRow, state: str, actor: Actor, now: datetime, choose_until: datetime | None
) -> None:
    session.execute(
        update(Cancellation)
        .where(Cancellation.id == plan.id)
        .values(state=state, decided_at=now, decided_by=actor.person_id, choose_until=choose_until)
    )


def _note(session: Session, action: str, *, initiative_id: UUID, cents: int, actor: Actor, now: datetime) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_type="initiative",
        subject_id=initiative_id,
        now=now,
        facts={"left_cents": cents},
    )
