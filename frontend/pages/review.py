"""One initiative at the counter: read it as its readers will, then approve, ask for changes, pause, hand over."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from crowd.accounts.rules import BadAddress
from crowd.closing.campaign_page_queries import campaign_page
from crowd.closing.cancel_operations import cancel_campaign
from crowd.initiatives import operations, queries, review_queries, rules, team_operations
from crowd.initiatives.content_rules import SECTIONS
from crowd.initiatives.rules import InitiativeNotFound
from crowd.shared.actor import Actor
from crowd.shared.clock import local_date
from crowd.shared.errors import DomainError, InvalidFields, msg
from crowd.shared.ids import new_id
from frontend.access import may, requires
from frontend.answers import page, see_other
from frontend.errors import status_of
from frontend.i18n import refusals
from frontend.pages.counter import COUNTER
from frontend.pages.initiatives import facts_of, read_page
from frontend.pages.launch import Fields, read_id
from frontend.pages.manage import read_end
from frontend.runtime import Runtime, RuntimeDep
from frontend.views.counter import ReviewPage, RoadStep
from frontend.views.forms import Form as Typed
from frontend.visit import visit_of

router: Final = APIRouter()
BASE: Final = COUNTER + "/initiatieven/{initiative_id}"

Reader = Annotated[Actor, Depends(requires("initiative:read-any"))]
Reviewer = Annotated[Actor, Depends(requires("initiative:review"))]
Stopper = Annotated[Actor, Depends(requires("initiative:suspend"))]
Reason = Annotated[str, Form()]

# What somebody can mend in the form itself; everything else is a page of its own.
_MENDABLE: Final = (InvalidFields, rules.ReasonMissing, rules.ReasonTooLong, operations.EndDateGone, BadAddress)


@router.get(BASE)
def show_review(request: Request, runtime: RuntimeDep, actor: Reader, initiative_id: UUID) -> Response:
    """Show the initiative as its readers will see it, the road it came, and what can be done now."""
    return _review(request, runtime, actor=actor, initiative_id=initiative_id)


@router.post(BASE + "/goedkeuring")
def approve(request: Request, runtime: RuntimeDep, actor: Reviewer, initiative_id: UUID) -> Response:
    """Say yes."""
    return _act(
        request, runtime, actor, initiative_id, operations.approve, said=msg("Approved. The initiator is told.")
    )


@router.post(BASE + "/wijzigingen")
def request_changes(
    request: Request, runtime: RuntimeDep, actor: Reviewer, initiative_id: UUID, fields: Fields
) -> Response:
    """Send it back with a reason, and a note per section."""
    typed = _texts(fields)
    return _act(
        request,
        runtime,
        actor,
        initiative_id,
        operations.request_changes,
        typed=typed,
        said=msg("Sent back. The initiator is told what to change."),
        reason=typed.get("reason", ""),
        notes={section: typed.get(f"note_{section}", "") for section in SECTIONS},
    )


@router.post(BASE + "/publicatie")
def publish(
    request: Request, runtime: RuntimeDep, actor: Reviewer, initiative_id: UUID, ends_on: Annotated[str, Form()] = ""
) -> Response:
    """Put it online for the initiator."""
    typed = {"ends_on": ends_on}
    try:
        chosen = read_end(ends_on)
    except InvalidFields as error:
        return _review(request, runtime, actor=actor, initiative_id=initiative_id, typed=typed, error=error)
    return _act(
        request,
        runtime,
        actor,
        initiative_id,
        operations.publish,
        typed=typed,
        said=msg("The initiative is online."),
        ends_on=chosen,
    )


@router.post(BASE + "/schorsing")
def suspend(
    request: Request, runtime: RuntimeDep, actor: Stopper, initiative_id: UUID, reason: Reason = ""
) -> Response:
    """Pause the campaign."""
    said = msg("The campaign is paused. Nobody can give until it goes on.")
    typed = {"reason": reason}
    return _act(request, runtime, actor, initiative_id, operations.suspend, typed=typed, said=said, reason=reason)


@router.post(BASE + "/hervatting")
def resume(request: Request, runtime: RuntimeDep, actor: Stopper, initiative_id: UUID) -> Response:
    """Let the campaign go on."""
    return _act(request, runtime, actor, initiative_id, operations.resume, said=msg("The campaign goes on."))


@router.post(BASE + "/annulering")
def stop(request: Request, runtime: RuntimeDep, actor: Stopper, initiative_id: UUID, reason: Reason = "") -> Response:
    """Stop it for good, and let go of what was promised."""
    said = msg("The initiative has stopped. Whoever supported it pays nothing.")
    typed = {"reason": reason}
    return _act(request, runtime, actor, initiative_id, cancel_campaign, typed=typed, said=said, reason=reason)


@router.post(BASE + "/overdracht")
def hand_over(
    request: Request,
    runtime: RuntimeDep,
    actor: Reviewer,
    initiative_id: UUID,
    email: Annotated[str, Form()] = "",
    invitation_id: Annotated[str, Form()] = "",
) -> Response:
    """Invite somebody to answer for an organisation's initiative."""
    return _act(
        request,
        runtime,
        actor,
        initiative_id,
        team_operations.invite,
        typed={"email": email, "invitation_id": invitation_id},
        said=msg("The invitation is on its way."),
        email=email,
        invitation_id=read_id(invitation_id),
    )


