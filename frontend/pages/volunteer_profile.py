"""A volunteer's own profile, and the shifts that fit it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from crowd.municipalities import queries as town
from crowd.municipalities.models import Theme
from crowd.shared.actor import Actor
from crowd.shared.clock import local_date
from crowd.shared.errors import Forbidden, Invalid, msg
from frontend import links
from frontend.access import requires
from frontend.answers import page, see_other
from frontend.formats import Language, spoken
from frontend.forms import Fields
from frontend.i18n import refusals, say
from frontend.runtime import Runtime, RuntimeDep
from frontend.shift_cards import fit_view, shift_card
from frontend.views.accounts import MyLine, MySection
from frontend.views.forms import Choice, Form
from frontend.views.volunteering import ProfilePage, SkillChoice, Suggestion, SuggestionsPage
from frontend.visit import visit_of
from frontend.volunteer_forms import (
    WEEK_PRESETS,
    Reader,
    all_errors,
    read_cells,
    read_level,
    read_profile,
    typed_values,
)
from matching.placements import queries, suggestions
from matching.placements.rules import PlacementNotFound
from matching.roles import queries as roles
from matching.vocabulary import queries as vocabulary
from matching.vocabulary.queries import SkillFacts
from matching.vocabulary.rules import CELLS, LANGUAGES, languages_in
from matching.volunteers import operations
from matching.volunteers.queries import ProfileFacts, profile
from matching.volunteers.rules import SKILLS_MAX

router: Final = APIRouter()

PROFILE: Final = "/mijn/vrijwilliger"
FITTING: Final = f"{PROFILE}/passend"
Helper = Annotated[Actor, Depends(requires("volunteer:own"))]

_TEXTS: Final = ("pc4", "radius_km", "wants_at_most", "born_on", "is_paused", "languages", "themes")
STATE_NAMES: Final[dict[str, str]] = {
    "invited": msg("You are asked"),
    "applied": msg("Waiting for an answer"),
    "waitlisted": msg("On the waiting list"),
    "accepted": msg("You are in"),
    "checked_in": msg("You are in"),
    "completed": msg("Done, thank you"),
    "no_show": msg("Not there"),
    "declined": msg("Declined"),
    "expired": msg("Expired"),
    "withdrawn": msg("Withdrawn"),
    "cancelled": msg("Cancelled"),
}
_TONES: Final = {"invited": "warning", "accepted": "positive", "checked_in": "positive", "completed": "positive"}


@router.get(PROFILE)
def show_profile(request: Request, runtime: RuntimeDep, actor: Helper) -> Response:
    """Show the profile as it is stored, or a fresh one."""
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        stored = profile(session, person_id=_person(actor))
        around = _Around(session, runtime, visit_of(request).language)
        content = around.stored_page(stored)
    return page(request, content, now=now)


@router.post(PROFILE)
def write_profile(request: Request, runtime: RuntimeDep, actor: Helper, form: Fields) -> Response:
    """Store the profile; or with another button than the last, add to the form and show it again."""
    language = visit_of(request).language
    reader = Reader(form, [])
    act = reader.text("act")
    # Enter in any field presses the first button, which searches: with nothing to search for it means "save".
    if act in WEEK_PRESETS or (act == "zoek" and reader.text("zoek")):
        return _again(request, runtime, actor, form=form, error=None)
    try:
        with runtime.database.transaction() as session:
            now = runtime.clock.now(session)
            around = _Around(session, runtime, language)
            operations.write_profile(
                session,
                person_id=_person(actor),
                municipality_id=runtime.town.facts().id,
                profile=read_profile(
                    form,
                    skills=around.by_slug,
                    themes={one.slug: one.id for one in around.themes},
                    today=local_date(now),
                ),
                actor=actor,
                now=now,
            )
    except Invalid as error:
        return _again(request, runtime, actor, form=form, error=error)
    return see_other(request, FITTING, said=msg("Your profile is saved."))


@router.get(FITTING)
def show_suggestions(request: Request, runtime: RuntimeDep, actor: Helper) -> Response:
    """Show the ten shifts that fit best, each with why; without a profile, ask for one."""
    language = visit_of(request).language
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        stored = profile(session, person_id=_person(actor))
        if stored is None or not stored.has_profile:
            return see_other(request, PROFILE, said=msg("Tell us first what you like to do and when."), tone="info")
        found = suggestions.shifts_for(session, volunteer_id=stored.person_id, policy=queries.policy(session), now=now)
        lines = {one.id: one for one in roles.shifts_by_id(session, shift_ids=[hit.id for hit in found])}
    content = SuggestionsPage(
        suggestions=tuple(
            Suggestion(shift=shift_card(lines[hit.id], language, now=now), fit=fit_view(hit.score)) for hit in found
        ),
        is_paused=stored.is_paused,
    )
    return page(request, content, now=now)


@router.get(PROFILE + "/diensten/{placement_id}")
def go_to_own(request: Request, runtime: RuntimeDep, actor: Helper, placement_id: UUID) -> Response:
    """Lead to one's own placement, whose address is otherwise only in the mails."""
    with runtime.database.reading() as session:
        known = queries.placement(session, placement_id=placement_id)
    if known.volunteer_id != _person(actor):
        raise PlacementNotFound
    return see_other(request, links.own_placement_path(placement_id, runtime.keys))


