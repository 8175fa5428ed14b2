"""The provider knocks: verify the signature, store the event, answer. Acting comes after, from the worker."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from crowd.shared.actor import Actor
from frontend.access import public
from frontend.runtime import Runtime, RuntimeDep
from payments.inbox.operations import store_events
from payments.provider import Event, NotAuthentic

router: Final = APIRouter()


@router.post("/webhooks/stripe")
async def receive(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(public)],
    stripe_signature: Annotated[str, Header()] = "",
) -> Response:
    """Answer 204 once the event is stored, 400 when the signature is not the provider's.

    A coroutine because only the raw body can be verified; the database is reached from a thread.
    """
    del actor
    payload = await request.body()
    try:
        event = runtime.gateway.verified_event(payload=payload, signature=stripe_signature)
    except NotAuthentic:
        return Response(status_code=400)
    await run_in_threadpool(_store, runtime, event)
    return Response(status_code=204)


def _store(runtime: Runtime, event: Event) -> None:
    with runtime.database.transaction() as session:
        store_events(session, events=[event])
