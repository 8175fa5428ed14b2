"""How the API says no: problem+json (RFC 9457), with everything that is wrong in a request at once.

`frontend/errors.py` decides which status a refusal has; here is what the answer looks like. The shape of `errors`
follows the NL API Design Rules: where (`in`, `location`), what (`detail`), and a `code` for programs.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, Literal

from pydantic import Field
from pydantic.alias_generators import to_camel

from crowd.shared.errors import DomainError, InvalidFields, msg
from frontend.api.shapes import Refused, Shape
from frontend.formats import Language
from frontend.i18n import refusal, say

MEDIA_TYPE: Final = "application/problem+json"


class ProviderAway(DomainError):
    """The promise is kept, but there is no payment page to send anybody to yet."""

    sentence = msg("Our payment provider does not answer at this moment. Your promise is kept: try again in a minute.")


class Location(Shape):
    """Where in the request: a JSON pointer into the body, or the name of a parameter."""

    pointer: str | None = Field(default=None, examples=["#/amountCents"])
    name: str | None = Field(default=None, examples=["standing"])


class Fault(Shape):
    """One thing that is wrong."""

    place: Literal["body", "query", "path", "header"] = Field(serialization_alias="in")
    location: Location
    detail: str
    code: str = Field(description="Stable, for programs.")


class Problem(Shape):
    """Why nothing was done."""

    type: str = Field(
        description="Which kind of problem; stable.", examples=["https://loket.example/open-data#NotFound"]
    )
    status: int = Field(ge=400, le=599)
    title: str
    detail: str = Field(description="For people, in the language of Accept-Language.")


class InvalidRequest(Problem):
    """Why nothing was done, with everything that is wrong in the request."""

    errors: list[Fault]


TITLES: Final[Mapping[int, str]] = {
    400: msg("The request is not right"),
    403: msg("Not allowed"),
    404: msg("Not found"),
    405: msg("This address does not do that"),
    406: msg("Only JSON is available"),
    409: msg("Not possible any more"),
    413: msg("Too large"),
    415: msg("Only JSON is understood"),
    429: msg("Too often"),
    500: msg("Something went wrong here"),
    503: msg("Away for a moment"),
}
# What an HTTP failure says that no domain raised.
DETAILS: Final[Mapping[int, str]] = {
    400: msg("We could not read what was sent."),
    404: msg("There is nothing at this address."),
    405: msg("This method does not exist here; the header Allow names those that do."),
    406: msg("This API answers in application/json. Ask for that in the header Accept, or leave it out."),
    413: msg("What was sent is larger than anything this API takes."),
    415: msg("Send the body as JSON, with Content-Type: application/json."),
}
# And how programs know it.
CODES: Final[Mapping[int, str]] = {
    400: "Unreadable",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    413: "TooLarge",
    415: "NotJson",
}
_SEVERAL: Final = msg("Some things are not filled in correctly.")
_OTHERWISE: Final = msg("This is not what is expected here.")
# By the kind of pydantic's error; the facts are its own.
_SENTENCES: Final[Mapping[str, str]] = {
    "missing": msg("This is required."),
    "extra_forbidden": msg("This name does not exist here. Check how it is spelled."),
    "json_invalid": msg("The body is not valid JSON."),
    "string_type": msg("Give text, between quotation marks."),
    "int_type": msg("Give a whole number, without quotation marks."),
    "int_parsing": msg("Give a whole number."),
    "int_from_float": msg("Give a whole number."),
    "bool_type": msg("Give true or false."),
    "bool_parsing": msg("Give true or false."),
    "uuid_parsing": msg("Give a UUID."),
    "uuid_type": msg("Give a UUID."),
    "date_from_datetime_parsing": msg("Give a date as year-month-day, such as 2026-12-31."),
    "date_parsing": msg("Give a date as year-month-day, such as 2026-12-31."),
    "date_type": msg("Give a date as year-month-day, such as 2026-12-31."),
    "literal_error": msg("Choose one of: {expected}."),
    "string_too_long": msg("Use at most {max_length} characters."),
    "model_attributes_type": msg("Give a JSON object, between braces."),
}


def content(
    *, status: int, detail: str, code: str, base_url: str, language: Language, errors: Sequence[Fault] | None = None
) -> dict[str, Any]:
    """Return the body of a problem; `type` is an address where people can read what problems are."""
    title = say(TITLES[status], language) if status in TITLES else HTTPStatus(status).phrase
    made: dict[str, Any] = {
        "type": f"{base_url}/open-data#{code}",
        "status": status,
        "title": title,
        "detail": detail,
    }
    if errors is not None:
        made["errors"] = [fault.model_dump(by_alias=True, exclude_none=True) for fault in errors]
    return made


def faults_of(error: DomainError, language: Language) -> list[Fault]:
    """Return what is wrong with which field of the body, as a domain said it."""
    several = error.errors if isinstance(error, InvalidFields) else (error,)
    return [
        Fault(
            place="body",
            location=Location(pointer=f"#/{_name(one.field)}" if one.field else "#"),
            detail=refusal(one, language),
            code=one.code,
        )
        for one in several
    ]


def faults_in(errors: Sequence[Any], language: Language) -> list[Fault]:
    """Return what is wrong with a request that could not be read, from FastAPI's own list of errors."""
    return [_fault(error, language) for error in errors]


def unreadable(detail: str) -> Fault:
    """Return the fault of a body that could not be read at all."""
    return Fault(place="body", location=Location(pointer="#"), detail=detail, code="Unreadable")


def summary(faults: Sequence[Fault], language: Language) -> str:
    """Return one sentence for all of them: the only one there is, or that there are several."""
    return faults[0].detail if len(faults) == 1 else say(_SEVERAL, language)


def _fault(error: Mapping[str, Any], language: Language) -> Fault:
    place, *path = error["loc"]
    facts = error.get("ctx", {})
    refused = facts.get("error")
    if isinstance(refused, Refused):
        detail, code = refusal(refused.refusal, language), refused.refusal.code
    else:
        sentence = _SENTENCES.get(error["type"], _OTHERWISE)
        # pydantic's own list ends with an English word.
        facts = {name: fact.replace(" or ", ", ") if isinstance(fact, str) else fact for name, fact in facts.items()}
        detail, code = say(sentence, language, facts), to_camel(error["type"])
    if place == "body":
        # Where JSON itself is broken, the only step is a place in its text, which is no pointer.
        steps = [] if error["type"] == "json_invalid" else path
        location = Location(pointer="#" + "".join(f"/{_escaped(str(step))}" for step in steps))
    else:
        location = Location(name=".".join(str(step) for step in path))
    return Fault(place=place, location=location, detail=detail, code=code)


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _name(field: str) -> str:
    """Return what the API calls a field of a domain."""
    return {"amount": "amountCents", "reward": "rewardId"}.get(field) or to_camel(field)
