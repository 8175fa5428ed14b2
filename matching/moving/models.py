"""Files of other tools that are being read in, what their columns were last time, and whom their numbers mean."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crowd.accounts.models import Person
from crowd.initiatives.models import Initiative
from crowd.municipalities.models import Municipality
from crowd.shared.db import Base

_KIND = "kind IN ('volunteers','roles','sessions')"


class VolunteerImport(Base):
    """One file. `lines` are its contents, kept only until it was read in; `report` is what was said about them.

    `asked_at` is when somebody said "do it", `done_at` when everything stood; between the two a worker is at it.
    """

    __tablename__ = "volunteer_imports"
    __table_args__ = (
        CheckConstraint(_KIND, name="kind_is_known"),
        CheckConstraint("line_count BETWEEN 0 AND 10000", name="lines_bounded"),
        CheckConstraint("done_at IS NULL OR asked_at IS NOT NULL", name="done_after_asked"),
        CheckConstraint("done_at IS NULL OR lines IS NULL", name="done_keeps_no_lines"),
        CheckConstraint("(done_at IS NULL) = (counts IS NULL)", name="done_has_counts"),
        Index("ix_volunteer_imports_municipality", "municipality_id", "uploaded_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    kind: Mapped[str]
    source: Mapped[str]
    file_name: Mapped[str]
    headers: Mapped[list[str]] = mapped_column(JSONB)
    mapping: Mapped[dict[str, str]] = mapped_column(JSONB)
    lines: Mapped[list[list[Any]] | None] = mapped_column(JSONB(none_as_null=True))
    line_count: Mapped[int] = mapped_column(Integer)
    initiative_id: Mapped[UUID | None] = mapped_column(ForeignKey(Initiative.id))
    uploaded_at: Mapped[datetime]
    uploaded_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    asked_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    counts: Mapped[dict[str, int] | None] = mapped_column(JSONB(none_as_null=True))
    report: Mapped[list[list[Any]] | None] = mapped_column(JSONB(none_as_null=True))


class ImportProgress(Base):
    """How many lines of a file were stored so far. A row of its own, so that it can be seen before the whole is."""

    __tablename__ = "import_progress"
    __table_args__ = (CheckConstraint("done_lines >= 0", name="done_not_negative"),)

    import_id: Mapped[UUID] = mapped_column(ForeignKey(VolunteerImport.id), primary_key=True)
    done_lines: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class ImportLayout(Base):
    """Which column was what, the last time a file with these columns came in."""

    __tablename__ = "import_layouts"
    __table_args__ = (CheckConstraint(_KIND, name="kind_is_known"),)

    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id), primary_key=True)
    layout: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    source: Mapped[str]
    mapping: Mapped[dict[str, str]] = mapped_column(JSONB)
    used_at: Mapped[datetime]


class ImportKey(Base):
    """Whom or what a number of another tool means: a person, a role or a shift. So a file can come in again."""

    __tablename__ = "import_keys"
    __table_args__ = (CheckConstraint(_KIND, name="kind_is_known"),)

    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID]
    import_id: Mapped[UUID] = mapped_column(ForeignKey(VolunteerImport.id), index=True)
