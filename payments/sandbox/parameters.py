"""Parameters: decoding a form or JSON body, and refusing what an operation does not know."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from payments.sandbox.documents import Json, dump, load
from payments.sandbox.errors import InvalidParameters

NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
INTEGER = re.compile(r"-?[0-9]{1,18}")
MOST_METADATA, LONGEST_METADATA_KEY, LONGEST_METADATA = 50, 40, 500
LONGEST_TEXT = 5000


@dataclass(frozen=True, kw_only=True)
class Field:
    """One parameter: how its value is read, and whether it must be there."""

    read: Callable[[Any, str], Any]
    required: bool = False


Fields = Mapping[str, Field]


def text(*, required: bool = False, longest: int = LONGEST_TEXT) -> Field:
    """A string that is not empty."""

    def read(value: object, param: str) -> str:
        if not isinstance(value, str):
            raise InvalidParameters(f"Invalid string: {value}", param=param)
        if not value:
            raise InvalidParameters(
                f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a"
                f" parameter; however '{param}' cannot be unset.",
                code="parameter_invalid_empty",
                param=param,
            )
        if len(value) > longest:
            raise InvalidParameters(
                f"Invalid string: {value[:20]}...; must be at most {longest} characters", param=param
            )
        return value

    return Field(read=read, required=required)


def integer(*, required: bool = False, least: int | None = None, most: int | None = None) -> Field:
    """A whole number within bounds."""

    def read(value: object, param: str) -> int:
        if isinstance(value, bool) or not isinstance(value, str | int) or not INTEGER.fullmatch(str(value)):
            raise InvalidParameters(f"Invalid integer: {value}", code="parameter_invalid_integer", param=param)
        number = int(value)
        if least is not None and number < least:
            raise InvalidParameters(
                f"This value must be greater than or equal to {least}.",
                code="parameter_invalid_integer",
                param=param,
            )
        if most is not None and number > most:
            raise InvalidParameters(
                f"This value must be less than or equal to {most}.",
                code="parameter_invalid_integer",
                param=param,
            )
        return number

    return Field(read=read, required=required)


def boolean(*, required: bool = False) -> Field:
    """True or false, as a form or as JSON writes it."""

    def read(value: object, param: str) -> bool:
        if value in ("true", True):
            return True
        if value in ("false", False):
            return False
        raise InvalidParameters(f"Invalid boolean: {value}", param=param)

    return Field(read=read, required=required)


def choice(*values: str, required: bool = False) -> Field:
    """One of these strings."""

    def read(value: object, param: str) -> str:
        if value not in values:
            raise InvalidParameters(f"Invalid {param}: must be one of {', '.join(values)}", param=param)
        return str(value)

    return Field(read=read, required=required)


def texts(*values: str) -> Field:
    """A list of strings; with `values`, each must be one of them."""
    one = choice(*values) if values else text()

    def read(value: object, param: str) -> list[str]:
        if isinstance(value, dict) and all(key.isdecimal() for key in value):
            value = [value[key] for key in sorted(value, key=int)]
        if not isinstance(value, list):
            raise InvalidParameters("Invalid array", param=param)
        return [one.read(item, f"{param}[{index}]") for index, item in enumerate(value)]

    return Field(read=read)


def metadata() -> Field:
    """Up to fifty short strings by name; an empty value removes one."""

    def read(value: object, param: str) -> dict[str, str]:
        if value == "":
            return {}
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise InvalidParameters("Invalid object: metadata values must be strings", param=param)
        if len(value) > MOST_METADATA:
            raise InvalidParameters(f"Metadata can have at most {MOST_METADATA} keys", param=param)
        for key, item in value.items():
            if len(key) > LONGEST_METADATA_KEY or len(item) > LONGEST_METADATA:
                raise InvalidParameters(
                    f"Metadata keys can have up to {LONGEST_METADATA_KEY} characters and values up to"
                    f" {LONGEST_METADATA}",
                    param=f"{param}[{key[:LONGEST_METADATA_KEY]}]",
                )
        return {key: item for key, item in value.items() if item}

    return Field(read=read)


def group(fields: Fields, *, required: bool = False) -> Field:
    """Parameters within a parameter."""

    def read(value: object, param: str) -> Json:
        if not isinstance(value, dict):
            raise InvalidParameters("Invalid object", param=param)
        return check(fields, value, inside=param)

    return Field(read=read, required=required)


def moment() -> Field:
    """A moment in seconds, or a group of bounds (gt, gte, lt, lte) around one."""
    bounds = {name: integer(least=0) for name in ("gt", "gte", "lt", "lte")}

    def read(value: object, param: str) -> Json:
        if isinstance(value, dict):
            return check(bounds, value, inside=param)
        exact = integer(least=0).read(value, param)
        return {"gte": exact, "lte": exact}

    return Field(read=read)


def check(fields: Fields, raw: Json, *, inside: str | None = None) -> Json:
    """The values of `raw`, read by `fields`; unknown, missing and malformed ones are refused."""
    values: Json = {}
    for name, value in raw.items():
        param = name if inside is None else f"{inside}[{name}]"
        field = fields.get(name)
        if field is None:
            raise InvalidParameters(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)
        values[name] = field.read(value, param)
    for name, field in fields.items():
        if field.required and name not in values:
            param = name if inside is None else f"{inside}[{name}]"
            raise InvalidParameters(f"Missing required param: {param}.", code="parameter_missing", param=param)
    return values


def decode_form(encoded: str) -> Json:
    """`a[b]=1&c[]=2` as nested objects: `{"a": {"b": "1"}, "c": {"0": "2"}}`; list items get numbers."""
    tree: Json = {}
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, max_num_fields=1000, errors="strict")
    except ValueError as error:
        raise InvalidParameters(f"Invalid request body: {error}") from error
    for name, value in pairs:
        match = NAME.fullmatch(name)
        if match is None:
            raise InvalidParameters(f"Invalid parameter name: {name[:80]}")
        steps = [match[1], *match[2][1:-1].split("][")] if match[2] else [match[1]]
        here = tree
        for step in steps[:-1]:
            below = here.setdefault(step, {})
            if not isinstance(below, dict):
                raise InvalidParameters("Invalid object", param=step)
            here = below
        last = steps[-1] or str(len(here))
        here[last] = value
    return tree


def decode_json(encoded: bytes) -> Json:
    """The JSON object in a v2 body; an empty body is an empty object."""
    if not encoded:
        return {}
    try:
        value = load(encoded)
        # Half a surrogate pair can be written in JSON but never kept: better refused here than failing later.
        dump(value).encode()
    except (ValueError, RecursionError) as error:
        raise InvalidParameters("Invalid request body: expected a JSON object") from error
    return value
