"""Who is asking, and whether they may: exactly one mark on every route.

    @router.get("/initiatieven")
    def show_list(runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)]) -> Response: ...

    @router.post("/balie/{slug}/beoordeling")
    def review(runtime: RuntimeDep, actor: Annotated[Actor, Depends(requires("initiative:review"))]) -> Response: ...

Both give the `Actor`. Both refuse a POST that does not come from a form of ours, and too many POSTs from one address
by people who are not signed in. A visitor who must sign in first is sent to that page and back; a signed-in person
without the permission gets 403. Whose thing it is, the route asks itself: somebody else's private thing is NotFound.
"""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from crowd.accounts.operations import note_seen
from crowd.accounts.queries import SignedIn, signed_in
from crowd.accounts.rules import PERMISSIONS, SEEN_EVERY, permissions_of
from crowd.shared.actor import Actor, Channel
from crowd.shared.clock import machine_now
from crowd.shared.errors import Forbidden, msg
from frontend.forms import check_form
from frontend.limits import FORM_BY_ADDRESS
from frontend.runtime import Runtime, runtime_of
from frontend.security import token_hash
from frontend.visit import SESSION, Visit, visit_of

# Asked by machines that prove themselves otherwise, or not at all: these paths never look at a cookie, so no
# browser can be tricked into using one there. Mail programs post to the last by themselves (RFC 8058).
_MACHINES: Final = ("/health/", "/metrics", "/webhooks/", "/afmelden/")
_API: Final = "/api/"
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class NotSignedIn(Forbidden):
    """The route asks for somebody, and this is nobody yet."""

    sentence = msg("Sign in first. What you typed is still on the page you came from.")


class NotPermitted(Forbidden):
    """Somebody, but not somebody with this permission."""

    sentence = msg("Your account may not do this. Ask an administrator of the municipality.")


class Access:
    """The mark on a route; as a dependency it gives the Actor. `permission` is empty for a public route."""

    def __init__(self, permission: str = "") -> None:
        if permission and permission not in PERMISSIONS:
            raise ValueError(f"{permission} is no permission: see crowd/accounts/rules.py")
        self.permission = permission

    async def __call__(self, request: Request) -> Actor:
        """Return who asks; raise NotSignedIn, NotPermitted, TooOften, or what `check_form` raises."""
        runtime, visit, path = runtime_of(request), visit_of(request), request.url.path
        if path.startswith(_MACHINES):
            visit.actor = Actor(municipality_id=None, channel=Channel.SYSTEM)
        elif path.startswith(_API):
            visit.actor = Actor(municipality_id=await _municipality_id(runtime), channel=Channel.API)
        else:
            if request.method not in _READS:
                await check_form(request)
            await _recognise(runtime, visit)
            if visit.signed_in is None:
                visit.actor = Actor(municipality_id=await _municipality_id(runtime))
        if request.method not in _READS and visit.actor.channel is not Channel.SYSTEM and not visit.actor.is_signed_in:
            # Somebody signed in can be called to account; a stranger is only an address.
            await run_in_threadpool(runtime.limiter.take, FORM_BY_ADDRESS, visit.address)
        self._check(visit.actor)
        return visit.actor

    def _check(self, actor: Actor) -> None:
        if not self.permission:
            return
        if not actor.is_signed_in:
            raise NotSignedIn
        if self.permission not in permissions_of(actor.roles, is_signed_in=True):
            raise NotPermitted


public: Final = Access()
PublicActor = Annotated[Actor, Depends(public)]


def requires(permission: str) -> Access:
    """Return the mark for a route that needs `permission`; ValueError at import for one that does not exist."""
    return Access(permission)


def may(actor: Actor, permission: str) -> bool:
    """Whether this actor holds a permission, for showing a button or not."""
    return permission in permissions_of(actor.roles, is_signed_in=actor.is_signed_in)


async def _municipality_id(runtime: Runtime) -> UUID:
    facts = runtime.town.fresh()
    if facts is None:
        facts = await run_in_threadpool(runtime.town.facts)
    return facts.id


async def _recognise(runtime: Runtime, visit: Visit) -> None:
    token = visit.cookie(SESSION)
    if not token:
        return
    found = await run_in_threadpool(_look_up, runtime, token)
    if found is None:
        visit.forget_session()
        return
    visit.signed_in = found
    visit.actor = Actor(
        municipality_id=found.municipality_id,
        person_id=found.person_id,
        roles=found.roles,
        mandate_cents=found.mandate_cents,
    )


def _look_up(runtime: Runtime, token: str) -> SignedIn | None:
    now = machine_now()
    with runtime.database.reading() as session:
        found = signed_in(session, token_hash=token_hash(token), now=now)
    if found is not None and now - found.last_seen_at >= SEEN_EVERY:
        _note_seen(runtime, found, now)
    return found


def _note_seen(runtime: Runtime, found: SignedIn, now: datetime) -> None:
    with runtime.database.transaction() as session:
        note_seen(session, session_id=found.session_id, now=now)
