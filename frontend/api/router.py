"""Every route of the API, under one prefix. A new noun is a file here and a line in `_NOUNS`."""

import json
from functools import lru_cache
from typing import Final

from fastapi import APIRouter, Response
from fastapi.routing import APIRoute
from pydantic.alias_generators import to_camel

from frontend.access import PublicActor
from frontend.api import initiatives, pledges, shifts, town
from frontend.api.asking import SpeaksJson
from frontend.api.document import document
from frontend.api.version import PREFIX
from frontend.runtime import RuntimeDep

_NOUNS: Final = (initiatives.router, pledges.router, shifts.router, town.router)


def _operation_id(route: APIRoute) -> str:
    return to_camel(route.name)


nouns: Final = APIRouter(generate_unique_id_function=_operation_id, dependencies=[SpeaksJson])
for noun in _NOUNS:
    nouns.include_router(noun)

router: Final = APIRouter(prefix=PREFIX)
router.include_router(nouns)


@lru_cache(maxsize=8)
def _written(base_url: str, contact: str, email: str) -> bytes:
    return json.dumps(document(nouns.routes, base_url=base_url, contact=contact, email=email)).encode()


@router.get("/openapi.json", include_in_schema=False, dependencies=[SpeaksJson])
def show_document(runtime: RuntimeDep, actor: PublicActor) -> Response:
    """Return the OpenAPI document; anybody may read it, from any site."""
    del actor
    facts = runtime.town.facts()
    written = _written(runtime.settings.base_url, facts.site_name, facts.email)
    return Response(written, media_type="application/json")
