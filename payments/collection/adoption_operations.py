"""Tying payments that the provider made after a backup to the pledges of that backup."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.pledges.models import Pledge
from crowd.shared.money import Money
from payments.calls.operations import begin_call, finish_call
from payments.collection.models import Charge, Customer, Restore, SavedMethod
from payments.provider import Answer, Payment
from payments.requests import create_intent

_PENDING: Final = select(Restore.id).where(Restore.adopted_at.is_(None)).limit(literal_column("1"))
_KNOWN: Final = (
    select(
        Pledge.id,
        Pledge.initiative_id,
        Pledge.amount_cents,
        Charge.intent_ref,
        func.coalesce(SavedMethod.customer_ref, Customer.customer_ref, "").label("customer_ref"),
    )
    .outerjoin(Charge, Charge.pledge_id == Pledge.id)
    .outerjoin(SavedMethod, SavedMethod.pledge_id == Pledge.id)
    .outerjoin(Customer, Customer.person_id == Pledge.person_id)
    .where(Pledge.id.in_(bindparam("ids", expanding=True)))
)
_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Adopted:
    """How many payments were tied to their pledges, and how many belong to none of ours."""

    tied: int
    unknown: int


def note_restored(session: Session, *, now: datetime) -> None:
    """Remember that a backup was put back: nothing is charged until `adopt` has looked at the provider."""
    session.execute(insert(Restore).values(restored_at=now))


def is_adoption_due(session: Session) -> bool:
    """Return whether a backup was put back and the provider was not looked at since."""
    return session.execute(_PENDING).first() is not None


def adopt(session: Session, *, payments: Mapping[UUID, Payment], now: datetime) -> Adopted:
    """Tie each payment (by pledge) to its pledge, and let charging go on.

    The call that made it is stored as if it had been answered here, so whenever the pledge is charged, that payment is
    found and no second one is made, however long ago the provider forgot its key.
    """
    tied = known = 0
    ids = list(payments)
    for start in range(0, len(ids), _AT_ONCE):
        for row in session.execute(_KNOWN, {"ids": ids[start : start + _AT_ONCE]}).all():
            known += 1
            if row.intent_ref is not None:
                continue
            request = create_intent(
                pledge_id=row.id,
                initiative_id=row.initiative_id,
                amount=Money(row.amount_cents),
                customer_ref=row.customer_ref,
            )
            if begin_call(session, request=request, now=now).answer is None:
                facts = {"ref": payments[row.id].ref, "status": payments[row.id].status}
                finish_call(session, key=request.key, answer=Answer(outcome="succeeded", facts=facts), now=now)
                tied += 1
    adopted = Adopted(tied=tied, unknown=len(payments) - known)
    session.execute(
        update(Restore)
        .where(Restore.adopted_at.is_(None))
        .values(adopted_at=now, tied=adopted.tied, unknown=adopted.unknown)
    )
    return adopted
