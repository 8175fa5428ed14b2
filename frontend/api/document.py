"""The OpenAPI document: what the routes say of themselves, and what holds for all of them."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.routing import BaseRoute

from frontend.api.problems import InvalidRequest, Problem
from frontend.api.version import PREFIX, VERSION

_OPENAPI: Final = "3.1.0"
_REF: Final = "#/components/schemas/{model}"
_TITLE: Final = "Buurtloket"
_DESCRIPTION: Final = """\
Initiatives of neighbours and how their municipality adds to them: read everything that is public, give, and sign up.

Amounts are whole euro cents. Moments are in UTC, days are Dutch calendar days. No key and no cookie is needed. Lists
come in parts: follow `next` until it is null. Errors are problem+json, in the language of `Accept-Language` (nl, en).
At most sixty acts a minute from one address; a 429 says in `Retry-After` when the next one is welcome.
"""
_TAGS: Final = [
    {"name": "initiatives", "description": "What neighbours are making, and every euro of it."},
    {"name": "pledges", "description": "Giving."},
    {"name": "shifts", "description": "Helping."},
    {"name": "municipality", "description": "The municipality, its themes, neighbourhoods and schemes."},
]
_HEADERS: Final = {
    "API-Version": {"description": "The whole version of this API.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Try again after so many seconds.", "schema": {"type": "integer"}},
    "Location": {"description": "Where it can be read from now on.", "schema": {"type": "string", "format": "uri"}},
    "Link": {"description": 'The next part, as rel="next"; absent on the last.', "schema": {"type": "string"}},
}
_RETRY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


def document(routes: Sequence[BaseRoute], *, base_url: str, contact: str, email: str) -> dict[str, Any]:
    """Return the OpenAPI document of these routes, served under `base_url` for this municipality."""
    made = get_openapi(
        title=_TITLE,
        version=VERSION,
        openapi_version=_OPENAPI,
        description=_DESCRIPTION,
        routes=routes,
        tags=_TAGS,
        servers=[{"url": base_url + PREFIX}],
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
    )
    # Not as an argument: FastAPI would then want to check the address with a library of its own.
    made["info"]["contact"] = {"name": contact, "url": f"{base_url}/open-data", "email": email}
    _, problems = models_json_schema(
        [(Problem, "serialization"), (InvalidRequest, "serialization")], by_alias=True, ref_template=_REF
    )
    schemas = made["components"]["schemas"]
    schemas.update(problems["$defs"])
    # FastAPI documents a 422 of its own; here everything wrong is a 400.
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    made["components"]["headers"] = _HEADERS
    for schema in schemas.values():
        _drop_titles(schema.get("properties", {}).values())
    for operations in made["paths"].values():
        for operation in operations.values():
            _drop_titles(parameter["schema"] for parameter in operation.get("parameters", ()))
            operation["responses"].pop("422", None)
            for status, response in operation["responses"].items():
                response["headers"] = {
                    name: {"$ref": f"#/components/headers/{name}"} for name in _headers(int(status), operation)
                }
            operation["responses"] = dict(sorted(operation["responses"].items()))
    return made


def _drop_titles(fields: Iterable[dict[str, Any]]) -> None:
    """Remove titles that only repeat the name of a field."""
    for field in fields:
        field.pop("title", None)


def _headers(status: int, operation: dict[str, Any]) -> list[str]:
    names = ["API-Version"]
    if status in _RETRY:
        names.append("Retry-After")
    if status == HTTPStatus.CREATED:
        names.append("Location")
    if status == HTTPStatus.OK and operation["operationId"].startswith("list") and "parameters" in operation:
        names.append("Link")
    return names
