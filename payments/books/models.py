"""What checking the books found: each difference by name, what people wrote about it, and each check itself."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from crowd.accounts.models import Person
from crowd.shared.db import Base


class BookCheck(Base):
    """One check of the books; without `finished_at` it is under way, or was killed and another follows it.

    The books are those of the whole installation, as is the provider's balance: no municipality stands here.
    """

    __tablename__ = "book_checks"
    __table_args__ = (
        CheckConstraint(
            "num_nulls(finished_at, questions, differences, with_provider) IN (0, 4)", name="finished_says_all"
        ),
        CheckConstraint("differences >= 0 AND questions > 0", name="counts_sensible"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    questions: Mapped[int | None]
    differences: Mapped[int | None]
    in_flight: Mapped[int] = mapped_column(server_default=text("0"))
    with_provider: Mapped[bool | None]


class NamedFinding(Base):
    """One difference, from the check that first saw it to the one that no longer did. Never deleted.

    `expected` and `found` are those of the last time it was seen. Seen again after it was gone, it is a new finding.
    """

    __tablename__ = "findings"
    __table_args__ = (
        CheckConstraint("last_seen_at >= first_seen_at AND gone_at >= last_seen_at", name="moments_forward"),
        Index("uq_findings_open", "promise", "subject", unique=True, postgresql_where=text("gone_at IS NULL")),
        Index("ix_findings_gone", "gone_at", postgresql_where=text("gone_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    invariant: Mapped[str]
    promise: Mapped[str]
    subject: Mapped[str]
    expected: Mapped[str]
    found: Mapped[str]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]


class FindingNote(Base):
    """What somebody wrote about a finding. Only ever added to."""

    __tablename__ = "finding_notes"
    __table_args__ = (
        CheckConstraint("length(body) > 0", name="says_something"),
        Index("ix_finding_notes_finding", "finding_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    finding_id: Mapped[UUID] = mapped_column(ForeignKey(NamedFinding.id))
    written_at: Mapped[datetime]
    written_by: Mapped[UUID] = mapped_column(ForeignKey(Person.id), index=True)
    body: Mapped[str]
