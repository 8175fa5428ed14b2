"""The NL API Design Rules (version 2), each beside its check: over the whole document, and over live answers.

A check yields what is wrong. Rules that no machine can decide (nouns, statelessness, a changelog) are not here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import httpx2
import pytest

from frontend.api.version import VERSION
from frontend.security import security_headers
from tests.api_served import Api
from tests.tools import settings_for_tests

_SEGMENT: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*|\{[a-z][a-zA-Z0-9]*\}")
_CAMEL: Final = re.compile(r"[a-z][a-zA-Z0-9]*")
_PASCAL: Final = re.compile(r"[A-Z][a-zA-Z0-9]*")
_SEMVER: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
_UTC: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
# Not collections: there is one municipality, and one act of taking back.
_SINGLE: Final = frozenset({"municipality", "withdrawal"})
_PROBLEM: Final = "application/problem+json"


@dataclass(frozen=True)
class Facts:
    """What a check looks at: the document, and answers of every path to what is right and to what is not."""

    api: Api

    @cached_property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = self.api.read("/openapi.json")
        return document

    def operations(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for path, operations in self.document["paths"].items():
            for method, operation in operations.items():
                yield f"{method.upper()} {path}", operation

    def schemas(self) -> dict[str, Any]:
        schemas: dict[str, Any] = self.document["components"]["schemas"]
        return schemas

    @cached_property
    def good(self) -> list[httpx2.Response]:
        """An answer of everything that can be read, and of the document itself."""
        slug = self.api.open_initiative()
        shift_id = self.api.read("/shifts")["items"][0]["id"]
        paths = [path for path, operations in self.document["paths"].items() if "get" in operations]
        known = [path.replace("{slug}", slug).replace("{shiftId}", shift_id) for path in paths if "{token}" not in path]
        return [self.api.ask("GET", path) for path in [*known, "/openapi.json"]]

    @cached_property
    def slashed(self) -> list[httpx2.Response]:
        return [self.api.ask("GET", path + "/") for path in self.document["paths"]]

    @cached_property
    def wrong_method(self) -> list[httpx2.Response]:
        return [self.api.ask("DELETE", path) for path in self.document["paths"]]

    @cached_property
    def wrong_accept(self) -> list[httpx2.Response]:
        html = {"accept": "text/html"}
        return [
            self.api.ask("GET", path, headers=html)
            for path, operations in self.document["paths"].items()
            if "get" in operations
        ]

    @cached_property
    def unreadable(self) -> list[httpx2.Response]:
        """Answers to a body that is no JSON object, one for each operation that takes one."""
        paths = [name.partition(" ")[2] for name, operation in self.operations() if "requestBody" in operation]
        known = [path.replace("{shiftId}", "019aaf60-0000-7000-8000-0123456789ab") for path in paths]
        bodies = (b"{", b"[]", b"\xff", b"[" * 5000, b"null")
        json = {"content-type": "application/json"}
        return [self.api.ask("POST", path, content=body, headers=json) for path in known for body in bodies]

    @cached_property
    def not_json(self) -> list[httpx2.Response]:
        text = {"content-type": "text/plain"}
        return [
            self.api.ask("POST", "/pledges", content=b"hello", headers=text),
            self.api.ask("POST", "/pledges", content=b"{}", headers={"content-type": ""}),
        ]

    @cached_property
    def too_large(self) -> list[httpx2.Response]:
        return [self.api.ask("POST", "/pledges", json={"email": "x" * 200_000})]

    @cached_property
    def bad_query(self) -> list[httpx2.Response]:
        return [self.api.ask("GET", "/initiatives?standing=x&after=x&search=%00&unknown=1")]

    def refused(self) -> list[httpx2.Response]:
        """Every answer that is a refusal."""
        return [
            *self.slashed,
            *self.wrong_method,
            *self.wrong_accept,
            *self.unreadable,
            *self.not_json,
            *self.too_large,
            *self.bad_query,
        ]


def _document_is_openapi(facts: Facts) -> Iterator[str]:
    if facts.document["openapi"] != "3.1.0" or not facts.document["paths"]:
        yield "no OpenAPI 3.1"
    for reference in re.findall(r'"\$ref": ?"#/([^"]+)"', facts.good[-1].text):
        found: Any = facts.document
        for step in reference.split("/"):
            found = found.get(step, {})
        if not found:
            yield f"{reference} leads nowhere"


def _document_is_open_to_all(facts: Facts) -> Iterator[str]:
    answer = facts.good[-1]
    if answer.headers["access-control-allow-origin"] != "*" or answer.headers["content-type"] != "application/json":
        yield "the document cannot be read from another site"
    if facts.document["servers"] != [{"url": facts.api.address}]:
        yield "the document does not stand within the base path it names"


def _contact_is_given(facts: Facts) -> Iterator[str]:
    yield from (name for name in ("name", "url", "email") if not facts.document["info"]["contact"].get(name))


def _major_version_is_in_the_address(facts: Facts) -> Iterator[str]:
    yield from (one["url"] for one in facts.document["servers"] if not re.search(r"/v\d+$", one["url"]))


def _version_is_semantic(facts: Facts) -> Iterator[str]:
    version = facts.document["info"]["version"]
    if version != VERSION or not _SEMVER.fullmatch(version):
        yield version


def _version_is_in_every_answer(facts: Facts) -> Iterator[str]:
    yield from (_said(one) for one in [*facts.good, *facts.refused()] if one.headers.get("api-version") != VERSION)
    for name, operation in facts.operations():
        for status, response in operation["responses"].items():
            if "API-Version" not in response.get("headers", {}):
                yield f"{name} {status} does not document it"


def _no_trailing_slash(facts: Facts) -> Iterator[str]:
    yield from (path for path in facts.document["paths"] if path.endswith("/"))
    yield from (_said(one) for one in facts.slashed if one.status_code != 404)


def _segments_are_kebab_case(facts: Facts) -> Iterator[str]:
    for path in facts.document["paths"]:
        if not all(_SEGMENT.fullmatch(segment) for segment in path.split("/")[1:]):
            yield path


def _collections_are_plural(facts: Facts) -> Iterator[str]:
    for path in facts.document["paths"]:
        for segment in path.split("/")[1:]:
            if not segment.startswith("{") and not segment.endswith("s") and segment not in _SINGLE:
                yield segment


def _query_keys_are_camel_case(facts: Facts) -> Iterator[str]:
    for name, operation in facts.operations():
        for parameter in operation.get("parameters", ()):
            if not _CAMEL.fullmatch(parameter["name"]):
                yield f"{name}: {parameter['name']}"


def _names_in_json_are_camel_case(facts: Facts) -> Iterator[str]:
    for name, schema in facts.schemas().items():
        if not _PASCAL.fullmatch(name):
            yield name
        yield from (f"{name}.{one}" for one in schema.get("properties", {}) if not _CAMEL.fullmatch(one))
    for answer in facts.good[:-1]:
        yield from (".".join(names) for names, _value in _leaves(answer.json()) if not _is_camel(names))


def _only_standard_methods(facts: Facts) -> Iterator[str]:
    yield from (name for name, _ in facts.operations() if name.partition(" ")[0] not in {"GET", "POST"})
    yield from (_said(one) for one in facts.wrong_method if one.status_code != 405 or not one.headers.get("allow"))


def _errors_are_problems(facts: Facts) -> Iterator[str]:
    for name, operation in facts.operations():
        for status, response in operation["responses"].items():
            if int(status) >= 400 and list(response["content"]) != [_PROBLEM]:
                yield f"{name} {status}"
    required = {"status", "title", "detail"}
    for answer in facts.refused():
        body = answer.json()
        if (
            answer.headers["content-type"] != _PROBLEM
            or not required <= body.keys()
            or body["status"] != answer.status_code
            or not body["title"]
            or not body["detail"]
        ):
            yield _said(answer)


def _statuses_say_what_is_wrong(facts: Facts) -> Iterator[str]:
    expected = (
        (406, facts.wrong_accept),
        (400, facts.unreadable),
        (415, facts.not_json),
        (413, facts.too_large),
        (400, facts.bad_query),
    )
    for status, answers in expected:
        yield from (_said(one) for one in answers if one.status_code != status)


def _invalid_input_is_400(facts: Facts) -> Iterator[str]:
    for name, operation in facts.operations():
        if "422" in operation["responses"]:
            yield f"{name} documents 422"
        if ("parameters" in operation or "requestBody" in operation) and "400" not in operation["responses"]:
            yield f"{name} does not document 400"
    for answer in [*facts.unreadable, *facts.bad_query]:
        faults = answer.json().get("errors", [])
        if not faults or any({"in", "location", "detail", "code"} - fault.keys() for fault in faults):
            yield _said(answer)


def _all_errors_come_together(facts: Facts) -> Iterator[str]:
    (answer,) = facts.bad_query
    named = {fault["location"]["name"] for fault in answer.json()["errors"]}
    if named != {"standing", "after", "search", "unknown"}:
        yield f"only {named}"


def _moments_are_in_utc(facts: Facts) -> Iterator[str]:
    for name, schema in facts.schemas().items():
        for field, kind in schema.get("properties", {}).items():
            if field.endswith("At") and "date-time" not in str(kind):
                yield f"{name}.{field}"
            if field.endswith("On") and "'date'" not in str(kind):
                yield f"{name}.{field}"
    for answer in facts.good[:-1]:
        for path, value in _leaves(answer.json()):
            if path[-1].lower().endswith("at") and isinstance(value, str) and not _UTC.fullmatch(value):
                yield f"{path}: {value}"


def _amounts_are_whole_cents(facts: Facts) -> Iterator[str]:
    for name, schema in facts.schemas().items():
        for field, kind in schema.get("properties", {}).items():
            if "amount" in field.lower() and not field.endswith("Cents"):
                yield f"{name}.{field} does not say its unit"
            if field.endswith("Cents") and "integer" not in str(kind):
                yield f"{name}.{field}"
    if "'number'" in str(facts.schemas()):
        yield "there is a number that may have a fraction"


def _answers_are_strict_to_browsers(facts: Facts) -> Iterator[str]:
    wanted = {"cache-control": "no-store", "x-content-type-options": "nosniff", "x-frame-options": "DENY"}
    for answer in [*facts.good, *facts.refused()]:
        headers = answer.headers
        if any(headers.get(name) != value for name, value in wanted.items()) or "set-cookie" in headers:
            yield _said(answer)
        if "frame-ancestors 'none'" not in headers["content-security-policy"]:
            yield _said(answer)
    if "strict-transport-security" not in security_headers(settings_for_tests(BASE_URL="https://loket.example")):
        yield "no HSTS over TLS"


def _everything_is_described(facts: Facts) -> Iterator[str]:
    for name, operation in facts.operations():
        if not operation.get("description") or not _CAMEL.fullmatch(operation["operationId"]):
            yield name
    yield from (name for name, schema in facts.schemas().items() if not schema.get("description"))


RULES: Final[dict[str, Callable[[Facts], Iterator[str]]]] = {
    "/core/no-trailing-slash": _no_trailing_slash,
    "/core/http-methods": _only_standard_methods,
    "/core/http-response-code": _statuses_say_what_is_wrong,
    "/core/doc-openapi": _document_is_openapi,
    "/core/doc-openapi-contact": _contact_is_given,
    "/core/publish-openapi": _document_is_open_to_all,
    "/core/uri-version": _major_version_is_in_the_address,
    "/core/semver": _version_is_semantic,
    "/core/version-header": _version_is_in_every_answer,
    "/core/naming-collections": _collections_are_plural,
    "/core/path-segments-kebab-case": _segments_are_kebab_case,
    "/core/query-keys-camel-case": _query_keys_are_camel_case,
    "/core/date-time/timezone": _moments_are_in_utc,
    "/core/error-handling/problem-details": _errors_are_problems,
    "/core/error-handling/invalid-input": _invalid_input_is_400,
    "/core/error-handling/all-errors": _all_errors_come_together,
    "/core/transport/security-headers": _answers_are_strict_to_browsers,
    # Not in the rules, but ours.
    "names in JSON are camelCase": _names_in_json_are_camel_case,
    "amounts are whole cents": _amounts_are_whole_cents,
    "everything is described": _everything_is_described,
}


@pytest.fixture(scope="module")
def facts(api: Api) -> Facts:
    return Facts(api)


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_is_kept_everywhere(facts: Facts, rule: str) -> None:
    assert list(RULES[rule](facts)) == []


def _said(answer: httpx2.Response) -> str:
    return f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:200]}"


def _leaves(value: object, path: tuple[str, ...] = ("",)) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every value in a JSON document with the names that lead to it."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, path)
    else:
        yield path, value


def _is_camel(path: tuple[str, ...]) -> bool:
    return all(_CAMEL.fullmatch(name) for name in path[1:])
