"""Changing people, sign-in links, sessions and roles. Times of links and sessions are machine time."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crowd.accounts import rules
from crowd.accounts.models import Person, RoleGrant, SignInLink, SignInSession
from crowd.accounts.queries import roles_of
from crowd.shared import audit, outbox
from crowd.shared.actor import Actor
from crowd.shared.ids import new_id

SEND_LINK = "sign_in.link"


@dataclass(frozen=True, slots=True)
class Proven:
    """Someone just showed to read this address: by a link or by its code."""

    link_id: UUID
    municipality_id: UUID
    email: str
    next_path: str


@dataclass(frozen=True, slots=True)
class CodeTried:
    """What came of a typed code. Not an exception, because the attempt must be stored either way."""

    proven: Proven | None
    attempts_left: int


# --- People ----------------------------------------------------------------------------------------------------

_FIND_PERSON = select(Person.id).where(
    Person.municipality_id == bindparam("municipality_id"), Person.email == bindparam("email", type_=Person.email.type)
)
_found = _FIND_PERSON.cte("found")
_added = (
    insert(Person)
    .from_select(
        ["id", "municipality_id", "email", "name", "locale", "created_at"],
        select(
            bindparam("new_id", type_=Person.id.type),
            bindparam("municipality_id", type_=Person.municipality_id.type),
            bindparam("email", type_=Person.email.type),
            bindparam("name", type_=Person.name.type),
            bindparam("locale", type_=Person.locale.type),
            bindparam("now", type_=Person.created_at.type),
        ).where(~exists(_found)),
    )
    .on_conflict_do_nothing(index_elements=[Person.municipality_id, Person.email])
    .returning(Person.id)
    .cte("added")
)
# Looking and adding in one round trip. An ON CONFLICT alone would use up a row for everybody who is there already.
_FIND_OR_ADD_PERSON = select(_found.c.id).union_all(select(_added.c.id))
_NAME_THE_NAMELESS = update(Person).where(Person.id == bindparam("person_id"), Person.name == "")


def find_or_add_person(
    session: Session, *, municipality_id: UUID, email: str, locale: str, now: datetime, name: str = ""
) -> UUID:
    """Return the id of the person with this address, added now when there was none.

    Two at once give one person. A name is only filled in where there was none: whoever types an address has not
    shown to be its owner. Raises BadAddress, BadName, BadLocale.
    """
    wanted = {"municipality_id": municipality_id, "email": rules.address(email)}
    name, locale = rules.person_name(name), rules.locale(locale)
    fresh = new_id()
    row = {**wanted, "new_id": fresh, "name": name, "locale": locale, "now": now}
    found = session.execute(_FIND_OR_ADD_PERSON, row).scalar_one_or_none()
    if found == fresh:
        return fresh
    if found is None:
        # Somebody else added the same address since we looked, and has committed: now it can be seen.
        found = session.execute(_FIND_PERSON, wanted).scalar_one()
    if name:
        session.execute(_NAME_THE_NAMELESS.values(name=name), {"person_id": found})
    return found


def add_person_without_address(session: Session, *, municipality_id: UUID, name: str, locale: str) -> UUID:
    """Add somebody who was served at the counter without an e-mail address; return their id.

    Raises BadName, BadLocale.
    Nobody can be found again this way: whoever calls it looks first.
    """
    person_id = new_id()
    values = {"name": rules.person_name(name), "locale": rules.locale(locale)}
    session.execute(insert(Person).values(id=person_id, municipality_id=municipality_id, **values))
    return person_id


def confirm_address(session: Session, *, person_id: UUID, now: datetime) -> bool:
    """Record that this person reads their address; return whether that is news. The first moment is kept."""
    changed = session.execute(
        update(Person)
        .where(Person.id == person_id, Person.email_confirmed_at.is_(None))
        .values(email_confirmed_at=now)
        .returning(Person.id)
    ).scalar_one_or_none()
    return changed is not None


def describe_person(session: Session, *, person_id: UUID, name: str, locale: str, actor: Actor, now: datetime) -> None:
    """Change how a person is called and in which language we write. Raises BadName, BadLocale."""
    values = {"name": rules.person_name(name), "locale": rules.locale(locale)}
    session.execute(update(Person).where(Person.id == person_id).values(**values))
    audit.record(session, actor=actor, action="person.described", subject_type="person", subject_id=person_id, now=now)


# --- Proving an address ----------------------------------------------------------------------------------------


def ask_for_link(
    session: Session,
    *,
    link_id: UUID,
    municipality_id: UUID,
    email: str,
    token_hash: bytes,
    code_hash: bytes,
    browser_hash: bytes,
    locale: str,
    next_path: str,
    now: datetime,
) -> None:
    """Store a link for this address and browser, and remember to mail it.

    It does the same whether or not such a person exists, so that nobody learns it from the answer or its speed.
    The last link this browser asked for is the one that counts. `email` comes from `rules.address`.
    """
    session.execute(
        update(SignInLink)
        .where(SignInLink.browser_hash == browser_hash, SignInLink.used_at.is_(None), SignInLink.expires_at > now)
        .values(expires_at=now)
    )
    session.execute(
        insert(SignInLink).values(
            id=link_id,
            municipality_id=municipality_id,
            email=email,
            token_hash=token_hash,
            code_hash=code_hash,
            browser_hash=browser_hash,
            locale=rules.locale(locale),
            next_path=next_path,
            created_at=now,
            expires_at=now + rules.LINK_LASTS,
        )
    )
    outbox.add(session, kind=SEND_LINK, args={"link_id": str(link_id)}, dedupe_key=f"{SEND_LINK}:{link_id}")


def forget_old_links(session: Session, *, now: datetime) -> int:
    """Delete the links that have been useless for a day, and return how many: they hold addresses."""
    gone = delete(SignInLink).where(SignInLink.expires_at < now - rules.LINK_KEPT).returning(SignInLink.id)
    return len(session.scalars(gone).all())


_PROVEN = (SignInLink.id, SignInLink.municipality_id, SignInLink.email, SignInLink.next_path)


def use_link(session: Session, *, token_hash: bytes, browser_hash: bytes, now: datetime) -> Proven:
    """Use a link up and return what it proves. Raises LinkNotUsable, LinkOfAnotherBrowser.

    Of two clicks at once, one wins: the statement both checks and marks.
    """
    row = session.execute(
        update(SignInLink)
        .where(
            SignInLink.token_hash == token_hash,
            SignInLink.browser_hash == browser_hash,
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(*_PROVEN)
    ).one_or_none()
    if row is not None:
        return Proven(*row)
    elsewhere = session.execute(
        select(SignInLink.id).where(
            SignInLink.token_hash == token_hash, SignInLink.used_at.is_(None), SignInLink.expires_at > now
        )
    ).scalar_one_or_none()
    # The mark is ours only when the browser matches, so a usable link here is another browser's.
    raise rules.LinkOfAnotherBrowser if elsewhere is not None else rules.LinkNotUsable


def try_code(session: Session, *, browser_hash: bytes, code_hash: bytes, now: datetime) -> CodeTried:
    """Count one attempt at the code of the last link this browser asked for, and use the link when it is right.

    Raises CodeUsedUp when there is nothing left to try. Commit whatever it returns: the count must stand.
    """
    link = session.execute(
        select(SignInLink.id, SignInLink.code_hash, SignInLink.code_attempts)
        .where(SignInLink.browser_hash == browser_hash, SignInLink.used_at.is_(None), SignInLink.expires_at > now)
        .order_by(SignInLink.created_at.desc(), SignInLink.id.desc())
        .limit(1)
        .with_for_update()
    ).one_or_none()
    if link is None or link.code_attempts >= rules.CODE_ATTEMPTS:
        raise rules.CodeUsedUp
    is_right = link.code_hash == code_hash
    row = session.execute(
        update(SignInLink)
        .where(SignInLink.id == link.id)
        .values(code_attempts=SignInLink.code_attempts + 1, used_at=now if is_right else None)
        .returning(*_PROVEN, SignInLink.code_attempts)
    ).one()
    left = rules.CODE_ATTEMPTS - row.code_attempts
    return CodeTried(Proven(*row[:4]) if is_right else None, left)


# --- Sessions --------------------------------------------------------------------------------------------------


def start_session(
    session: Session, *, person_id: UUID, token_hash: bytes, browser: str, actor: Actor, now: datetime
) -> datetime:
    """Sign a browser in as this person, and return when that ends at the latest."""
    session_id = new_id()
    roles = roles_of(session, person_id=person_id)
    expires_at = rules.session_ends_at(created_at=now, is_staff=bool(roles))
    session.execute(
        insert(SignInSession).values(
            id=session_id,
            person_id=person_id,
            token_hash=token_hash,
            browser=browser,
            created_at=now,
            last_seen_at=now,
            expires_at=expires_at,
        )
    )
    audit.record(
        session,
        actor=actor,
        action="session.started",
        subject_type="person",
        subject_id=person_id,
        now=now,
        facts={"session_id": str(session_id)},
    )
    return expires_at


def note_seen(session: Session, *, session_id: UUID, now: datetime) -> None:
    """Write down that a session was used, at most once in SEEN_EVERY however many processes notice."""
    session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.last_seen_at <= now - rules.SEEN_EVERY)
        .values(last_seen_at=now)
    )


def end_session(session: Session, *, person_id: UUID, session_id: UUID, actor: Actor, now: datetime) -> None:
    """End one of this person's sessions, from the next request on; raise NoSuchSession for any other."""
    ended = session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.person_id == person_id, SignInSession.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(SignInSession.id)
    ).scalar_one_or_none()
    if ended is None:
        raise rules.NoSuchSession
    _record_ended(session, person_id=person_id, session_id=session_id, actor=actor, now=now)


