"""The moments a campaign is weighed: at its deadline, once everything was collected, and after a near miss."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crowd.accounts.models import Person
from crowd.initiatives.models import Initiative
from crowd.shared.db import Base


class Closing(Base):
    """What was promised at the deadline, and whether that reached the minimum. Frozen: never updated."""

    __tablename__ = "closings"
    __table_args__ = (CheckConstraint("outcome IN ('collecting','unfunded')", name="outcome_is_known"),)

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id), primary_key=True)
    closed_at: Mapped[datetime]
    minimum_cents: Mapped[int] = mapped_column(BigInteger)
    secured_cents: Mapped[int] = mapped_column(BigInteger)
    secured_count: Mapped[int]
    match_cents: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str]
    collect_until: Mapped[datetime]


class FinalDecision(Base):
    """What was really collected, the match recomputed on it, and the outcome. Made once, never updated."""

    __tablename__ = "final_decisions"
    __table_args__ = (CheckConstraint("outcome IN ('funded','unfunded')", name="outcome_is_known"),)

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id), primary_key=True)
    decided_at: Mapped[datetime]
    collected_cents: Mapped[int] = mapped_column(BigInteger)
    collected_count: Mapped[int]
    match_cents: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str]


class NearMiss(Base):
    """A campaign that collected nearly its minimum: what was found then, and what is left of it."""

    __tablename__ = "near_misses"
    __table_args__ = (
        CheckConstraint("collected_cents >= 0 AND match_cents >= 0", name="found_not_negative"),
        CheckConstraint("left_cents >= 0 AND left_count >= 0 AND left_match_cents >= 0", name="left_not_negative"),
        CheckConstraint("plan_until > found_at", name="plan_has_time"),
    )

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id), primary_key=True)
    found_at: Mapped[datetime]
    minimum_cents: Mapped[int] = mapped_column(BigInteger)
    collected_cents: Mapped[int] = mapped_column(BigInteger)
    collected_count: Mapped[int]
    match_cents: Mapped[int] = mapped_column(BigInteger)
    plan_until: Mapped[datetime]
    left_cents: Mapped[int] = mapped_column(BigInteger)
    left_count: Mapped[int]
    left_match_cents: Mapped[int] = mapped_column(BigInteger)


class RevisedPlan(Base):
    """What the initiator of a near miss wants to do with what there is, and what the municipality answered."""

    __tablename__ = "revised_plans"
    __table_args__ = (
        CheckConstraint("state IN ('draft','submitted','confirmed','refused')", name="state_is_known"),
        CheckConstraint(
            "(state = 'draft') = (submitted_at IS NULL) AND (submitted_at IS NULL) = (submitted_by IS NULL)"
            " AND (submitted_at IS NULL) = (answer_until IS NULL)"
            " AND (submitted_at IS NULL) = (minimum_before_cents IS NULL)",
            name="handed_in_is_whole",
        ),
        CheckConstraint(
            "state = 'draft' OR (minimum_cents IS NOT NULL AND what_changes <> '' AND why <> '')",
            name="handed_in_says_all",
        ),
        CheckConstraint("minimum_cents > 0 AND minimum_cents < minimum_before_cents", name="needs_less"),
        CheckConstraint(
            "(state IN ('confirmed','refused')) = (decided_at IS NOT NULL)"
            " AND (decided_at IS NULL) = (decided_by IS NULL)",
            name="answer_has_person",
        ),
        CheckConstraint("decided_by <> submitted_by", name="four_eyes"),
        CheckConstraint("(state = 'confirmed') = (donors_until IS NOT NULL)", name="donors_have_time"),
        CheckConstraint("state <> 'refused' OR reason <> ''", name="refused_with_reason"),
        Index("ix_revised_plans_waiting", "submitted_at", postgresql_where=text("state = 'submitted'")),
    )

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(NearMiss.initiative_id), primary_key=True)
    state: Mapped[str] = mapped_column(server_default="draft")
    minimum_cents: Mapped[int | None] = mapped_column(BigInteger)
    what_changes: Mapped[str] = mapped_column(server_default="")
    why: Mapped[str] = mapped_column(server_default="")
    edited_at: Mapped[datetime]
    edited_by: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    minimum_before_cents: Mapped[int | None] = mapped_column(BigInteger)
    submitted_at: Mapped[datetime | None]
    submitted_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    answer_until: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    reason: Mapped[str] = mapped_column(server_default="")
    donors_until: Mapped[datetime | None]


class RevisedLine(Base):
    """One budget line of a revised plan: as it is to be, or as it was when the plan was handed in."""

    __tablename__ = "revised_lines"
    __table_args__ = (
        CheckConstraint("side IN ('before','after')", name="side_is_known"),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
    )

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(RevisedPlan.initiative_id), primary_key=True)
    side: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]
    amount_cents: Mapped[int] = mapped_column(BigInteger)
