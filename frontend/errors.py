"""ONE table: the kind of a refusal -> HTTP status -> a page in the reader's language, or problem+json for the API.

Routes raise and do not catch, except to show a form again with what was typed.
"""

import traceback
from http import HTTPStatus
from typing import Any, Final, get_args
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from crowd.municipalities.queries import MunicipalityFacts
from crowd.shared import log
from crowd.shared.clock import machine_now
from crowd.shared.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, msg
from crowd.shared.ids import new_id
from frontend.access import NotSignedIn
from frontend.answers import make_shell
from frontend.api import problems
from frontend.api.problems import Fault, ProviderAway
from frontend.forms import FormExpired
from frontend.i18n import refusal, say
from frontend.limits import TooOften
from frontend.rendering import Page, render
from frontend.runtime import runtime_of
from frontend.town import NotSetUp
from frontend.views.accounts import StaleFormPage
from frontend.views.texts import ErrorPage, ErrorStatus
from frontend.visit import own_path, parts_of, visit_of

API: Final = "/api/"

# The first kind that fits counts, so exceptions stand before what they derive from.
STATUS: Final[tuple[tuple[type[DomainError], int], ...]] = (
    (NotSetUp, 503),
    (ProviderAway, 503),
    (TooOften, 429),
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (Invalid, 400),
)
_RETRY_SECONDS: Final = 5
_DOWN: Final = (OperationalError, InterfaceError, PoolTimeout)
_BAD_REQUEST = msg("We could not read what was sent. Go back and try again.")
_TOO_LARGE = msg("What you sent is too large. A photo may be at most 10 MB.")
_WRONG_METHOD = msg("This address does not do that. Go back and use the form on the page.")

_log = log.logger()


