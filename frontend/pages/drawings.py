"""Drawings: the mark, the street of the front page, and the picture of an initiative without a photo."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response

from crowd.shared.actor import Actor
from frontend.access import public
from frontend.drawings import card, mark, street
from frontend.runtime import RuntimeDep
from frontend.town import brand_of

router: Final = APIRouter()

# The same address always gives the same drawing, until a newer version draws it better.
_KEEP: Final = {"Cache-Control": "public, max-age=2592000"}
_TYPE: Final = "image/svg+xml"


@router.get("/beeld/merk.svg")
def show_mark(runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)]) -> Response:
    """Return the small picture in the browser's tab, in the municipality's colour."""
    del actor
    return Response(mark(brand_of(runtime.town.facts()).action), media_type=_TYPE, headers=_KEEP)


@router.get("/beeld/straat.svg")
def show_street(runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)]) -> Response:
    """Return the street of the front page; every municipality has its own."""
    del actor
    return Response(street(runtime.town.facts().slug), media_type=_TYPE, headers=_KEEP)


@router.get("/beeld/{kind}/{seed}.svg")
def show_card(
    kind: Annotated[str, Path(max_length=40)],
    seed: Annotated[str, Path(max_length=200)],
    actor: Annotated[Actor, Depends(public)],
) -> Response:
    """Return the drawing of an initiative; an unknown kind gives the general one, so a picture never breaks."""
    del actor
    return Response(card(kind, seed), media_type=_TYPE, headers=_KEEP)
