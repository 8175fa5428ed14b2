"""Planning and recording money that leaves, and the municipality's share that arrives."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, exists, func, not_, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.initiatives.models import Initiative
from crowd.initiatives.queries import campaign_facts
from crowd.pledges import queries as pledge_queries
from crowd.pledges.models import Pledge
from crowd.shared import audit, outbox
from crowd.shared.actor import Actor, system
from crowd.shared.money import Money
from payments.bank.return_operations import call_off_return
from payments.collection.models import Charge, DebitTerms
from payments.collection.rules import DEBIT_TERMS
from payments.ledger.operations import post
from payments.payouts import queries
from payments.payouts.host_rules import PayeeKnown
from payments.payouts.leaving_queries import IS_LEASED, MAY_HAVE_LEFT
from payments.payouts.models import FiscalHost, MatchReceipt, Payee, Payout, PayoutLine, PayoutStop, Refund
from payments.payouts.rules import PayoutsStopped, check_match_received

LEASE_SECONDS = 90
_NEW_LEASE = text(f"clock_timestamp() + interval '{LEASE_SECONDS} seconds'")

_HELD_FOR = func.make_interval(0, 0, 0, func.coalesce(DebitTerms.held_days, DEBIT_TERMS.held_for.days))
_DUE_LINES = (
    select(PayoutLine.id)
    .join(Pledge, Pledge.id == PayoutLine.pledge_id)
    .join(Charge, Charge.pledge_id == PayoutLine.pledge_id)
    .outerjoin(DebitTerms, DebitTerms.municipality_id == Pledge.municipality_id)
    .join(Payout, Payout.tranche_id == PayoutLine.tranche_id)
    .join(Payee, Payee.id == Payout.payee_id)
    .where(
        PayoutLine.state == "planned",
        or_(
            and_(
                Payee.state != "closed",
                # Held while a dispute runs, and while a donor's bank takes a debit back without asking why.
                Pledge.state == "collected",
                or_(Charge.way != "sepa_debit", Charge.succeeded_at + _HELD_FOR <= bindparam("now")),
                # Nobody proposed to cancel.
                ~exists().where(PayoutStop.initiative_id == PayoutLine.initiative_id),
            ),
            # Whatever holds it now: it may have left before, so it is asked for to the letter again, to know.
            MAY_HAVE_LEFT,
        ),
        not_(IS_LEASED),
    )
    .order_by(PayoutLine.id)
    .limit(bindparam("most"))
    .with_for_update(of=PayoutLine, skip_locked=True)
    .cte("due")
)
_LEASE_LINES = (
    update(PayoutLine)
    .where(PayoutLine.id == _DUE_LINES.c.id)
    .values(leased_until=_NEW_LEASE)
    .returning(
        PayoutLine.id, PayoutLine.tranche_id, PayoutLine.initiative_id, PayoutLine.pledge_id, PayoutLine.amount_cents
    )
)
_CHARGE_REF = select(Charge.charge_ref).where(Charge.pledge_id == bindparam("pledge_id"))


_ACCOUNT = (
    select(func.coalesce(FiscalHost.account_ref, Payee.account_ref).label("ref"), Payee.host_id, Initiative.title)
    .join(Payout, Payout.payee_id == Payee.id)
    .join(Initiative, Initiative.id == Payee.initiative_id)
    .outerjoin(FiscalHost, FiscalHost.organisation_id == Payee.host_id)
    .where(Payout.tranche_id == bindparam("tranche_id"))
)


class MoneyMayHaveLeft(Exception):
    """A part of a payout, or a refund, is being sent or may have left without our knowing yet; it is known shortly."""


@dataclass(frozen=True, slots=True)
class LineToSend:
    """A leased part of a payout, with the charge it comes from and the account it goes to.

    `description` names the initiative where the account is a fiscal host's; else it is empty.
    """

    id: UUID
    initiative_id: UUID
    amount: Money
    charge_ref: str
    account_ref: str
    description: str = ""


# --- Payees ---------------------------------------------------------------------------------------------------


def start_payee(session: Session, *, payee_id: UUID, initiative_id: UUID, actor: Actor, now: datetime) -> Payee:
    """Begin finding out where the money of an initiative may go, and return the payee; the first one stays.

    Raises PayeeKnown when a fiscal host agreed to receive it.
    """
    added = session.execute(
        insert(Payee)
        .values(id=payee_id, initiative_id=initiative_id, started_at=now)
        .on_conflict_do_nothing()
        .returning(Payee.id)
    ).first()
    if added is not None:
        audit.record(
            session, actor=actor, action="payee.started", subject_type="initiative", subject_id=initiative_id, now=now
        )
    payee = session.scalars(
        select(Payee).where(Payee.initiative_id == initiative_id, Payee.state != "closed").with_for_update()
    ).one()
    if payee.host_id is not None:
        if payee.agreed_at is not None:
            raise PayeeKnown
        # The initiator thinks better of it: an account of its own, before the fiscal host answered.
        payee.host_id = None
    return payee


def record_account(session: Session, *, payee_id: UUID, account_ref: str) -> None:
    """Remember the provider's account of a payee; the first one stays."""
    session.execute(
        update(Payee).where(Payee.id == payee_id, Payee.account_ref.is_(None)).values(account_ref=account_ref)
    )


