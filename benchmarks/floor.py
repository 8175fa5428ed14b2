"""The floor of the web: FastAPI that answers the same bytes and reads the same form, and knows nothing else.

Served by the very program that serves Buurtloket, so uvicorn and its settings are the same.
"""

import os
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

# The folder with the bodies to answer, one file each.
BODIES = "BENCH_BODIES"


def create_app() -> FastAPI:
    """Return an application without middleware, session, database or template."""
    folder = Path(os.environ[BODIES])
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/body/{name}")
    def answer(name: str) -> Response:
        return HTMLResponse((folder / name).read_bytes())

    @app.post("/form")
    def read(
        pledge_id: Annotated[str, Form()],
        amount: Annotated[str, Form()],
        email: Annotated[str, Form()],
        csrf: Annotated[str, Form()],
    ) -> Response:
        del pledge_id, amount, email, csrf
        return RedirectResponse("/body/thanks", status_code=303)

    return app
