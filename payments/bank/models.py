"""Gifts in cash or by bank transfer, the statements of our bank account, and money that goes back by bank."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crowd.accounts.models import Person
from crowd.initiatives.models import Initiative
from crowd.municipalities.models import Municipality
from crowd.pledges.models import Pledge
from crowd.shared.db import Base
from payments.bank.rules import DEPOSIT_STATES, LAYOUTS, OUTCOMES, RETURN_STATES
from payments.ledger.models import Transfer


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return "{} IN ({})".format(column, ",".join(f"'{value}'" for value in values))


class MoneyTerms(Base):
    """How a municipality takes money outside the provider, and up to where one person is enough.

    Cash above `cash_alone_cents` counts only after a second person counted it; an initiative that gets more than
    `payout_alone_cents` is paid once two approved. Without a row there is no account, and the limits are
    `rules.CASH_ALONE` and `rules.PAYOUT_ALONE`.
    """

    __tablename__ = "money_terms"
    __table_args__ = (
        CheckConstraint("cash_alone_cents >= 0", name="cash_alone_not_negative"),
        CheckConstraint("payout_alone_cents >= 0", name="payout_alone_not_negative"),
    )

    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id), primary_key=True)
    bank_account: Mapped[str]
    cash_alone_cents: Mapped[int] = mapped_column(BigInteger)
    payout_alone_cents: Mapped[int] = mapped_column(BigInteger, server_default=text("2500000"))


class Deposit(Base):
    """The money of a pledge that does not pass the provider: announced, received, collected or given back.

    Written down by a clerk for a donor who was at the desk or on the phone; a pledge has at most one.
    """

    __tablename__ = "deposits"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint(_one_of("way", ("cash", "bank_transfer")), name="way_is_known"),
        CheckConstraint(_one_of("channel", ("desk", "phone")), name="channel_is_known"),
        CheckConstraint(_one_of("state", DEPOSIT_STATES), name="state_is_known"),
        CheckConstraint(
            "(state IN ('held','collected','returned')) = (received_at IS NOT NULL)", name="received_has_moment"
        ),
        CheckConstraint("state <> 'to_confirm' OR (way = 'cash' AND needs_second)", name="only_much_cash_is_confirmed"),
        CheckConstraint("confirmed_by <> recorded_by", name="four_eyes"),
        CheckConstraint(
            "NOT needs_second OR received_at IS NULL OR confirmed_by IS NOT NULL", name="much_cash_counted"
        ),
        UniqueConstraint("municipality_id", "reference"),
        Index("ix_deposits_initiative", "initiative_id"),
        Index("ix_deposits_household", "municipality_id", "household"),
        Index(
            "ix_deposits_open",
            "municipality_id",
            "recorded_at",
            postgresql_where=text("state IN ('announced','to_confirm','held')"),
        ),
    )

    pledge_id: Mapped[UUID] = mapped_column(ForeignKey(Pledge.id), primary_key=True)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id))
    way: Mapped[str]
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str]
    donor_name: Mapped[str]
    household: Mapped[str]
    channel: Mapped[str]
    state: Mapped[str]
    needs_second: Mapped[bool] = mapped_column(server_default=text("false"))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    received_at: Mapped[datetime | None]
    collected_at: Mapped[datetime | None]


class BankStatement(Base):
    """One statement of our account, as the bank's file gave it. Only ever added to."""

    __tablename__ = "bank_statements"
    __table_args__ = (
        CheckConstraint(_one_of("layout", LAYOUTS), name="layout_is_known"),
        CheckConstraint("from_on <= to_on", name="from_before_to"),
        UniqueConstraint("municipality_id", "statement_ref"),
        Index("ix_bank_statements_file", "municipality_id", "file_hash"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    statement_ref: Mapped[str]
    file_hash: Mapped[str]
    file_name: Mapped[str]
    layout: Mapped[str]
    opening_cents: Mapped[int] = mapped_column(BigInteger)
    closing_cents: Mapped[int] = mapped_column(BigInteger)
    from_on: Mapped[date]
    to_on: Mapped[date]
    uploaded_by: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    uploaded_at: Mapped[datetime]


class BankLine(Base):
    """One movement on our account, stored once whatever files it comes in; negative when money left. Only added to."""

    __tablename__ = "bank_lines"
    __table_args__ = (
        CheckConstraint("amount_cents <> 0", name="amount_not_zero"),
        UniqueConstraint("municipality_id", "line_key"),
        Index("ix_bank_lines_statement", "statement_id", "number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    statement_id: Mapped[UUID] = mapped_column(ForeignKey(BankStatement.id))
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    number: Mapped[int]
    line_key: Mapped[str]
    booked_on: Mapped[date]
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    bank_ref: Mapped[str]


class BankLineParty(Base):
    """Who was on the other side of a movement, and what they wrote: beside the line, for it is forgotten after a term.

    A trigger lets a row be emptied, once, and nothing else.
    """

    __tablename__ = "bank_line_parties"
    __table_args__ = (
        CheckConstraint(
            "forgotten_at IS NULL OR (counterparty_name = '' AND counterparty_iban = '' AND description = '')",
            name="forgotten_is_empty",
        ),
    )

    line_id: Mapped[UUID] = mapped_column(ForeignKey(BankLine.id), primary_key=True)
    counterparty_name: Mapped[str]
    counterparty_iban: Mapped[str]
    description: Mapped[str]
    forgotten_at: Mapped[datetime | None]


class BankClearing(Base):
    """That a posting on our bank account was carried out by this line of it. Only ever added to.

    A posting is one line's at most; a line may carry out several, which add up to it.
    """

    __tablename__ = "bank_clearings"
    __table_args__ = (Index("ix_bank_clearings_line", "line_id"),)

    transfer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(Transfer.id), primary_key=True, autoincrement=False)
    line_id: Mapped[UUID] = mapped_column(ForeignKey(BankLine.id))
    cleared_at: Mapped[datetime]


class LineReturn(Base):
    """A line that came in and goes back where it came from, because it is nobody's gift. Whole, once.

    Whoever decided that it goes back is never who pays it.
    """

    __tablename__ = "line_returns"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("account_iban <> ''", name="has_account"),
        CheckConstraint(
            "(paid_at IS NULL) = (paid_by IS NULL) AND (paid_at IS NULL) = (reference = '')",
            name="paid_has_reference",
        ),
        CheckConstraint("paid_by <> decided_by", name="four_eyes"),
        Index("ix_line_returns_open", "municipality_id", postgresql_where=text("paid_at IS NULL")),
    )

    line_id: Mapped[UUID] = mapped_column(ForeignKey(BankLine.id), primary_key=True)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    account_holder: Mapped[str]
    account_iban: Mapped[str]
    decided_at: Mapped[datetime]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    paid_at: Mapped[datetime | None]
    paid_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    reference: Mapped[str] = mapped_column(server_default="")


class BankMatch(Base):
    """What a movement on our account turned out to be. Only ever added to.

    Said at most once, save that a line set aside as not ours may still be matched later. `matched_by` is empty where
    the reference itself said it.
    """

    __tablename__ = "bank_matches"
    __table_args__ = (
        CheckConstraint(_one_of("outcome", OUTCOMES), name="outcome_is_known"),
        CheckConstraint("(outcome = 'deposit') = (pledge_id IS NOT NULL)", name="a_deposit_has_a_pledge"),
        CheckConstraint("(outcome = 'share') = (initiative_id IS NOT NULL)", name="a_share_has_a_campaign"),
        Index("uq_bank_matches_line", "line_id", unique=True, postgresql_where=text("outcome <> 'not_ours'")),
        Index("uq_bank_matches_set_aside", "line_id", unique=True, postgresql_where=text("outcome = 'not_ours'")),
        Index("uq_bank_matches_pledge", "pledge_id", unique=True, postgresql_where=text("pledge_id IS NOT NULL")),
        Index(
            "uq_bank_matches_initiative",
            "initiative_id",
            unique=True,
            postgresql_where=text("initiative_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey(BankLine.id))
    outcome: Mapped[str]
    pledge_id: Mapped[UUID | None] = mapped_column(ForeignKey(Deposit.pledge_id))
    initiative_id: Mapped[UUID | None] = mapped_column(ForeignKey(Initiative.id))
    matched_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    matched_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(server_default="")


class BankReturn(Base):
    """Money that goes back to a donor by bank: what was held for them, or a gift that was collected. Whole, once.

    A gift that was paid by card or from an account is among them when its refund came back. Cancelled: it is tried the
    provider's way once more, or its donor's bank took it back. `account_by` is empty when the donor gave the account
    themselves; whoever pays is never who wrote it down.
    """

    __tablename__ = "bank_returns"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("kind IN ('deposit','refund')", name="kind_is_known"),
        CheckConstraint(_one_of("state", RETURN_STATES), name="state_is_known"),
        CheckConstraint("state = 'cancelled' OR (state = 'planned') = (account_iban = '')", name="ready_has_account"),
        CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_has_moment"),
        CheckConstraint(
            "(state = 'paid') = (paid_at IS NOT NULL AND paid_by IS NOT NULL AND reference <> '')",
            name="paid_has_reference",
        ),
        CheckConstraint("paid_by <> account_by", name="four_eyes"),
        Index("uq_bank_returns_pledge", "pledge_id", unique=True, postgresql_where=text("state <> 'cancelled'")),
        Index("ix_bank_returns_open", "planned_at", postgresql_where=text("state <> 'paid'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    pledge_id: Mapped[UUID] = mapped_column(ForeignKey(Pledge.id))
    kind: Mapped[str]
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(server_default="planned")
    reason: Mapped[str]
    account_holder: Mapped[str] = mapped_column(server_default="")
    account_iban: Mapped[str] = mapped_column(server_default="")
    account_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    planned_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    paid_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    reference: Mapped[str] = mapped_column(server_default="")
    cancelled_at: Mapped[datetime | None]
