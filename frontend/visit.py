"""One visit of one browser: what its cookies say, who it turned out to be, and what it must remember.

`frontend/edge.py` makes it at the start of every request and sends its cookies with the answer; routes reach
it with `visit_of(request)`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, get_args
from urllib.parse import SplitResult, urlsplit

from fastapi import Request
from starlette.requests import cookie_parser

from crowd.accounts.queries import SignedIn
from crowd.shared.actor import Actor
from frontend import i18n
from frontend.formats import Language
from frontend.security import Keys, cookie_header, cookie_name, new_token
from frontend.views.shell import Flash, Tone

SESSION: Final = "sessie"
BROWSER: Final = "browser"
FLASH: Final = "melding"

# Long enough that a form opened last month is still this browser's form.
_BROWSER_SECONDS: Final = 400 * 24 * 3600
_LANGUAGE_SECONDS: Final = 400 * 24 * 3600
_FLASH_SECONDS: Final = 300
_FLASH_LENGTH: Final = 1500
_TOKEN_LENGTH: Final = 43


@dataclass(slots=True, kw_only=True)
class Visit:
    """`address` is the client's, for counting only; `path` the one asked for, with its query.

    `actor` and `signed_in` are filled in by `frontend/access.py`. A door that answers every visitor without a session
    the same sets `is_same_for_everyone`: see `frontend/busy_pages.py`.
    """

    keys: Keys
    https: bool
    address: str
    path: str
    cookies: Mapping[str, str]
    language: Language
    actor: Actor = Actor(municipality_id=None)  # noqa: RUF009  frozen, so it can be shared
    signed_in: SignedIn | None = None
    is_same_for_everyone: bool = False
    set_cookies: list[tuple[bytes, bytes]] = field(default_factory=list)
    _browser: str = ""

    def cookie(self, name: str) -> str:
        """Return one of our own cookies, or nothing."""
        return self.cookies.get(cookie_name(name, https=self.https), "")

    def known_browser(self) -> str:
        """Return the name this browser had when it came, or nothing for a new one."""
        name = self.cookie(BROWSER)
        return name if len(name) == _TOKEN_LENGTH else ""

    def browser(self) -> str:
        """Return this browser's secret name, and give it one when it has none."""
        if not self._browser:
            self._browser = self.known_browser()
            if not self._browser:
                self._browser = new_token()
                self._remember(BROWSER, self._browser, _BROWSER_SECONDS)
        return self._browser

    def form_token(self) -> str:
        """Return the hidden value that forms of this page carry."""
        return self.keys.form_token(self.browser())

    def start_session(self, token: str, *, seconds: int) -> None:
        """Let the browser keep this session for so long."""
        self._remember(SESSION, token, seconds)

    def forget_session(self) -> None:
        """Let the browser forget its session."""
        self._remember(SESSION, "", 0)

    def speak(self, language: Language) -> None:
        """Answer in this language from now on."""
        self.language = language
        line = f"{i18n.COOKIE}={language}; Path=/; SameSite=Lax; Max-Age={_LANGUAGE_SECONDS}"
        self.set_cookies.append((b"set-cookie", (line + ("; Secure" if self.https else "")).encode()))

    def say_next(self, text: str, *, tone: Tone = "positive") -> None:
        """Show this sentence, already in the reader's language, at the top of the next page."""
        payload = json.dumps([text[:_FLASH_LENGTH], tone]).encode()
        self._remember(FLASH, self.keys.seal(FLASH, payload), _FLASH_SECONDS)

    def take_flashes(self) -> tuple[Flash, ...]:
        """Return what the last page wanted said, once."""
        sealed = self.cookie(FLASH)
        if not sealed:
            return ()
        self._remember(FLASH, "", 0)
        payload = self.keys.unseal(FLASH, sealed)
        if payload is None:
            return ()
        text, tone = json.loads(payload)
        return (Flash(text=text, tone=tone),) if tone in get_args(Tone) else ()

    def _remember(self, name: str, value: str, seconds: int | None) -> None:
        self.set_cookies.append(cookie_header(name, value, https=self.https, seconds=seconds))


def visit_of(request: Request) -> Visit:
    """Return the visit that this request is."""
    visit: Visit = request.scope["state"]["visit"]
    return visit


def read_cookies(header: str) -> Mapping[str, str]:
    """Return the cookies of a Cookie header."""
    return cookie_parser(header) if header else {}


def parts_of(address: str) -> SplitResult | None:
    """Return the parts of an address somebody sent us, or None where it is none: "//[" is not."""
    try:
        return urlsplit(address)
    except ValueError:
        return None


def own_path(text: str, *, otherwise: str = "/") -> str:
    """Return `text` when it is a path on this site, else `otherwise`: a redirect never leads to a stranger."""
    parts = parts_of(text)
    if parts is None:
        return otherwise
    is_ours = text.startswith("/") and not text.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return text if is_ours and text.isascii() and text.isprintable() and "\\" not in text else otherwise
