"""Reading findings: what is open, what is gone lately, what was written about them, and when was last looked."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import literal_column, select
from sqlalchemy.orm import Session

from crowd.accounts.models import Person
from payments.books.models import BookCheck, FindingNote, NamedFinding
from payments.books.rules import FindingNotFound

# A page shows so many at most; more than that is one problem, not many.
OPEN_MOST: Final = 200
GONE_MOST: Final = 20

_FINDING: Final = select(
    NamedFinding.id,
    NamedFinding.invariant,
    NamedFinding.promise,
    NamedFinding.subject,
    NamedFinding.expected,
    NamedFinding.found,
    NamedFinding.first_seen_at,
    NamedFinding.last_seen_at,
    NamedFinding.gone_at,
)
_OPEN: Final = (
    _FINDING.where(NamedFinding.gone_at.is_(None))
    .order_by(NamedFinding.first_seen_at, NamedFinding.id)
    .limit(literal_column(str(OPEN_MOST)))
)
_GONE: Final = (
    _FINDING.where(NamedFinding.gone_at.is_not(None))
    .order_by(NamedFinding.gone_at.desc(), NamedFinding.id)
    .limit(literal_column(str(GONE_MOST)))
)
_LAST: Final = select(
    BookCheck.started_at,
    BookCheck.finished_at,
    BookCheck.questions,
    BookCheck.differences,
    BookCheck.in_flight,
    BookCheck.with_provider,
).order_by(BookCheck.id.desc())


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote about a finding."""

    at: datetime
    by: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One finding with what was written about it, oldest note first. `gone_at` is empty while it is open."""

    id: UUID
    invariant: str
    promise: str
    subject: str
    expected: str
    found: str
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """One check of the books that finished."""

    finished_at: datetime
    questions: int
    differences: int
    in_flight: int
    with_provider: bool


def open_findings(session: Session) -> list[FindingRow]:
    """Return what is not as it must be, the oldest first; `OPEN_MOST` at most."""
    return _with_notes(session, rows=session.execute(_OPEN).all())


def gone_findings(session: Session) -> list[FindingRow]:
    """Return what was not as it must be and is now, the latest first; `GONE_MOST` at most."""
    return _with_notes(session, rows=session.execute(_GONE).all())


def finding(session: Session, *, finding_id: UUID) -> FindingRow:
    """Return one finding; raise FindingNotFound."""
    found = _with_notes(session, rows=session.execute(_FINDING.where(NamedFinding.id == finding_id)).all())
    if not found:
        raise FindingNotFound
    return found[0]


def last_check(session: Session) -> CheckRow | None:
    """Return the last check that finished, or None when there was none yet."""
    row = session.execute(_LAST.where(BookCheck.finished_at.is_not(None)).limit(literal_column("1"))).first()
    if row is None:
        return None
    return CheckRow(
        finished_at=row.finished_at,
        questions=row.questions,
        differences=row.differences,
        in_flight=row.in_flight,
        with_provider=row.with_provider,
    )


def check_under_way(session: Session) -> datetime | None:
    """Return since when a check is under way, or None; a check that was killed counts until the next one."""
    row = session.execute(_LAST.limit(literal_column("1"))).first()
    return row.started_at if row is not None and row.finished_at is None else None


def _with_notes(session: Session, *, rows: Iterable[object]) -> list[FindingRow]:
    found = [row._asdict() for row in rows]  # type: ignore[attr-defined]  # rows of `_FINDING`
    notes: defaultdict[UUID, list[Note]] = defaultdict(list)
    if found:
        written = session.execute(
            select(FindingNote.finding_id, FindingNote.written_at, Person.name, Person.email, FindingNote.body)
            .join(Person, Person.id == FindingNote.written_by)
            .where(FindingNote.finding_id.in_([one["id"] for one in found]))
            .order_by(FindingNote.id)
        )
        for note in written:
            notes[note.finding_id].append(Note(note.written_at, note.name or note.email, note.body))
    return [FindingRow(**one, notes=tuple(notes[one["id"]])) for one in found]
