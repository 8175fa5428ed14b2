"""People and how we know them: addresses, organisations, sign-in links, sessions, roles."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import CITEXT
from sqlalchemy.orm import Mapped, mapped_column

from crowd.municipalities.models import Municipality
from crowd.shared.db import Base


class Person(Base):
    """Someone we know: a donor without account and a clerk are the same kind of row.

    Whoever was served at the counter may have no e-mail address. `email_confirmed_at` is set once they have shown to
    read theirs (a sign-in or a click in a receipt).
    """

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("municipality_id", "email"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    email: Mapped[str | None] = mapped_column(CITEXT)
    name: Mapped[str] = mapped_column(server_default="")
    locale: Mapped[str] = mapped_column(server_default="nl")
    email_confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Organisation(Base):
    """A foundation, association or group that launches initiatives; unclaimed until a person answers for it."""

    __tablename__ = "organisations"
    __table_args__ = (UniqueConstraint("municipality_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    name: Mapped[str]
    claimed_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id), index=True)
    claimed_at: Mapped[datetime | None]


class SignInLink(Base):
    """A one-time link, and the code beside it, for one address and the one browser that asked.

    Only hashes are kept, and nothing says whether such a person exists. `locale` is what the reader saw when asking.
    """

    __tablename__ = "sign_in_links"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    email: Mapped[str] = mapped_column(CITEXT, index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    browser_hash: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    locale: Mapped[str] = mapped_column(server_default="nl")
    code_attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_path: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInSession(Base):
    """A signed-in browser, which its person can see and end."""

    __tablename__ = "sign_in_sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    browser: Mapped[str]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class RoleGrant(Base):
    """A municipal role given to a person, with its mandate where it has one; ended by a date, never deleted."""

    __tablename__ = "role_grants"
    __table_args__ = (
        CheckConstraint("role IN ('clerk','assessor','approver','treasurer','administrator')", name="role_is_known"),
        CheckConstraint("mandate_cents >= 0", name="mandate_not_negative"),
        Index(
            "uq_role_grants_open",
            "person_id",
            "municipality_id",
            "role",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.uuidv7())
    municipality_id: Mapped[UUID] = mapped_column(ForeignKey(Municipality.id))
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id), index=True)
    role: Mapped[str]
    mandate_cents: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    granted_at: Mapped[datetime]
    granted_by: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    revoked_at: Mapped[datetime | None]
