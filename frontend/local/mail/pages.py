"""The mailbox in a browser, and the same as JSON for the simulator and the tests.

Only loopback is answered by name, so a page elsewhere cannot read sign-in links through a rebound name. A
message's own HTML is shown in a sandboxed frame where no script runs and nothing is fetched.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from frontend.local.mail.reading import Letter, read_letter
from frontend.local.mail.store import Entry, Mailbox
from frontend.local.mail.words import choose_language, words

_HERE = Path(__file__).parent
_PAGE_CSP = (
    "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
# Mail carries its style in attributes, as mail programs demand; in a sandbox that harms nobody.
_MESSAGE_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'self'; frame-ancestors 'self';"
    " sandbox allow-popups allow-popups-to-escape-sandbox"
)
_PER_PAGE = 50
_MOST = 200

_templates = Environment(
    loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def _moment(iso: str) -> str:
    return datetime.fromisoformat(iso).astimezone(ZoneInfo("Europe/Amsterdam")).strftime("%d-%m-%Y %H:%M:%S")


_templates.filters["moment"] = _moment


def create_app(mailbox: Mailbox) -> FastAPI:
    """The mailbox's pages over this mailbox."""
    app = FastAPI(title="Buurtloket mailbox", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    app.state.mailbox = mailbox
    app.add_api_route("/", _list_page)
    app.add_api_route("/messages/{number}", _message_page)
    app.add_api_route("/messages/{number}/html", _message_html)
    app.add_api_route("/messages/{number}/source", _message_source)
    app.add_api_route("/messages/{number}/attachments/{position}", _attachment)
    app.add_api_route("/api/messages", _api_list)
    app.add_api_route("/style.css", _style)
    app.add_api_route("/health/ready", _ready)
    return app


async def _list_page(
    request: Request, to: str = "", before: Annotated[int | None, Query(ge=1)] = None, lang: str = ""
) -> HTMLResponse:
    found = _mailbox(request).newest(count=_PER_PAGE + 1, to=to, before=before)
    shown, more = found[:_PER_PAGE], len(found) > _PER_PAGE
    older = f"/?to={quote(to)}&before={shown[-1].id}" if more else ""
    return _page(request, "list.html", lang, entries=shown, to=to, older=older)


async def _message_page(request: Request, number: int, lang: str = "") -> HTMLResponse:
    entry, letter = _letter(request, number)
    return _page(request, "message.html", lang, entry=entry, letter=letter)


async def _message_html(request: Request, number: int) -> HTMLResponse:
    _, letter = _letter(request, number)
    # Links open beside the mailbox, not inside the frame.
    return HTMLResponse('<!doctype html><base target="_blank">' + letter.html, headers=_headers(csp=_MESSAGE_CSP))


async def _message_source(request: Request, number: int) -> PlainTextResponse:
    return PlainTextResponse(_content(request, number).decode("utf-8", "replace"), headers=_headers(csp=_MESSAGE_CSP))


async def _attachment(request: Request, number: int, position: int) -> Response:
    _, letter = _letter(request, number)
    if not 0 <= position < len(letter.attachments):
        raise HTTPException(404)
    attachment = letter.attachments[position]
    disposition = f"attachment; filename*=UTF-8''{quote(attachment.name, safe='')}"
    return Response(
        attachment.content,
        media_type="application/octet-stream",
        headers={**_headers(csp=_MESSAGE_CSP), "Content-Disposition": disposition},
    )


async def _api_list(
    request: Request,
    to: str = "",
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 20,
) -> JSONResponse:
    """The newest messages first, whole: to exactly `to` when given, with an id above `after`."""
    mailbox = _mailbox(request)
    entries = mailbox.newest_to(to, count=limit, after=after) if to else mailbox.newest(count=limit, after=after)
    letters = [(entry, read_letter(_content(request, entry.id))) for entry in entries]
    return JSONResponse({"messages": [_as_json(entry, letter) for entry, letter in letters]})


async def _style() -> Response:
    return Response((_HERE / "style.css").read_bytes(), media_type="text/css", headers=_headers())


async def _ready() -> PlainTextResponse:
    return PlainTextResponse("ready\n")


def _as_json(entry: Entry, letter: Letter) -> dict[str, Any]:
    return {
        "id": entry.id,
        "receivedAt": entry.received_at,
        "from": entry.sender,
        "to": list(entry.to),
        "subject": entry.subject,
        "text": letter.text,
        "html": letter.html,
        "links": letter.links,
        "attachments": [
            {
                "name": attachment.name,
                "contentType": attachment.content_type,
                "size": len(attachment.content),
                "path": f"/messages/{entry.id}/attachments/{position}",
            }
            for position, attachment in enumerate(letter.attachments)
        ],
    }


def _page(request: Request, template: str, lang: str, **values: object) -> HTMLResponse:
    language = choose_language(
        asked=lang or request.cookies.get("lang", ""), accepts=request.headers.get("accept-language", "")
    )
    html = _templates.get_template(template).render(t=words(language), lang=language, **values)
    response = HTMLResponse(html, headers=_headers())
    if lang:
        response.set_cookie("lang", language, max_age=31_536_000, httponly=True, samesite="lax")
    return response


def _letter(request: Request, number: int) -> tuple[Entry, Letter]:
    entry = _mailbox(request).entry(number)
    if entry is None:
        raise HTTPException(404)
    return entry, read_letter(_content(request, number))


def _content(request: Request, number: int) -> bytes:
    try:
        return _mailbox(request).content(number)
    except FileNotFoundError:
        raise HTTPException(404) from None


def _mailbox(request: Request) -> Mailbox:
    mailbox = request.app.state.mailbox
    if not isinstance(mailbox, Mailbox):
        raise TypeError("create_app puts a Mailbox in app.state")
    return mailbox


def _headers(*, csp: str = _PAGE_CSP) -> dict[str, str]:
    return {
        "Content-Security-Policy": csp,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
