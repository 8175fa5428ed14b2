"""Doing what an approved plan says, line by line, each once; what a lost dispute takes; the municipality's transfer.

Locks, always in this order: the campaigns by id, the pledge. Whoever writes a line's step first does it.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.initiatives.queries import campaign_facts
from crowd.pledges import queries as pledge_queries
from crowd.pledges.rules import OFFLINE_WAYS
from crowd.shared import audit, outbox
from crowd.shared.actor import Actor
from crowd.shared.money import Money
from payments.bank.models import BankReturn
from payments.cancelling import queries
from payments.cancelling.models import Cancellation, CancellationChoice, CancellationLine, CancellationStep
from payments.cancelling.rules import borne_by_campaign, check_town_transfer, way_of
from payments.ledger.operations import post
from payments.payouts.models import Refund
from payments.payouts.refund_operations import plan_partial_refund

_LINE = select(
    CancellationLine.id,
    CancellationLine.pledge_id,
    CancellationLine.amount_cents,
    Cancellation.initiative_id,
    Cancellation.municipality_id,
).join(Cancellation, Cancellation.id == CancellationLine.cancellation_id)
_CHOSEN = (
    select(CancellationChoice.choice, CancellationChoice.to_initiative_id)
    .order_by(CancellationChoice.id.desc())
    .limit(1)
)
_REASON = "the initiative was cancelled"


def do_line(session: Session, *, line_id: UUID, now: datetime) -> bool:
    """Do what a line's donor chose, and return whether this call did: plan its refund, or move or keep its money.

    The caller saw that its term is over. Doing it twice is doing it once. Money that was to move to an initiative
    which can take nothing any more goes back.
    """
    line = session.execute(_LINE.where(CancellationLine.id == line_id)).one()
    if line.pledge_id is None:
        return _begin(session, line_id=line_id, way="share", now=now)
    choice, target = session.execute(_CHOSEN.where(CancellationChoice.line_id == line_id)).first() or ("refund", None)
    for campaign in sorted({line.initiative_id, *([target] if target else [])}):
        campaign_facts(session, initiative_id=campaign, lock="update")
    pledge = pledge_queries.pledge(session, pledge_id=line.pledge_id, lock=True)
    is_moved_here = pledge.initiative_id != line.initiative_id
    if pledge.state != "collected" and not is_moved_here:
        return False
    open_now = {one.id for one in queries.targets(session, municipality_id=line.municipality_id)} if target else set()
    way = way_of(
        choice=choice,
        is_offline=pledge.way in OFFLINE_WAYS,
        is_moved_here=is_moved_here,
        may_move=target in open_now,
    )
    to = target if way == "move" else None
    if not _begin(session, line_id=line_id, way=way, now=now, to_initiative_id=to):
        return False
    amount = Money(line.amount_cents)
    if way in {"refund", "bank"}:
        plan_partial_refund(session, pledge=pledge, amount=amount, reason=_REASON, now=now)
        return True
    if way == "move":
        _book(session, "gift_moved", line_id=line_id, campaign=line, amount=amount, now=now, to=to)
    if not is_moved_here:
        outbox.add(
            session,
            kind="pledge.choice_done",
            args={"pledge_id": str(pledge.id)},
            dedupe_key=f"pledge.choice_done/{line_id}",
        )
    return True


def lose_line(session: Session, *, pledge_id: UUID, amount: Money, now: datetime) -> Money | None:
    """Take a lost dispute's line out of its approved plan, and return how much its campaign bears; None without a plan.

    The caller holds the locks, and called off a planned refund of it.
    """
    found = session.execute(
        _LINE.add_columns(
            CancellationStep.way, Refund.succeeded_at.label("refunded_at"), BankReturn.paid_at.label("returned_at")
        )
        .outerjoin(CancellationStep, CancellationStep.line_id == CancellationLine.id)
        .outerjoin(Refund, queries.REFUNDED)
        .outerjoin(BankReturn, queries.RETURNED)
        .where(CancellationLine.pledge_id == pledge_id, Cancellation.state == "approved")
        .order_by(Cancellation.proposed_at)
        .limit(1)
    ).first()
    if found is None:
        return None
    is_gone = found.way in {"move", "gift"} or found.refunded_at is not None or found.returned_at is not None
    if not is_gone:
        values = {"way": "lost", "done_at": now}
        session.execute(
            insert(CancellationStep)
            .values(line_id=found.id, begun_at=now, **values)
            .on_conflict_do_update(index_elements=[CancellationStep.line_id], set_=values)
        )
    return borne_by_campaign(line_cents=found.amount_cents, is_gone=is_gone, amount_cents=amount.cents)


def town_due(session: Session, *, plan_id: UUID) -> Money:
    """Return what is to be transferred to the municipality now: its own share, and gifts left to the neighbourhood."""
    due = [one for one in queries.sums(session, plan_id=plan_id) if one.way in {"share", "gift"} and not one.is_done]
    return Money.total(Money(one.cents) for one in due)


def record_town_transfer(
    session: Session, *, initiative_id: UUID, amount: Money, reference: str, actor: Actor, now: datetime
) -> None:
    """Record that a treasurer transferred to the municipality what it gets at this moment, and book each line of it.

    Raises CancellationNotFound, and what `rules.check_town_transfer` raises.
    """
    campaign_facts(session, initiative_id=initiative_id, lock="update")
    plan = queries.the_plan_of(session, initiative_id=initiative_id)
    due = town_due(session, plan_id=plan.id)
    written = check_town_transfer(actor=actor, due=due, sent=amount, reference=reference)
    lines = session.execute(
        _LINE.add_columns(CancellationStep.way)
        .join(CancellationStep, CancellationStep.line_id == CancellationLine.id)
        .where(
            CancellationLine.cancellation_id == plan.id,
            CancellationStep.way.in_(("share", "gift")),
            CancellationStep.done_at.is_(None),
        )
    ).all()
    for line in lines:
        kind = "match_returned" if line.way == "share" else "gift_left"
        _book(session, kind, line_id=line.id, campaign=line, amount=Money(line.amount_cents), now=now)
    session.execute(
        update(CancellationStep)
        .where(CancellationStep.line_id.in_([line.id for line in lines]))
        .values(done_at=now, reference=written)
    )
    audit.record(
        session,
        actor=actor,
        action="cancellation.town_paid",
        subject_type="initiative",
        subject_id=initiative_id,
        now=now,
        facts={"amount_cents": amount.cents, "reference": written},
    )


def _begin(session: Session, *, line_id: UUID, way: str, now: datetime, to_initiative_id: UUID | None = None) -> bool:
    begun = session.execute(
        insert(CancellationStep)
        .values(
            line_id=line_id,
            way=way,
            to_initiative_id=to_initiative_id,
            begun_at=now,
            done_at=now if way == "move" else None,
        )
        .on_conflict_do_nothing()
        .returning(CancellationStep.line_id)
    ).first()
    return begun is not None


def _book(
    session: Session,
    kind: str,
    *,
    line_id: UUID,
    campaign: Row[*tuple[Any, ...]],
    amount: Money,
    now: datetime,
    to: UUID | None = None,
) -> None:
    post(
        session,
        kind=kind,
        municipality_id=campaign.municipality_id,
        initiative_id=campaign.initiative_id,
        amount=amount,
        source_type="cancellation_line",
        source_id=str(line_id),
        occurred_at=now,
        to_initiative_id=to,
    )
