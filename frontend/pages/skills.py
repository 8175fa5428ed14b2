"""The vocabulary of skills at the counter: looking one up, adding one, more words for it, and merging two."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from crowd.shared.actor import Actor
from crowd.shared.errors import DomainError, Invalid, msg
from crowd.shared.ids import new_id
from frontend.access import requires
from frontend.answers import page, see_other
from frontend.formats import Language
from frontend.i18n import refusals
from frontend.pages.counter import COUNTER
from frontend.pages.launch import read_id
from frontend.runtime import Runtime, RuntimeDep
from frontend.views.forms import Choice
from frontend.views.forms import Form as Typed
from frontend.views.skills import MergeLine, SkillLine, SkillPage, SkillsPage
from frontend.visit import visit_of
from frontend.volunteer_forms import all_errors
from matching.curation import operations as curation
from matching.curation import queries as curated
from matching.curation.rules import SharedSkill
from matching.vocabulary import operations, queries
from matching.vocabulary.queries import SkillFacts
from matching.vocabulary.skill_rules import (
    Names,
    NameTaken,
    SkillDraft,
    SkillNotFound,
    check_names,
    municipality_of,
    words_in,
)

router: Final = APIRouter()
SKILLS: Final = f"{COUNTER}/vaardigheden"
Keeper = Annotated[Actor, Depends(requires("skill:edit"))]
_TEXT = Annotated[str, Form()]


@router.get(SKILLS)
def show_skills(request: Request, runtime: RuntimeDep, actor: Keeper, zoek: str = "") -> Response:
    """Show the skills that look like what was typed; without anything typed all of them."""
    return _skills_page(request, runtime, actor, searched=zoek, form=Typed())


@router.post(SKILLS)
def add_skill(
    request: Request,
    runtime: RuntimeDep,
    actor: Keeper,
    label_nl: _TEXT = "",
    label_en: _TEXT = "",
    names_nl: _TEXT = "",
    names_en: _TEXT = "",
    parent: _TEXT = "",
) -> Response:
    """Add a skill to the municipality's own list."""
    draft = SkillDraft(
        label_nl=label_nl,
        label_en=label_en,
        names_nl=words_in(names_nl),
        names_en=words_in(names_en),
        parent=parent,
    )
    try:
        with runtime.database.transaction() as session:
            slug = operations.add_skill(session, draft=draft, actor=actor, now=runtime.clock.now(session))
    except (Invalid, NameTaken) as error:
        typed = {"label_nl": label_nl, "label_en": label_en, "names_nl": names_nl, "names_en": names_en}
        form = Typed(values={**typed, "parent": parent}, errors=_said(request, error))
        return _skills_page(request, runtime, actor, searched="", form=form, status=400)
    return see_other(request, f"{SKILLS}/{slug}", said=msg("The skill is on the list."))


@router.post(SKILLS + "/samenvoegingen/{merge_id}/herroeping")
def undo_merge(request: Request, runtime: RuntimeDep, actor: Keeper, merge_id: UUID) -> Response:
    """Make two skills of one again."""
    with runtime.database.transaction() as session:
        curation.undo_merge(session, merge_id=merge_id, actor=actor, now=runtime.clock.now(session))
    return see_other(request, SKILLS, said=msg("The skills are two again, for everybody who had them."))


@router.get(SKILLS + "/{slug}")
def show_skill(request: Request, runtime: RuntimeDep, actor: Keeper, slug: str) -> Response:
    """Show one skill."""
    return _skill_page(request, runtime, actor, slug=slug, form=Typed())


@router.post(SKILLS + "/{slug}/woorden")
def add_words(
    request: Request, runtime: RuntimeDep, actor: Keeper, slug: str, names_nl: _TEXT = "", names_en: _TEXT = ""
) -> Response:
    """Let a skill be found by more words."""
    names = Names(words_in(names_nl), words_in(names_en))
    try:
        check_names(names)
        with runtime.database.transaction() as session:
            skill = _known(session, actor, slug)
            now = runtime.clock.now(session)
            added = operations.add_names(session, skill_id=skill.id, names=names, actor=actor, now=now)
    except Invalid as error:
        form = Typed(values={"names_nl": names_nl, "names_en": names_en}, errors=_said(request, error))
        return _skill_page(request, runtime, actor, slug=slug, form=form, status=400)
    said = msg("New words: {added}.")
    return see_other(request, f"{SKILLS}/{skill.slug}", said=said, facts={"added": added})


