"""Photos: what is under an address never changes, so browsers keep it for good."""

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from crowd.initiatives.queries import picture_content
from crowd.shared.actor import Actor
from crowd.shared.errors import NotFound, msg
from frontend.access import public
from frontend.runtime import RuntimeDep

router: Final = APIRouter()

_FOREVER: Final = "public, max-age=31536000, immutable"


class PictureNotFound(NotFound):
    """No such photo, or not in this width or format."""

    sentence = msg("We cannot find this photo.")


@router.get("/fotos/{picture_id}/{width}.{kind}")
def show_picture(
    runtime: RuntimeDep,
    actor: Annotated[Actor, Depends(public)],
    picture_id: UUID,
    width: int,
    kind: Literal["webp", "jpeg"],
) -> Response:
    """Return one width of a photo in one format. Its id cannot be guessed; a draft's photo is as private as that."""
    del actor
    with runtime.database.reading() as session:
        content = picture_content(session, picture_id=picture_id, width=width, kind=kind)
    if content is None:
        raise PictureNotFound
    return Response(content, media_type=f"image/{kind}", headers={"Cache-Control": _FOREVER})
