"""How a pledge is collected: the checkout that saved a card, the saved card, and the one charge."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crowd.accounts.models import Person
from crowd.municipalities.models import Municipality
from crowd.pledges.models import Pledge
from crowd.shared.db import Base


class DebitTerms(Base):
    """How a municipality takes direct debits; without a row `rules.DEBIT_TERMS` hold.

    Above `limit_cents` only a card will do. What was debited is paid out after `held_days`, because until then its
    donor's bank takes it back without asking why.
    """

    __tablename__ = "debit_terms"
    __table_args__ = (
        CheckConstraint("limit_cents BETWEEN 0 AND 1000000", name="limit_is_possible"),
        CheckConstraint("held_days >= 0", name="held_days_not_negative"),
    )

    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id), primary_key=True)
    limit_cents: Mapped[int] = mapped_column(BigInteger)
    held_days: Mapped[int]


class Customer(Base):
    """The provider's customer for a person; written once."""

    __tablename__ = "provider_customers"

    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id), primary_key=True)
    customer_ref: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Checkout(Base):
    """One visit to the provider's hosted page: to save a way to pay, the n-th time for this pledge.

    Refused: a bank account was saved for more than may be debited, so it was forgotten again.
    """

    __tablename__ = "checkouts"
    __table_args__ = (
        UniqueConstraint("pledge_id", "number"),
        CheckConstraint("state IN ('open','complete','expired','refused')", name="state_is_known"),
        Index("ix_checkouts_open", "created_at", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    pledge_id: Mapped[UUID] = mapped_column(ForeignKey(Pledge.id))
    number: Mapped[int]
    session_ref: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="open")
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class SavedMethod(Base):
    """The card or bank account a donor saved for one pledge: the provider's reference, and what may be shown of it.

    `brand` is the card's, or the bank's code in the account number.
    """

    __tablename__ = "saved_methods"
    __table_args__ = (
        CheckConstraint("kind IN ('card','sepa_debit')", name="kind_is_known"),
        Index("ix_saved_methods_kept", "saved_at", postgresql_where=text("detached_at IS NULL")),
    )

    pledge_id: Mapped[UUID] = mapped_column(ForeignKey(Pledge.id), primary_key=True)
    method_ref: Mapped[str]
    customer_ref: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(index=True)
    brand: Mapped[str]
    last4: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default="card")
    mandate_reference: Mapped[str] = mapped_column(server_default="")
    mandate_url: Mapped[str] = mapped_column(server_default="")
    saved_at: Mapped[datetime]
    detach_tried_at: Mapped[datetime | None]
    detached_at: Mapped[datetime | None]


class ReplacedMethod(Base):
    """A card or bank account that was saved for a pledge and replaced by another: the provider forgets it."""

    __tablename__ = "replaced_methods"
    __table_args__ = (Index("ix_replaced_methods_kept", "replaced_at", postgresql_where=text("detached_at IS NULL")),)

    method_ref: Mapped[str] = mapped_column(primary_key=True)
    pledge_id: Mapped[UUID] = mapped_column(ForeignKey(Pledge.id))
    replaced_at: Mapped[datetime]
    detach_tried_at: Mapped[datetime | None]
    detached_at: Mapped[datetime | None]


class Charge(Base):
    """The one payment intent of a pledge, and where its confirmation stands.

    `confirm_number` counts confirmations; a new one is begun only after the outcome of the last is known. `way` is
    what the last one was made with: a donor whose card failed can pay by iDEAL instead.
    """

    __tablename__ = "charges"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint(
            "state IN ('planned','created','confirming','succeeded','processing','needs_action',"
            "'declined','cancelled')",
            name="state_is_known",
        ),
        CheckConstraint("way IN ('card','sepa_debit','ideal')", name="way_is_known"),
        CheckConstraint("state <> 'succeeded' OR charge_ref IS NOT NULL", name="success_has_charge"),
        CheckConstraint("state IN ('planned','cancelled') OR intent_ref IS NOT NULL", name="beyond_planned_has_intent"),
        Index(
            "ix_charges_due",
            "next_attempt_at",
            "pledge_id",
            postgresql_where=text("state IN ('planned','created','confirming','declined','needs_action','processing')"),
        ),
        Index("ix_charges_open", "initiative_id", postgresql_where=text("state NOT IN ('succeeded','cancelled')")),
        Index(
            "ix_charges_without_fee", "succeeded_at", postgresql_where=text("state = 'succeeded' AND fee_cents IS NULL")
        ),
    )

    pledge_id: Mapped[UUID] = mapped_column(ForeignKey(Pledge.id), primary_key=True)
    initiative_id: Mapped[UUID] = mapped_column(index=True)
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(server_default="planned")
    way: Mapped[str] = mapped_column(server_default="card")
    intent_ref: Mapped[str | None] = mapped_column(unique=True)
    charge_ref: Mapped[str | None] = mapped_column(unique=True)
    confirm_number: Mapped[int] = mapped_column(server_default=text("0"))
    declines: Mapped[int] = mapped_column(server_default=text("0"))
    decline_code: Mapped[str | None]
    may_retry: Mapped[bool] = mapped_column(server_default=text("true"))
    next_attempt_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    last_mailed_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    planned_at: Mapped[datetime]
    succeeded_at: Mapped[datetime | None]
    fee_cents: Mapped[int | None] = mapped_column(BigInteger)
    balance_transaction_ref: Mapped[str | None]


class Restore(Base):
    """One time that a backup was put back. Until `adopted_at` nothing is charged: the provider may know more than we.

    `tied` payments of the provider were tied to their pledges again; `unknown` belong to no pledge of this backup.
    """

    __tablename__ = "restores"
    __table_args__ = (CheckConstraint("num_nulls(adopted_at, tied, unknown) IN (0, 3)", name="adopted_says_all"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    restored_at: Mapped[datetime]
    adopted_at: Mapped[datetime | None]
    tied: Mapped[int | None]
    unknown: Mapped[int | None]
