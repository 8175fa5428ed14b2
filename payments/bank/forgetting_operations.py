"""Forgetting households and account numbers after their term. Amounts, references and who did what stay."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crowd.initiatives.models import Initiative
from crowd.initiatives.rules import ENDED
from payments.bank.forgetting_rules import FORGOTTEN
from payments.bank.models import BankReturn, Deposit


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
    return len(forgotten.all())
