"""Turning a template into an answer: language, security headers, redirects, the one stylesheet."""

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from payments.sandbox.pages.words import LANGUAGES, WORDS

FOLDER = Path(__file__).parent.parent
STYLESHEET = (FOLDER / "static" / "sandbox.css").read_bytes()
TEMPLATES = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
HOSTED = ("/c/pay/", "/3ds/", "/ideal/", "/setup/")
"""Where the sandbox's own pages for donors and payees live."""
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def routes() -> list[Route]:
    """The one stylesheet of every page."""

    async def stylesheet(_request: Request) -> Response:
        headers = {"Cache-Control": "max-age=300", "X-Content-Type-Options": "nosniff"}
        return Response(STYLESHEET, media_type="text/css", headers=headers)

    return [Route("/static/sandbox.css", stylesheet, methods=["GET"])]


def language(request: Request, preferred: str | None = None) -> str:
    """The reader's language: chosen on the page, set by the session, asked by the browser, else Dutch."""
    accepted = (part.split(";")[0] for part in request.headers.get("accept-language", "").split(","))
    for wish in (request.query_params.get("lang"), preferred, *accepted):
        short = (wish or "").strip().lower()[:2]
        if short in LANGUAGES:
            return short
    return LANGUAGES[0]


def page(
    request: Request,
    template: str,
    *,
    lang: str,
    status: int = 200,
    form_targets: Iterable[str | None] = (),
    **values: object,
) -> Response:
    """The template as a page; a form on it may lead (by redirect) to the origins of `form_targets`."""
    origins = sorted({origin(target) for target in form_targets if target})
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self'" + "".join(f" {one}" for one in origins)
    )
    other = next(one for one in LANGUAGES if one != lang)
    html = TEMPLATES.get_template(template).render(
        lang=lang, other=other, t=WORDS[lang], path=request.url.path, **values
    )
    headers = HEADERS | {"Content-Security-Policy": policy, "Content-Language": lang}
    return Response(html, status_code=status, media_type="text/html", headers=headers)


def message(
    request: Request,
    name: str,
    *,
    lang: str | None = None,
    status: int = 200,
    link: str | None = None,
    link_words: str | None = None,
) -> Response:
    """A page that only says something: `name` finds its title and text in the words."""
    chosen = lang or language(request)
    return page(
        request,
        "message.html",
        lang=chosen,
        status=status,
        name=name,
        link=link,
        link_words=link_words and WORDS[chosen][link_words],
    )


def see_other(address: str, *, lang: str, public_url: str) -> Response:
    """A 303; the reader's language goes along as long as the next page is the sandbox's own."""
    if address.startswith(tuple(public_url + path for path in HOSTED)):
        address += f"{'&' if '?' in address else '?'}lang={lang}"
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})


def origin(address: str) -> str:
    """Scheme and host of an address, as a content policy names it."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def euros(cents: int, lang: str) -> str:
    """An amount of cents as people write it: € 12,50 in Dutch, €12.50 in English."""
    whole, rest = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    if lang == "nl":
        return f"{sign}€\u00a0{whole:,}".replace(",", ".") + f",{rest:02}"
    return f"{sign}€{whole:,}.{rest:02}"
