"""Reading progress reports."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from crowd.accounts.models import Person
from crowd.initiatives.models import Initiative, ProgressReport
from crowd.initiatives.report_rules import NoSuchReport


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A progress report, and what was answered. `number` counts the reports of an initiative, from 1."""

    id: UUID
    initiative_id: UUID
    municipality_id: UUID
    slug: str
    title: str
    number: int
    body: str
    picture_id: UUID | None
    picture_alt: str
    written_by: UUID
    writer: str
    written_at: datetime
    state: str
    decided_at: datetime | None
    note: str


_REPORT = (
    select(
        ProgressReport.id,
        ProgressReport.initiative_id,
        Initiative.municipality_id,
        Initiative.slug,
        Initiative.title,
        ProgressReport.number,
        ProgressReport.body,
        ProgressReport.picture_id,
        ProgressReport.picture_alt,
        ProgressReport.written_by,
        func.coalesce(Person.name, "").label("writer"),
        ProgressReport.written_at,
        ProgressReport.state,
        ProgressReport.decided_at,
        ProgressReport.note,
    )
    .join(Initiative, Initiative.id == ProgressReport.initiative_id)
    .join(Person, Person.id == ProgressReport.written_by)
)
_OF_INITIATIVE = _REPORT.where(ProgressReport.initiative_id == bindparam("initiative_id")).order_by(
    ProgressReport.number
)
_WAITING = (
    _REPORT.where(Initiative.municipality_id == bindparam("municipality_id"), ProgressReport.state == "submitted")
    .order_by(ProgressReport.written_at, ProgressReport.id)
    .limit(literal_column("200"))
)
_APPROVED = select(func.count()).where(
    ProgressReport.initiative_id == bindparam("initiative_id"), ProgressReport.state == "approved"
)


def report(session: Session, *, report_id: UUID) -> ReportRow:
    """Return one report; raises NoSuchReport."""
    row = session.execute(_REPORT.where(ProgressReport.id == report_id)).first()
    if row is None:
        raise NoSuchReport
    return ReportRow(**row._asdict())


def reports(session: Session, *, initiative_id: UUID) -> list[ReportRow]:
    """Return every report about an initiative, the first one first."""
    return [ReportRow(**row._asdict()) for row in session.execute(_OF_INITIATIVE, {"initiative_id": initiative_id})]


def waiting_reports(session: Session, *, municipality_id: UUID) -> list[ReportRow]:
    """Return the reports that nobody answered yet, the longest waiting first, at most 200."""
    return [ReportRow(**row._asdict()) for row in session.execute(_WAITING, {"municipality_id": municipality_id})]


def approved_reports(session: Session, *, initiative_id: UUID) -> int:
    """Return how many reports about an initiative were approved."""
    return int(session.execute(_APPROVED, {"initiative_id": initiative_id}).scalar_one())
