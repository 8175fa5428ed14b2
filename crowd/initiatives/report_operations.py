"""Reporting on progress, and answering a report."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from crowd.initiatives.models import ProgressReport
from crowd.initiatives.queries import campaign_facts, facts_for
from crowd.initiatives.report_queries import report
from crowd.initiatives.report_rules import NoSuchReport, check_answer, check_report
from crowd.shared import audit
from crowd.shared.actor import Actor


def write_report(
    session: Session,
    *,
    report_id: UUID,
    initiative_id: UUID,
    body: str,
    picture_id: UUID | None = None,
    picture_alt: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """Hand in a report on progress; the same id again changes nothing. Raises what `report_rules.check_report` does."""
    campaign_facts(session, initiative_id=initiative_id, lock="update")
    known = session.execute(
        select(ProgressReport.initiative_id).where(ProgressReport.id == report_id)
    ).scalar_one_or_none()
    if known is not None:
        if known != initiative_id:
            raise NoSuchReport
        return
    waiting, numbers = session.execute(
        select(func.count().filter(ProgressReport.state == "submitted"), func.max(ProgressReport.number)).where(
            ProgressReport.initiative_id == initiative_id
        )
    ).one()
    facts = facts_for(session, initiative_id=initiative_id, person_id=actor.person_id)
    check_report(facts=facts, body=body, is_waiting=waiting > 0)
    number = (numbers or 0) + 1
    session.execute(
        insert(ProgressReport).values(
            id=report_id,
            initiative_id=initiative_id,
            number=number,
            body=body.strip(),
            picture_id=picture_id,
            picture_alt=picture_alt.strip(),
            written_by=actor.person_id,
            written_at=now,
        )
    )
    audit.record(
        session,
        actor=actor,
        action="report.written",
        subject_type="initiative",
        subject_id=initiative_id,
        now=now,
        facts={"number": number},
    )


def answer_report(
    session: Session, *, report_id: UUID, is_approved: bool, note: str = "", actor: Actor, now: datetime
) -> None:
    """Approve a report, or send it back with what is missing. Raises what `report_rules.check_answer` does."""
    found = report(session, report_id=report_id)
    campaign_facts(session, initiative_id=found.initiative_id, lock="update")
    # Read again: whoever was faster held the lock.
    found = report(session, report_id=report_id)
    facts = facts_for(session, initiative_id=found.initiative_id, person_id=actor.person_id)
    check_answer(actor=actor, facts=facts, state=found.state, is_approved=is_approved, note=note)
    session.execute(
        update(ProgressReport)
        .where(ProgressReport.id == report_id)
        .values(
            state="approved" if is_approved else "returned",
            decided_at=now,
            decided_by=actor.person_id,
            note=note.strip(),
        )
    )
    audit.record(
        session,
        actor=actor,
        action="report.approved" if is_approved else "report.returned",
        subject_type="initiative",
        subject_id=found.initiative_id,
        now=now,
        facts={"number": found.number},
    )
