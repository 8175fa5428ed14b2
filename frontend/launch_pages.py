"""What the pages of somebody who writes an initiative show, put together from what is stored."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from crowd.closing.campaign_page_queries import CampaignPage, campaign_page
from crowd.cofunding.queries import potential_match
from crowd.cofunding.rules import SENTENCES
from crowd.initiatives import content_rules, queries, review_queries, rules, submission_rules
from crowd.initiatives.content_rules import Budget, Content, Place, Section
from crowd.initiatives.rules import InitiativeFacts, InitiativeNotFound
from crowd.municipalities.models import Theme
from crowd.municipalities.queries import themes as all_themes
from crowd.shared.actor import Actor, Channel
from crowd.shared.clock import local_date
from crowd.shared.errors import Invalid, msg
from crowd.shared.ids import new_id
from frontend.campaigns import page_view
from frontend.cards import card_view, picture_view
from frontend.formats import Language, money, short_day
from frontend.i18n import refusal, say
from frontend.launch_forms import ORDER, fields_of, rows_for, section_of
from frontend.views.forms import Choice, Form
from frontend.views.initiatives import InitiativePage, Picture
from frontend.views.launch import Answer, CheckedStep, CheckPage, ManagePage, PossibleMatch, StepName, StepPage

LAUNCH: Final = "/start"
_NOTHING: Final = msg("Not filled in")
_CHOSEN: Final = msg("Chosen")


@dataclass(frozen=True, slots=True)
class Draft:
    """An initiative as its writer works on it. `actor` acts for the resident when the counter helps."""

    id: UUID
    actor: Actor
    facts: InitiativeFacts
    content: Content
    themes: list[Theme]
    on_behalf: str

    @property
    def base(self) -> str:
        """Return the address its steps begin with."""
        return f"{LAUNCH}/{self.id}"

    @property
    def is_editable(self) -> bool:
        """Whether this actor may write in it now."""
        return rules.may_edit(self.actor, self.facts) is None


def read_draft(session: Session, *, initiative_id: UUID, actor: Actor) -> Draft:
    """Return the initiative for whoever may see it; raise InitiativeNotFound for everybody else."""
    facts = queries.facts_for(session, initiative_id=initiative_id, person_id=actor.person_id)
    if rules.may_see(actor, facts) is not None or (rules.is_public(facts) and facts.part is None):
        raise InitiativeNotFound
    helped = facts.part is None and facts.assisted
    name = ""
    if helped:
        resident = review_queries.initiator(session, initiative_id=initiative_id)
        if resident is not None:
            actor = replace(actor, on_behalf_of=resident.person_id, channel=Channel(resident.channel))
            name = resident.name or resident.email
    return Draft(
        id=initiative_id,
        actor=actor,
        facts=facts,
        content=queries.content(session, initiative_id=initiative_id),
        themes=all_themes(session, municipality_id=facts.municipality_id),
        on_behalf=name,
    )


def step_page(
    session: Session,
    draft: Draft,
    step: StepName,
    *,
    language: Language,
    now: datetime,
    form: Form | None = None,
    rows: int = 0,
) -> StepPage:
    """Return one step: filled in with what is stored, or with what was just typed and is not right yet."""
    section = section_of(draft.content, step)
    today = local_date(now)
    fields = fields_of(section, themes=draft.themes)
    shown = form or Form(values=fields)
    return StepPage(
        base=draft.base,
        step=step,
        number=ORDER.index(step) + 1,
        form=shown,
        seen=content_rules.fingerprint(section),
        title=draft.content.idea.title,
        note=_notes(session, draft).get(step, ""),
        themes=tuple(Choice(value=one.slug, label=_label(one, language)) for one in draft.themes),
        neighbourhood=_neighbourhood(session, draft) if isinstance(section, Place) else "",
        rows=rows_for(section, typed=dict(shown.values), wanted=rows) if isinstance(section, Budget) else 0,
        target=section.target if isinstance(section, Budget) and section.lines else None,
        first_end=today + timedelta(days=content_rules.DAYS_AHEAD_MIN),
        last_end=today + timedelta(days=content_rules.DAYS_AHEAD_MAX),
        picture=_picture(session, draft) if step == "photo" else None,
        picture_id=str(new_id()) if step == "photo" else "",
        on_behalf=draft.on_behalf,
    )


def check_page(
    session: Session, draft: Draft, *, language: Language, now: datetime, show_gaps: bool = False
) -> CheckPage:
    """Return the last step: everything filled in, everything missing, and what the municipality could add."""
    gaps: dict[str, list[Invalid]] = {}
    for gap in submission_rules.missing(draft.content, today=local_date(now)):
        gaps.setdefault(submission_rules.step_of(gap), []).append(gap)
    notes = _notes(session, draft)
    steps = tuple(
        CheckedStep(
            step=step,
            answers=_answers(session, draft, step, language),
            gaps=tuple((refusal(gap, language), gap.field or "") for gap in gaps.get(step, ())),
            note=notes.get(step, ""),
        )
        for step in ORDER[:-1]
    )
    was_asked = draft.facts.state == "changes_requested"
    return CheckPage(
        base=draft.base,
        state=card_view(_found(session, draft).card, language).state,
        steps=steps,
        was_asked=was_asked,
        reason=_last_reason(session, draft) if was_asked else "",
        possible_match=_possible_match(session, draft, language=language, now=now),
        on_behalf=draft.on_behalf,
        show_gaps=show_gaps,
    )


def preview(session: Session, draft: Draft, *, language: Language, now: datetime) -> InitiativePage:
    """Return the page as everybody will see it, once it is public."""
    return page_view(_found(session, draft), language=language, now=now, match=None)


def manage_page(
    session: Session, found: CampaignPage, *, facts: InitiativeFacts, actor: Actor, language: Language, form: Form
) -> ManagePage:
    """Return where an initiative stands for whoever answers for it."""
    road = review_queries.road(session, initiative_id=found.card.id)
    campaign = queries.campaign_facts(session, initiative_id=found.card.id)
    if campaign.ends_on and "ends_on" not in form.values:
        form = replace(form, values={**form.values, "ends_on": campaign.ends_on.isoformat()})
    since = next((step.at for step in road if step.to_state == facts.state), None)
    return ManagePage(
        card=card_view(found.card, language),
        base=f"/initiatieven/{found.card.slug}/beheer",
        edit_base=f"{LAUNCH}/{found.card.id}",
        state_since=since,
        answer_by=rules.review_due_on(local_date(since)) if since and facts.state == "submitted" else None,
        ends_on=campaign.ends_on,
        reason=found.state_reason,
        form=form,
        update_id=form.value("update_id") or str(new_id()),
        may_publish=facts.state == "approved" and rules.may_publish(actor, facts) is None,
        may_tell=rules.may_tell_news(actor, facts) is None,
        may_offer=rules.may_moderate(actor, facts) is None,
        may_see_supporters=rules.is_public(facts) and rules.may_moderate(actor, facts) is None,
        may_cancel=facts.state in rules.CANCELLED_AT_ONCE and rules.may_cancel(actor, facts) is None,
    )


def _found(session: Session, draft: Draft) -> CampaignPage:
    found = campaign_page(session, initiative_id=draft.id, person_id=draft.actor.person_id)
    if found is None:
        raise InitiativeNotFound
    return found


def _picture(session: Session, draft: Draft) -> Picture | None:
    found = _found(session, draft)
    return picture_view(found.card) if found.card.picture_id else None


def _label(theme: Theme, language: Language) -> str:
    return theme.label_nl if language == "nl" else theme.label_en


def _neighbourhood(session: Session, draft: Draft) -> str:
    return _found(session, draft).card.neighbourhood


def _notes(session: Session, draft: Draft) -> dict[str, str]:
    """Return section -> what the counter asked there, as long as those changes are still to be made."""
    if draft.facts.state != "changes_requested":
        return {}
    road = review_queries.road(session, initiative_id=draft.id)
    return dict(next((step.notes for step in road if step.to_state == "changes_requested"), ()))


def _last_reason(session: Session, draft: Draft) -> str:
    road = review_queries.road(session, initiative_id=draft.id)
    return next((step.reason for step in road if step.to_state == "changes_requested"), "")


def _possible_match(session: Session, draft: Draft, *, language: Language, now: datetime) -> PossibleMatch | None:
    found = potential_match(session, initiative_id=draft.id, on=local_date(now))
    if found is None or not found.amount:
        return None
    return PossibleMatch(scheme=found.scheme.name, amount=found.amount, why=say(SENTENCES[found.bound], language))


_LABELS: Final[dict[str, str]] = {
    "title": msg("Title"),
    "summary": msg("In one sentence"),
    "story": msg("The story"),
    "theme": msg("Theme"),
    "pc4": msg("Postcode"),
    "place_note": msg("The place in words"),
    "neighbourhood": msg("Neighbourhood"),
    "target": msg("Everything together"),
    "minimum": msg("The minimum"),
    "ends_on": msg("The last day"),
    "help_wanted": msg("Help wanted"),
    "picture": msg("Photo"),
    "picture_alt": msg("What can be seen in the photo"),
}


def _answers(session: Session, draft: Draft, step: StepName, language: Language) -> tuple[Answer, ...]:
    values = _values(session, draft, section_of(draft.content, step), language)
    return tuple(Answer(label=label, value=value or say(_NOTHING, language)) for label, value in values)


def _values(session: Session, draft: Draft, section: Section, language: Language) -> list[tuple[str, str]]:
    def named(name: str, value: str) -> tuple[str, str]:
        return say(_LABELS[name], language), value

    match section:
        case content_rules.Idea():
            theme = next((one for one in draft.themes if one.id == section.theme_id), None)
            return [
                named("title", section.title),
                named("summary", section.summary),
                named("story", section.story),
                named("theme", _label(theme, language) if theme else ""),
            ]
        case Place():
            place = [named("pc4", section.pc4), named("place_note", section.place_note)]
            return [*place, named("neighbourhood", _neighbourhood(session, draft))] if section.pc4 else place
        case Budget(lines, minimum, ends_on):
            return [
                *((line.label, money(line.amount, language)) for line in lines if line.amount is not None),
                named("target", money(section.target, language) if lines else ""),
                named("minimum", money(minimum, language) if minimum else ""),
                named("ends_on", short_day(ends_on, language) if ends_on else ""),
            ]
        case content_rules.Help():
            return [named("help_wanted", section.help_wanted)]
        case _:
            photo = named("picture", say(_CHOSEN, language) if section.picture_id else "")
            return [photo, named("picture_alt", section.picture_alt)] if section.picture_id else [photo]
