"""Money that leaves: payees, payouts and refunds, and the municipality's share that arrives."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crowd.accounts.models import Person
from crowd.initiatives.models import Initiative
from crowd.pledges.models import Pledge
from crowd.shared.db import Base


class Payee(Base):
    """Who receives the money of an initiative: the provider's account, ready once its onboarding is complete."""

    __tablename__ = "payees"
    __table_args__ = (CheckConstraint("state IN ('started','ready','closed')", name="state_is_known"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id), unique=True)
    account_ref: Mapped[str | None] = mapped_column(unique=True)
    links_made: Mapped[int] = mapped_column(server_default=text("0"))
    state: Mapped[str] = mapped_column(server_default="started")
    started_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]


class MatchReceipt(Base):
    """The municipality's share, seen on the bank account by a treasurer."""

    __tablename__ = "match_receipts"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount_positive"),)

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id), primary_key=True)
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str]
    received_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey(Person.id))


class Payout(Base):
    """The one payout of a funded initiative, approved by a treasurer.

    Its gifts leave by the provider; what was given in cash or by bank transfer, and its match, by bank.
    """

    __tablename__ = "payouts"
    __table_args__ = (
        CheckConstraint(
            "gifts_cents >= 0 AND deposits_cents >= 0 AND match_cents >= 0"
            " AND gifts_cents + deposits_cents + match_cents > 0",
            name="something",
        ),
        CheckConstraint("state IN ('approved','sent')", name="state_is_known"),
    )

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id), primary_key=True)
    payee_id: Mapped[UUID] = mapped_column(ForeignKey(Payee.id))
    gifts_cents: Mapped[int] = mapped_column(BigInteger)
    deposits_cents: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    match_cents: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(server_default="approved")
    approved_at: Mapped[datetime]
    approved_by: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    sent_at: Mapped[datetime | None]


class PayoutLine(Base):
    """The part of a payout that comes from one charge: one transfer at the provider."""

    __tablename__ = "payout_lines"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("(state = 'sent') = (transfer_ref IS NOT NULL)", name="sent_has_reference"),
        CheckConstraint("state IN ('planned','sent')", name="state_is_known"),
        Index("ix_payout_lines_open", "initiative_id", postgresql_where=text("state = 'planned'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Payout.initiative_id))
    pledge_id: Mapped[UUID] = mapped_column(ForeignKey(Pledge.id), unique=True)
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(server_default="planned")
    transfer_ref: Mapped[str | None] = mapped_column(unique=True)
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]


class Refund(Base):
    """A collected gift going back to its donor, whole."""

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("state IN ('planned','succeeded')", name="state_is_known"),
        CheckConstraint("(state = 'succeeded') = (refund_ref IS NOT NULL)", name="success_has_reference"),
        Index("ix_refunds_open", "planned_at", postgresql_where=text("state = 'planned'")),
        UniqueConstraint("pledge_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    pledge_id: Mapped[UUID] = mapped_column(ForeignKey(Pledge.id))
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(server_default="planned")
    reason: Mapped[str]
    refund_ref: Mapped[str | None] = mapped_column(unique=True)
    planned_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
