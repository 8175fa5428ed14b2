"""Money that leaves: payees, payouts and refunds, and the municipality's share that arrives."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crowd.accounts.models import Organisation, Person
from crowd.initiatives.models import Initiative
from crowd.pledges.models import Pledge
from crowd.shared.db import Base


class FiscalHost(Base):
    """An organisation that receives money for groups without legal form, on one account for all of them."""

    __tablename__ = "fiscal_hosts"
    __table_args__ = (CheckConstraint("state IN ('started','ready')", name="state_is_known"),)

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id), primary_key=True)
    account_ref: Mapped[str | None] = mapped_column(unique=True)
    links_made: Mapped[int] = mapped_column(server_default=text("0"))
    state: Mapped[str] = mapped_column(server_default="started")
    started_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]


class Payee(Base):
    """Who receives the money of an initiative: the provider's account, ready once its onboarding is complete.

    With a `host_id` the account is the fiscal host's, once it agreed. A closed one gets nothing any more; the initiator
    may name another.
    """

    __tablename__ = "payees"
    __table_args__ = (
        CheckConstraint("state IN ('started','ready','closed')", name="state_is_known"),
        CheckConstraint("host_id IS NULL OR account_ref IS NULL", name="one_account"),
        CheckConstraint("agreed_at IS NULL OR host_id IS NOT NULL", name="a_host_agreed"),
        CheckConstraint("host_id IS NULL OR state <> 'ready' OR agreed_at IS NOT NULL", name="ready_when_agreed"),
        CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL AND closed_by IS NOT NULL AND closed_reason <> '')",
            name="closed_by_somebody",
        ),
        Index("uq_payees_initiative", "initiative_id", unique=True, postgresql_where=text("state <> 'closed'")),
        Index("ix_payees_initiative", "initiative_id"),
        Index("ix_payees_host", "host_id", postgresql_where=text("host_id IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id))
    account_ref: Mapped[str | None] = mapped_column(unique=True)
    links_made: Mapped[int] = mapped_column(server_default=text("0"))
    state: Mapped[str] = mapped_column(server_default="started")
    started_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    host_id: Mapped[UUID | None] = mapped_column(ForeignKey(FiscalHost.organisation_id))
    agreed_at: Mapped[datetime | None]
    agreed_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    closed_reason: Mapped[str] = mapped_column(server_default="")


class MatchReceipt(Base):
    """The municipality's share, seen on the bank account by a treasurer."""

    __tablename__ = "match_receipts"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount_positive"),)

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id), primary_key=True)
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    reference: Mapped[str]
    received_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey(Person.id))


class TranchePlan(Base):
    """That the payout of a funded campaign comes in tranches: proposed by the initiator, or set by a treasurer.

    `set_at` is empty while a treasurer has not answered the proposal.
    """

    __tablename__ = "tranche_plans"
    __table_args__ = (CheckConstraint("(set_at IS NULL) = (set_by IS NULL)", name="set_by_somebody"),)

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id), primary_key=True)
    proposed_at: Mapped[datetime | None]
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    set_at: Mapped[datetime | None]
    set_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))


