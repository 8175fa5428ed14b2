"""Which problems an operation can answer with, for the document: `@router.get(..., responses=problems(400, 404))`."""

from http import HTTPStatus
from typing import Any, Final

from frontend.api.problems import MEDIA_TYPE, InvalidRequest, Problem

_READ: Final = (406, 500, 503)


def problems(*statuses: int, acts: bool = False) -> dict[int | str, dict[str, Any]]:
    """Return the answers of an operation beside its success; one that acts can also be refused for its body."""
    more = (400, 406, 413, 415, 429, 500, 503) if acts else _READ
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": _schema(status)}}}
        for status in sorted({*statuses, *more})
    }


def _schema(status: int) -> dict[str, str]:
    model = InvalidRequest if status == HTTPStatus.BAD_REQUEST else Problem
    return {"$ref": f"#/components/schemas/{model.__name__}"}
