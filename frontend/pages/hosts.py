"""Organisations that receive money for groups: their account, said once, and the initiatives that ask them."""

from datetime import datetime
from typing import Annotated, Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.accounts.organisation_operations import register_organisation
from crowd.accounts.organisation_queries import organisation, organisations_of
from crowd.accounts.queries import person
from crowd.accounts.rules import OrganisationNameMissing, OrganisationTaken
from crowd.shared.actor import Actor
from crowd.shared.errors import msg
from frontend.access import requires
from frontend.answers import page, see_other, see_provider
from frontend.formats import Language
from frontend.i18n import refusals, say
from frontend.pages.pledges import PROVIDER_AWAY
from frontend.runtime import Runtime, RuntimeDep
from frontend.views.accounts import MyLine, MySection
from frontend.views.forms import Form as Typed
from frontend.views.hosts import HostedLine, HostOrganisation, HostPage, HostState
from frontend.visit import visit_of
from payments.payouts import host_operations, host_queries
from payments.payouts.host_rules import NotYourOrganisation, check_answers_for
from payments.payouts.workflow import onboard_host, refresh_host
from payments.provider import OutcomeUnknown

router: Final = APIRouter()
HOST: Final = "/mijn/gastheer"

Somebody = Annotated[Actor, Depends(requires("payout:onboard"))]


@router.get(HOST)
def show_host(request: Request, runtime: RuntimeDep, actor: Somebody) -> Response:
    """Show the organisations somebody answers for, and who asks them to receive their money."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        shown = _host_page(session, actor, form=Typed())
    return page(request, shown, now=now)


@router.post(HOST + "/organisaties")
def register(request: Request, runtime: RuntimeDep, actor: Somebody, name: Annotated[str, Form()] = "") -> Response:
    """Add an organisation that somebody answers for."""
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            register_organisation(session, name=name, actor=actor, now=now)
    except (OrganisationNameMissing, OrganisationTaken) as refused:
        form = Typed(values={"name": name}, errors=refusals((refused,), visit_of(request).language))
        with runtime.database.reading() as session:
            now = runtime.clock.now(session)
            shown = _host_page(session, actor, form=form)
        return page(request, shown, now=now, status=400 if isinstance(refused, OrganisationNameMissing) else 409)
    return see_other(request, HOST, said=msg("The organisation is added. Now say where its money may go."))


@router.post(HOST + "/{organisation_id}/rekening")
def go_to_onboarding(request: Request, runtime: RuntimeDep, actor: Somebody, organisation_id: UUID) -> Response:
    """Lead whoever answers for an organisation to the provider's page."""
    return _to_onboarding(request, runtime, actor, organisation_id=organisation_id)


@router.get(HOST + "/{organisation_id}/opnieuw")
def go_again(request: Request, runtime: RuntimeDep, actor: Somebody, organisation_id: UUID) -> Response:
    """The provider sends people here when its page was too old: lead them to a fresh one."""
    return _to_onboarding(request, runtime, actor, organisation_id=organisation_id)


@router.get(HOST + "/{organisation_id}/terug")
def come_back(request: Request, runtime: RuntimeDep, actor: Somebody, organisation_id: UUID) -> Response:
    """Look at once whether the account is ready; the webhook may be faster, or never come."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        _name_of(session, actor, organisation_id=organisation_id)
    try:
        refresh_host(runtime.database, runtime.gateway, organisation_id=organisation_id, now=now)
    except OutcomeUnknown:
        return see_other(request, HOST, said=PROVIDER_AWAY, tone="warning")
    return see_other(request, HOST)


@router.post(HOST + "/verzoeken/{initiative_id}")
def answer(
    request: Request, runtime: RuntimeDep, actor: Somebody, initiative_id: UUID, answer: Annotated[str, Form()] = ""
) -> Response:
    """Agree to receive the money of an initiative, or not."""
    agrees = answer == "yes"
    with runtime.database.transaction() as session:
        now = runtime.clock.now(session)
        host_operations.answer_as_host(session, initiative_id=initiative_id, agrees=agrees, actor=actor, now=now)
    said = msg("Your organisation receives the money of this initiative.") if agrees else msg("You said no.")
    return see_other(request, HOST, said=said)


def my_organisations(session: Session, actor: Actor, language: Language, now: datetime) -> MySection | None:
    """Return the organisations I answer for, for my own page; nothing for most people."""
    del now
    if actor.person_id is None:
        return None
    found = organisations_of(session, person_id=actor.person_id)
    if not found:
        return None
    asking = sum(not one.has_agreed for one in host_queries.hosted(session, person_id=actor.person_id))
    note = say(msg("Requests to receive money: {count}"), language, {"count": str(asking)}) if asking else ""
    lines = [
        MyLine(href=HOST, title=one.name, note=note, status=say(msg("You answer for it"), language), tone="neutral")
        for one in found
    ]
    return MySection(title=say(msg("My organisations"), language), lines=lines, empty="", action=None)


def _to_onboarding(request: Request, runtime: Runtime, actor: Actor, *, organisation_id: UUID) -> Response:
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        name = _name_of(session, actor, organisation_id=organisation_id)
        me = person(session, person_id=actor.person_id) if actor.person_id else None
    own_address = f"{runtime.settings.base_url}{HOST}/{organisation_id}"
    try:
        url = onboard_host(
            runtime.database,
            runtime.gateway,
            organisation_id=organisation_id,
            display_name=name,
            contact_email=me.email if me else "",
            return_url=f"{own_address}/terug",
            refresh_url=f"{own_address}/opnieuw",
            actor=actor,
            now=now,
        )
    except OutcomeUnknown:
        return see_other(request, HOST, said=PROVIDER_AWAY, tone="warning")
    return see_provider(url)


def _name_of(session: Session, actor: Actor, *, organisation_id: UUID) -> str:
    found = organisation(session, organisation_id=organisation_id)
    if found is None:
        raise NotYourOrganisation
    check_answers_for(actor=actor, claimed_by=found.claimed_by)
    return found.name


def _host_page(session: Session, actor: Actor, *, form: Typed) -> HostPage:
    if actor.person_id is None:
        raise NotYourOrganisation
    mine = organisations_of(session, person_id=actor.person_id)
    known = host_queries.hosts_of(session, person_id=actor.person_id)
    names = {one.id: one.name for one in mine}
    return HostPage(
        form=form,
        base=HOST,
        organisations=[
            HostOrganisation(
                base=f"{HOST}/{one.id}",
                name=one.name,
                state=cast("HostState", known[one.id].state if one.id in known else "none"),
            )
            for one in mine
        ],
        hosted=[
            HostedLine(
                action=f"{HOST}/verzoeken/{one.initiative_id}",
                href=f"/initiatieven/{one.slug}",
                title=one.title,
                organisation=names[one.host_id],
                has_agreed=one.has_agreed,
            )
            for one in host_queries.hosted(session, person_id=actor.person_id)
        ],
    )
