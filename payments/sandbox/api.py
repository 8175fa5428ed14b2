"""The door for /v1 and /v2: who asks, in which version, with which key; then one act; then JSON.

The order of the checks is Stripe's: key, version, parameters, idempotency, execution. Nothing here waits
while an operation runs, so operations are atomic; only a planned latency makes a request overlap another.
"""

import asyncio
import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from payments.sandbox import idempotency
from payments.sandbox.act import Act
from payments.sandbox.catalogue import OPERATIONS
from payments.sandbox.documents import Json, dump, load
from payments.sandbox.errors import ApiError, CardRefused, InvalidParameters
from payments.sandbox.expansion import show
from payments.sandbox.faults import Fault
from payments.sandbox.idempotency import Answer, Keyed
from payments.sandbox.identifiers import new_id
from payments.sandbox.operation import Call, Operation
from payments.sandbox.parameters import check, decode_form, decode_json, texts
from payments.sandbox.settings import API_VERSION
from payments.sandbox.world import World

EXPAND = {"expand": texts()}
LARGEST_BODY = 1 << 20
BEARER = re.compile(r"Bearer\s+(\S+)", re.IGNORECASE)


class DropConnection(Exception):
    """The connection is to be broken without an answer."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request, checked as far as it can be before its operation begins."""

    operation: Operation
    call: Call
    expand: list[str]
    keyed: Keyed | None
    request_id: str


def routes(world: World) -> list[Route]:
    """A route per operation, and one that refuses every other address under /v1 and /v2."""
    known = [Route(one.path, partial(_answer, world, one), methods=[one.method], name=one.name) for one in OPERATIONS]
    rest = [Route(f"/{version}/{{path:path}}", _unknown, methods=["GET", "POST", "DELETE"]) for version in ("v1", "v2")]
    return known + rest


async def _unknown(request: Request) -> Response:
    message = (
        f"Unrecognized request URL ({request.method}: {request.url.path}). This sandbox answers the calls"
        " listed in payments/sandbox/README.md."
    )
    error = ApiError(message, status=HTTPStatus.NOT_FOUND)
    return _response(Answer(status=error.status, body=dump(error.body), request_id=new_id("req")))


def broken() -> Response:
    """The answer when the sandbox itself fails: nothing was changed, nothing is remembered."""
    error = ApiError("The sandbox itself failed; its log says why.", status=500, kind="api_error")
    return _response(Answer(status=error.status, body=dump(error.body), request_id=new_id("req")))


async def _answer(world: World, operation: Operation, request: Request) -> Response:
    request_id = new_id("req")
    try:
        asked = await _read(world, operation, request, request_id)
        fault = world.faults.for_request(operation.name, request.url.path) or world.storm.for_request()
        return await _with_fault(world, asked, fault)
    except DropConnection:
        request.scope["state"]["drop"]()
        return Response()
    except ApiError as error:
        return _response(
            Answer(status=error.status, body=dump(error.body), request_id=request_id),
            again=error.status in {HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS},
        )


async def _read(world: World, operation: Operation, request: Request, request_id: str) -> Asked:
    """Checks everything that can be refused before the operation begins."""
    _check_key(request.headers.get("authorization", ""), world.settings.api_key)
    _check_headers(request)
    scope = request.url.path[1:3]
    if operation.method == "GET":
        raw = decode_form(request.url.query)
    else:
        body = await _body(request)
        raw = decode_json(body) if scope == "v2" else decode_form(_utf8(body))
    key = request.headers.get("idempotency-key") if operation.method == "POST" else None
    keyed = None
    if key:
        address = f"{operation.method} {request.url.path}"
        keyed = idempotency.keyed_request(scope=scope, key=key, address=address, raw=raw)
    expand = EXPAND["expand"].read(raw.pop("expand"), "expand") if scope == "v1" and "expand" in raw else []
    params = check(operation.fields, raw)
    call = Call(ids=request.path_params, params=params)
    return Asked(operation=operation, call=call, expand=expand, keyed=keyed, request_id=request_id)


