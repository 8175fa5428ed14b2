"""Progress after funding: the initiator proposes parts and reports; an assessor of the municipality reads."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.closing.campaign_queries import campaign_card
from crowd.initiatives import report_operations, report_queries
from crowd.initiatives.queries import facts_for
from crowd.initiatives.report_queries import ReportRow
from crowd.initiatives.report_rules import NoSuchReport, NoteMissing, ReportTooLong, ReportTooShort
from crowd.initiatives.rules import InitiativeNotFound
from crowd.shared.actor import Actor
from crowd.shared.errors import DomainError, msg
from crowd.shared.ids import new_id
from frontend.access import requires
from frontend.answers import page, see_other
from frontend.cards import card_view
from frontend.forms import Fields, texts
from frontend.i18n import refusals
from frontend.runtime import Runtime, RuntimeDep
from frontend.tranches import PLAN_REFUSALS, PLAN_ROWS, read_plan, standing_of
from frontend.views.forms import Form as Typed
from frontend.views.progress import ProgressPage, Report, ReportPage, ReportsPage
from frontend.visit import visit_of
from payments.payouts import queries, tranche_operations
from payments.payouts.rules import NotFunded
from payments.payouts.tranche_queries import tranche_plan

router: Final = APIRouter()
REPORTS: Final = "/loket/voortgang"
Initiator = Annotated[Actor, Depends(requires("payout:onboard"))]
Assessor = Annotated[Actor, Depends(requires("grant:assess"))]


# --- The initiator --------------------------------------------------------------------------------------------


@router.get("/initiatieven/{slug}/voortgang")
def show_progress(request: Request, runtime: RuntimeDep, actor: Initiator, slug: str) -> Response:
    """Show the initiator the parts of their payout and the reports about it."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        content = _progress(session, request, actor, slug=slug, form=Typed(), report_id=new_id())
    return page(request, content, now=now)


@router.post("/initiatieven/{slug}/voortgang/plan")
def propose(request: Request, runtime: RuntimeDep, actor: Initiator, slug: str, fields: Fields) -> Response:
    """Propose to be paid in parts."""
    typed = texts(fields)
    try:
        percents, milestones = read_plan(typed)
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            card = campaign_card(session, slug=slug)
            tranche_operations.propose_plan(
                session, initiative_id=card.id, percents=percents, milestones=milestones, actor=actor, now=now
            )
    except PLAN_REFUSALS as refused:
        return _again(request, runtime, actor, slug=slug, typed=typed, refused=refused, report_id=new_id())
    return see_other(request, f"/initiatieven/{slug}/voortgang", said=msg("Your proposal has been sent."))


@router.post("/initiatieven/{slug}/voortgang")
def write(
    request: Request,
    runtime: RuntimeDep,
    actor: Initiator,
    slug: str,
    report_id: Annotated[UUID, Form()],
    body: Annotated[str, Form()] = "",
) -> Response:
    """Hand in a report."""
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            card = campaign_card(session, slug=slug)
            report_operations.write_report(
                session, report_id=report_id, initiative_id=card.id, body=body, actor=actor, now=now
            )
    except (ReportTooShort, ReportTooLong) as refused:
        return _again(request, runtime, actor, slug=slug, typed={"body": body}, refused=refused, report_id=report_id)
    return see_other(request, f"/initiatieven/{slug}/voortgang", said=msg("Your report has been handed in."))


def _again(
    request: Request,
    runtime: Runtime,
    actor: Actor,
    *,
    slug: str,
    typed: dict[str, str],
    refused: DomainError,
    report_id: UUID,
) -> Response:
    form = Typed(values=typed, errors=refusals((refused,), visit_of(request).language))
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        content = _progress(session, request, actor, slug=slug, form=form, report_id=report_id)
    return page(request, content, now=now, status=400)


def _progress(
    session: Session, request: Request, actor: Actor, *, slug: str, form: Typed, report_id: UUID
) -> ProgressPage:
    card = campaign_card(session, slug=slug)
    if facts_for(session, initiative_id=card.id, person_id=actor.person_id).part != "initiator":
        raise InitiativeNotFound
    if card.state != "funded":
        raise NotFunded
    standing = standing_of(session, initiative_id=card.id, facts=queries.payout_facts(session, initiative_id=card.id))
    plan = tranche_plan(session, initiative_id=card.id)
    written = report_queries.reports(session, initiative_id=card.id)
    return ProgressPage(
        card=card_view(card, visit_of(request).language),
        base=f"/initiatieven/{slug}",
        form=form if form.errors else Typed(values=standing.typed),
        parts=standing.parts,
        may_propose=standing.may_plan and (plan is None or plan.set_at is None),
        rows=PLAN_ROWS,
        reports=tuple(map(_report, written)),
        may_report=all(one.state != "submitted" for one in written),
        report_id=str(report_id),
    )


# --- The assessor ---------------------------------------------------------------------------------------------


@router.get(REPORTS)
def show_reports(request: Request, runtime: RuntimeDep, actor: Assessor) -> Response:
    """Show the reports that wait."""
    if actor.municipality_id is None:
        raise NoSuchReport
    with runtime.database.reading() as session:
        now: datetime = runtime.clock.now(session)
        found = report_queries.waiting_reports(session, municipality_id=actor.municipality_id)
    return page(request, ReportsPage(waiting=tuple(map(_report, found))), now=now)


@router.get(REPORTS + "/{report_id}")
def show_report(request: Request, runtime: RuntimeDep, actor: Assessor, report_id: UUID) -> Response:
    """Show one report."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        content = _report_page(session, actor, report_id=report_id, form=Typed())
    return page(request, content, now=now)


@router.post(REPORTS + "/{report_id}/antwoord")
def answer(
    request: Request,
    runtime: RuntimeDep,
    actor: Assessor,
    report_id: UUID,
    outcome: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Approve a report, or send it back with what is missing."""
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            report_operations.answer_report(
                session, report_id=report_id, is_approved=outcome == "approved", note=note, actor=actor, now=now
            )
    except (NoteMissing, ReportTooLong) as refused:
        form = Typed(values={"note": note}, errors=refusals((refused,), visit_of(request).language))
        with runtime.database.reading() as session:
            now = runtime.clock.now(session)
            content = _report_page(session, actor, report_id=report_id, form=form)
        return page(request, content, now=now, status=400)
    return see_other(request, REPORTS, said=msg("Your answer has been sent."))


def _report_page(session: Session, actor: Actor, *, report_id: UUID, form: Typed) -> ReportPage:
    found = report_queries.report(session, report_id=report_id)
    if found.municipality_id != actor.municipality_id:
        raise NoSuchReport
    return ReportPage(
        report=_report(found),
        initiative_href=f"/initiatieven/{found.slug}",
        action=f"{REPORTS}/{report_id}/antwoord",
        form=form,
    )


def _report(row: ReportRow) -> Report:
    return Report(
        title=row.title,
        href=f"{REPORTS}/{row.id}",
        number=row.number,
        body=row.body,
        writer=row.writer,
        written_at=row.written_at,
        state=row.state,
        decided_at=row.decided_at,
        note=row.note,
    )
