"""The pages of the style guide, served on loopback with the real headers and the real bundle: no database needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final
from urllib.parse import parse_qs, urlsplit

from frontend.drawings import card, mark, street
from frontend.formats import Language
from frontend.i18n import chosen
from frontend.pages import samples, styleguide
from frontend.rendering import BUILT, Page, render
from frontend.security import security_headers
from frontend.theme import Brand, stylesheet
from frontend.views.shell import Shell
from tests.tools import settings_for_tests

BRAND: Final = Brand(action="#00664f", accent="#0b4f6c")
_TYPES: Final = {
    "css": "text/css",
    "js": "text/javascript",
    "woff2": "font/woff2",
    "svg": "image/svg+xml",
    "html": "text/html; charset=utf-8",
}


def sample_shell(language: Language, path: str = "/initiatieven/buurtmoestuin-kersenlaan") -> Shell:
    """What surrounds a sample page: a demonstration, nobody signed in."""
    return Shell(
        language=language,
        path=path,
        origin="http://127.0.0.1:8000",
        now=samples.NOW,
        site_name="Buurtloket",
        municipality="Voorbeeldstad",
        phone="14 000",
        visiting_address="Stadhuisplein 1",
        email="loket@voorbeeldstad.example",
        theme_href="/thema/voorbeeld.css",
        csrf_token="token",
        is_demo=True,
    )


@contextmanager
def served_samples() -> Iterator[str]:
    """Serve every sample at /{name}?lang=; gives the address, and stops serving afterwards."""
    _bundle()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Samples)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


class _Samples(BaseHTTPRequestHandler):
    headers_of_ours: Final = security_headers(settings_for_tests())

    def do_GET(self) -> None:
        """Answer with a page, a file of the bundle, the theme or a drawing."""
        address = urlsplit(self.path)
        name, kind = address.path.strip("/"), address.path.rpartition(".")[2]
        body = _body(name, chosen(parse_qs(address.query).get("lang", [None])[0]))
        self.send_response(200 if body is not None else 404)
        for header, value in self.headers_of_ours.items():
            self.send_header(header, value)
        self.send_header("Content-Type", _TYPES.get(kind, _TYPES["html"]))
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        """Say nothing: the browser's own log is what the test reads."""


def _body(name: str, language: Language) -> bytes | None:
    match name.split("/"):
        case ["static", *rest]:
            return _bundle().get("/".join(rest))
        case ["thema", _]:
            return stylesheet(BRAND).encode()
        case ["beeld", *drawing]:
            return _drawn(drawing).encode()
        case _:
            page = sample_pages().get(name)
            return render(page, sample_shell(language)).encode() if page else None


@cache
def _bundle() -> dict[str, bytes]:
    """The bundle as it was when first asked for, as the web itself holds it: a build meanwhile changes nothing."""
    return {path.relative_to(BUILT).as_posix(): path.read_bytes() for path in BUILT.rglob("*") if path.is_file()}


def _drawn(drawing: list[str]) -> str:
    match drawing:
        case ["merk.svg"]:
            return mark(BRAND.action)
        case [kind, seed]:
            return card(kind, seed.removesuffix(".svg"))
        case _:
            return street("voorbeeldstad")


def sample_pages() -> dict[str, Page]:
    """Every sample, and the style guide itself, by name."""
    return {**samples.pages(), "stijlgids": styleguide.guide(action=BRAND.action, accent=BRAND.accent)}
