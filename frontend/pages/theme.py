"""The municipality's colours as a stylesheet."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response

from crowd.shared.actor import Actor
from frontend.access import public
from frontend.runtime import RuntimeDep
from frontend.theme import fingerprint, stylesheet
from frontend.town import brand_of

router: Final = APIRouter()


@router.get("/thema/{name}.css")
def show_stylesheet(
    runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)], name: Annotated[str, Path(max_length=64)]
) -> Response:
    """Return the stylesheet; kept for a year under its own fingerprint, and hardly at all under any other name."""
    del actor
    brand = brand_of(runtime.town.facts())
    is_current = name == fingerprint(brand)
    keep = "public, max-age=31536000, immutable" if is_current else "public, max-age=60"
    return Response(stylesheet(brand), media_type="text/css", headers={"Cache-Control": keep})
