"""The book: accounts, and transfers that each debit one and credit another."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crowd.initiatives.models import Initiative
from crowd.municipalities.models import Municipality
from crowd.shared.db import Base
from payments.ledger.rules import ACCOUNT_KINDS, CAMPAIGN_FUNDS


class Account(Base):
    """One account of a municipality's book; campaign funds have one per initiative."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        CheckConstraint("kind IN ({})".format(",".join(f"'{k}'" for k in ACCOUNT_KINDS)), name="kind_is_known"),
        CheckConstraint(f"(kind = '{CAMPAIGN_FUNDS}') = (initiative_id IS NOT NULL)", name="funds_have_a_campaign"),
        Index(
            "uq_ledger_accounts_shared",
            "municipality_id",
            "kind",
            unique=True,
            postgresql_where=text("initiative_id IS NULL"),
        ),
        Index(
            "uq_ledger_accounts_campaign",
            "initiative_id",
            unique=True,
            postgresql_where=text("initiative_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    kind: Mapped[str]
    initiative_id: Mapped[UUID | None] = mapped_column(ForeignKey(Initiative.id))


class Transfer(Base):
    """One debit and one credit of the same amount, for one cause. A trigger refuses UPDATE and DELETE.

    An unbalanced book cannot be written, and one cause cannot be booked twice.
    """

    __tablename__ = "ledger_transfers"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("debit_account_id <> credit_account_id", name="two_accounts"),
        UniqueConstraint("source_type", "source_id", "kind"),
        Index("ix_ledger_transfers_debit", "debit_account_id", "id"),
        Index("ix_ledger_transfers_credit", "credit_account_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    debit_account_id: Mapped[UUID] = mapped_column(ForeignKey(Account.id))
    credit_account_id: Mapped[UUID] = mapped_column(ForeignKey(Account.id))
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    source_type: Mapped[str]
    source_id: Mapped[str]
    kind: Mapped[str]
    occurred_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
