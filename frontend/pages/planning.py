"""An initiative's own people ask for hands: which roles, and when. One shift and its people: `shift_board.py`."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from crowd.initiatives.queries import CampaignFactsRow, campaign_facts, facts_for, id_of
from crowd.shared.actor import Actor
from crowd.shared.errors import Invalid, msg
from crowd.shared.ids import new_id
from frontend.access import requires
from frontend.answers import page, see_other
from frontend.formats import Language
from frontend.forms import Fields
from frontend.i18n import refusals, say
from frontend.pages.launch import read_id
from frontend.runtime import RuntimeDep
from frontend.shift_cards import shift_card
from frontend.views.forms import Choice, Form
from frontend.views.volunteering import PlannedRole, PlanningPage, PlanShiftPage, RolePage, SkillAsked
from frontend.visit import visit_of
from frontend.volunteer_forms import Reader, all_errors, read_role, read_shift, typed_values
from matching.roles import operations as planning
from matching.roles import queries as roles
from matching.roles.queries import RoleFacts
from matching.roles.rules import AGES, STOPPED, RoleNotFound, may_plan
from matching.vocabulary import queries as vocabulary
from matching.vocabulary.rules import LANGUAGES, languages_in

router: Final = APIRouter()

Planner = Annotated[Actor, Depends(requires("volunteer:invite"))]
PLANNING: Final = "/initiatieven/{slug}/diensten"

_ROLE_FIELDS: Final = (
    "role_id",
    "title",
    "description",
    "required_skills",
    "desired_skills",
    "required_languages",
    "desired_languages",
    "minimum_age",
    "needs_credential",
    "is_remote",
)
_SHIFT_FIELDS: Final = ("shift_id", "on", "starts", "ends", "capacity", "minimum_crew", "pc4", "meeting_point")


def planned_campaign(session: Session, *, slug: str, actor: Actor) -> CampaignFactsRow:
    """Return the initiative when the actor plans for it; raise what `may_plan` denies."""
    initiative_id = id_of(session, slug=slug)
    if denial := may_plan(actor, facts_for(session, initiative_id=initiative_id, person_id=actor.person_id)):
        raise denial
    return campaign_facts(session, initiative_id=initiative_id)


# --- Roles ----------------------------------------------------------------------------------------------------


@router.get(PLANNING)
def show_planning(request: Request, runtime: RuntimeDep, actor: Planner, slug: str) -> Response:
    """Show every role with its shifts."""
    language = visit_of(request).language
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        campaign = planned_campaign(session, slug=slug, actor=actor)
        asked = roles.roles_of(session, initiative_id=campaign.id)
        lines = roles.every_shift(session, initiative_id=campaign.id)
    base = PLANNING.format(slug=slug)
    content = PlanningPage(
        slug=slug,
        title=campaign.title,
        roles=tuple(
            PlannedRole(
                id=str(role.id),
                title=role.title,
                asks=_asks(role, language),
                shifts=tuple(
                    shift_card(line, language, now=now, href=f"{base}/{line.id}")
                    for line in lines
                    if line.role_id == role.id
                ),
                shift_href=f"/initiatieven/{slug}/rollen/{role.id}/dienst",
            )
            for role in asked
        ),
        may_add=campaign.state not in STOPPED,
    )
    return page(request, content, now=now)


@router.get("/initiatieven/{slug}/rollen/nieuw")
def show_new_role(request: Request, runtime: RuntimeDep, actor: Planner, slug: str) -> Response:
    """Ask what kind of help is needed."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        campaign = planned_campaign(session, slug=slug, actor=actor)
        content = _role_page(session, request, campaign, form=Form(values={"role_id": str(new_id())}))
    return page(request, content, now=now)


@router.post("/initiatieven/{slug}/rollen")
def add_role(request: Request, runtime: RuntimeDep, actor: Planner, slug: str, form: Fields) -> Response:
    """Add the role, and go on to its first shift."""
    role_id = read_id(Reader(form, []).text("role_id"))
    language = visit_of(request).language
    # Enter in any field presses the first button, which searches: with nothing to search for it means "save".
    if Reader(form, []).text("act") == "zoek" and Reader(form, []).text("zoek"):
        with runtime.database.reading() as session:
            now = runtime.clock.now(session)
            campaign = planned_campaign(session, slug=slug, actor=actor)
            content = _role_page(
                session, request, campaign, form=Form(values=typed_values(form, *_ROLE_FIELDS)), searched=_typed(form)
            )
        return page(request, content, now=now)
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            campaign = planned_campaign(session, slug=slug, actor=actor)
            known = vocabulary.by_slug(session, municipality_id=campaign.municipality_id)
            planning.add_role(
                session,
                role_id=role_id,
                initiative_id=campaign.id,
                draft=read_role(form, skills=known),
                actor=actor,
                now=now,
            )
    except Invalid as error:
        shown = Form(values=typed_values(form, *_ROLE_FIELDS), errors=refusals(all_errors(error), language))
        with runtime.database.reading() as session:
            now = runtime.clock.now(session)
            content = _role_page(session, request, planned_campaign(session, slug=slug, actor=actor), form=shown)
        return page(request, content, now=now, status=400)
    said = msg("The role is there. When do you need people?")
    return see_other(request, f"/initiatieven/{slug}/rollen/{role_id}/dienst", said=said)


