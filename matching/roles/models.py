"""Roles and shifts. A role is what is asked; a shift is when, where and for how many people."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, func, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from crowd.accounts.models import Person
from crowd.initiatives.models import Initiative
from crowd.municipalities.models import Municipality
from crowd.shared.db import Base
from matching.vocabulary.columns import Point
from matching.vocabulary.models import Skill


class Role(Base):
    """What is asked of somebody. Languages are masks of the vocabulary; `needs_credential` names a document."""

    __tablename__ = "roles"
    __table_args__ = (
        CheckConstraint("minimum_age BETWEEN 12 AND 99", name="minimum_age_sensible"),
        CheckConstraint("needs_credential IN ('vog','ehbo','bhv','rijbewijs_b')", name="credential_is_known"),
        Index("ix_roles_initiative", "initiative_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id))
    title: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    required_languages: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    desired_languages: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    minimum_age: Mapped[int | None] = mapped_column(Integer)
    needs_credential: Mapped[str | None]
    is_remote: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))


class RoleSkill(Base):
    """A skill a role requires, or would like."""

    __tablename__ = "role_skills"

    role_id: Mapped[UUID] = mapped_column(ForeignKey(Role.id), primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey(Skill.id), primary_key=True, index=True)
    is_required: Mapped[bool]


class Shift(Base):
    """One time at which a role is done. `asks` is the mask of what it requires; no `place` means from anywhere.

    `filled` counts who takes part (accepted and everything after), and can never pass `capacity`. Municipality
    and initiative are its role's, repeated here for the indexes.
    """

    __tablename__ = "shifts"
    __table_args__ = (
        CheckConstraint("filled BETWEEN 0 AND capacity", name="filled_within_capacity"),
        CheckConstraint("capacity BETWEEN 1 AND 500", name="capacity_sensible"),
        CheckConstraint("minimum_crew BETWEEN 1 AND capacity", name="crew_within_capacity"),
        CheckConstraint(
            "NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during)"
            " AND lower(during) IS NOT NULL AND upper(during) IS NOT NULL",
            name="during_half_open",
        ),
        CheckConstraint("asks >= 0", name="asks_not_negative"),
        CheckConstraint("(pc4 IS NULL) = (place IS NULL)", name="place_of_postcode"),
        Index("ix_shifts_place", "place", postgresql_using="gist", postgresql_where=text("cancelled_at IS NULL")),
        Index(
            "ix_shifts_open",
            "municipality_id",
            text("lower(during)"),
            "id",
            postgresql_where=text("cancelled_at IS NULL"),
        ),
        Index("ix_shifts_initiative", "initiative_id", text("lower(during)")),
        Index("ix_shifts_role", "role_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id))
    role_id: Mapped[UUID] = mapped_column(ForeignKey(Role.id))
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    capacity: Mapped[int] = mapped_column(Integer)
    minimum_crew: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    filled: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    asks: Mapped[int] = mapped_column(BigInteger)
    pc4: Mapped[str | None]
    place: Mapped[str | None] = mapped_column(Point)
    meeting_point: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    cancelled_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
