"""A plan to cancel a funded campaign: what everybody gets, what each donor chose, and what was done."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crowd.accounts.models import Person
from crowd.initiatives.models import Initiative
from crowd.municipalities.models import Municipality
from crowd.pledges.models import Pledge
from crowd.shared.db import Base
from payments.cancelling.rules import CHOICES, STATES, WAYS


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return "{} IN ({})".format(column, ",".join(f"'{value}'" for value in values))


class Cancellation(Base):
    """A plan, proposed by one person and decided by another. Nothing but its decision is ever written into it, once.

    `gave_cents` is what everybody gave together, `left_cents` what is divided. A trigger sees that the lines add up.
    """

    __tablename__ = "cancellations"
    __table_args__ = (
        CheckConstraint(_one_of("state", STATES), name="state_is_known"),
        CheckConstraint("left_cents > 0 AND left_cents <= gave_cents", name="divides_what_is_left"),
        CheckConstraint("reason <> ''", name="says_why"),
        CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)",
            name="decided_by_somebody",
        ),
        CheckConstraint("state <> 'approved' OR decided_by <> proposed_by", name="four_eyes"),
        CheckConstraint("(state = 'approved') = (choose_until IS NOT NULL)", name="approved_has_term"),
        Index("uq_cancellations_standing", "initiative_id", unique=True, postgresql_where=text("state <> 'refused'")),
        Index("ix_cancellations_municipality", "municipality_id", "proposed_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id))
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="proposed")
    gave_cents: Mapped[int] = mapped_column(BigInteger)
    left_cents: Mapped[int] = mapped_column(BigInteger)
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    choose_until: Mapped[datetime | None]


class CancellationLine(Base):
    """What one donor gets by a plan, or the municipality, which has no pledge. Only ever added to."""

    __tablename__ = "cancellation_lines"
    __table_args__ = (
        CheckConstraint("amount_cents BETWEEN 0 AND gave_cents", name="no_more_than_given"),
        UniqueConstraint("cancellation_id", "pledge_id", postgresql_nulls_not_distinct=True),
        UniqueConstraint("cancellation_id", "number"),
        Index("ix_cancellation_lines_pledge", "pledge_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    cancellation_id: Mapped[UUID] = mapped_column(ForeignKey(Cancellation.id))
    number: Mapped[int]
    pledge_id: Mapped[UUID | None] = mapped_column(ForeignKey(Pledge.id))
    gave_cents: Mapped[int] = mapped_column(BigInteger)
    amount_cents: Mapped[int] = mapped_column(BigInteger)


class CancellationChoice(Base):
    """What a donor wants with their line; the last one counts. Only ever added to."""

    __tablename__ = "cancellation_choices"
    __table_args__ = (
        CheckConstraint(_one_of("choice", CHOICES), name="choice_is_known"),
        CheckConstraint("(choice = 'move') = (to_initiative_id IS NOT NULL)", name="moves_somewhere"),
        Index("ix_cancellation_choices_line", "line_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey(CancellationLine.id))
    choice: Mapped[str]
    to_initiative_id: Mapped[UUID | None] = mapped_column(ForeignKey(Initiative.id))
    chosen_at: Mapped[datetime]


class CancellationStep(Base):
    """What is done with a line: one way, once. A refund is done when its own row says so; the others by `done_at`."""

    __tablename__ = "cancellation_steps"
    __table_args__ = (
        CheckConstraint(_one_of("way", WAYS), name="way_is_known"),
        CheckConstraint("(way = 'move') = (to_initiative_id IS NOT NULL)", name="moves_somewhere"),
        CheckConstraint("way NOT IN ('move','lost') OR done_at IS NOT NULL", name="done_at_once"),
        CheckConstraint("way NOT IN ('refund','bank') OR done_at IS NULL", name="done_elsewhere"),
        CheckConstraint(
            "way NOT IN ('share','gift') OR (done_at IS NOT NULL) = (reference <> '')", name="transfer_has_reference"
        ),
        Index("ix_cancellation_steps_target", "to_initiative_id"),
    )

    line_id: Mapped[UUID] = mapped_column(ForeignKey(CancellationLine.id), primary_key=True)
    way: Mapped[str]
    to_initiative_id: Mapped[UUID | None] = mapped_column(ForeignKey(Initiative.id))
    begun_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    reference: Mapped[str] = mapped_column(server_default="")
