"""Money that goes back to a donor by bank: planned, an account given, paid by a treasurer.

What is held for a pledge that ended goes back by itself: there is nothing to plan, so nothing to forget. A gift that
was collected goes back when somebody plans it, and one whose refund came back at once. Locks: the campaign (shared),
the pledge, the deposit, the return.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.initiatives.queries import campaign_facts
from crowd.pledges import operations as pledges
from crowd.pledges import queries as pledge_queries
from crowd.pledges.queries import PledgeRow
from crowd.shared import audit, outbox
from crowd.shared.actor import Actor
from crowd.shared.iban import iban
from crowd.shared.money import Money
from payments.bank import queries
from payments.bank.models import BankReturn, Deposit
from payments.bank.queries import ReturnLine
from payments.bank.rules import NothingToReturn, account_holder, check_return_paid
from payments.ledger.operations import post

# One return of a pledge at a time; one that was called off may be followed by another.
_COUNTS: Final = text("bank_returns.state <> 'cancelled'")


def plan_bank_refunds(session: Session, *, pledges_to_refund: Sequence[PledgeRow], reason: str, now: datetime) -> None:
    """Plan to give these collected offline pledges back by bank, whole, and ask each donor for an account; once each.

    A donor without an address is asked by the counter.
    """
    if not pledges_to_refund:
        return
    planned = session.scalars(
        insert(BankReturn)
        .values(
            [
                {
                    "pledge_id": pledge.id,
                    "kind": "refund",
                    "amount_cents": pledge.amount_cents,
                    "reason": reason,
                    "planned_at": now,
                }
                for pledge in pledges_to_refund
            ]
        )
        .on_conflict_do_nothing(index_elements=[BankReturn.pledge_id], index_where=_COUNTS)
        .returning(BankReturn.pledge_id)
    ).all()
    outbox.add_many(
        session,
        kind="pledge.account_wanted",
        jobs=[({"pledge_id": str(pledge_id)}, f"pledge.account_wanted/{pledge_id}") for pledge_id in planned],
    )


def return_what_came_back(session: Session, *, pledge_id: UUID, amount: Money, now: datetime) -> None:
    """Let a gift whose refund came back go back by bank; its donor is asked for an account by `pledge.refund_failed`.

    The caller holds the pledge's lock.
    """
    session.execute(
        insert(BankReturn)
        .values(
            pledge_id=pledge_id,
            kind="refund",
            amount_cents=amount.cents,
            reason="the refund came back",
            planned_at=now,
        )
        .on_conflict_do_nothing(index_elements=[BankReturn.pledge_id], index_where=_COUNTS)
    )


def call_off_return(session: Session, *, pledge_id: UUID, now: datetime) -> bool:
    """Let nothing of this pledge go back by bank any more, unless it was paid; return whether anything would have.

    The caller holds the pledge's lock.
    """
    called_off = session.execute(
        update(BankReturn)
        .where(BankReturn.pledge_id == pledge_id, BankReturn.state.in_(("planned", "ready")))
        .values(state="cancelled", cancelled_at=now)
        .returning(BankReturn.id)
    ).first()
    return called_off is not None


def give_account(
    session: Session, *, pledge_id: UUID, holder: str, account: str, actor: Actor, now: datetime, is_donor: bool = False
) -> None:
    """Say where the money of this pledge goes back to; until it was paid, the last account given counts.

    `is_donor`: the donor typed it themselves, so any treasurer may pay to it. Raises AccountHolderMissing, IbanWrong,
    NothingToReturn.
    """
    values = {
        "state": "ready",
        "account_holder": account_holder(holder),
        "account_iban": iban(account, field="account"),
        "account_by": None if is_donor else actor.person_id,
    }
    found = _locked(session, pledge_id=pledge_id)
    if found.state == "paid":
        raise NothingToReturn
    pledge = pledge_queries.pledge(session, pledge_id=pledge_id)
    session.execute(
        insert(BankReturn)
        .values(
            pledge_id=pledge_id,
            kind=found.kind,
            amount_cents=found.amount_cents,
            reason=f"the pledge was {pledge.state}",
            planned_at=now,
            **values,
        )
        .on_conflict_do_update(index_elements=[BankReturn.pledge_id], index_where=_COUNTS, set_=values)
    )
    audit.record(
        session,
        actor=actor,
        action="return.account_given",
        subject_type="pledge",
        subject_id=pledge_id,
        now=now,
        facts={"by_donor": is_donor},
    )


def record_return_paid(
    session: Session, *, pledge_id: UUID, to_account: str, reference: str, actor: Actor, now: datetime
) -> None:
    """Record that a treasurer sent the money back by bank to this account, under this reference, and book it. Once.

    Raises OnlyTheTreasurerPays, AccountUnknown, AccountByYourself, AccountChanged, PaymentReferenceMissing,
    NothingToReturn.
    """
    found = _locked(session, pledge_id=pledge_id)
    written = check_return_paid(
        actor=actor,
        state=found.state,
        account_by=found.account_by,
        is_same_account=to_account == found.account_iban,
        reference=reference,
    )
    pledge = pledge_queries.pledge(session, pledge_id=pledge_id)
    session.execute(
        update(BankReturn)
        .where(BankReturn.pledge_id == pledge_id, _COUNTS)
        .values(state="paid", paid_at=now, paid_by=actor.person_id, reference=written)
    )
    if found.kind == "deposit":
        session.execute(update(Deposit).where(Deposit.pledge_id == pledge_id).values(state="returned"))
    else:
        pledges.change_state(session, pledge=pledge, to="refunded", now=now, reason="given back by bank")
    post(
        session,
        kind="deposit_returned" if found.kind == "deposit" else "refund_by_bank",
        municipality_id=pledge.municipality_id,
        initiative_id=pledge.initiative_id,
        amount=Money(found.amount_cents),
        source_type="pledge",
        source_id=str(pledge_id),
        occurred_at=now,
    )
    audit.record(
        session,
        actor=actor,
        action="return.paid",
        subject_type="pledge",
        subject_id=pledge_id,
        now=now,
        facts={"amount_cents": found.amount_cents, "kind": found.kind, "reference": written},
    )
    outbox.add(
        session,
        kind="pledge.money_returned",
        args={"pledge_id": str(pledge_id)},
        dedupe_key=f"pledge.money_returned/{pledge_id}",
    )


def _locked(session: Session, *, pledge_id: UUID) -> ReturnLine:
    """Return what goes back, everything it hangs on locked. Raises NothingToReturn, PledgeNotFound."""
    seen = pledge_queries.pledge(session, pledge_id=pledge_id)
    campaign_facts(session, initiative_id=seen.initiative_id, lock="share")
    pledge_queries.pledge(session, pledge_id=pledge_id, lock=True)
    queries.find_deposit(session, pledge_id=pledge_id, lock=True)
    session.execute(select(BankReturn.id).where(BankReturn.pledge_id == pledge_id).with_for_update())
    found = queries.return_of(session, pledge_id=pledge_id)
    if found is None:
        raise NothingToReturn
    return found
