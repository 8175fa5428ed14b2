"""What the models of the API share: frozen, camelCase outside, snake_case inside, and checked by our own rules.

A rule of a domain checks a field while the whole body is read, so that everything wrong is said at once.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

from crowd.shared.errors import Invalid, InvalidFields, msg
from crowd.shared.money import Money

T = TypeVar("T")

WORDS_LENGTH: Final = 100
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UUID_VERSION: Final = 7
# Microseconds until the year 4253.
_MOMENT_BYTES: Final = 7
_KEY: Final = "^([A-Za-z0-9_-]{31})?$"
_UUID7: Final = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"


class Shape(BaseModel):
    """What we answer."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True)


class Asked(BaseModel):
    """What a program sends, in a body or in a query. An unknown name is refused: it is nearly always a typo."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, extra="forbid")


class NotOurKey(Invalid):
    """The place where a part of a list ended was changed, or made up."""

    sentence = msg("This place in the list does not exist. Use the address in `next` as it was given.")


class NotVersionSeven(Invalid):
    """Ids are ordered by time, so only version 7 will do."""

    sentence = msg("Give a new UUID of version 7.")


class NotPlainText(Invalid):
    """A character that no text holds."""

    sentence = msg("This holds a character that cannot be stored.")


class Refused(ValueError):
    """A domain's refusal of one field, on its way through pydantic, which collects only errors of Python's own."""

    def __init__(self, refusal: Invalid) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


def checked(rule: Callable[[T], T]) -> AfterValidator:
    """Return the validator that asks a domain's rule; its refusal becomes one of the errors of the whole request."""

    def ask(value: T) -> T:
        try:
            return rule(value)
        except InvalidFields as several:
            raise Refused(several.errors[0]) from several
        except Invalid as error:
            raise Refused(error) from error

    return AfterValidator(ask)


def _plain(text: str) -> str:
    if "\x00" in text:
        raise NotPlainText
    return text


def _version_seven(given: UUID) -> UUID:
    if given.version != _UUID_VERSION:
        raise NotVersionSeven
    return given


# The one character that PostgreSQL refuses, as the document says it; the rule says it to people.
_WITHOUT_NUL = {"pattern": r"^[^\u0000]*$"}
# Text without that character.
Plain = Annotated[str, checked(_plain), Field(json_schema_extra=_WITHOUT_NUL)]
# What a list is searched or filtered by.
Words = Annotated[str, Field(max_length=WORDS_LENGTH, json_schema_extra=_WITHOUT_NUL), checked(_plain)]
NewId = Annotated[
    UUID,
    checked(_version_seven),
    WithJsonSchema(
        {
            "type": "string",
            "format": "uuid",
            "pattern": _UUID7,
            "examples": ["019aaf5e-2c00-7000-8000-0123456789ab"],
        }
    ),
]
Cents = Annotated[int, Field(description="Whole euro cents.", examples=[2500])]


class Label(Shape):
    """A name in both languages."""

    nl: str
    en: str


def key_of(at: datetime, subject: UUID) -> str:
    """Return the place of one line in a list ordered by moment and id; `read_key` reads it back."""
    microseconds = (at - _EPOCH) // timedelta(microseconds=1)
    return urlsafe_b64encode(microseconds.to_bytes(_MOMENT_BYTES, "big") + subject.bytes).decode().rstrip("=")


def read_key(text: str) -> tuple[datetime, UUID] | None:
    """Return the place that `key_of` wrote, None for nothing; raise NotOurKey."""
    if not text:
        return None
    if not re.fullmatch(_KEY, text):
        raise NotOurKey
    raw = urlsafe_b64decode(text + "=")
    at = _EPOCH + timedelta(microseconds=int.from_bytes(raw[:_MOMENT_BYTES], "big"))
    return at, UUID(bytes=raw[_MOMENT_BYTES:])


def _a_key(text: str) -> str:
    read_key(text)
    return text


Key = Annotated[
    str,
    checked(_a_key),
    Field(
        description="Where the part before ended; take it from `next`, do not make it up.",
        json_schema_extra={"pattern": _KEY},
    ),
]


def money(amount: Money | None) -> int | None:
    """Return an amount in cents, as the API writes it."""
    return None if amount is None else amount.cents
