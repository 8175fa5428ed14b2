"""How the sandbox writes JSON, and the one name for a JSON object."""

import json
from typing import Any

Json = dict[str, Any]
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def dump(value: Json) -> str:
    """Compact JSON text; non-ASCII stays readable."""
    return _ENCODER.encode(value)


def load(text: str | bytes) -> Json:
    """The JSON object in `text`; raises ValueError when it is no object."""
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("expected a JSON object")  # noqa: TRY004 - one error for every kind of bad JSON
    return value


def public(body: Json) -> Json:
    """The object as the API shows it: keys that begin with an underscore are the sandbox's own notes."""
    return {key: value for key, value in body.items() if key[0] != "_"}