def end_every_session(session: Session, *, person_id: UUID, actor: Actor, now: datetime) -> int:
    """End all of this person's sessions and return how many there were."""
    ended = session.scalars(
        update(SignInSession)
        .where(SignInSession.person_id == person_id, SignInSession.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(SignInSession.id)
    ).all()
    for session_id in ended:
        _record_ended(session, person_id=person_id, session_id=session_id, actor=actor, now=now)
    return len(ended)


def _record_ended(session: Session, *, person_id: UUID, session_id: UUID, actor: Actor, now: datetime) -> None:
    audit.record(
        session,
        actor=actor,
        action="session.ended",
        subject_type="person",
        subject_id=person_id,
        now=now,
        facts={"session_id": str(session_id)},
    )


# --- Roles -----------------------------------------------------------------------------------------------------


def grant_role(
    session: Session, *, person_id: UUID, role: str, actor: Actor, now: datetime, mandate_cents: int = 0
) -> None:
    """Give a person a municipal role, an approver with a mandate in cents; again is the same, a new mandate replaces.

    Raises NoSuchRole, NoMandateNeeded, NotYourOwnRole.
    """
    rules.check_role(role=role, mandate_cents=mandate_cents)
    if actor.person_id == person_id:
        raise rules.NotYourOwnRole
    # The person's row is the lock: two grants at once would otherwise both find nothing.
    municipality_id = session.execute(
        select(Person.municipality_id).where(Person.id == person_id).with_for_update()
    ).scalar_one()
    held = session.execute(
        select(RoleGrant.id, RoleGrant.mandate_cents).where(
            RoleGrant.person_id == person_id, RoleGrant.role == role, RoleGrant.revoked_at.is_(None)
        )
    ).one_or_none()
    if held is not None:
        if held.mandate_cents == mandate_cents:
            return
        session.execute(update(RoleGrant).where(RoleGrant.id == held.id).values(revoked_at=now))
    session.execute(
        insert(RoleGrant).values(
            id=new_id(),
            municipality_id=municipality_id,
            person_id=person_id,
            role=role,
            mandate_cents=mandate_cents,
            granted_at=now,
            granted_by=actor.person_id,
        )
    )
    audit.record(
        session,
        actor=actor,
        action="role.granted",
        subject_type="person",
        subject_id=person_id,
        now=now,
        facts={"role": role, "mandate_cents": mandate_cents},
    )


def revoke_role(session: Session, *, person_id: UUID, role: str, actor: Actor, now: datetime) -> bool:
    """Take a role away, from the next request on; return whether the person held it. Raises NotYourOwnRole."""
    if actor.person_id == person_id:
        raise rules.NotYourOwnRole
    ended = session.execute(
        update(RoleGrant)
        .where(RoleGrant.person_id == person_id, RoleGrant.role == role, RoleGrant.revoked_at.is_(None))
        .values(revoked_at=func.greatest(RoleGrant.granted_at, now))
        .returning(RoleGrant.id)
    ).scalar_one_or_none()
    if ended is None:
        return False
    audit.record(
        session,
        actor=actor,
        action="role.revoked",
        subject_type="person",
        subject_id=person_id,
        now=now,
        facts={"role": role},
    )
    return True
