"""Reading people, sessions and roles."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text, bindparam, func, literal, literal_column, select
from sqlalchemy.orm import Session

from crowd.accounts.models import Person, RoleGrant, SignInLink, SignInSession
from crowd.accounts.rules import BY_ROLE, SESSION_IDLE, session_is_alive


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The one who uses a session: enough for every page, in one query."""

    session_id: UUID
    person_id: UUID
    municipality_id: UUID
    name: str
    email: str
    locale: str
    last_seen_at: datetime
    roles: frozenset[str]
    mandate_cents: int


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A signed-in browser as its person sees it."""

    id: UUID
    browser: str
    created_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A sign-in link that can still be used, and by whom it was asked."""

    id: UUID
    email: str
    browser_hash: bytes
    expires_at: datetime
    next_path: str


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """A person as the account page and the e-mails need them."""

    id: UUID
    municipality_id: UUID
    email: str
    name: str
    locale: str
    email_confirmed_at: datetime | None


# Empty for whoever was served at the counter and has no address.
EMAIL = func.coalesce(Person.email, "").label("email")
_ROLES = func.coalesce(
    func.array_agg(RoleGrant.role).filter(RoleGrant.role.is_not(None)), literal_column("'{}'", ARRAY(Text))
)
_MANDATE = func.coalesce(func.max(RoleGrant.mandate_cents), 0)
_SIGNED_IN = (
    select(
        SignInSession.id,
        SignInSession.person_id,
        Person.municipality_id,
        Person.name,
        EMAIL,
        Person.locale,
        SignInSession.created_at,
        SignInSession.last_seen_at,
        SignInSession.expires_at,
        _ROLES,
        _MANDATE,
    )
    .join(Person, Person.id == SignInSession.person_id)
    .outerjoin(
        RoleGrant,
        (RoleGrant.person_id == Person.id)
        & (RoleGrant.municipality_id == Person.municipality_id)
        & RoleGrant.revoked_at.is_(None),
    )
    .where(SignInSession.token_hash == bindparam("token_hash"), SignInSession.revoked_at.is_(None))
    .group_by(SignInSession.id, Person.id)
)


def signed_in(session: Session, *, token_hash: bytes, now: datetime) -> SignedIn | None:
    """Return who uses the session with this token, with the roles held now; None when it ended. `now`: machine time."""
    row = session.execute(_SIGNED_IN, {"token_hash": token_hash}).one_or_none()
    if row is None:
        return None
    session_id, person_id, municipality_id, name, email, locale, created, seen, expires, roles, mandate = row
    if not session_is_alive(created_at=created, last_seen_at=seen, expires_at=expires, is_staff=bool(roles), now=now):
        return None
    return SignedIn(session_id, person_id, municipality_id, name, email, locale, seen, frozenset(roles), int(mandate))


_SESSIONS = (
    select(SignInSession.id, SignInSession.browser, SignInSession.created_at, SignInSession.last_seen_at)
    .where(
        SignInSession.person_id == bindparam("person_id"),
        SignInSession.revoked_at.is_(None),
        SignInSession.expires_at > bindparam("now"),
        SignInSession.last_seen_at > bindparam("idle_since"),
    )
    .order_by(SignInSession.last_seen_at.desc(), SignInSession.id)
    .limit(literal(50, literal_execute=True))
)


def sessions_of(session: Session, *, person_id: UUID, now: datetime) -> list[SessionLine]:
    """Return this person's signed-in browsers, the last seen first. `now` is machine time."""
    return [
        SessionLine(*row)
        for row in session.execute(_SESSIONS, {"person_id": person_id, "now": now, "idle_since": now - SESSION_IDLE})
    ]


_LINK = select(
    SignInLink.id, SignInLink.email, SignInLink.browser_hash, SignInLink.expires_at, SignInLink.next_path
).where(SignInLink.used_at.is_(None), SignInLink.expires_at > bindparam("now"))
_LINK_BY_TOKEN = _LINK.where(SignInLink.token_hash == bindparam("token_hash"))
_LINK_BY_BROWSER = _LINK.where(SignInLink.browser_hash == bindparam("browser_hash")).order_by(
    SignInLink.created_at.desc(), SignInLink.id.desc()
)


def open_link(session: Session, *, token_hash: bytes, now: datetime) -> OpenLink | None:
    """Return the link with this token while it can be used. Looking does not use it up: mail scanners look too."""
    row = session.execute(_LINK_BY_TOKEN, {"token_hash": token_hash, "now": now}).one_or_none()
    return OpenLink(*row) if row else None


def link_asked_by(session: Session, *, browser_hash: bytes, now: datetime) -> OpenLink | None:
    """Return the last usable link this browser asked for."""
    row = session.execute(_LINK_BY_BROWSER, {"browser_hash": browser_hash, "now": now}).first()
    return OpenLink(*row) if row else None


_PERSON = select(Person.id, Person.municipality_id, EMAIL, Person.name, Person.locale, Person.email_confirmed_at)
_PERSON_BY_ID = _PERSON.where(Person.id == bindparam("person_id"))
_PERSON_BY_EMAIL = _PERSON.where(
    Person.municipality_id == bindparam("municipality_id"), Person.email == bindparam("email", type_=Person.email.type)
)


def person(session: Session, *, person_id: UUID) -> PersonFacts | None:
    """Return one person."""
    row = session.execute(_PERSON_BY_ID, {"person_id": person_id}).one_or_none()
    return PersonFacts(*row) if row else None


def person_with_address(session: Session, *, municipality_id: UUID, email: str) -> PersonFacts | None:
    """Return the person with this address, in whatever capitals."""
    row = session.execute(_PERSON_BY_EMAIL, {"municipality_id": municipality_id, "email": email}).one_or_none()
    return PersonFacts(*row) if row else None


def link_recipient(session: Session, *, link_id: UUID) -> tuple[str, str] | None:
    """Return (address, language) for the message with a sign-in link; None when it was used or is unknown."""
    row = session.execute(
        select(SignInLink.email, SignInLink.locale).where(SignInLink.id == link_id, SignInLink.used_at.is_(None))
    ).one_or_none()
    return (row[0], row[1]) if row else None


def roles_of(session: Session, *, person_id: UUID) -> frozenset[str]:
    """Return the roles this person holds now."""
    found = session.scalars(
        select(RoleGrant.role).where(RoleGrant.person_id == person_id, RoleGrant.revoked_at.is_(None))
    )
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class RoleHolder:
    """Someone who works for the municipality."""

    role: str
    email: str
    name: str
    mandate_cents: int


def who_hold(session: Session, *, municipality_id: UUID, permission: str) -> list[UUID]:
    """Return everyone whose roles of this municipality carry this permission now."""
    roles = [role for role, carries in BY_ROLE.items() if permission in carries]
    found = session.scalars(
        select(RoleGrant.person_id)
        .where(RoleGrant.municipality_id == municipality_id, RoleGrant.revoked_at.is_(None), RoleGrant.role.in_(roles))
        .distinct()
        .order_by(RoleGrant.person_id)
    )
    return list(found)


def role_holders(session: Session, *, municipality_id: UUID) -> list[RoleHolder]:
    """Return everyone who holds a role now, by role and address."""
    found = session.execute(
        select(RoleGrant.role, EMAIL, Person.name, RoleGrant.mandate_cents)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.municipality_id == municipality_id, RoleGrant.revoked_at.is_(None))
        .order_by(RoleGrant.role, Person.email)
    )
    return [RoleHolder(*row) for row in found]