def count_link(session: Session, *, payee_id: UUID) -> int:
    """Return the number of the next onboarding link, so that each has its own key."""
    return session.execute(
        update(Payee).where(Payee.id == payee_id).values(links_made=Payee.links_made + 1).returning(Payee.links_made)
    ).scalar_one()


def record_account_status(session: Session, *, account_ref: str, status: str, now: datetime) -> None:
    """Mark a payee ready once the provider may send it money; anything else leaves it as it is."""
    if status == "active":
        session.execute(
            update(Payee)
            .where(Payee.account_ref == account_ref, Payee.state == "started")
            .values(state="ready", ready_at=now)
        )


# --- The municipality's share, and the payout -----------------------------------------------------------------


def record_match_received(
    session: Session, *, initiative_id: UUID, amount: Money, reference: str, actor: Actor, now: datetime
) -> None:
    """Book that the municipality's share of a funded campaign arrived at the bank; once.

    Raises OnlyTheTreasurer, PayoutsStopped, NoMatchExpected, MatchDiffers, ReferenceMissing.
    """
    campaign = campaign_facts(session, initiative_id=initiative_id, lock="update")
    facts = queries.payout_facts(session, initiative_id=initiative_id)
    if facts.is_stopped:
        raise PayoutsStopped
    check_match_received(actor=actor, fixed=Money(facts.match_cents), received=amount, reference=reference)
    added = session.execute(
        insert(MatchReceipt)
        .values(
            initiative_id=initiative_id,
            amount_cents=amount.cents,
            reference=reference.strip(),
            received_at=now,
            recorded_by=actor.person_id,
        )
        .on_conflict_do_nothing()
        .returning(MatchReceipt.initiative_id)
    ).first()
    if added is None:
        return
    post(
        session,
        kind="match_received",
        municipality_id=campaign.municipality_id,
        initiative_id=initiative_id,
        amount=amount,
        source_type="initiative",
        source_id=str(initiative_id),
        occurred_at=now,
    )
    audit.record(
        session,
        actor=actor,
        action="match.received",
        subject_type="initiative",
        subject_id=initiative_id,
        now=now,
        facts={"amount_cents": amount.cents, "reference": reference.strip()},
    )


def lease_lines(session: Session, *, most: int, now: datetime) -> list[LineToSend]:
    """Lease up to `most` planned payout lines that may leave at `now` to the caller, oldest first."""
    leased = session.execute(_LEASE_LINES, {"most": most, "now": now}).all()
    found = []
    for row in leased:
        account = session.execute(_ACCOUNT, {"tranche_id": row.tranche_id}).one()
        charge_ref = session.execute(_CHARGE_REF, {"pledge_id": row.pledge_id}).scalar_one()
        found.append(
            LineToSend(
                id=row.id,
                initiative_id=row.initiative_id,
                amount=Money(row.amount_cents),
                charge_ref=str(charge_ref),
                account_ref=str(account.ref),
                description=account.title if account.host_id else "",
            )
        )
    return found