# --- Shifts ---------------------------------------------------------------------------------------------------


@router.get("/initiatieven/{slug}/rollen/{role_id}/dienst")
def show_new_shift(request: Request, runtime: RuntimeDep, actor: Planner, slug: str, role_id: UUID) -> Response:
    """Ask when, where and how many."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        campaign = planned_campaign(session, slug=slug, actor=actor)
        values = {
            "shift_id": str(new_id()),
            "capacity": "4",
            "minimum_crew": "1",
            "pc4": campaign.pc4 or "",
        }
        content = _plan_shift_page(session, campaign, role_id=role_id, form=Form(values=values))
    return page(request, content, now=now)


@router.post("/initiatieven/{slug}/rollen/{role_id}/diensten")
def add_shift(
    request: Request, runtime: RuntimeDep, actor: Planner, slug: str, role_id: UUID, form: Fields
) -> Response:
    """Plan the shift."""
    shift_id = read_id(Reader(form, []).text("shift_id"))
    language = visit_of(request).language
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            campaign = planned_campaign(session, slug=slug, actor=actor)
            _role_of(session, campaign, role_id=role_id)
            planning.add_shift(
                session, shift_id=shift_id, role_id=role_id, draft=read_shift(form), actor=actor, now=now
            )
    except Invalid as error:
        shown = Form(values=typed_values(form, *_SHIFT_FIELDS), errors=refusals(all_errors(error), language))
        with runtime.database.reading() as session:
            now = runtime.clock.now(session)
            campaign = planned_campaign(session, slug=slug, actor=actor)
            content = _plan_shift_page(session, campaign, role_id=role_id, form=shown)
        return page(request, content, now=now, status=400)
    return see_other(request, PLANNING.format(slug=slug), said=msg("The shift is planned."))


def _role_of(session: Session, campaign: CampaignFactsRow, *, role_id: UUID) -> RoleFacts:
    found = roles.role(session, role_id=role_id)
    if found.initiative_id != campaign.id:
        raise RoleNotFound
    return found


def _typed(form: FormData) -> str:
    return Reader(form, []).text("zoek")


def _role_page(
    session: Session, request: Request, campaign: CampaignFactsRow, *, form: Form, searched: str = ""
) -> RolePage:
    language = visit_of(request).language
    known = vocabulary.by_slug(session, municipality_id=campaign.municipality_id)
    desired, required = (
        [slug for slug in form.value(name).split(",") if slug in known]
        for name in ("desired_skills", "required_skills")
    )
    found = vocabulary.search(session, municipality_id=campaign.municipality_id, typed=searched)
    shown = dict.fromkeys([*required, *desired, *(one.slug for one in found)])
    return RolePage(
        slug=campaign.slug,
        title=campaign.title,
        form=form,
        skills=tuple(
            SkillAsked(
                slug=slug, label=known[slug].label(language), is_desired=slug in desired, is_required=slug in required
            )
            for slug in shown
        ),
        searched=searched,
        languages=tuple(
            Choice(value=one.code, label=one.label_en if language == "en" else one.label_nl) for one in LANGUAGES
        ),
        ages=tuple(Choice(value=str(age), label=say(msg("From {age} years"), language, {"age": age})) for age in AGES),
    )


def _plan_shift_page(session: Session, campaign: CampaignFactsRow, *, role_id: UUID, form: Form) -> PlanShiftPage:
    asked = _role_of(session, campaign, role_id=role_id)
    return PlanShiftPage(
        slug=campaign.slug,
        title=campaign.title,
        role=asked.title,
        action=f"/initiatieven/{campaign.slug}/rollen/{role_id}/diensten",
        is_remote=asked.is_remote,
        form=form,
    )


def _asks(role: RoleFacts, language: Language) -> str:
    """Return in one line what a role asks: its skills, then its languages."""
    skills = [en if language == "en" else nl for _id, _slug, nl, en, _required in role.skills]
    spoken = languages_in(role.required_languages | role.desired_languages)
    return ", ".join([*skills, *(one.label_en if language == "en" else one.label_nl for one in spoken)])
