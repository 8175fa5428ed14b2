"""An initiative from draft to outcome: its text, its budget, its team, and the road it travelled."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import CITEXT, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crowd.accounts.models import Organisation, Person
from crowd.initiatives.content_rules import SECTIONS
from crowd.initiatives.rules import STATES
from crowd.municipalities.models import Municipality, Neighbourhood, Theme
from crowd.shared.db import Base


class Initiative(Base):
    """One initiative and its campaign. Before submission almost everything may still be empty."""

    __tablename__ = "initiatives"
    __table_args__ = (
        UniqueConstraint("municipality_id", "external_reference"),
        CheckConstraint("state IN ({})".format(",".join(f"'{s}'" for s in STATES)), name="state_is_known"),
        CheckConstraint("minimum_cents IS NULL OR minimum_cents > 0", name="minimum_positive"),
        CheckConstraint(
            "state IN ('draft','submitted','changes_requested','approved','cancelled') OR"
            " (minimum_cents IS NOT NULL AND deadline_at IS NOT NULL AND ends_on IS NOT NULL AND live_at IS NOT NULL)",
            name="public_campaign_is_complete",
        ),
        CheckConstraint("tolerance_percent BETWEEN 0 AND 20", name="tolerance_within_near_miss"),
        CheckConstraint("deadline_at IS NULL OR deadline_at > live_at", name="deadline_after_live"),
        Index("ix_initiatives_discover", "municipality_id", "state", text("live_at DESC"), text("id DESC")),
        Index("ix_initiatives_due", "deadline_at", postgresql_where=text("state = 'live'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    slug: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(server_default="draft")
    title: Mapped[str] = mapped_column(server_default="")
    summary: Mapped[str] = mapped_column(server_default="")
    story: Mapped[str] = mapped_column(server_default="")
    help_wanted: Mapped[str] = mapped_column(server_default="")
    theme_id: Mapped[UUID | None] = mapped_column(ForeignKey(Theme.id), index=True)
    neighbourhood_id: Mapped[UUID | None] = mapped_column(ForeignKey(Neighbourhood.id), index=True)
    pc4: Mapped[str | None]
    place_note: Mapped[str] = mapped_column(server_default="")
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey(Organisation.id), index=True)
    minimum_cents: Mapped[int | None] = mapped_column(BigInteger)
    tolerance_percent: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    ends_on: Mapped[date | None]
    deadline_at: Mapped[datetime | None]
    picture_id: Mapped[UUID | None] = mapped_column(ForeignKey("pictures.id"))
    picture_alt: Mapped[str] = mapped_column(server_default="")
    external_reference: Mapped[str | None]
    channel: Mapped[str] = mapped_column(server_default="web")
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    live_at: Mapped[datetime | None]


class BudgetLine(Base):
    """One thing to be bought. Together the lines are the target."""

    __tablename__ = "budget_lines"
    __table_args__ = (
        UniqueConstraint("initiative_id", "position"),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id))
    position: Mapped[int]
    label: Mapped[str]
    amount_cents: Mapped[int] = mapped_column(BigInteger)


class TeamMember(Base):
    """A person who answers for an initiative (initiator) or helps run it (team)."""

    __tablename__ = "team_members"
    __table_args__ = (CheckConstraint("part IN ('initiator','team')", name="part_is_known"),)

    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id), primary_key=True, index=True)
    part: Mapped[str]
    joined_at: Mapped[datetime]


class InitiativeTransition(Base):
    """One step on the road: from, to, when, by whom, why. Only ever added to."""

    __tablename__ = "initiative_transitions"
    __table_args__ = (Index("ix_initiative_transitions_initiative", "initiative_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id))
    from_state: Mapped[str]
    to_state: Mapped[str]
    at: Mapped[datetime]
    by_person_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    reason: Mapped[str] = mapped_column(server_default="")


class ReviewNote(Base):
    """What the counter asks to change in one section, with the step that sent it back. Only ever added to."""

    __tablename__ = "review_notes"
    __table_args__ = (
        CheckConstraint("section IN ({})".format(",".join(f"'{s}'" for s in SECTIONS)), name="section_is_known"),
    )

    transition_id: Mapped[int] = mapped_column(ForeignKey(InitiativeTransition.id), primary_key=True)
    section: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[str]


class Invitation(Base):
    """A clerk's invitation to answer for an initiative that came in under an organisation's name.

    Only whoever signs in with that address can accept it, so the letter needs no secret.
    """

    __tablename__ = "initiative_invitations"
    __table_args__ = (
        Index(
            "uq_initiative_invitations_open",
            "initiative_id",
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id))
    email: Mapped[str] = mapped_column(CITEXT, index=True)
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    invited_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    withdrawn_at: Mapped[datetime | None]


class InitiativeUpdate(Base):
    """News from the initiator to everyone who follows along."""

    __tablename__ = "initiative_updates"
    __table_args__ = (Index("ix_initiative_updates_initiative", "initiative_id", text("published_at DESC")),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id))
    title: Mapped[str]
    body: Mapped[str]
    published_at: Mapped[datetime]
    published_by: Mapped[UUID] = mapped_column(ForeignKey(Person.id))


class ProgressReport(Base):
    """What the initiator tells the municipality was done with the money, and what an assessor answered."""

    __tablename__ = "progress_reports"
    __table_args__ = (
        UniqueConstraint("initiative_id", "number"),
        CheckConstraint("state IN ('submitted','approved','returned')", name="state_is_known"),
        CheckConstraint("(state = 'submitted') = (decided_at IS NULL)", name="answer_has_moment"),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="answer_has_person"),
        CheckConstraint("decided_by <> written_by", name="four_eyes"),
        Index(
            "uq_progress_reports_waiting", "initiative_id", unique=True, postgresql_where=text("state = 'submitted'")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    initiative_id: Mapped[UUID] = mapped_column(ForeignKey(Initiative.id))
    number: Mapped[int]
    body: Mapped[str]
    picture_id: Mapped[UUID | None] = mapped_column(ForeignKey("pictures.id"))
    picture_alt: Mapped[str] = mapped_column(server_default="")
    written_by: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    written_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="submitted")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    note: Mapped[str] = mapped_column(server_default="")


class Picture(Base):
    """One uploaded photo, already turned upright, stripped of its metadata and made in three widths.

    Kept in the database, so that a backup of it is a backup of everything.
    """

    __tablename__ = "pictures"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    uploaded_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    uploaded_at: Mapped[datetime]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    width: Mapped[int]
    height: Mapped[int]
    sizes: Mapped[dict[str, int]] = mapped_column(JSONB)


class PictureSize(Base):
    """The bytes of one width of a picture, in one format."""

    __tablename__ = "picture_sizes"

    picture_id: Mapped[UUID] = mapped_column(ForeignKey(Picture.id), primary_key=True)
    width: Mapped[int] = mapped_column(primary_key=True)
    format: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
