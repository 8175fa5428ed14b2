"""Payments that a donor, or their bank, wants back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from crowd.accounts.models import Person
from crowd.municipalities.models import Municipality
from crowd.pledges.models import Pledge
from crowd.shared.db import Base
from payments.disputes.rules import BEARERS, STATES


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return "{} IN ({})".format(column, ",".join(f"'{value}'" for value in values))


class Dispute(Base):
    """One dispute of one charge, or one debit that was taken back: then it is lost at once.

    `withdrawn_at` is when the provider took the amount, and its fee, from our balance; an inquiry takes nothing.
    """

    __tablename__ = "disputes"
    __table_args__ = (
        CheckConstraint("amount_cents > 0 AND fee_cents >= 0", name="amounts_possible"),
        CheckConstraint(_one_of("state", STATES), name="state_is_known"),
        CheckConstraint(_one_of("borne_by", BEARERS), name="bearer_is_known"),
        CheckConstraint("(state IN ('won','lost','closed')) = (closed_at IS NOT NULL)", name="closed_has_moment"),
        CheckConstraint("(state = 'lost' AND withdrawn_at IS NOT NULL) = (borne_by IS NOT NULL)", name="lost_is_borne"),
        Index("ix_disputes_municipality", "municipality_id", "opened_at"),
        Index("ix_disputes_pledge", "pledge_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    dispute_ref: Mapped[str] = mapped_column(unique=True)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    pledge_id: Mapped[UUID] = mapped_column(ForeignKey(Pledge.id))
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    fee_cents: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str]
    state: Mapped[str]
    due_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    borne_by: Mapped[str | None]
    evidence: Mapped[str] = mapped_column(server_default="")
    evidence_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    evidence_at: Mapped[datetime | None]
