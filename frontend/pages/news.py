"""Ending the news of one initiative, from the link in every such message: no account, no questions.

The address stands in the message's headers too, and a mail program then posts to it by itself (RFC 8058). That
is a machine without a form of ours, so this path is one of `access.py`'s machines: it never looks at a cookie.
"""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from crowd.initiatives.queries import campaign_facts
from crowd.pledges.operations import stop_updates
from crowd.pledges.queries import pledge
from crowd.shared.actor import Actor
from frontend import links
from frontend.access import public
from frontend.answers import page
from frontend.links import Purpose
from frontend.runtime import Runtime, RuntimeDep
from frontend.views.pledges import StopNewsPage

router: Final = APIRouter()


@router.get("/afmelden/{token}")
def show_stop(request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], token: str) -> Response:
    """Show one button: a mail scanner that opens every link must not end anything."""
    del actor
    pledge_id = links.verify(Purpose.STOP_UPDATES, token, runtime.keys)
    return page(request, _page(runtime, pledge_id=pledge_id, token=token))


@router.post("/afmelden/{token}")
def stop(request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], token: str) -> Response:
    """End the news, and say so on the spot; again changes nothing."""
    del actor
    pledge_id = links.verify(Purpose.STOP_UPDATES, token, runtime.keys)
    with runtime.database.transaction() as session:
        stop_updates(session, pledge_id=pledge_id, now=runtime.clock.now(session))
    return page(request, _page(runtime, pledge_id=pledge_id, token=token))


def _page(runtime: Runtime, *, pledge_id: UUID, token: str) -> StopNewsPage:
    with runtime.database.reading() as session:
        mine = pledge(session, pledge_id=pledge_id)
        campaign = campaign_facts(session, initiative_id=mine.initiative_id)
    return StopNewsPage(
        title=campaign.title,
        initiative_href=f"/initiatieven/{campaign.slug}",
        action=f"/afmelden/{token}",
        is_stopped=not mine.wants_updates,
    )