def _check_key(authorization: str, expected: str | None) -> None:
    """Accepts a test key, as Bearer or as the user name of Basic; a live key is refused with an alarm."""
    match = BEARER.fullmatch(authorization)
    key = match[1] if match else ""
    if authorization[:6].lower() == "basic ":
        try:
            key = base64.b64decode(authorization[6:], validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            key = ""
    if key.startswith(("sk_live_", "rk_live_")):
        message = "This is the Buurtloket sandbox, and that is a live key. Revoke it: it has left the vault."
    elif not key:
        message = "You did not provide an API key. Provide it in the Authorization header (Bearer sk_test_...)."
    elif not key.startswith("sk_test_") or (expected and not hmac.compare_digest(key.encode(), expected.encode())):
        message = "Invalid API Key provided. The sandbox accepts keys that start with sk_test_" + (
            ", and only the one it was started with." if expected else "."
        )
    else:
        return
    raise ApiError(message, status=HTTPStatus.UNAUTHORIZED)


def _check_headers(request: Request) -> None:
    version = request.headers.get("stripe-version", API_VERSION)
    if version != API_VERSION:
        raise ApiError(f"Invalid Stripe API version: {version}. This sandbox speaks only {API_VERSION}.")
    for header in ("stripe-account", "stripe-context"):
        if header in request.headers:
            raise ApiError(f"This sandbox does not act for other accounts ({header}).")


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise ApiError("The request is too large.", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return bytes(body)


def _utf8(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise InvalidParameters("Invalid request body: expected UTF-8") from error


async def _with_fault(world: World, asked: Asked, fault: Fault | None) -> Response:
    """Lets the planned fault, if any, come before or after the real work."""
    kind = fault.kind if fault else None
    if kind == "drop_before":
        raise DropConnection
    if kind == "rate_limit":
        raise ApiError(
            "Request rate limit exceeded. You can learn more about rate limits here"
            " https://stripe.com/docs/rate-limits.",
            status=HTTPStatus.TOO_MANY_REQUESTS,
            code="rate_limit",
        )
    if asked.keyed is None:
        return await _perform(world, asked, fault)
    world.in_flight.begin(asked.keyed)
    try:
        return await _perform(world, asked, fault)
    finally:
        world.in_flight.end(asked.keyed)


async def _perform(world: World, asked: Asked, fault: Fault | None) -> Response:
    if fault and fault.kind == "latency":
        await asyncio.sleep(fault.milliseconds / 1000)
    failing = fault if fault and fault.kind == "server_error" else None
    answer = None
    if asked.keyed is not None:
        answer = idempotency.recall(world.store, asked.keyed, now=world.clock.now())
    replayed = answer is not None
    if answer is None:
        answer = _execute(world, asked, failing)
    elif asked.keyed and asked.keyed.scope == "v2" and asked.operation.refresh:
        fresh = asked.operation.refresh(world.act(asked.request_id), load(answer.body))
        shown = dump(show(world.store, fresh))
        answer = Answer(status=answer.status, body=shown, request_id=answer.request_id)
    if fault and fault.kind == "drop_after":
        raise DropConnection
    return _response(answer, replayed_by=asked.request_id if replayed else None)


def _execute(world: World, asked: Asked, failing: Fault | None) -> Answer:
    """One act and its answer, committed together with what the key remembers of it."""
    act = world.act(asked.request_id, asked.keyed.key if asked.keyed else None)
    try:
        with world.store.transaction():
            answer = _run(act, asked, failing)
            _remember(world, asked, answer, act.now)
    except InvalidParameters:
        raise
    except ApiError as error:
        answer = Answer(status=error.status, body=dump(error.body), request_id=asked.request_id)
        with world.store.transaction():
            _remember(world, asked, answer, act.now)
    world.committed()
    return answer


def _run(act: Act, asked: Asked, failing: Fault | None) -> Answer:
    """Runs the operation; a declined card is an answer too, and what it changed is kept."""
    if failing is not None and not failing.executed:
        raise _server_error()
    try:
        body: Json = show(act.store, asked.operation.run(act, asked.call), asked.expand)
        status = int(HTTPStatus.OK)
    except CardRefused as refused:
        body, status = refused.body, refused.status
    if failing is not None:
        broken = _server_error()
        body, status = broken.body, broken.status
    return Answer(status=status, body=dump(body), request_id=asked.request_id)


def _remember(world: World, asked: Asked, answer: Answer, now: int) -> None:
    if asked.keyed is not None:
        idempotency.keep(world.store, asked.keyed, answer, now=now)


def _server_error() -> ApiError:
    return ApiError(
        "An unknown error occurred (planned: this sandbox was asked to fail).",
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        kind="api_error",
    )


def _response(answer: Answer, *, replayed_by: str | None = None, again: bool = False) -> Response:
    headers = {
        "Request-Id": replayed_by or answer.request_id,
        "Stripe-Version": API_VERSION,
        "Cache-Control": "no-store",
    }
    if replayed_by is not None:
        headers |= {"Idempotent-Replayed": "true", "Original-Request": answer.request_id}
    if answer.status >= HTTPStatus.BAD_REQUEST:
        headers["Stripe-Should-Retry"] = "true" if again else "false"
    return Response(answer.body, status_code=answer.status, headers=headers, media_type="application/json")
