"""For machines that watch us: alive, ready, and the numbers."""

import hmac
import ipaddress
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from crowd.shared.actor import Actor
from crowd.shared.errors import NotFound
from frontend.access import public
from frontend.broker import heart_beats
from frontend.metrics import CONTENT_TYPE, exposition
from frontend.runtime import Runtime, RuntimeDep
from frontend.visit import visit_of

router: Final = APIRouter()
_SELECT_ONE: Final = text("SELECT 1")


@router.get("/health/live")
async def show_live(actor: Annotated[Actor, Depends(public)]) -> Response:
    """Say that this process runs, asking nobody."""
    del actor
    return PlainTextResponse("ok")


@router.get("/health/ready")
def show_ready(runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)]) -> Response:
    """Say whether requests can be served: 200, or 503 with what is missing."""
    del actor
    checks = {"database": _database_answers(runtime), "broker": runtime.limiter.ping()}
    is_ready = all(checks.values())
    # Reported, not required: pages are served and everything is remembered while the worker is away.
    worker = heart_beats(runtime.settings.broker_url)
    content = {
        "status": "ready" if is_ready else "unavailable",
        "checks": {name: "ok" if answers else "down" for name, answers in checks.items()}
        | {"worker": "ok" if worker else "late"},
    }
    return JSONResponse(content, status_code=200 if is_ready else 503)


@router.get("/metrics")
def show_metrics(request: Request, runtime: RuntimeDep, actor: Annotated[Actor, Depends(public)]) -> Response:
    """Return the numbers, to this machine itself or to whoever shows METRICS_TOKEN; to anyone else there is nothing."""
    del actor
    token = runtime.settings.metrics_token
    shown = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not _is_loopback(visit_of(request).address) and not (token and hmac.compare_digest(shown, token)):
        raise NotFound
    return Response(exposition(runtime.settings.metrics_folder), media_type=CONTENT_TYPE)


def _database_answers(runtime: Runtime) -> bool:
    try:
        with runtime.database.reading() as session:
            return bool(session.execute(_SELECT_ONE).scalar_one())
    except SQLAlchemyError:
        return False


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("/")[0]).is_loopback
    except ValueError:
        return False
