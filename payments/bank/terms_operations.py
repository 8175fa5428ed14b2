"""Saying how a municipality takes money outside the provider."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.shared import audit
from crowd.shared.actor import Actor
from crowd.shared.iban import iban
from crowd.shared.money import Money
from payments.bank.models import MoneyTerms
from payments.bank.rules import check_cash_alone


def set_money_terms(
    session: Session,
    *,
    municipality_id: UUID,
    bank_account: str,
    cash_alone: Money,
    payout_alone: Money | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Say to which account donors may transfer, and above which amount cash, and a payout, need a second person.

    `payout_alone` None leaves that limit as it is. Raises IbanWrong, AmountNegative.
    """
    check_cash_alone(cash_alone)
    account = iban(bank_account, field="bank_account")
    values: dict[str, str | int] = {"bank_account": account, "cash_alone_cents": cash_alone.cents}
    if payout_alone is not None:
        check_cash_alone(payout_alone)
        values["payout_alone_cents"] = payout_alone.cents
    session.execute(
        insert(MoneyTerms)
        .values(municipality_id=municipality_id, **values)
        .on_conflict_do_update(index_elements=[MoneyTerms.municipality_id], set_=values)
    )
    audit.record(
        session,
        actor=actor,
        action="municipality.money_terms_set",
        subject_type="municipality",
        subject_id=municipality_id,
        now=now,
        facts=values,
    )