def my_shifts(session: Session, actor: Actor, language: Language, now: datetime) -> MySection | None:
    """Return what I help with, for my own page: what is still to come or asks for an answer, then the rest."""
    if actor.person_id is None:
        return None
    placed = queries.placements_of(session, volunteer_id=actor.person_id)
    lines = {one.id: one for one in roles.shifts_by_id(session, shift_ids=[one.shift_id for one in placed])}
    ahead = sorted((one for one in placed if one.ends_at > now), key=lambda one: one.starts_at)
    behind = [one for one in placed if one.ends_at <= now]
    return MySection(
        title=say(msg("Helping out"), language),
        lines=[
            MyLine(
                href=f"{PROFILE}/diensten/{one.id}",
                title=f"{lines[one.shift_id].role_title} · {lines[one.shift_id].initiative_title}",
                note=spoken(one.starts_at, language),
                status=say(STATE_NAMES.get(one.state, one.state), language),
                tone=_TONES.get(one.state, "neutral"),  # type: ignore[arg-type]  # the table above holds tones only
            )
            for one in (*ahead, *behind)[:12]
        ],
        empty=say(msg("You do not help anywhere yet."), language),
        action=(say(msg("What fits me"), language), FITTING),
    )


class NobodyActs(Forbidden):
    """A profile belongs to somebody."""

    sentence = msg("Sign in first. What you typed is still on the page you came from.")


def _person(actor: Actor) -> UUID:
    if actor.person_id is None:
        raise NobodyActs
    return actor.person_id


def _again(request: Request, runtime: Runtime, actor: Actor, *, form: FormData, error: Invalid | None) -> Response:
    language = visit_of(request).language
    with runtime.database.reading() as session:
        now = runtime.clock.now(session)
        stored = profile(session, person_id=_person(actor))
        around = _Around(session, runtime, language)
        errors = refusals(all_errors(error), language) if error else {}
        content = around.typed_page(session, form, errors=errors, has_profile=bool(stored and stored.has_profile))
    return page(request, content, now=now, status=400 if error else 200)


class _Around:
    """What can be chosen in a profile, in the reader's language, and the page made of it."""

    def __init__(self, session: Session, runtime: Runtime, language: Language) -> None:
        self.language, self.here = language, runtime.town.facts().id
        self.skills = vocabulary.skills(session, municipality_id=self.here)
        # With the slugs of skills that were merged, from a form that was opened before.
        self.by_slug = vocabulary.by_slug(session, municipality_id=self.here)
        self.themes: list[Theme] = town.themes(session, municipality_id=self.here)

    def stored_page(self, stored: ProfileFacts | None) -> ProfilePage:
        """Return the form filled in with what is stored."""
        if stored is None or not stored.has_profile:
            values = {"radius_km": "5", "wants_at_most": "2", "languages": "nl"}
            if stored is not None and stored.born_on is not None:
                values["born_on"] = stored.born_on.isoformat()
            return self._page(Form(values=values), cells=frozenset(), chosen={}, has_profile=False)
        form = Form(
            values={
                "pc4": stored.pc4 or "",
                "radius_km": str(stored.radius_km),
                "wants_at_most": str(stored.wants_at_most),
                "born_on": stored.born_on.isoformat() if stored.born_on else "",
                "is_paused": "yes" if stored.is_paused else "",
                "languages": ",".join(one.code for one in languages_in(stored.languages)),
                "themes": ",".join(one.slug for one in self.themes if one.id in stored.themes),
            }
        )
        cells = frozenset(cell for cell in range(CELLS) if stored.cells >> cell & 1)
        chosen = {one.slug: stored.skills[one.id] for one in self.skills if one.id in stored.skills}
        return self._page(form, cells=cells, chosen=chosen, has_profile=True)

    def typed_page(
        self, session: Session, form: FormData, *, errors: Mapping[str, str], has_profile: bool
    ) -> ProfilePage:
        """Return the form with what was typed, and the skills that were searched for."""
        reader = Reader(form, [])
        cells = read_cells(reader)
        chosen = {slug: read_level(reader, slug) for slug in reader.several("skills") if slug in self.by_slug}
        searched = reader.text("zoek")
        found = vocabulary.search(session, municipality_id=self.here, typed=searched) if searched else []
        return self._page(
            Form(values=typed_values(form, *_TEXTS), errors=dict(errors)),
            cells=cells,
            chosen=chosen,
            found=[one for one in found if one.slug not in chosen],
            searched=searched,
            has_profile=has_profile,
        )

    def _page(
        self,
        form: Form,
        *,
        cells: frozenset[int],
        chosen: Mapping[str, int],
        has_profile: bool,
        found: list[SkillFacts] | None = None,
        searched: str = "",
    ) -> ProfilePage:
        is_english = self.language == "en"
        kept = [self._skill(self.by_slug[slug], level=level, is_chosen=True) for slug, level in chosen.items()]
        offered = [self._skill(one, level=2, is_chosen=False) for one in found or []]
        return ProfilePage(
            form=form,
            cells=cells,
            skills=(*kept, *offered),
            searched=searched,
            languages=tuple(
                Choice(value=one.code, label=one.label_en if is_english else one.label_nl) for one in LANGUAGES
            ),
            themes=tuple(
                Choice(value=one.slug, label=one.label_en if is_english else one.label_nl) for one in self.themes
            ),
            has_profile=has_profile,
            skills_most=SKILLS_MAX,
        )

    def _skill(self, skill: SkillFacts, *, level: int, is_chosen: bool) -> SkillChoice:
        return SkillChoice(slug=skill.slug, label=skill.label(self.language), level=level, is_chosen=is_chosen)