def _act(
    request: Request,
    runtime: Runtime,
    actor: Actor,
    initiative_id: UUID,
    operation: Callable[..., None],
    *,
    said: str,
    typed: dict[str, str] | None = None,
    **given: Any,  # noqa: ANN401  each operation has arguments of its own
) -> Response:
    """Do one thing in one transaction and come back; what can be mended comes back in its form."""
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            operation(session, initiative_id=initiative_id, actor=actor, now=now, **given)
    except _MENDABLE as error:
        return _review(request, runtime, actor=actor, initiative_id=initiative_id, typed=typed, error=error)
    return see_other(request, f"{COUNTER}/initiatieven/{initiative_id}", said=said)


def _review(
    request: Request,
    runtime: Runtime,
    *,
    actor: Actor,
    initiative_id: UUID,
    typed: dict[str, str] | None = None,
    error: DomainError | None = None,
) -> Response:
    language = visit_of(request).language
    errors = error.errors if isinstance(error, InvalidFields) else (error,) if error else ()
    form = Typed(values=typed or {}, errors=refusals(errors, language))
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        content = _content(session, request, actor=actor, initiative_id=initiative_id, form=form, now=now)
    return page(request, content, now=now, status=status_of(error) if error else 200)


def _content(
    session: Session, request: Request, *, actor: Actor, initiative_id: UUID, form: Typed, now: datetime
) -> ReviewPage:
    found = campaign_page(session, initiative_id=initiative_id, person_id=actor.person_id)
    if found is None:
        raise InitiativeNotFound
    facts = facts_of(found)
    if denial := rules.may_see(actor, facts):
        raise denial
    state = facts.state
    campaign = queries.campaign_facts(session, initiative_id=initiative_id)
    invitation = review_queries.invitation_for(session, initiative_id=initiative_id)
    road = review_queries.road(session, initiative_id=initiative_id)
    if campaign.ends_on and "ends_on" not in form.values:
        form = Typed(values={**form.values, "ends_on": campaign.ends_on.isoformat()}, errors=form.errors)
    submitted_at = next((step.at for step in road if step.to_state == "submitted"), None)
    reviews, stops = may(actor, "initiative:review"), may(actor, "initiative:suspend")
    can_become = rules.TRANSITIONS[state]
    return ReviewPage(
        base=f"{COUNTER}/initiatieven/{initiative_id}",
        shown=read_page(session, found, language=visit_of(request).language, now=now),
        road=tuple(
            RoadStep(state=step.to_state, at=step.at, by=step.by, reason=step.reason, notes=step.notes)  # type: ignore[arg-type]  # the database holds only known states
            for step in road
        ),
        form=form,
        answer_by=rules.review_due_on(local_date(submitted_at)) if submitted_at and state == "submitted" else None,
        ends_on=campaign.ends_on,
        may_review=reviews and state == "submitted" and rules.may_review(actor, facts) is None,
        may_publish=reviews and state == "approved",
        may_suspend=stops and "suspended" in can_become,
        may_resume=stops and state == "suspended",
        may_cancel=stops and state in rules.CANCELLED_AT_ONCE,
        may_hand_over=reviews and review_queries.initiator(session, initiative_id=initiative_id) is None,
        own=facts.part is not None,
        invitation_id=form.value("invitation_id") or str(new_id()),
        invited=invitation.email if invitation else "",
    )


def _texts(fields: FormData) -> dict[str, str]:
    return {name: value for name, value in fields.multi_items() if isinstance(value, str)}
