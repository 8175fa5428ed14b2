"""Keeping what a check of the books found: named, dated, explained by people, and never mended."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from crowd.shared import audit
from crowd.shared.actor import Actor, system
from payments.books.models import BookCheck, FindingNote, NamedFinding
from payments.books.rules import Finding, FindingNotFound, Verdict, read_explanation

_OPEN: Final = select(NamedFinding).where(NamedFinding.gone_at.is_(None)).with_for_update()


def begin_check(session: Session, *, now: datetime) -> int:
    """Note that a check begins, so that it can be seen to be under way; return its number."""
    return session.execute(insert(BookCheck).values(started_at=now).returning(BookCheck.id)).scalar_one()


def record_check(session: Session, *, check_id: int, verdict: Verdict, now: datetime) -> None:
    """Keep what a check saw: new differences, those still there, and those that are gone.

    A difference is gone only when its promise was asked about and held. Each change is in the audit log.
    """
    seen = {(finding.promise, finding.subject): finding for finding in verdict.findings}
    for known in session.scalars(_OPEN).all():
        again = seen.pop((known.promise, known.subject), None)
        if again is not None:
            _see_again(session, known, again, now=now)
        elif known.promise in verdict.asked:
            session.execute(update(NamedFinding).where(NamedFinding.id == known.id).values(gone_at=now))
            _record(session, "finding.gone", known.id, system(None), now=now)
    for finding in seen.values():
        _name(session, finding, now=now)
    session.execute(
        update(BookCheck)
        .where(BookCheck.id == check_id)
        .values(
            finished_at=now,
            questions=verdict.checks,
            differences=len(verdict.findings),
            in_flight=verdict.in_flight,
            with_provider=verdict.compared_with_provider,
        )
    )


def explain(session: Session, *, finding_id: UUID, body: str, actor: Actor, now: datetime) -> None:
    """Add what somebody found out about a finding, open or gone; nothing else changes.

    Raises FindingNotFound, ExplanationMissing, ExplanationTooLong.
    """
    text = read_explanation(body)
    if session.get(NamedFinding, finding_id) is None:
        raise FindingNotFound
    session.execute(
        insert(FindingNote).values(finding_id=finding_id, written_at=now, written_by=actor.person_id, body=text)
    )
    _record(session, "finding.explained", finding_id, actor, now=now)


def _name(session: Session, finding: Finding, *, now: datetime) -> None:
    finding_id = session.execute(
        insert(NamedFinding)
        .values(
            invariant=finding.invariant,
            promise=finding.promise,
            subject=finding.subject,
            expected=finding.expected,
            found=finding.found,
            first_seen_at=now,
            last_seen_at=now,
        )
        .returning(NamedFinding.id)
    ).scalar_one()
    _record(session, "finding.named", finding_id, system(None), now=now, finding=finding)


def _see_again(session: Session, known: NamedFinding, again: Finding, *, now: datetime) -> None:
    if (known.expected, known.found) != (again.expected, again.found):
        _record(session, "finding.changed", known.id, system(None), now=now, finding=again)
    session.execute(
        update(NamedFinding)
        .where(NamedFinding.id == known.id)
        .values(last_seen_at=now, expected=again.expected, found=again.found)
    )


def _record(
    session: Session, action: str, finding_id: UUID, actor: Actor, *, now: datetime, finding: Finding | None = None
) -> None:
    facts = {"promise": finding.promise, "expected": finding.expected, "found": finding.found} if finding else {}
    audit.record(
        session, actor=actor, action=action, subject_type="finding", subject_id=finding_id, now=now, facts=facts
    )
