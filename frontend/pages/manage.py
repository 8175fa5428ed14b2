"""An initiative for whoever answers for it: where it stands, going online, telling news, stopping, taking over."""

from datetime import date, datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.closing.campaign_page_queries import campaign_page
from crowd.closing.campaign_queries import campaigns_of
from crowd.closing.cancel_operations import cancel_campaign
from crowd.initiatives import operations, queries, review_queries, rules, team_operations
from crowd.initiatives.content_rules import EndDateNotADate
from crowd.initiatives.rules import EDITABLE, InitiativeNotFound, NotYourInitiative
from crowd.initiatives.team_operations import InvitationNotFound
from crowd.shared.actor import Actor
from crowd.shared.clock import local_date
from crowd.shared.errors import DomainError, InvalidFields, msg
from frontend.access import requires
from frontend.answers import page, see_other
from frontend.errors import status_of
from frontend.formats import Language
from frontend.i18n import refusals, say
from frontend.launch_forms import read_day
from frontend.launch_pages import LAUNCH, manage_page
from frontend.pages.initiatives import facts_of
from frontend.pages.launch import read_id
from frontend.runtime import Runtime, RuntimeDep
from frontend.views.accounts import MyLine, MySection
from frontend.views.forms import Form as Typed
from frontend.views.launch import InvitationPage
from frontend.visit import visit_of

router: Final = APIRouter()

Owner = Annotated[Actor, Depends(requires("initiative:edit"))]
# The name of a state in a list of one's own: what it means for whoever wrote it.
STATE_NAMES: Final[dict[str, str]] = {
    "draft": msg("Draft"),
    "submitted": msg("With the municipality"),
    "changes_requested": msg("Changes asked"),
    "approved": msg("Approved"),
    "live": msg("Open for support"),
    "collecting": msg("Minimum reached, collecting"),
    "near_miss": msg("Nearly made it"),
    "funded": msg("It is happening"),
    "unfunded": msg("Not reached"),
    "suspended": msg("Paused"),
    "cancelled": msg("Stopped"),
}
_TONES: Final = {
    "submitted": "warning",
    "changes_requested": "warning",
    "approved": "positive",
    "live": "live",
    "collecting": "positive",
    "near_miss": "warning",
    "funded": "positive",
    "suspended": "warning",
}


@router.get("/initiatieven/{slug}/beheer")
def show_manage(request: Request, runtime: RuntimeDep, actor: Owner, slug: str) -> Response:
    """Show where it stands and what can be done now; for its people, and not found for others."""
    return _manage(request, runtime, actor=actor, slug=slug, form=None)


@router.post("/initiatieven/{slug}/publicatie")
def publish(
    request: Request, runtime: RuntimeDep, actor: Owner, slug: str, ends_on: Annotated[str, Form()] = ""
) -> Response:
    """Put an approved initiative online, with the end date as it stands in the form."""
    try:
        chosen = read_end(ends_on)
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            initiative_id = queries.id_of(session, slug=slug)
            operations.publish(session, initiative_id=initiative_id, actor=actor, now=now, ends_on=chosen)
    except (InvalidFields, operations.EndDateGone) as error:
        return _manage(request, runtime, actor=actor, slug=slug, form={"ends_on": ends_on}, error=error)
    return see_other(request, f"/initiatieven/{slug}", said=msg("Your initiative is online. Tell everybody!"))


@router.post("/initiatieven/{slug}/nieuws")
def tell_news(
    request: Request,
    runtime: RuntimeDep,
    actor: Owner,
    slug: str,
    update_id: Annotated[str, Form()] = "",
    title: Annotated[str, Form()] = "",
    body: Annotated[str, Form()] = "",
) -> Response:
    """Publish a message on the page, for everybody who follows it."""
    chosen = read_id(update_id)
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            initiative_id = queries.id_of(session, slug=slug)
            team_operations.tell_news(
                session, update_id=chosen, initiative_id=initiative_id, title=title, body=body, actor=actor, now=now
            )
    except InvalidFields as error:
        typed = {"update_id": update_id, "title": title, "body": body}
        return _manage(request, runtime, actor=actor, slug=slug, form=typed, error=error)
    return see_other(request, f"/initiatieven/{slug}#nieuws", said=msg("Your message is published."))