class Tranche(Base):
    """One part of the payout of a campaign, and what will have been done by then. Fixed once the first was approved.

    The parts of a plan are everything that was collected and the whole of the municipality's share.
    """

    __tablename__ = "tranches"
    __table_args__ = (
        UniqueConstraint("initiative_id", "number"),
        CheckConstraint("number > 0", name="number_from_one"),
        CheckConstraint("amount_cents > 0 AND match_cents BETWEEN 0 AND amount_cents", name="match_is_part_of_it"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(TranchePlan.initiative_id))
    number: Mapped[int]
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    match_cents: Mapped[int] = mapped_column(BigInteger)
    milestone: Mapped[str] = mapped_column(server_default="")


class PayoutApproval(Base):
    """The first of two words for a tranche: of whom, and for how much. Only ever added to."""

    __tablename__ = "payout_approvals"
    __table_args__ = (UniqueConstraint("tranche_id", "approved_by", "amount_cents"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    tranche_id: Mapped[UUID] = mapped_column(ForeignKey(Tranche.id))
    approved_by: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    approved_at: Mapped[datetime]
    amount_cents: Mapped[int] = mapped_column(BigInteger)


class Payout(Base):
    """The payout of one tranche, approved by a treasurer; by a second one too where `needs_second`.

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
        CheckConstraint("first_by <> approved_by", name="four_eyes"),
        CheckConstraint("NOT needs_second OR first_by IS NOT NULL", name="much_has_two"),
        Index("ix_payouts_initiative", "initiative_id"),
    )

    tranche_id: Mapped[UUID] = mapped_column(ForeignKey(Tranche.id), primary_key=True)
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id))
    payee_id: Mapped[UUID] = mapped_column(ForeignKey(Payee.id))
    gifts_cents: Mapped[int] = mapped_column(BigInteger)
    deposits_cents: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    match_cents: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(server_default="approved")
    needs_second: Mapped[bool] = mapped_column(server_default=text("false"))
    first_at: Mapped[datetime | None]
    first_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    approved_at: Mapped[datetime]
    approved_by: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    sent_at: Mapped[datetime | None]


class PayoutLine(Base):
    """The part of a payout that comes from one charge: one transfer at the provider.

    A charge that two tranches share has a line in each. Cancelled: the charge was lost in a dispute before this part
    left.
    """

    __tablename__ = "payout_lines"
    __table_args__ = (
        UniqueConstraint("tranche_id", "pledge_id"),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("(state = 'sent') = (transfer_ref IS NOT NULL)", name="sent_has_reference"),
        CheckConstraint("state IN ('planned','sent','cancelled')", name="state_is_known"),
        Index("ix_payout_lines_open", "initiative_id", postgresql_where=text("state = 'planned'")),
        Index("ix_payout_lines_pledge", "pledge_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    tranche_id: Mapped[UUID] = mapped_column(ForeignKey(Payout.tranche_id))
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id))
    pledge_id: Mapped[UUID] = mapped_column(ForeignKey(Pledge.id))
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(server_default="planned")
    transfer_ref: Mapped[str | None] = mapped_column(unique=True)
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]


class PayoutStop(Base):
    """That nothing leaves for this campaign: a plan to cancel it was proposed. Taken away when the plan is refused."""

    __tablename__ = "payout_stops"

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id), primary_key=True)
    stopped_at: Mapped[datetime]


class TransferReversal(Base):
    """A part of a payout that is asked back from who received it, because its gift was lost after it left.

    Refused: the provider could not take it back; the loss stays with the platform, and it may be asked for again.
    """

    __tablename__ = "transfer_reversals"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("state IN ('asked','planned','succeeded','refused')", name="state_is_known"),
        CheckConstraint("(state = 'succeeded') = (reversal_ref IS NOT NULL)", name="success_has_reference"),
        CheckConstraint("(state IN ('succeeded','refused')) = (ended_at IS NOT NULL)", name="ended_has_moment"),
        CheckConstraint("approved_by <> asked_by", name="four_eyes"),
        CheckConstraint("NOT needs_second OR state = 'asked' OR approved_by IS NOT NULL", name="much_has_two"),
        CheckConstraint("state <> 'asked' OR needs_second", name="only_much_waits"),
        Index("uq_transfer_reversals_line", "line_id", unique=True, postgresql_where=text("state <> 'refused'")),
        Index("ix_transfer_reversals_open", "asked_at", postgresql_where=text("state = 'planned'")),
        Index("ix_transfer_reversals_pledge", "pledge_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    line_id: Mapped[UUID] = mapped_column(ForeignKey(PayoutLine.id))
    pledge_id: Mapped[UUID] = mapped_column(ForeignKey(Pledge.id))
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]
    needs_second: Mapped[bool]
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    reversal_ref: Mapped[str | None] = mapped_column(unique=True)
    refusal: Mapped[str] = mapped_column(server_default="")
    leased_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Refund(Base):
    """A collected gift going back to its donor: whole, or of a cancelled campaign what is left of it.

    Cancelled: its donor took it back at their bank before. Failed: it was sent, and came back days later; what happens
    then is another row, here or among the `bank_returns`.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("state IN ('planned','succeeded','failed','cancelled')", name="state_is_known"),
        CheckConstraint("(state IN ('succeeded','failed')) = (refund_ref IS NOT NULL)", name="success_has_reference"),
        CheckConstraint("(state = 'failed') = (failed_at IS NOT NULL)", name="failed_has_moment"),
        Index("ix_refunds_open", "planned_at", postgresql_where=text("state = 'planned'")),
        # One at a time; after one that came back there may be another.
        Index("uq_refunds_pledge", "pledge_id", unique=True, postgresql_where=text("state <> 'failed'")),
        Index("ix_refunds_failed", "pledge_id", postgresql_where=text("state = 'failed'")),
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
    failed_at: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(server_default="")
