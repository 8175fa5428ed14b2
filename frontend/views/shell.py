"""What surrounds every page: whose counter this is, who is looking, in which language."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from frontend.formats import Language

Tone = Literal["info", "positive", "warning", "negative"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash:
    """A sentence shown once, at the top of the next page; already in the reader's language."""

    text: str
    tone: Tone = "positive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What `base.html` needs on every page.

    `path` is the page's own path with its query, for the language switch and the menu; `origin` the public
    address without a closing slash; `theme_href` the municipality's stylesheet; `now` business time.
    """

    language: Language
    path: str
    origin: str
    now: datetime
    site_name: str
    municipality: str
    phone: str
    visiting_address: str
    email: str
    theme_href: str
    csrf_token: str
    is_demo: bool
    is_signed_in: bool = False
    may_open_counter: bool = False
    flashes: tuple[Flash, ...] = ()

    def section(self) -> str:
        """Return the first part of the path, which the menu marks as current: "initiatieven"."""
        return self.path.split("?", maxsplit=1)[0].strip("/").split("/", maxsplit=1)[0]

    def switch_to(self, language: Language) -> str:
        """Return the address of this same page that switches to `language`."""
        joint = "&" if "?" in self.path else "?"
        return f"{self.path}{joint}lang={language}"