@router.post("/initiatieven/{slug}/annulering")
def stop(
    request: Request, runtime: RuntimeDep, actor: Owner, slug: str, reason: Annotated[str, Form()] = ""
) -> Response:
    """Stop for good; whatever neighbours promised is released in the same moment."""
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            initiative_id = queries.id_of(session, slug=slug)
            cancel_campaign(session, initiative_id=initiative_id, actor=actor, now=now, reason=reason)
    except (rules.ReasonMissing, rules.ReasonTooLong) as error:
        return _manage(request, runtime, actor=actor, slug=slug, form={"reason": reason}, error=error)
    return see_other(request, "/mijn", said=msg("The initiative has stopped."))


@router.get("/uitnodigingen/{invitation_id}")
def show_invitation(request: Request, runtime: RuntimeDep, actor: Owner, invitation_id: UUID) -> Response:
    """Show an invitation to whoever signed in with the invited address; not found for anybody else."""
    with runtime.database.reading() as session:
        invitation = _own_invitation(session, actor=actor, invitation_id=invitation_id)
    return page(
        request,
        InvitationPage(
            action=f"/uitnodigingen/{invitation_id}/aanvaarding", title=invitation.title, email=invitation.email
        ),
    )


@router.post("/uitnodigingen/{invitation_id}/aanvaarding")
def accept_invitation(request: Request, runtime: RuntimeDep, actor: Owner, invitation_id: UUID) -> Response:
    """Take the initiative over."""
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        initiative_id = team_operations.accept(session, invitation_id=invitation_id, actor=actor, now=now)
        slug = queries.campaign_facts(session, initiative_id=initiative_id).slug
    return see_other(request, f"/initiatieven/{slug}/beheer", said=msg("From now on you answer for this initiative."))


def my_initiatives(session: Session, actor: Actor, language: Language, now: datetime) -> MySection | None:
    """Return my initiatives in every state, and what I was asked to take over, for my own page."""
    del now
    if actor.person_id is None:
        return None
    lines = [
        MyLine(
            href=f"/uitnodigingen/{invitation.id}",
            title=invitation.title,
            note=say(msg("The municipality asks you to take this over."), language),
            status=say(msg("Invitation"), language),
            tone="warning",
        )
        for invitation in review_queries.invitations_of(session, person_id=actor.person_id)
    ]
    for card in campaigns_of(session, person_id=actor.person_id):
        is_draft = card.state in EDITABLE
        lines.append(
            MyLine(
                href=f"{LAUNCH}/{card.id}" if is_draft else f"/initiatieven/{card.slug}/beheer",
                title=card.title or say(msg("Without a title yet"), language),
                note=_until(card.deadline_at, language) if card.state == "live" else "",
                status=say(STATE_NAMES[card.state], language),
                tone=_TONES.get(card.state, "neutral"),  # type: ignore[arg-type]  # the table above holds tones only
            )
        )
    return MySection(
        title=say(msg("My initiatives"), language),
        lines=lines,
        empty=say(msg("You have not started an initiative yet."), language),
        action=(say(msg("Start an initiative"), language), LAUNCH),
    )


def _until(deadline: datetime | None, language: Language) -> str:
    # The deadline is the beginning of the day after: the last day is the one to name.
    return say(msg("Until {day}"), language, {"day": local_date(deadline - timedelta(seconds=1))}) if deadline else ""


def read_end(text: str) -> date | None:
    """Return the end date of a form; raise InvalidFields when it is no date."""
    try:
        return read_day(text)
    except ValueError as error:
        raise InvalidFields((EndDateNotADate(field="ends_on"),)) from error


def _own_invitation(session: Session, *, actor: Actor, invitation_id: UUID) -> review_queries.OpenInvitation:
    mine = review_queries.invitations_of(session, person_id=actor.person_id) if actor.person_id else []
    found = next((one for one in mine if one.id == invitation_id), None)
    if found is None:
        raise InvitationNotFound
    return found


def _manage(
    request: Request,
    runtime: Runtime,
    *,
    actor: Actor,
    slug: str,
    form: dict[str, str] | None,
    error: DomainError | None = None,
) -> Response:
    language = visit_of(request).language
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        found = campaign_page(session, slug=slug, person_id=actor.person_id)
        if found is None:
            raise InitiativeNotFound
        facts = facts_of(found)
        if found.part is None:
            raise rules.may_see(actor, facts) or NotYourInitiative()
        errors = error.errors if isinstance(error, InvalidFields) else (error,) if error else ()
        content = manage_page(
            session,
            found,
            facts=facts,
            actor=actor,
            language=language,
            form=Typed(values=form or {}, errors=refusals(errors, language)),
        )
    return page(request, content, now=now, status=status_of(error) if error else 200)
