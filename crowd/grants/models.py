"""The legal life of a municipal grant: application, assessment, decision, and the amount finally fixed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crowd.accounts.models import Person
from crowd.cofunding.models import Scheme
from crowd.initiatives.models import Initiative
from crowd.municipalities.models import Municipality
from crowd.shared.db import Base


class Application(Base):
    """An application (aanvraag) for co-funding of one initiative under one scheme."""

    __tablename__ = "grant_applications"
    __table_args__ = (
        CheckConstraint("asked_cents > 0", name="asked_positive"),
        CheckConstraint("state IN ('received','assessed','awarded','refused','lapsed','fixed')", name="state_is_known"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id), index=True)
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id), unique=True)
    scheme_id: Mapped[UUID] = mapped_column(ForeignKey(Scheme.id), index=True)
    state: Mapped[str] = mapped_column(server_default="received")
    asked_cents: Mapped[int] = mapped_column(BigInteger)
    received_at: Mapped[datetime]
    decide_by: Mapped[date]


class Assessment(Base):
    """The assessor's scores and advice. Whoever declares an interest cannot assess."""

    __tablename__ = "grant_assessments"

    application_id: Mapped[UUID] = mapped_column(ForeignKey(Application.id), primary_key=True)
    assessor_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id), index=True)
    scores: Mapped[dict[str, Any]] = mapped_column(JSONB)
    advice_cents: Mapped[int] = mapped_column(BigInteger)
    advice: Mapped[str]
    no_interest_declared: Mapped[bool]
    assessed_at: Mapped[datetime]


class Decision(Base):
    """The award (verlening) up to an amount, or the refusal, by someone with mandate who did not assess.

    A trigger refuses a decider who is the assessor. `up_to_cents` is zero for a refusal.
    """

    __tablename__ = "grant_decisions"
    __table_args__ = (
        CheckConstraint("(outcome = 'awarded') = (up_to_cents > 0)", name="award_has_amount"),
        CheckConstraint("outcome IN ('awarded','refused')", name="outcome_is_known"),
        CheckConstraint("length(reasons) > 0", name="reasons_given"),
    )

    application_id: Mapped[UUID] = mapped_column(ForeignKey(Application.id), primary_key=True)
    decided_by: Mapped[UUID] = mapped_column(ForeignKey(Person.id), index=True)
    outcome: Mapped[str]
    up_to_cents: Mapped[int] = mapped_column(BigInteger)
    reasons: Mapped[str]
    legal_ground: Mapped[str]
    decided_at: Mapped[datetime]


class FixedGrant(Base):
    """What the award came to when the campaign was decided: never above the award nor the reservation."""

    __tablename__ = "grant_fixed"
    __table_args__ = (CheckConstraint("amount_cents >= 0", name="amount_not_negative"),)

    application_id: Mapped[UUID] = mapped_column(ForeignKey(Application.id), primary_key=True)
    amount_cents: Mapped[int] = mapped_column(BigInteger)
    fixed_at: Mapped[datetime]
