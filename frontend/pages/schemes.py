"""Opening a co-funding scheme: an administrator's act, whose rules stand from then on."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from crowd.cofunding.scheme_operations import open_scheme
from crowd.cofunding.scheme_rules import SchemeForm, SchemeNameTaken, check_scheme
from crowd.municipalities.queries import neighbourhoods
from crowd.shared.actor import Actor
from crowd.shared.errors import Invalid, InvalidFields, msg
from crowd.shared.ids import new_id
from frontend.access import requires
from frontend.amounts import read_amount
from frontend.answers import page, see_other
from frontend.forms import Fields
from frontend.i18n import refusals
from frontend.launch_forms import read_day
from frontend.pages.launch import read_id
from frontend.runtime import Runtime, RuntimeDep
from frontend.views.forms import Choice
from frontend.views.forms import Form as Typed
from frontend.views.grants import NewSchemePage
from frontend.visit import visit_of

router: Final = APIRouter()
SCHEMES: Final = "/loket/regelingen"

Editor = Annotated[Actor, Depends(requires("scheme:edit"))]
_DIGITS_MAX: Final = 4


@router.get(SCHEMES + "/nieuw")
def show_form(request: Request, runtime: RuntimeDep, actor: Editor) -> Response:
    """Ask what the scheme promises, and where."""
    del actor
    return _page(request, runtime, form=Typed(values={"scheme_id": str(new_id())}))


@router.post(SCHEMES)
def open_new(request: Request, runtime: RuntimeDep, actor: Editor, typed: Fields) -> Response:
    """Open the scheme and show it; or show the form again with everything that is wrong."""
    scheme_id, town = read_id(_text(typed, "scheme_id")), runtime.town.facts()
    chosen = {value for value in typed.getlist("neighbourhoods") if isinstance(value, str)}
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            places = [
                place_id for place_id, slug, _name in neighbourhoods(session, municipality_id=town.id) if slug in chosen
            ]
            open_scheme(
                session,
                municipality_id=town.id,
                scheme=check_scheme(form=_read(typed), neighbourhood_ids=places),
                neighbourhood_ids=places,
                actor=actor,
                now=now,
                scheme_id=scheme_id,
            )
    except (InvalidFields, SchemeNameTaken) as refused:
        return _again(request, runtime, typed=typed, scheme_id=scheme_id, chosen=chosen, refused=refused)
    return see_other(request, f"{SCHEMES}/{scheme_id}", said=msg("The scheme is open."))


def _read(typed: FormData) -> SchemeForm:
    percent = _text(typed, "ratio_percent").removesuffix("%").strip()
    is_number = percent.isascii() and percent.isdecimal() and len(percent) <= _DIGITS_MAX
    days = {}
    for field in ("opens_on", "closes_on"):
        try:
            days[field] = read_day(_text(typed, field))
        except ValueError:
            # What is no date is said to be missing, as an empty field is.
            days[field] = None
    return SchemeForm(
        name=_text(typed, "name"),
        legal_basis=_text(typed, "legal_basis"),
        ratio_percent=int(percent) if is_number else None,
        donor_cap=read_amount(_text(typed, "donor_cap")),
        project_cap=read_amount(_text(typed, "project_cap")),
        pot=read_amount(_text(typed, "pot")),
        opens_on=days["opens_on"],
        closes_on=days["closes_on"],
    )


def _text(typed: FormData, name: str) -> str:
    value = typed.get(name)
    return value.replace("\x00", "") if isinstance(value, str) else ""


def _again(
    request: Request,
    runtime: Runtime,
    *,
    typed: FormData,
    scheme_id: UUID,
    chosen: set[str],
    refused: InvalidFields | Invalid,
) -> Response:
    errors = refused.errors if isinstance(refused, InvalidFields) else (refused,)
    values = {name: _text(typed, name) for name in typed if name not in {"csrf", "neighbourhoods"}}
    values |= {"scheme_id": str(scheme_id), "neighbourhoods": ",".join(sorted(chosen))}
    form = Typed(values=values, errors=refusals(errors, visit_of(request).language))
    return _page(request, runtime, form=form, status=400)


def _page(request: Request, runtime: Runtime, *, form: Typed, status: int = 200) -> Response:
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        found = neighbourhoods(session, municipality_id=runtime.town.facts().id)
    choices = [Choice(value=slug, label=name) for _id, slug, name in found]
    return page(request, NewSchemePage(form=form, neighbourhoods=choices), now=now, status=status)
