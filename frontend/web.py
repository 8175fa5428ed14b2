"""The web: one application made of routers. `uvicorn --factory frontend.web:create_app`.

A new noun is a file in `frontend/pages` with a `router`, and a line in `ROUTERS`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import anyio.to_thread
from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from crowd.shared.settings import Settings
from frontend import errors, webhooks
from frontend.api.router import router as api
from frontend.body_limit import BodyLimit
from frontend.broker import WakeUp
from frontend.busy_pages import BusyPages
from frontend.edge import Edge
from frontend.pages import (
    account,
    accounts_wanted,
    bank,
    bank_lines,
    books,
    cancelling,
    counter,
    demo,
    disputes,
    door,
    drawings,
    every_euro,
    gifts,
    grants,
    health,
    home,
    hosts,
    hours,
    initiatives,
    launch,
    manage,
    mine,
    near_misses,
    news,
    own_pledge,
    payouts,
    pictures,
    planning,
    pledges,
    progress,
    returns,
    review,
    rewards,
    schemes,
    shift_board,
    shift_day,
    sign_in,
    skills,
    specifications,
    statements,
    styleguide,
    supporters,
    texts,
    theme,
    volunteer_profile,
    volunteering,
)
from frontend.rendering import BUILT, STATIC
from frontend.runtime import Runtime, build_runtime
from frontend.static import StaticFiles

ROUTERS: Final[tuple[APIRouter, ...]] = (
    health.router,
    theme.router,
    drawings.router,
    styleguide.router,
    sign_in.router,
    mine.router,
    account.router,
    demo.router,
    home.router,
    texts.router,
    initiatives.router,
    pictures.router,
    launch.router,
    manage.router,
    counter.router,
    review.router,
    gifts.router,
    bank.router,
    bank_lines.router,
    returns.router,
    accounts_wanted.router,
    pledges.router,
    own_pledge.router,
    near_misses.router,
    statements.router,
    supporters.router,
    rewards.router,
    news.router,
    # Before the shifts: their address would take "deur" for one.
    door.router,
    volunteering.router,
    volunteer_profile.router,
    hours.router,
    planning.router,
    shift_board.router,
    shift_day.router,
    skills.router,
    every_euro.router,
    hosts.router,
    payouts.router,
    disputes.router,
    progress.router,
    specifications.router,
    books.router,
    # Before the grants: their address of one scheme would take "nieuw" for its id.
    schemes.router,
    grants.router,
    cancelling.router,
    webhooks.router,
    api,
)

_SMALLEST_TO_COMPRESS: Final = 600
# Level 5 costs a third of level 9 and gives up one percent.
_COMPRESSION: Final = 5


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application for these settings (the environment's when left out), connected to nothing yet."""
    settings = settings or Settings.from_environment()
    wake_worker = WakeUp(settings)
    runtime = build_runtime(settings, process="web", on_outbox=wake_worker)
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        # A trailing slash is another address, and there is nothing there.
        redirect_slashes=False,
        lifespan=_life,
    )
    app.state.runtime, app.state.wake_worker = runtime, wake_worker
    errors.install(app)
    for router in ROUTERS:
        app.include_router(router)
    if BUILT.is_dir():
        app.mount(STATIC, StaticFiles(BUILT))
    # Added from the inside out: the edge is the first to see a request and the last to see its answer.
    app.add_middleware(BodyLimit)
    app.add_middleware(GZipMiddleware, minimum_size=_SMALLEST_TO_COMPRESS, compresslevel=_COMPRESSION)
    app.add_middleware(BusyPages)
    app.add_middleware(Edge, settings=settings, keys=runtime.keys)
    return app


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    runtime: Runtime = app.state.runtime
    # As many threads as connections: one more would only wait for a connection while holding a thread.
    anyio.to_thread.current_default_thread_limiter().total_tokens = runtime.settings.database_pool_size
    yield
    runtime.close()
    app.state.wake_worker.close()
