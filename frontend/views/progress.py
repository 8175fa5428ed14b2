"""What is shown of reports on progress: to the initiator who writes them, and to the assessor who reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from frontend.views.forms import Form
from frontend.views.initiatives import Card
from frontend.views.payouts import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report on progress; `state` is submitted, approved or returned, and `note` what was answered."""

    title: str
    href: str
    number: int
    body: str
    writer: str
    written_at: datetime
    state: str
    decided_at: datetime | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressPage:
    """The parts of a payout for its initiator: proposing them, and reporting. Fields: those of a plan; body."""

    template: ClassVar[str] = "progress/progress.html"
    card: Card
    base: str
    form: Form
    parts: Sequence[Part]
    may_propose: bool
    rows: int
    reports: Sequence[Report]
    may_report: bool
    report_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsPage:
    """The reports that wait for an assessor."""

    template: ClassVar[str] = "progress/list.html"
    waiting: Sequence[Report]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """One report for the assessor. Field: note."""

    template: ClassVar[str] = "progress/report.html"
    report: Report
    initiative_href: str
    action: str
    form: Form
