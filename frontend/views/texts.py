"""Pages that are mostly words, and what we say when something cannot be shown."""

from dataclasses import dataclass
from typing import ClassVar, Literal

ErrorStatus = Literal[400, 403, 404, 409, 413, 429, 500, 503]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """Why this cannot be shown, in the reader's language, and a way on.

    `sentence` replaces our own explanation; `way_on` is a label and a path; `reference` lets someone on the phone
    find it in the logs.
    """

    template: ClassVar[str] = "errors/page.html"
    status: ErrorStatus
    sentence: str = ""
    way_on: tuple[str, str] | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HowPage:
    """How it works, for people who give, start, help or decide."""

    template: ClassVar[str] = "texts/how.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyPage:
    """What is kept, why, and for how long."""

    template: ClassVar[str] = "texts/privacy.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessibilityPage:
    """The statement the law asks for, and whom to tell when something does not work."""

    template: ClassVar[str] = "texts/accessibility.html"
