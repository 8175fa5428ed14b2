"""Signing a browser in: the one way a session starts, whatever proved who it is."""

from datetime import datetime
from uuid import UUID

from fastapi import Request
from sqlalchemy.orm import Session

from crowd.accounts.operations import end_session, start_session
from crowd.accounts.rules import NoSuchSession
from crowd.shared.actor import Actor
from crowd.shared.clock import machine_now
from frontend.browsers import browser_name
from frontend.security import new_token, token_hash
from frontend.visit import Visit, visit_of


def sign_in(request: Request, session: Session, *, person_id: UUID, municipality_id: UUID) -> tuple[str, int]:
    """Start a session in this transaction; return its new token and how many seconds it lasts.

    Give both to `visit.start_session` after the commit. The token is always new, so one that somebody planted in
    the browser beforehand opens nothing, and the session this browser had before ends here.
    """
    visit, now, token = visit_of(request), machine_now(), new_token()
    actor = Actor(municipality_id=municipality_id, person_id=person_id)
    _end_the_old(session, visit, now)
    expires_at = start_session(
        session,
        person_id=person_id,
        token_hash=token_hash(token),
        browser=browser_name(request.headers.get("user-agent", "")),
        actor=actor,
        now=now,
    )
    return token, int((expires_at - now).total_seconds())


def _end_the_old(session: Session, visit: Visit, now: datetime) -> None:
    old = visit.signed_in
    if old is None:
        return
    try:
        end_session(
            session,
            person_id=old.person_id,
            session_id=old.session_id,
            actor=visit.actor,
            now=now,
        )
    except NoSuchSession:
        # It was ended from another browser a moment ago, which is just as well.
        return
