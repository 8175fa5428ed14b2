"""Placements: one person on one shift, the road it went, and the weights by which people are suggested."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from crowd.accounts.models import Person
from crowd.municipalities.models import Municipality
from crowd.shared.db import Base
from matching.placements.rules import AWAITS, STATES
from matching.placements.wave_rules import ENDINGS
from matching.roles.models import Shift
from matching.volunteers.models import Volunteer

_NAMES = ",".join(f"'{state}'" for state in STATES)
_AWAITS = ",".join(f"'{state}'" for state in sorted(AWAITS))
_ENDINGS = ",".join(f"'{ending}'" for ending in ENDINGS)


class Placement(Base):
    """One person on one shift. `during` is the shift's, copied so that the database can refuse an overlap.

    `asked_at` and `terms` (the six, in points) say when somebody was last invited, and why they were. `minutes` is how
    long they helped, when that was not the length of the shift.
    """

    __tablename__ = "placements"
    __table_args__ = (
        UniqueConstraint("volunteer_id", "shift_id"),
        ExcludeConstraint(
            ("volunteer_id", "="),
            ("during", "&&"),
            where=text("state IN ('accepted','checked_in')"),
            using="gist",
            name="ex_placements_one_place_at_a_time",
        ),
        CheckConstraint(f"state IN ({_NAMES})", name="state_is_known"),
        CheckConstraint(f"state NOT IN ({_AWAITS}) OR expires_at IS NOT NULL", name="waiting_ends"),
        CheckConstraint("origin IN ('own','asked')", name="origin_is_known"),
        CheckConstraint("terms IS NULL OR cardinality(terms) = 6", name="six_terms"),
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes_of_a_day"),
        Index("ix_placements_shift", "shift_id", "state"),
        Index("ix_placements_due", "expires_at", postgresql_where=text(f"state IN ({_AWAITS})")),
        Index(
            "ix_placements_ended",
            text("upper(during)"),
            postgresql_where=text("state IN ('accepted','checked_in')"),
        ),
        Index(
            "ix_placements_asked",
            "municipality_id",
            "asked_at",
            postgresql_where=text("terms IS NOT NULL"),
        ),
        Index(
            "ix_placements_to_remind",
            text("lower(during)"),
            postgresql_where=text("state = 'accepted' AND reminded_at IS NULL"),
        ),
        Index(
            "ix_placements_to_thank",
            text("upper(during)"),
            postgresql_where=text("state = 'completed' AND thanked_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey(Volunteer.person_id))
    shift_id: Mapped[UUID] = mapped_column(ForeignKey(Shift.id))
    state: Mapped[str]
    origin: Mapped[str]
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    locale: Mapped[str] = mapped_column(server_default="nl")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    policy_version: Mapped[int | None]
    terms: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    minutes: Mapped[int | None] = mapped_column(Integer)
    reminded_at: Mapped[datetime | None]
    thanked_at: Mapped[datetime | None]


class PlacementTransition(Base):
    """One step on the road: from (nothing at the start), to, when, by whom, why. Only ever added to."""

    __tablename__ = "placement_transitions"
    __table_args__ = (Index("ix_placement_transitions_placement", "placement_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    placement_id: Mapped[UUID] = mapped_column(ForeignKey(Placement.id))
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    at: Mapped[datetime]
    by_person_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    reason: Mapped[str] = mapped_column(server_default="")


class Wave(Base):
    """That people are being asked for a shift, best first, until it is near or somebody stops it.

    `rests_until` is set while enough were asked or nobody is left to ask; news of the
    shift ends a rest. One runs per shift at a time.
    """

    __tablename__ = "waves"
    __table_args__ = (
        CheckConstraint(f"ended_as IN ({_ENDINGS})", name="ending_is_known"),
        CheckConstraint("(ended_at IS NULL) = (ended_as IS NULL)", name="ended_with_reason"),
        Index("uq_waves_one_runs", "shift_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_waves_shift", "shift_id", "started_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    shift_id: Mapped[UUID] = mapped_column(ForeignKey(Shift.id))
    started_at: Mapped[datetime]
    started_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    rests_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_as: Mapped[str | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))


class MatchPolicy(Base):
    """The weights of a score, in points, together 1000. The highest version counts; without a row, our own."""

    __tablename__ = "match_policies"
    __table_args__ = (
        CheckConstraint("skills + distance + interest + fairness + need + language = 1000", name="adds_up"),
        CheckConstraint("least(skills, distance, interest, fairness, need, language) >= 0", name="not_negative"),
        CheckConstraint("decay_metres > 0", name="decay_positive"),
    )

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    skills: Mapped[int] = mapped_column(Integer)
    distance: Mapped[int] = mapped_column(Integer)
    interest: Mapped[int] = mapped_column(Integer)
    fairness: Mapped[int] = mapped_column(Integer)
    need: Mapped[int] = mapped_column(Integer)
    language: Mapped[int] = mapped_column(Integer)
    decay_metres: Mapped[int]
    decided_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    reason: Mapped[str]
