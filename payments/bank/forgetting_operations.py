"""Forgetting households, account numbers, and who stood on bank statements, after their term. Amounts and acts stay."""

from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crowd.initiatives.models import Initiative
from crowd.initiatives.rules import ENDED
from payments.bank.forgetting_rules import FORGOTTEN
from payments.bank.models import BankLine, BankLineParty, BankReturn, Deposit, LineReturn


def forget_households(session: Session, *, ended_before: datetime) -> int:
    """Forget where donors at the counter live, of campaigns that ended before; return of how many gifts.

    Not while their money is still here: it may have to be told whose it is.
    """
    ended = select(Initiative.id).where(Initiative.state.in_(sorted(ENDED)), Initiative.deadline_at < ended_before)
    forgotten = session.execute(
        update(Deposit)
        .where(Deposit.initiative_id.in_(ended), Deposit.state != "held", Deposit.household != "")
        .values(household="")
        .returning(Deposit.pledge_id)
    )
    return len(forgotten.all())


def forget_accounts(session: Session, *, paid_before: datetime) -> int:
    """Forget the accounts to which money went back before, and who held them; return how many."""
    forgotten = session.execute(
        update(BankReturn)
        .where(BankReturn.state == "paid", BankReturn.paid_at < paid_before, BankReturn.account_iban != FORGOTTEN)
        .values(account_iban=FORGOTTEN, account_holder="")
        .returning(BankReturn.id)
    )
    lines = session.execute(
        update(LineReturn)
        .where(LineReturn.paid_at < paid_before, LineReturn.account_iban != FORGOTTEN)
        .values(account_iban=FORGOTTEN, account_holder="")
        .returning(LineReturn.line_id)
    )
    return len(forgotten.all()) + len(lines.all())


def forget_statement_parties(session: Session, *, booked_before: date, now: datetime) -> int:
    """Forget who stood on our statements before, and what they wrote; return of how many lines.

    The line itself stays: its day, its amount, and what it was matched with. Not while its money is still to go back.
    """
    waits = select(LineReturn.line_id).where(LineReturn.paid_at.is_(None))
    old = select(BankLine.id).where(BankLine.booked_on < booked_before, BankLine.id.not_in(waits))
    forgotten = session.execute(
        update(BankLineParty)
        .where(BankLineParty.line_id.in_(old), BankLineParty.forgotten_at.is_(None))
        .values(counterparty_name="", counterparty_iban="", description="", forgotten_at=now)
        .returning(BankLineParty.line_id)
    )
    return len(forgotten.all())
