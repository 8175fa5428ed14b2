"""What a donor downloads: the receipt of a gift from its own page, the overview of a year from my page."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.accounts.queries import person
from crowd.pledges import queries
from crowd.shared.actor import Actor
from crowd.shared.clock import local_date
from crowd.shared.errors import msg
from frontend import links
from frontend.access import public, requires
from frontend.documents import Document, write_pdf
from frontend.formats import Language
from frontend.i18n import say
from frontend.links import Purpose
from frontend.runtime import RuntimeDep
from frontend.statements import NothingGiven, gift_receipt, year_statement
from frontend.views.accounts import MyLine, MySection
from frontend.visit import visit_of
from payments.books.donor_queries import gift_movements, gifts_in_year, years_with_gifts

router: Final = APIRouter()


@router.get("/bijdragen/{token}/bewijs.pdf")
def show_receipt(
    request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], token: str
) -> Response:
    """Give the receipt of one gift, once it was collected; whoever holds its link may keep it."""
    del actor
    pledge_id = links.verify(Purpose.OWN_PLEDGE, token, runtime.keys)
    with runtime.database.reading() as session:
        pledge = queries.pledge(session, pledge_id=pledge_id)
        donor = person(session, person_id=pledge.person_id)
        found = gift_movements(session, pledge_id=pledge_id)
    receipt = gift_receipt(
        found,
        donor=pledge.donor_name or (donor.name or donor.email if donor else ""),
        municipality=runtime.town.facts().name,
        language=visit_of(request).language,
    )
    return _file(receipt, name=f"{pledge_id.hex[-8:]}.pdf")


@router.get("/mijn/jaaroverzicht/{year}.pdf")
def show_year(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(requires("pledge:read-own"))],
    year: Annotated[int, Path(ge=2000, le=9000)],
) -> Response:
    """Give the overview of what I gave in a calendar year; not found when that was nothing."""
    if actor.person_id is None:
        raise NothingGiven
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        donor = person(session, person_id=actor.person_id)
        found = gifts_in_year(session, person_id=actor.person_id, year=year)
    statement = year_statement(
        found,
        year=year,
        is_over=local_date(now).year > year,
        donor=", ".join(part for part in (donor.name, donor.email) if part) if donor else "",
        municipality=runtime.town.facts().name,
        language=visit_of(request).language,
    )
    return _file(statement, name=f"{year}.pdf")


def my_statements(session: Session, actor: Actor, language: Language, now: datetime) -> MySection | None:
    """Return the years of which I can have an overview, for my own page; nothing while there is none."""
    del now
    years = years_with_gifts(session, person_id=actor.person_id) if actor.person_id else []
    if not years:
        return None
    return MySection(
        title=say(msg("Overviews of my gifts"), language),
        lines=[
            MyLine(
                href=f"/mijn/jaaroverzicht/{year}.pdf",
                title=say(msg("Overview of {year} (PDF)"), language, {"year": str(year)}),
            )
            for year in years
        ],
        empty="",
    )


def _file(document: Document, *, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-store"}
    return Response(write_pdf(document), media_type="application/pdf", headers=headers)