@router.post(SKILLS + "/{slug}/samenvoeging")
def merge(
    request: Request, runtime: RuntimeDep, actor: Keeper, slug: str, merge_id: _TEXT = "", into: _TEXT = ""
) -> Response:
    """Merge a skill into another: whoever has it, and every role that asks it, then has that one."""
    chosen = read_id(merge_id)
    try:
        with runtime.database.transaction() as session:
            known = queries.by_slug(session, municipality_id=municipality_of(actor))
            source, target = known.get(slug), known.get(into)
            if source is None:
                raise SkillNotFound
            curation.merge_skills(
                session,
                merge_id=chosen,
                source_id=source.id,
                # Nothing chosen is refused like the skill itself: choose another.
                target_id=target.id if target else source.id,
                actor=actor,
                now=runtime.clock.now(session),
            )
    except (Invalid, SharedSkill) as error:
        form = Typed(values={"into": into}, errors=_said(request, error))
        return _skill_page(request, runtime, actor, slug=slug, form=form, status=400)
    # A second click comes after the merge: the slug then leads to what the skill became.
    return see_other(request, f"{SKILLS}/{into}", said=msg("The two skills are one now. Nobody lost anything by it."))


def _said(request: Request, error: DomainError) -> dict[str, str]:
    return refusals(all_errors(error), visit_of(request).language)


def _known(session: Session, actor: Actor, slug: str) -> SkillFacts:
    found = queries.by_slug(session, municipality_id=municipality_of(actor)).get(slug)
    if found is None:
        raise SkillNotFound
    return found


def _choices(found: list[SkillFacts], language: Language) -> tuple[Choice, ...]:
    choices = (Choice(value=one.slug, label=one.label(language)) for one in found)
    return tuple(sorted(choices, key=lambda choice: choice.label.casefold()))


def _skills_page(
    request: Request, runtime: Runtime, actor: Actor, *, searched: str, form: Typed, status: int = 200
) -> Response:
    here, language = municipality_of(actor), visit_of(request).language
    with runtime.database.reading() as session:
        now: datetime = runtime.clock.now(session)
        every = queries.skills(session, municipality_id=here)
        own = queries.own_ids(session, municipality_id=here)
        found = queries.search(session, municipality_id=here, typed=searched) if searched else every
        merged = curated.merges(session, municipality_id=here)
    by_id = {one.id: one for one in every}
    content = SkillsPage(
        searched=searched,
        lines=tuple(
            SkillLine(
                href=f"{SKILLS}/{one.slug}",
                label=one.label(language),
                wider=by_id[one.parent_id].label(language) if one.parent_id in by_id else "",
                is_own=one.id in own,
            )
            for one in (found if searched else sorted(found, key=lambda one: one.label(language).casefold()))
        ),
        count=len(every),
        merges=tuple(
            MergeLine(
                action=f"{SKILLS}/samenvoegingen/{one.id}/herroeping",
                source=one.source_en if language == "en" else one.source_nl,
                target=one.target_en if language == "en" else one.target_nl,
                merged_at=one.merged_at,
            )
            for one in merged
        ),
        wider=_choices([one for one in every if one.parent_id is None], language),
        form=form,
    )
    return page(request, content, now=now, status=status)


def _skill_page(
    request: Request, runtime: Runtime, actor: Actor, *, slug: str, form: Typed, status: int = 200
) -> Response:
    here, language = municipality_of(actor), visit_of(request).language
    with runtime.database.reading() as session:
        now: datetime = runtime.clock.now(session)
        skill = _known(session, actor, slug)
        every = queries.skills(session, municipality_id=here)
        names = queries.names_of(session, municipality_id=here, skill_id=skill.id)
        people, roles = curated.use_of(session, skill_id=skill.id)
        owner = queries.owner_of(session, skill_id=skill.id)
    wider = next((one for one in every if one.id == skill.parent_id), None)
    content = SkillPage(
        base=f"{SKILLS}/{skill.slug}",
        label=skill.label(language),
        labels=(skill.label_nl, skill.label_en),
        wider=wider.label(language) if wider else "",
        names_nl=tuple(name for locale, name in names if locale == "nl"),
        names_en=tuple(name for locale, name in names if locale == "en"),
        people=people,
        roles=roles,
        may_merge=owner is not None,
        merge_id=str(new_id()),
        others=_choices([one for one in every if one.id != skill.id], language),
        form=form,
    )
    return page(request, content, now=now, status=status)
