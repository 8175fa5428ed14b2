"""My account: how I am called, in which language you write to me, and where I am signed in."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from crowd.accounts.operations import describe_person, end_every_session, end_session
from crowd.accounts.queries import SessionLine, SignedIn, sessions_of
from crowd.accounts.rules import BadLocale, BadName
from crowd.shared.actor import Actor
from crowd.shared.clock import machine_now
from crowd.shared.errors import msg
from frontend.access import NotSignedIn, requires
from frontend.answers import page, see_other
from frontend.i18n import chosen, refusals
from frontend.runtime import Runtime, RuntimeDep
from frontend.views.accounts import AccountPage, BrowserLine
from frontend.views.forms import Choice
from frontend.views.forms import Form as Typed
from frontend.visit import visit_of

router: Final = APIRouter()
ACCOUNT: Final = "/mijn/account"

# Each language by its own name, for whoever cannot read the other.
_LOCALES: Final = (Choice(value="nl", label="Nederlands"), Choice(value="en", label="English"))

Own = Annotated[Actor, Depends(requires("account:own"))]


@router.get(ACCOUNT)
def show_account(request: Request, runtime: RuntimeDep, actor: Own) -> Response:
    """Show the account's form and the signed-in browsers."""
    del actor
    me = _me(request)
    return _account(request, runtime, Typed(values={"name": me.name, "locale": me.locale}))


@router.post(ACCOUNT)
def change_account(
    request: Request,
    runtime: RuntimeDep,
    actor: Own,
    name: Annotated[str, Form()] = "",
    locale: Annotated[str, Form()] = "",
) -> Response:
    """Change name and language; the site speaks that language from now on too."""
    visit, me = visit_of(request), _me(request)
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            describe_person(session, person_id=me.person_id, name=name, locale=locale, actor=actor, now=now)
    except (BadName, BadLocale) as error:
        form = Typed(values={"name": name, "locale": locale}, errors=refusals((error,), visit.language))
        return _account(request, runtime, form, status=400)
    visit.speak(chosen(locale))
    return see_other(request, ACCOUNT, said=msg("Saved: your name and language."))


@router.post("/mijn/sessies/einde")
def leave_everywhere(request: Request, runtime: RuntimeDep, actor: Own) -> Response:
    """Sign out every browser, this one too."""
    me, visit = _me(request), visit_of(request)
    with runtime.database.transaction() as session:
        end_every_session(session, person_id=me.person_id, actor=actor, now=machine_now())
    visit.forget_session()
    return see_other(request, "/", said=msg("You are signed out everywhere."))


@router.post("/mijn/sessies/{session_id}/einde")
def leave_one(request: Request, runtime: RuntimeDep, actor: Own, session_id: UUID) -> Response:
    """Sign one browser out; somebody else's session is not found."""
    me = _me(request)
    with runtime.database.transaction() as session:
        end_session(session, person_id=me.person_id, session_id=session_id, actor=actor, now=machine_now())
    if session_id == me.session_id:
        visit_of(request).forget_session()
        return see_other(request, "/", said=msg("You are signed out."))
    return see_other(request, ACCOUNT, said=msg("That browser is signed out."))


def _account(request: Request, runtime: Runtime, form: Typed, *, status: int = 200) -> Response:
    me = _me(request)
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        lines = sessions_of(session, person_id=me.person_id, now=machine_now())
    content = AccountPage(
        form=form,
        email=me.email,
        locales=_LOCALES,
        browsers=tuple(_browser(line, me) for line in lines),
    )
    return page(request, content, now=now, status=status)


def _browser(line: SessionLine, me: SignedIn) -> BrowserLine:
    return BrowserLine(
        id=line.id,
        name=line.browser,
        created_at=line.created_at,
        last_seen_at=line.last_seen_at,
        is_this_one=line.id == me.session_id,
    )


def _me(request: Request) -> SignedIn:
    found = visit_of(request).signed_in
    if found is None:
        raise NotSignedIn
    return found
