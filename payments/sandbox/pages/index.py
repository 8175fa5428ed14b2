"""The index page: what this program is, and what happened in it lately."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from payments.sandbox.documents import Json
from payments.sandbox.objects.accounts import can_receive
from payments.sandbox.objects.balance import read_balance
from payments.sandbox.pages import render
from payments.sandbox.world import World

SHOWN = 10
KINDS = ("payment_intent", "checkout.session", "refund", "dispute", "transfer", "v2.core.account", "event")


def routes(world: World) -> list[Route]:
    """The front page: what the sandbox holds."""

    async def show(request: Request) -> Response:
        lang = render.language(request)
        balance = read_balance(world.act())
        waiting = world.store.sql.execute("SELECT count(*) FROM delivery").fetchone()[0]
        tables = [(kind, _rows(world, kind, lang)) for kind in KINDS]
        return render.page(
            request,
            "index.html",
            lang=lang,
            tables=tables,
            available=render.euros(balance["available"][0]["amount"], lang),
            pending=render.euros(balance["pending"][0]["amount"], lang),
            now=_moment(world.clock.now()),
            offset=world.clock.offset_seconds,
            webhook_url=world.settings.webhook_url,
            waiting=waiting,
            faults=[fault.describe() for fault in world.faults.planned],
        )

    return [Route("/", show, methods=["GET"])]


def _rows(world: World, kind: str, lang: str) -> list[dict[str, str]]:
    return [_row(body, lang) for body in world.store.newest(kind, limit=SHOWN)]


def _row(body: Json, lang: str) -> dict[str, str]:
    """One object without a person in it: no names, no addresses, only what it is and where it stands."""
    created = body["created"]
    metadata = body.get("metadata") or {}
    state = body.get("status") or body.get("type") or ""
    if body["object"] == "v2.core.account":
        state = "active" if can_receive(body) else "restricted"
    elif body["object"] == "transfer":
        state = "reversed" if body["reversed"] else "paid"
    return {
        "id": body["id"],
        "state": state,
        "amount": render.euros(body["amount"], lang) if "amount" in body else "",
        "pledge": str(metadata.get("pledge_id", "")),
        "created": created[:19].replace("T", " ") if isinstance(created, str) else _moment(created),
    }


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%d %H:%M:%S")
