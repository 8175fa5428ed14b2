"""Signing in without a password: ask for a link, press it, or type the code that came with it.

A link only works in the browser that asked for it, and opening it uses nothing up: mail programs open links to
look at them. Whether an address is known here, no answer tells.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.accounts.operations import (
    Proven,
    ask_for_link,
    confirm_address,
    end_session,
    find_or_add_person,
    try_code,
    use_link,
)
from crowd.accounts.queries import link_asked_by, open_link
from crowd.accounts.rules import (
    BadAddress,
    CodeNotRight,
    CodeUsedUp,
    LinkNotUsable,
    LinkOfAnotherBrowser,
    NoSuchSession,
    address,
)
from crowd.shared.actor import Actor
from crowd.shared.clock import machine_now
from crowd.shared.errors import DomainError, msg
from crowd.shared.ids import new_id
from frontend.access import public
from frontend.answers import page, see_other
from frontend.i18n import refusals
from frontend.limits import CODE_BY_ADDRESS, SIGN_IN_BY_ADDRESS, SIGN_IN_BY_MAILBOX
from frontend.runtime import Runtime, RuntimeDep
from frontend.security import token_hash, typed_code
from frontend.sessions import sign_in
from frontend.views.accounts import CodePage, LinkPage, SignInPage
from frontend.views.forms import Form as Typed
from frontend.visit import own_path, visit_of

router: Final = APIRouter()
MINE: Final = "/mijn"
_PATH_LENGTH: Final = 400


@router.get("/inloggen")
def show_form(request: Request, actor: Annotated[Actor, Depends(public)], volgende: str = "") -> Response:
    """Ask for an address; who is signed in already goes on."""
    next_path = own_path(volgende[:_PATH_LENGTH], otherwise="")
    if actor.is_signed_in:
        return see_other(request, next_path or MINE)
    return page(request, SignInPage(form=Typed(), next_path=next_path))


@router.post("/inloggen")
def ask(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(public)],
    email: Annotated[str, Form()] = "",
    volgende: Annotated[str, Form()] = "",
) -> Response:
    """Send a link to the address, known or not."""
    visit, next_path = visit_of(request), own_path(volgende[:_PATH_LENGTH], otherwise="")
    try:
        mailbox = address(email)
    except BadAddress as error:
        form = Typed(values={"email": email}, errors=refusals((error,), visit.language))
        return page(request, SignInPage(form=form, next_path=next_path), status=400)
    runtime.limiter.take(SIGN_IN_BY_ADDRESS, visit.address)
    # Hashed, because the broker need not know who signs in.
    runtime.limiter.take(SIGN_IN_BY_MAILBOX, runtime.keys.derive("mailbox", mailbox.lower().encode()).hex())
    assert actor.municipality_id is not None  # noqa: S101  public pages always know their municipality
    link_id, browser = new_id(), visit.browser()
    with runtime.database.transaction() as session:
        ask_for_link(
            session,
            link_id=link_id,
            municipality_id=actor.municipality_id,
            email=mailbox,
            token_hash=token_hash(runtime.keys.sign_in_token(link_id)),
            code_hash=runtime.keys.code_hash(browser=browser, code=runtime.keys.sign_in_code(link_id)),
            browser_hash=token_hash(browser),
            locale=visit.language,
            next_path=next_path,
            now=machine_now(),
        )
    return see_other(request, "/inloggen/code")


@router.get("/inloggen/code")
def show_code(request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)]) -> Response:
    """Say that a message is on its way, with a field for its code."""
    if actor.is_signed_in:
        return see_other(request, MINE)
    return _code_page(request, runtime, Typed())


@router.post("/inloggen/code")
def use_code(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(public)],
    code: Annotated[str, Form()] = "",
) -> Response:
    """Sign in with the code from the message."""
    del actor
    visit = visit_of(request)
    runtime.limiter.take(CODE_BY_ADDRESS, visit.address)
    browser = visit.browser()
    hashed = runtime.keys.code_hash(browser=browser, code=typed_code(code))
    try:
        with runtime.database.transaction() as session:
            tried = try_code(session, browser_hash=token_hash(browser), code_hash=hashed, now=machine_now())
            started = _open(request, runtime, session, tried.proven) if tried.proven else None
    except CodeUsedUp as error:
        return _ask_again(request, error)
    if tried.proven is None or started is None:
        if tried.attempts_left == 0:
            return _ask_again(request, CodeUsedUp())
        wrong = CodeNotRight(field="code", left=tried.attempts_left)
        form = Typed(values={"code": code}, errors=refusals((wrong,), visit.language))
        return _code_page(request, runtime, form, status=400)
    visit.start_session(started[0], seconds=started[1])
    return see_other(request, tried.proven.next_path or MINE, said=msg("You are signed in."))


@router.get("/inloggen/{token}")
def show_link(request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], token: str) -> Response:
    """Show the button behind a link, or where to go with it; uses nothing up."""
    with runtime.database.reading() as session:
        link = open_link(session, token_hash=token_hash(token), now=machine_now())
    if link is None:
        if actor.is_signed_in:
            # The usual second look at a message whose link was used a minute ago.
            return see_other(request, MINE)
        return _ask_again(request, LinkNotUsable())
    is_same = token_hash(visit_of(request).known_browser()) == link.browser_hash
    # The address is shown to the browser that typed it, and to no other.
    email = link.email if is_same else ""
    return page(request, LinkPage(action=f"/inloggen/{token}", email=email, is_same_browser=is_same))


@router.post("/inloggen/{token}")
def use(request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], token: str) -> Response:
    """Sign in with the link, once."""
    del actor
    visit = visit_of(request)
    try:
        with runtime.database.transaction() as session:
            proven = use_link(
                session,
                token_hash=token_hash(token),
                browser_hash=token_hash(visit.browser()),
                now=machine_now(),
            )
            started = _open(request, runtime, session, proven)
    except LinkOfAnotherBrowser:
        return page(request, LinkPage(action=f"/inloggen/{token}", email="", is_same_browser=False), status=409)
    except LinkNotUsable as error:
        return _ask_again(request, error)
    visit.start_session(started[0], seconds=started[1])
    return see_other(request, proven.next_path or MINE, said=msg("You are signed in."))


@router.post("/uitloggen")
def leave(request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)]) -> Response:
    """Sign this browser out; whoever was not signed in hears the same."""
    visit = visit_of(request)
    if visit.signed_in is not None:
        try:
            with runtime.database.transaction() as session:
                end_session(
                    session,
                    person_id=visit.signed_in.person_id,
                    session_id=visit.signed_in.session_id,
                    actor=actor,
                    now=machine_now(),
                )
        except NoSuchSession:
            # Signed out from elsewhere at the same moment: that is what was asked.
            pass
    visit.forget_session()
    return see_other(request, "/", said=msg("You are signed out."))


def _open(request: Request, runtime: Runtime, session: Session, proven: Proven) -> tuple[str, int]:
    now = runtime.clock.now(session)
    person_id = find_or_add_person(
        session,
        municipality_id=proven.municipality_id,
        email=proven.email,
        locale=visit_of(request).language,
        now=now,
    )
    confirm_address(session, person_id=person_id, now=now)
    return sign_in(request, session, person_id=person_id, municipality_id=proven.municipality_id)


def _code_page(request: Request, runtime: Runtime, form: Typed, *, status: int = 200) -> Response:
    browser = visit_of(request).known_browser()
    with runtime.database.reading() as session:
        link = link_asked_by(session, browser_hash=token_hash(browser), now=machine_now()) if browser else None
    if link is None:
        return _ask_again(request, CodeUsedUp()) if status != 200 or browser else see_other(request, "/inloggen")  # noqa: PLR2004  HTTP's own number
    mailbox = runtime.settings.mailbox_url if runtime.settings.demo else ""
    return page(request, CodePage(form=form, email=link.email, mailbox_url=mailbox), status=status)


def _ask_again(request: Request, error: DomainError) -> Response:
    form = Typed(errors=refusals((error,), visit_of(request).language))
    return page(request, SignInPage(form=form, next_path=""), status=409)
