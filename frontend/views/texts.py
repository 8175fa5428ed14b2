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


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDataPage:
    """What a program can read and do here, in plain words. `api` is the address of the API, without a slash."""

    template: ClassVar[str] = "texts/open_data.html"
    api: str

    @property
    def document(self) -> str:
        """Where the whole description stands."""
        return f"{self.api}/openapi.json"

    @property
    def list_example(self) -> str:
        """What to type to read a list."""
        return f"curl '{self.api}/initiatives?standing=open'"

    @property
    def answer_example(self) -> str:
        """The beginning and the end of what comes back."""
        return (
            '{\n  "items": [{"slug": "buurtmoestuin", "minimumCents": 500000, ...}],\n'
            f'  "total": 83,\n  "next": "{self.api}/initiatives?after=..."\n}}'
        )

    @property
    def pledge_example(self) -> str:
        """What to type to promise 25 euros."""
        return (
            f"curl '{self.api}/pledges' \\\n  -H 'Content-Type: application/json' \\\n"
            """  -d '{"id": "019aaf5e-2c00-7000-8000-0123456789ab", "initiative": "buurtmoestuin",\n"""
            """       "amountCents": 2500, "email": "noor@voorbeeld.example"}'"""
        )

    @property
    def application_example(self) -> str:
        """What to type to sign up for a shift."""
        return (
            f"curl '{self.api}/shifts/019aaf60-0000-7000-8000-0123456789ab/applications' \\\n"
            "  -H 'Content-Type: application/json' \\\n"
            """  -d '{"id": "019aaf5e-2c00-7000-8000-0123456789ac", "name": "Noor Voorbeeld",\n"""
            """       "email": "noor@voorbeeld.example"}'"""
        )
