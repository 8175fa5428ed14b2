"""Volunteers. A row without postcode and cells belongs to somebody who signed up once and has no profile."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Computed, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from crowd.accounts.models import Person
from crowd.municipalities.models import Municipality, Theme
from crowd.shared.db import Base
from matching.vocabulary.columns import Circle, Point
from matching.vocabulary.models import Skill

# The same arithmetic as `vocabulary.rules.offers`; a test compares the two.
_OFFERS = "cells | (languages << 21) | CASE WHEN is_paused THEN '0'::bigint ELSE '4611686018427387904'::bigint END"
# A metre wider than the radius: the index is a first sieve, the exact distance is compared in whole metres.
_REACH = "circle(home, (radius_km * 1000 + 1)::double precision)"


class Volunteer(Base):
    """Somebody who wants to help. `home` is the middle of their postcode area, never an address."""

    __tablename__ = "volunteers"
    __table_args__ = (
        CheckConstraint("radius_km BETWEEN 1 AND 100", name="radius_sensible"),
        CheckConstraint("cells BETWEEN 0 AND 2097151", name="cells_of_a_week"),
        CheckConstraint("languages BETWEEN 0 AND 1048575", name="languages_of_the_list"),
        CheckConstraint("wants_at_most BETWEEN 1 AND 20", name="wish_sensible"),
        CheckConstraint("(pc4 IS NULL) = (home IS NULL)", name="home_of_postcode"),
        Index("ix_volunteers_reach", "reach", postgresql_using="gist"),
        Index("ix_volunteers_municipality", "municipality_id"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id), primary_key=True)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    pc4: Mapped[str | None]
    home: Mapped[str | None] = mapped_column(Point)
    radius_km: Mapped[int] = mapped_column(Integer, server_default=text("5"))
    reach: Mapped[str | None] = mapped_column(Circle, Computed(_REACH, persisted=True))
    languages: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    cells: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    is_paused: Mapped[bool] = mapped_column(server_default=text("false"))
    offers: Mapped[int] = mapped_column(BigInteger, Computed(_OFFERS, persisted=True))
    born_on: Mapped[date | None]
    wants_at_most: Mapped[int] = mapped_column(Integer, server_default=text("2"))
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime]


class VolunteerSkill(Base):
    """A skill somebody has: 1 a little, 2 well, 3 well enough to teach it."""

    __tablename__ = "volunteer_skills"
    __table_args__ = (CheckConstraint("level BETWEEN 1 AND 3", name="level_is_known"),)

    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey(Volunteer.person_id), primary_key=True)
    skill_id: Mapped[int] = mapped_column(ForeignKey(Skill.id), primary_key=True, index=True)
    level: Mapped[int] = mapped_column(Integer)


class VolunteerTheme(Base):
    """What somebody likes to help with."""

    __tablename__ = "volunteer_themes"

    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey(Volunteer.person_id), primary_key=True)
    theme_id: Mapped[UUID] = mapped_column(ForeignKey(Theme.id), primary_key=True, index=True)


class VolunteerCredential(Base):
    """That somebody of an organisation saw a document, when, and until when it counts. Never the document itself."""

    __tablename__ = "volunteer_credentials"
    __table_args__ = (
        CheckConstraint("kind IN ('vog','ehbo','bhv','rijbewijs_b')", name="kind_is_known"),
        CheckConstraint("valid_until >= seen_on", name="valid_after_seen"),
    )

    volunteer_id: Mapped[UUID] = mapped_column(ForeignKey(Volunteer.person_id), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    profile: Mapped[str] = mapped_column(server_default="")
    seen_on: Mapped[date]
    seen_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    valid_until: Mapped[date | None]
