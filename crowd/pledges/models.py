"""Promises of money, and the running total of each campaign."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crowd.accounts.models import Person
from crowd.initiatives.models import Initiative
from crowd.municipalities.models import Municipality
from crowd.pledges.rules import STATES, WAYS
from crowd.rewards.models import Reward
from crowd.shared.db import Base


class Pledge(Base):
    """One promise by one person to one initiative. Its id was chosen by the form, so a double click is one pledge.

    What everybody may read stands in `public_name` and `public_message` and nowhere else: empty is unnamed, or hidden.
    `going_back_at`: since when its collected money counts no more, because giving it back was planned.
    """

    __tablename__ = "pledges"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        CheckConstraint("state IN ({})".format(",".join(f"'{s}'" for s in STATES)), name="state_is_known"),
        CheckConstraint("way IN ({})".format(",".join(f"'{w}'" for w in WAYS)), name="way_is_known"),
        CheckConstraint("state NOT IN ('secured','charging') OR secured_at IS NOT NULL", name="secured_has_moment"),
        Index("ix_pledges_initiative", "initiative_id", text("promised_at DESC"), text("id DESC")),
        Index("ix_pledges_person", "person_id", text("promised_at DESC")),
        CheckConstraint(
            "public_message = '' OR (public_message = message AND message_hidden_at IS NULL)",
            name="shows_its_own_message",
        ),
        Index(
            "ix_pledges_with_words",
            "initiative_id",
            text("promised_at DESC"),
            text("id DESC"),
            postgresql_where=text("message <> ''"),
        ),
        Index(
            "ix_pledges_with_reward",
            "initiative_id",
            text("promised_at DESC"),
            text("id DESC"),
            postgresql_where=text("reward_id IS NOT NULL"),
        ),
        Index("ix_pledges_open", "promised_at", postgresql_where=text("state = 'promised'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id))
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(server_default="promised")
    way: Mapped[str] = mapped_column(server_default="card")
    public_name: Mapped[str] = mapped_column(server_default="")
    donor_name: Mapped[str] = mapped_column(server_default="")
    message: Mapped[str] = mapped_column(server_default="")
    public_message: Mapped[str] = mapped_column(server_default="")
    message_hidden_at: Mapped[datetime | None]
    reward_id: Mapped[UUID | None] = mapped_column(ForeignKey(Reward.id))
    wants_updates: Mapped[bool] = mapped_column(server_default=text("false"))
    locale: Mapped[str] = mapped_column(server_default="nl")
    promised_at: Mapped[datetime]
    secured_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    going_back_at: Mapped[datetime | None]
    state_since: Mapped[datetime]


class PledgeTransition(Base):
    """One change of a pledge's state. Only ever added to."""

    __tablename__ = "pledge_transitions"
    __table_args__ = (Index("ix_pledge_transitions_pledge", "pledge_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    pledge_id: Mapped[UUID] = mapped_column(ForeignKey(Pledge.id))
    from_state: Mapped[str]
    to_state: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(server_default="")


class PledgeAmount(Base):
    """One change of a promised amount by its donor, from and to in cents. Only ever added to."""

    __tablename__ = "pledge_amounts"
    __table_args__ = (
        CheckConstraint("from_cents > 0 AND to_cents > 0 AND from_cents <> to_cents", name="changes_an_amount"),
        Index("ix_pledge_amounts_pledge", "pledge_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    pledge_id: Mapped[UUID] = mapped_column(ForeignKey(Pledge.id))
    from_cents: Mapped[int] = mapped_column(BigInteger)
    to_cents: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]


class CampaignTotal(Base):
    """The rolled-up part of a campaign's total. Add the deltas not yet rolled up for the exact figure."""

    __tablename__ = "campaign_totals"

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id), primary_key=True)
    amount_cents: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    pledge_count: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class CampaignDelta(Base):
    """One change of a campaign's total, inserted without touching a shared row, so no pledge waits for another."""

    __tablename__ = "campaign_deltas"
    __table_args__ = (Index("ix_campaign_deltas_initiative", "initiative_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id))
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    pledge_count: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
