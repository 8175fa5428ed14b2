"""The hours somebody helped: per year on their own page, and as a certificate to keep. Only for themselves."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.accounts.queries import person
from crowd.shared.actor import Actor
from crowd.shared.clock import local_date
from crowd.shared.errors import msg
from frontend.access import requires
from frontend.documents import Document, Part, write_pdf
from frontend.formats import Language, short_day
from frontend.i18n import say
from frontend.runtime import RuntimeDep
from frontend.views.accounts import MyLine, MySection
from frontend.visit import visit_of
from matching.placements.day_queries import helped_by
from matching.placements.day_rules import Helped, NoHoursYet, by_initiative, by_year, written_hours

router: Final = APIRouter()


@router.get("/mijn/uren/{year}.pdf")
def show_certificate(
    request: Request,
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(requires("volunteer:own"))],
    year: Annotated[int, Path(ge=2000, le=9000)],
) -> Response:
    """Give the certificate of my hours in a calendar year; not found when there are none."""
    if actor.person_id is None:
        raise NoHoursYet
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        who = person(session, person_id=actor.person_id)
        helped = helped_by(session, volunteer_id=actor.person_id)
    document = certificate(
        [one for one in helped if local_date(one.starts_at).year == year],
        year=year,
        is_over=local_date(now).year > year,
        helper=(who.name or who.email) if who else "",
        municipality=runtime.town.facts().name,
        language=visit_of(request).language,
    )
    headers = {"content-disposition": f'attachment; filename="uren-{year}.pdf"', "cache-control": "private, no-store"}
    return Response(write_pdf(document), media_type="application/pdf", headers=headers)


def certificate(
    helped: Sequence[Helped], *, year: int, is_over: bool, helper: str, municipality: str, language: Language
) -> Document:
    """Return the certificate of what somebody did in a year; raise NoHoursYet when that is nothing."""
    if not helped:
        raise NoHoursYet
    total = sum(one.minutes for one in helped)
    lines = [
        say(msg("{name} helped as a volunteer in the neighbourhood."), language, {"name": helper}),
        say(msg("Hours in this year: {hours}."), language, {"hours": written_hours(total)}),
    ]
    if not is_over:
        lines.append(say(msg("The year is not over: this is what stands until now."), language))
    return Document(
        title=say(msg("Certificate of volunteering in {year}"), language, {"year": str(year)}),
        author=municipality,
        language=language,
        dated=max(one.starts_at for one in helped),
        lines=tuple(lines),
        parts=tuple(_part(group, language) for group in by_initiative(helped)),
        closing=(
            say(msg("Hours are those of each shift, unless its initiative wrote down another number."), language),
        ),
    )


def _part(helped: Sequence[Helped], language: Language) -> Part:
    return Part(
        heading=helped[0].initiative,
        head=(say(msg("Date"), language), say(msg("What"), language), say(msg("Hours"), language)),
        rows=tuple((short_day(one.starts_at, language), one.role, written_hours(one.minutes)) for one in helped),
        foot=("", say(msg("Together"), language), written_hours(sum(one.minutes for one in helped))),
    )


def my_hours(session: Session, actor: Actor, language: Language, now: datetime) -> MySection | None:
    """Return my hours per year with a certificate each, for my own page; nothing while there are none."""
    del now
    years = by_year(helped_by(session, volunteer_id=actor.person_id)) if actor.person_id else {}
    if not years:
        return None
    return MySection(
        title=say(msg("My hours as a volunteer"), language),
        lines=[
            MyLine(
                href=f"/mijn/uren/{year}.pdf",
                title=say(msg("Certificate of {year} (PDF)"), language, {"year": str(year)}),
                note=say(msg("Hours: {hours}"), language, {"hours": written_hours(minutes)}),
            )
            for year, minutes in years.items()
        ],
        empty="",
    )