def record_line_sent(session: Session, *, line_id: UUID, transfer_ref: str, now: datetime) -> None:
    """Record that one part of a payout left. Once.

    With the last one what leaves by bank does too: the match, and what was given in cash or by bank transfer.
    """
    line = session.execute(select(PayoutLine).where(PayoutLine.id == line_id).with_for_update()).scalar_one()
    if line.state == "sent":
        return
    campaign = campaign_facts(session, initiative_id=line.initiative_id, lock="update")
    post(
        session,
        kind="payout_gifts",
        municipality_id=campaign.municipality_id,
        initiative_id=line.initiative_id,
        amount=Money(line.amount_cents),
        source_type="payout_line",
        source_id=str(line_id),
        occurred_at=now,
    )
    session.execute(
        update(PayoutLine)
        .where(PayoutLine.id == line_id)
        .values(state="sent", transfer_ref=transfer_ref, sent_at=now, leased_until=None)
    )
    _finish_when_sent(session, tranche_id=line.tranche_id, municipality_id=campaign.municipality_id, now=now)


def keep_back(session: Session, *, pledge_id: UUID, now: datetime) -> bool:
    """Let a gift that was lost in a dispute not leave any more, and return whether any of it left already.

    A planned refund of it is called off too, also one by bank. Raises MoneyMayHaveLeft while a part of
    it is being sent, or may have left without our knowing yet: look again shortly.
    """
    session.execute(
        update(Refund)
        .where(Refund.pledge_id == pledge_id, Refund.state == "planned")
        .values(state="cancelled", leased_until=None)
    )
    call_off_return(session, pledge_id=pledge_id, now=now)
    lines = session.scalars(select(PayoutLine).where(PayoutLine.pledge_id == pledge_id).with_for_update()).all()
    planned = [line for line in lines if line.state == "planned"]
    cancelled = session.execute(
        update(PayoutLine)
        .where(
            PayoutLine.id.in_([line.id for line in planned]),
            not_(IS_LEASED),
            ~MAY_HAVE_LEFT,
        )
        .values(state="cancelled")
        .returning(PayoutLine.tranche_id)
    ).all()
    if len(cancelled) < len(planned):
        raise MoneyMayHaveLeft
    municipality_id = pledge_queries.pledge(session, pledge_id=pledge_id).municipality_id
    for (tranche_id,) in cancelled:
        _finish_when_sent(session, tranche_id=tranche_id, municipality_id=municipality_id, now=now)
    return any(line.state == "sent" for line in lines)


def _finish_when_sent(session: Session, *, tranche_id: UUID, municipality_id: UUID, now: datetime) -> None:
    still_planned = session.execute(
        select(func.count()).where(PayoutLine.tranche_id == tranche_id, PayoutLine.state == "planned")
    ).scalar_one()
    if still_planned == 0 and not _is_stopped(session, tranche_id=tranche_id):
        finish_payout(session, tranche_id=tranche_id, municipality_id=municipality_id, now=now)


def _is_stopped(session: Session, *, tranche_id: UUID) -> bool:
    stop = exists().where(PayoutStop.initiative_id == Payout.initiative_id, Payout.tranche_id == tranche_id)
    return bool(session.execute(select(stop)).scalar_one())


def finish_payout(session: Session, *, tranche_id: UUID, municipality_id: UUID, now: datetime) -> None:
    """Record that the last line of a payout left: what leaves by bank is booked, and the team is told.

    The ledger knows it by its tranche. (A payout from before tranches has the id of its initiative.)
    """
    sent = session.execute(
        update(Payout)
        .where(Payout.tranche_id == tranche_id)
        .values(state="sent", sent_at=now)
        .returning(Payout.initiative_id, Payout.match_cents, Payout.deposits_cents)
    ).one()
    for kind, cents in (("payout_match", sent.match_cents), ("payout_deposits", sent.deposits_cents)):
        if cents:
            post(
                session,
                kind=kind,
                municipality_id=municipality_id,
                initiative_id=sent.initiative_id,
                amount=Money(cents),
                source_type="tranche",
                source_id=str(tranche_id),
                occurred_at=now,
            )
    audit.record(
        session,
        actor=system(municipality_id),
        action="payout.sent",
        subject_type="initiative",
        subject_id=sent.initiative_id,
        now=now,
        facts={"tranche_id": str(tranche_id)},
    )
    outbox.add(
        session,
        kind="payout.sent",
        args={"initiative_id": str(sent.initiative_id), "tranche_id": str(tranche_id)},
        dedupe_key=f"payout.sent/{tranche_id}",
    )
