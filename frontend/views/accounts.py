"""Signing in, one's own page, and the form that was open too long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from frontend.views.forms import Choice, Form


@dataclass(frozen=True, slots=True, kw_only=True)
class StaleFormPage:
    """A form of ours whose hidden value was no longer good: filled in again, to send with one click."""

    template: ClassVar[str] = "accounts/stale_form.html"
    action: str
    fields: tuple[tuple[str, str], ...]
    had_files: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage:
    """Ask for a link. Field: email; `next_path` goes along hidden."""

    template: ClassVar[str] = "accounts/sign_in.html"
    form: Form
    next_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePage:
    """The link is on its way; the code beside it can be typed here. Field: code. `email` is empty when none is open."""

    template: ClassVar[str] = "accounts/code.html"
    form: Form
    email: str
    mailbox_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage:
    """What a link from an e-mail leads to: a button, because opening it must not use it up."""

    template: ClassVar[str] = "accounts/link.html"
    action: str
    email: str
    is_same_browser: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserLine:
    """One signed-in browser."""

    id: UUID
    name: str
    created_at: datetime
    last_seen_at: datetime
    is_this_one: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MyLine:
    """One thing of mine in a list: its name, where it is, and how it stands."""

    href: str
    title: str
    note: str = ""
    status: str = ""
    tone: Literal["neutral", "positive", "warning", "negative", "live"] = "neutral"


@dataclass(frozen=True, slots=True, kw_only=True)
class MySection:
    """A list of mine; without lines it says `empty`, and its action says what can be done."""

    title: str
    lines: Sequence[MyLine]
    empty: str
    action: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MyPage:
    """The page of somebody signed in: what they started, gave and help with."""

    template: ClassVar[str] = "accounts/mine.html"
    name: str
    sections: Sequence[MySection]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage:
    """Name, language, and the browsers that are signed in. Fields: name, locale."""

    template: ClassVar[str] = "accounts/account.html"
    form: Form
    email: str
    locales: tuple[Choice, ...]
    browsers: tuple[BrowserLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSignInPage:
    """One button, to look around as somebody of the demonstration."""

    template: ClassVar[str] = "accounts/demo_sign_in.html"
    part: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPart:
    """A part one can play: "clerk", by "Karim Loket"."""

    part: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPage:
    """The demonstration's people, its clock, and its mailbox."""

    template: ClassVar[str] = "accounts/demo.html"
    parts: tuple[DemoPart, ...]
    mailbox_url: str
