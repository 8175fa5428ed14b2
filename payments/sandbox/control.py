"""The control door, /_sandbox: tests and operators bend the sandbox here. Never part of Stripe's API.

Only for callers on this machine who know SANDBOX_CONTROL_TOKEN (as `Authorization: Bearer ...`); without
that setting the door stays shut. Bodies and answers are JSON.
"""

import hmac
import ipaddress
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from payments.sandbox import alarms, endings, faults, storm
from payments.sandbox.documents import Json
from payments.sandbox.errors import ApiError
from payments.sandbox.objects.balance import read_balance
from payments.sandbox.parameters import check, decode_json, integer, text
from payments.sandbox.world import World

Door = Callable[[World, Request], Awaitable[Json]]
LATEST = 32_503_680_000
"""The first moment of the year 3000, in seconds since 1970."""
CLOCK_FIELDS = {
    "offset_seconds": integer(),
    "advance_seconds": integer(),
    "now": integer(least=0),
}
SUMS = {
    "charges": ("charge", "status"),
    "refunds": ("refund", "status"),
    "transfers": ("transfer", "reversed"),
    "transfer_reversals": ("transfer_reversal", "object"),
    "payment_intents": ("payment_intent", "status"),
    "disputes": ("dispute", "status"),
}


def routes(world: World) -> list[Route]:
    """The control doors: faults, the clock, the webhooks that wait, how things end, and what the sandbox holds."""

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok", "what": "Buurtloket's Stripe sandbox: no real money"})

    doors: list[tuple[str, str, Door]] = [
        ("GET", "/_sandbox/faults", list_faults),
        ("POST", "/_sandbox/faults", plan_fault),
        ("DELETE", "/_sandbox/faults", forget_faults),
        ("GET", "/_sandbox/storm", read_storm),
        ("POST", "/_sandbox/storm", begin_storm),
        ("DELETE", "/_sandbox/storm", calm_storm),
        ("GET", "/_sandbox/clock", read_clock),
        ("POST", "/_sandbox/clock", move_clock),
        ("GET", "/_sandbox/summary", summary),
        ("POST", "/_sandbox/events/{id}/delivery", send_again),
        ("DELETE", "/_sandbox/objects", forget_everything),
        *(("POST", path, end) for path, end in endings.DOORS),
    ]
    return [
        Route("/_sandbox/health", health, methods=["GET"]),
        *(Route(path, _guarded(world, door), methods=[method]) for method, path, door in doors),
    ]


def _guarded(world: World, door: Door) -> Callable[[Request], Awaitable[Response]]:
    async def guarded(request: Request) -> Response:
        token = world.settings.control_token
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        near = request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
        if token is None or not near or not hmac.compare_digest(given.encode(), token.encode()):
            message = "Give SANDBOX_CONTROL_TOKEN as a bearer token, from this machine."
            return JSONResponse({"error": {"message": message}}, HTTPStatus.FORBIDDEN)
        try:
            return JSONResponse(await door(world, request))
        except ApiError as error:
            return JSONResponse(error.body, error.status)

    return guarded


async def list_faults(world: World, _request: Request) -> Json:
    """The faults still to come."""
    return {"data": [fault.describe() for fault in world.faults.planned]}


async def plan_fault(world: World, request: Request) -> Json:
    """Plans one fault: see `faults.Fault` for the kinds and what each field means."""
    return world.faults.plan(check(faults.FIELDS, decode_json(await request.body()))).describe()


async def forget_faults(world: World, _request: Request) -> Json:
    """Plans nothing any more."""
    world.faults.planned.clear()
    return {"data": []}


async def read_storm(world: World, _request: Request) -> Json:
    """How hard it storms, and what was injected since it began."""
    return world.storm.describe()