def status_of(error: DomainError) -> int:
    """Return the HTTP status of a refusal."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), int(HTTPStatus.BAD_REQUEST))


def install(app: FastAPI) -> None:
    """Let the application answer every refusal and failure by this table."""
    app.add_exception_handler(DomainError, _domain)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http)
    for failure in _DOWN:
        app.add_exception_handler(failure, _down)


def problem(
    request: Request,
    *,
    status: int,
    detail: str,
    code: str,
    headers: dict[str, str] | None = None,
    faults: list[Fault] | None = None,
    reference: str = "",
) -> JSONResponse:
    """Return problem+json (RFC 9457): `code` names its type, `faults` are everything wrong in the request."""
    content = problems.content(
        status=status,
        detail=detail,
        code=code,
        base_url=runtime_of(request).settings.base_url,
        language=visit_of(request).language,
        errors=faults,
    )
    if reference:
        content["reference"] = reference
    return JSONResponse(content, status_code=status, media_type=problems.MEDIA_TYPE, headers=headers)


def is_api(request: Request) -> bool:
    """Whether the answer goes to a program."""
    return request.url.path.startswith(API)


async def _domain(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)  # noqa: S101  the table above says so, mypy cannot see it
    return await run_in_threadpool(_answer_domain, request, error)


def _answer_domain(request: Request, error: DomainError) -> Response:
    visit, status = visit_of(request), status_of(error)
    headers = _headers(error, status)
    sentence = refusal(error, visit.language)
    if is_api(request):
        # Invalid is always about what was sent; the other kinds are about the state things are in.
        faults = problems.faults_of(error, visit.language) if isinstance(error, Invalid) else None
        return problem(request, status=status, detail=sentence, code=error.code, headers=headers, faults=faults)
    match error:
        case NotSignedIn():
            return _to_sign_in(request, sentence)
        case FormExpired() if error.fields:
            again = StaleFormPage(action=visit.path, fields=error.fields, had_files=error.had_files)
            return _page(request, again, status=status, headers=headers)
        case _:
            back = _way_back(request) if request.method == "POST" else None
            content = _error_page(status, sentence=sentence, way_on=back)
            return _page(request, content, status=status, headers=headers)


def _to_sign_in(request: Request, sentence: str) -> Response:
    visit = visit_of(request)
    if request.method in {"GET", "HEAD"}:
        return RedirectResponse(f"/inloggen?volgende={quote(visit.path, safe='/')}", status_code=303)
    came_from = _referer(request) or "/mijn"
    way_on = (say(msg("Sign in"), visit.language), f"/inloggen?volgende={quote(came_from, safe='/')}")
    return _page(request, _error_page(403, sentence=sentence, way_on=way_on), status=403)


async def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  as above
    language = visit_of(request).language
    if is_api(request):
        faults = problems.faults_in(error.errors(), language)
        detail = problems.summary(faults, language)
        return problem(request, status=400, detail=detail, code="Invalid", faults=faults)
    sentence = say(_BAD_REQUEST, language)
    content = _error_page(400, sentence=sentence, way_on=_way_back(request))
    return await run_in_threadpool(_page, request, content, status=400)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  as above
    status, language = error.status_code, visit_of(request).language
    headers = dict(error.headers or {})
    if is_api(request):
        detail = say(problems.DETAILS.get(status, DomainError.sentence), language)
        code = problems.CODES.get(status, "Refused")
        # Whatever could not be read at all is wrong as a whole.
        faults = [problems.unreadable(detail)] if status == HTTPStatus.BAD_REQUEST else None
        return problem(request, status=status, detail=detail, code=code, headers=headers, faults=faults)
    sentences = {400: _BAD_REQUEST, 405: _WRONG_METHOD, 413: _TOO_LARGE}
    sentence = say(sentences[status], language) if status in sentences else ""
    way_on = _way_back(request) if status in sentences else None
    content = _error_page(status, sentence=sentence, way_on=way_on)
    return await run_in_threadpool(_page, request, content, status=status, headers=headers)


async def _down(request: Request, error: Exception) -> Response:
    _log.error("database_unavailable", error=type(error).__name__)
    headers = {"Retry-After": str(_RETRY_SECONDS)}
    if is_api(request):
        sentence = say(msg("This does not work for a moment. Nothing was lost: try again."), visit_of(request).language)
        return problem(request, status=503, detail=sentence, code="Unavailable", headers=headers)
    return await run_in_threadpool(_page, request, _error_page(503), status=503, headers=headers)


def answer_crash(request: Request, error: Exception) -> Response:
    """Return the answer to our own mistake, and log where it happened; never its text, which may hold a name."""
    reference = log.correlation_id()
    where = "".join(traceback.format_tb(error.__traceback__))
    _log.error("request_crashed", error=type(error).__name__, exception=where)
    if is_api(request):
        detail = say(msg("Something went wrong on our side."), visit_of(request).language)
        return problem(request, status=500, detail=detail, code="Crash", reference=reference)
    return _page(request, _error_page(500, reference=reference), status=500)


def _page(request: Request, content: Page, *, status: int, headers: dict[str, str] | None = None) -> Response:
    runtime = runtime_of(request)
    town = runtime.town.remembered() or _NOWHERE
    try:
        # Machine time, because business time may cost a question to the very database that is down.
        shell = make_shell(request, town=town, now=machine_now(), flashes=False)
        html = render(content, shell)
    except Exception as error:  # noqa: BLE001  an error page that fails must still say something
        _log.error("error_page_failed", error=type(error).__name__, status=status)
        html = f"<!doctype html><title>{status}</title><h1>{HTTPStatus(status).phrase}</h1>"
    return HTMLResponse(html, status_code=status, headers=headers)


def _error_page(
    status: int, *, sentence: str = "", way_on: tuple[str, str] | None = None, reference: str = ""
) -> ErrorPage:
    # The templates have words for these; a rarer status is a kind of "bad request" to a reader.
    shown: Any = status if status in get_args(ErrorStatus) else 400
    return ErrorPage(status=shown, sentence=sentence, way_on=way_on, reference=reference)


def _headers(error: DomainError, status: int) -> dict[str, str]:
    if isinstance(error, TooOften):
        return {"Retry-After": str(error.seconds)}
    return {"Retry-After": str(_RETRY_SECONDS)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}


def _way_back(request: Request) -> tuple[str, str] | None:
    came_from = _referer(request)
    return (say(msg("Back to the form"), visit_of(request).language), came_from) if came_from else None


def _referer(request: Request) -> str:
    """Return the path on this site from which the request came, or nothing."""
    parts = parts_of(request.headers.get("referer", ""))
    if parts is None or not parts.netloc or parts.netloc != request.headers.get("host"):
        return ""
    return own_path(parts.path + (f"?{parts.query}" if parts.query else ""), otherwise="")


_NOWHERE: Final = MunicipalityFacts(
    id=new_id(),
    slug="",
    name="",
    site_name="Buurtloket",
    phone="",
    visiting_address="",
    email="",
    brand_colour="#0b5c8a",
    accent_colour="#0b5c8a",
)
