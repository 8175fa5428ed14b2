"""My page: what somebody signed in has started, given and helps with.

A feature adds its part as one function in `SECTIONS`: session first, one query, a `MySection` back.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.shared.actor import Actor
from frontend.access import requires
from frontend.answers import page
from frontend.formats import Language
from frontend.pages.hosts import my_organisations
from frontend.pages.hours import my_hours
from frontend.pages.manage import my_initiatives
from frontend.pages.my_pledges import my_pledges
from frontend.pages.statements import my_statements
from frontend.pages.volunteer_profile import my_shifts
from frontend.runtime import RuntimeDep
from frontend.views.accounts import MyPage, MySection
from frontend.visit import visit_of

router: Final = APIRouter()

# Takes the session, who it is for, their language, and business time; None leaves the section out.
Section = Callable[[Session, Actor, Language, datetime], MySection | None]

SECTIONS: Final[tuple[Section, ...]] = (
    my_initiatives,
    my_pledges,
    my_statements,
    my_shifts,
    my_hours,
    my_organisations,
)


@router.get("/mijn")
def show_mine(
    request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(requires("account:own"))]
) -> Response:
    """Show every section, each with one query of its own."""
    visit = visit_of(request)
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        found = [section(session, actor, visit.language, now) for section in SECTIONS]
    name = visit.signed_in.name if visit.signed_in else ""
    return page(request, MyPage(name=name, sections=[section for section in found if section]), now=now)