async def begin_storm(world: World, request: Request) -> Json:
    """Begins a storm: `per_mille` of a thousand calls and events meet a fault, drawn by `seed`."""
    given = check(storm.FIELDS, decode_json(await request.body()))
    if "per_mille" not in given:
        raise ApiError("Give per_mille: how many of a thousand calls and events meet a fault.")
    world.storm.begin(seed=given.get("seed", 0), per_mille=given["per_mille"])
    return world.storm.describe()


async def calm_storm(world: World, _request: Request) -> Json:
    """Ends the storm; what it injected stays readable."""
    world.storm.calm()
    return world.storm.describe()


async def read_clock(world: World, _request: Request) -> Json:
    """The sandbox's time in seconds since 1970, and how far it is from real time."""
    return {"now": world.clock.now(), "offset_seconds": world.clock.offset_seconds}


async def move_clock(world: World, request: Request) -> Json:
    """Sets the offset, the time itself, or moves on by some seconds; answers once all alarms have rung."""
    given = check(CLOCK_FIELDS, decode_json(await request.body()))
    if len(given) != 1:
        raise ApiError("Give one of offset_seconds, advance_seconds or now.")
    if "now" in given:
        offset = given["now"] - int(time.time())
    else:
        offset = given.get("offset_seconds", world.clock.offset_seconds + given.get("advance_seconds", 0))
    if not 0 <= time.time() + offset <= LATEST:
        raise ApiError("The clock can be moved between the years 1970 and 3000.")
    world.clock.move(offset)
    await alarms.run_all_due(world)
    return await read_clock(world, request)


async def summary(world: World, request: Request) -> Json:
    """Counts and sums in cents, and per value of one metadata key (default pledge_id) what was charged."""
    key = check({"metadata": text(longest=40)}, dict(request.query_params)).get("metadata", "pledge_id")
    sql = world.store.sql
    sums: Json = {
        name: {
            str(state): {"count": count, "amount": amount}
            for state, count, amount in sql.execute(
                "SELECT json_extract(body, ?), count(*), sum(json_extract(body, '$.amount'))"
                " FROM object WHERE kind = ? GROUP BY 1",
                (f"$.{state_field}", kind),
            )
        }
        for name, (kind, state_field) in SUMS.items()
    }
    rows = sql.execute(
        "SELECT json_extract(body, ?), json_extract(body, '$.status'), count(*),"
        " sum(json_extract(body, '$.amount')), sum(json_extract(body, '$.amount_refunded'))"
        " FROM object WHERE kind = 'charge' GROUP BY 1, 2",
        (f'$.metadata."{key}"',),
    )
    by_metadata: Json = {}
    for value, status, count, amount, refunded in rows:
        if value is not None:
            part = {"count": count, "amount": amount, "refunded": refunded}
            by_metadata.setdefault(value, {})[status] = part
    waiting = sql.execute("SELECT count(*) FROM delivery").fetchone()[0]
    fees = sql.execute(
        "SELECT coalesce(sum(json_extract(body, '$.fee')), 0) FROM object WHERE kind = 'balance_transaction'"
    ).fetchone()[0]
    return sums | {
        "balance": read_balance(world.act()),
        "fees": fees,
        "by_metadata": {key: by_metadata},
        "undelivered_events": waiting,
    }


async def forget_everything(world: World, _request: Request) -> Json:
    """Begins anew: no object, no key, no plan, no fault, and the real time. A new process would take a second."""
    world.faults.planned.clear()
    with world.store.transaction():
        world.store.empty()
    world.storm.forget()
    world.clock.move(0)
    return {"data": []}


async def send_again(world: World, request: Request) -> Json:
    """Sends one event to the webhook again, delivered before or not."""
    event = world.act().load("event", request.path_params["id"], param="id", in_path=True)
    with world.store.transaction():
        world.store.sql.execute("INSERT OR REPLACE INTO delivery VALUES (?, 0, ?)", (event["id"], time.time()))
    world.committed()
    return {"id": event["id"], "type": event["type"]}
