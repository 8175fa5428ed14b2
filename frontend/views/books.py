"""What is shown of the books: when they were last checked, what does not agree, and what people wrote about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from frontend.views.forms import Choice, Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What somebody wrote about a finding."""

    at: datetime
    by: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """One difference. `promise` is what should be, `to_do` a sentence for whoever reads it, both in their language.

    `expected` and `found` are as the books and the provider have them: cents, counts, states or references.
    """

    href: str
    invariant: str
    promise: str
    subject: str
    expected: str
    found: str
    to_do: str
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None
    notes: Sequence[Explanation]


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCheck:
    """The last check of the books that finished."""

    at: datetime
    questions: int
    in_flight: int
    with_provider: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksPage:
    """The treasurer's page of the books. Form of the export: from, to, format. `checking_since` while a check runs."""

    template: ClassVar[str] = "books/page.html"
    last: LastCheck | None
    checking_since: datetime | None
    open: Sequence[FindingView]
    gone: Sequence[FindingView]
    form: Form
    formats: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingPage:
    """One finding, with everything written about it. Field: body; without `may_explain` there is no form."""

    template: ClassVar[str] = "books/finding.html"
    finding: FindingView
    action: str
    form: Form
    may_explain: bool
