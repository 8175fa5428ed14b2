"""Writing an initiative: begun once, saved section by section, handed in when nothing is missing."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from crowd.initiatives import content_rules, queries, rules, submission_rules
from crowd.initiatives.content_rules import (
    Budget,
    ChangedElsewhere,
    Help,
    Idea,
    Photo,
    Place,
    PostcodeUnknown,
    Section,
    ThemeUnknown,
)
from crowd.initiatives.models import BudgetLine, Initiative, Picture, TeamMember
from crowd.initiatives.operations import change_state
from crowd.municipalities.models import Municipality, Neighbourhood, PostcodeArea, Theme
from crowd.shared import audit, outbox
from crowd.shared.actor import Actor
from crowd.shared.clock import local_date
from crowd.shared.errors import Conflict, InvalidFields, NotFound, msg


class DraftIdTaken(Conflict):
    """The id the form chose belongs to something else already."""

    sentence = msg("This form was used before for another initiative. Begin again from a fresh page.")


class PictureUnknown(NotFound):
    """The section names a picture that is not there."""

    sentence = msg("We cannot find this photo. Choose it again.")


def start_draft(
    session: Session,
    *,
    initiative_id: UUID,
    actor: Actor,
    now: datetime,
    organisation_id: UUID | None = None,
    external_reference: str | None = None,
) -> None:
    """Begin an initiative under the id the form chose; beginning it again changes nothing.

    Its initiator is the resident acted for, else the actor; with `organisation_id` nobody yet (an unclaimed
    organisation). Raises DraftIdTaken when the id is somebody else's.
    """
    initiator_id = None if organisation_id else actor.on_behalf_of or actor.person_id
    made = session.execute(
        upsert(Initiative)
        .on_conflict_do_nothing(index_elements=[Initiative.id])
        .values(
            id=initiative_id,
            municipality_id=actor.municipality_id,
            slug=content_rules.placeholder_slug(initiative_id),
            organisation_id=organisation_id,
            external_reference=external_reference,
            channel=actor.channel.value,
            created_at=now,
            edited_at=now,
        )
        .returning(Initiative.id)
    ).first()
    if made is None:
        facts = queries.facts_for(session, initiative_id=initiative_id, person_id=initiator_id)
        if facts.part != "initiator" and not rules.is_machine(actor):
            raise DraftIdTaken
        return
    if initiator_id is not None:
        session.execute(
            insert(TeamMember).values(
                initiative_id=initiative_id, person_id=initiator_id, part="initiator", joined_at=now
            )
        )
    audit.record(
        session,
        actor=actor,
        action="initiative.started",
        subject_type="initiative",
        subject_id=initiative_id,
        now=now,
        facts={"organisation_id": str(organisation_id) if organisation_id else None},
    )


def save_section(
    session: Session,
    *,
    initiative_id: UUID,
    section: Section,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
    while_typing: bool = False,
) -> str:
    """Keep one section and return its new fingerprint. Unfinished is fine, wrong is not.

    `seen` is the fingerprint the form was filled with: when the section was changed since, by another window,
    nothing is overwritten (None skips the question). With `while_typing` whatever cannot be right yet is left
    as it was stored. Locks the initiative.
    Raises InitiativeNotFound, NotEditable, NotYourInitiative, ChangedElsewhere, InvalidFields, PictureUnknown.
    """
    campaign = queries.campaign_facts(session, initiative_id=initiative_id, lock="update")
    facts = queries.facts_for(session, initiative_id=initiative_id, person_id=actor.person_id)
    if denial := rules.may_edit(actor, facts):
        raise denial
    stored = _stored(session, initiative_id=initiative_id, like=section)
    today = local_date(now)
    if while_typing:
        section = content_rules.without_errors(section, stored=stored, today=today)
    else:
        content_rules.check_section(section, today=today)
    section = _resolved(
        session, municipality_id=campaign.municipality_id, section=section, stored=stored, keep=while_typing
    )
    if section == stored:
        return content_rules.fingerprint(stored)
    if seen is not None and seen != content_rules.fingerprint(stored):
        raise ChangedElsewhere
    _store(session, initiative_id=initiative_id, section=section, now=now)
    return content_rules.fingerprint(section)


def submit(session: Session, *, initiative_id: UUID, actor: Actor, now: datetime) -> None:
    """Hand the initiative in for review: from now on its text stands still, and its address follows its title.

    Handing in twice is handing in once. Raises InitiativeNotFound, NotEditable, NotYourInitiative, and
    InvalidFields that names everything still missing (`submission_rules.step_of` tells where).
    """
    campaign = queries.campaign_facts(session, initiative_id=initiative_id, lock="update")
    facts = queries.facts_for(session, initiative_id=initiative_id, person_id=actor.person_id)
    if denial := rules.may_edit(actor, facts):
        if isinstance(denial, rules.NotEditable) and campaign.state == "submitted":
            return
        raise denial
    content = queries.content(session, initiative_id=initiative_id)
    if gaps := submission_rules.missing(content, today=local_date(now)):
        raise InvalidFields(gaps)
    slug = _free_slug(session, initiative_id=initiative_id, title=content.idea.title)
    session.execute(update(Initiative).where(Initiative.id == initiative_id).values(slug=slug))
    change_state(session, initiative_id=initiative_id, to="submitted", actor=actor, now=now)
    outbox.add(
        session,
        kind="initiative.submitted",
        args={"initiative_id": str(initiative_id)},
        dedupe_key=f"initiative.submitted/{initiative_id}/{now.isoformat()}",
    )


def _stored(session: Session, *, initiative_id: UUID, like: Section) -> Section:
    content = queries.content(session, initiative_id=initiative_id)
    found: Section = next(
        part
        for part in (content.idea, content.place, content.budget, content.help, content.photo)
        if type(part) is type(like)
    )
    return found


def _resolved(session: Session, *, municipality_id: UUID, section: Section, stored: Section, keep: bool) -> Section:
    """Return the section with what follows from the map, after checking that what it points at exists here.

    With `keep` an unknown postcode stays what was stored, instead of being refused.
    """
    match section:
        case Idea(theme_id=theme_id) if theme_id is not None:
            if session.get(Theme, theme_id) is None:
                raise InvalidFields((ThemeUnknown(field="theme"),))
        case Place() if section.pc4:
            return _on_the_map(session, municipality_id=municipality_id, place=section, stored=stored, keep=keep)
        case Place() if section.neighbourhood_id is not None and stored != section:
            # A neighbourhood without postcode is what a register gives; a form never sends one.
            if session.get(Neighbourhood, section.neighbourhood_id) is None:
                raise InvalidFields((submission_rules.PlaceMissing(field="pc4"),))
        case Photo(picture_id=picture_id) if picture_id is not None:
            if session.get(Picture, picture_id) is None:
                raise PictureUnknown(field="picture")
        case _:
            pass
    return section


def _on_the_map(session: Session, *, municipality_id: UUID, place: Place, stored: Section, keep: bool) -> Place:
    area = session.get(PostcodeArea, (municipality_id, place.pc4))
    if area is not None:
        return replace(place, neighbourhood_id=area.neighbourhood_id)
    if keep and isinstance(stored, Place):
        return replace(place, pc4=stored.pc4, neighbourhood_id=stored.neighbourhood_id)
    known = session.execute(
        select(Municipality.name, select(func.min(PostcodeArea.pc4)).scalar_subquery()).where(
            Municipality.id == municipality_id
        )
    ).one()
    raise InvalidFields((PostcodeUnknown(field="pc4", municipality=known[0], example=known[1] or "1011"),))


def _store(session: Session, *, initiative_id: UUID, section: Section, now: datetime) -> None:
    match section:
        case Idea(title, summary, story, theme_id):
            values: dict[str, object] = {"title": title, "summary": summary, "story": story, "theme_id": theme_id}
        case Place(pc4, place_note, neighbourhood_id):
            values = {"pc4": pc4 or None, "place_note": place_note, "neighbourhood_id": neighbourhood_id}
        case Budget(lines, minimum, ends_on):
            values = {"minimum_cents": minimum.cents if minimum else None, "ends_on": ends_on}
            session.execute(delete(BudgetLine).where(BudgetLine.initiative_id == initiative_id))
            rows = [
                {
                    "initiative_id": initiative_id,
                    "position": position,
                    "label": line.label,
                    "amount_cents": line.amount.cents,
                }
                for position, line in enumerate(lines)
                if line.amount is not None
            ]
            if rows:
                session.execute(insert(BudgetLine), rows)
        case Help(help_wanted):
            values = {"help_wanted": help_wanted}
        case _:
            picture_id, picture_alt = section.picture_id, section.picture_alt
            values = {"picture_id": picture_id, "picture_alt": picture_alt}
    session.execute(update(Initiative).where(Initiative.id == initiative_id).values(edited_at=now, **values))


def _free_slug(session: Session, *, initiative_id: UUID, title: str) -> str:
    wanted = content_rules.slug_of(title)
    # Two initiatives with the same title handed in at the same moment: the second waits here, then sees the first.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(wanted))))
    taken = session.execute(select(Initiative.id).where(Initiative.slug == wanted)).scalar_one_or_none()
    return wanted if taken in {None, initiative_id} else f"{wanted}-{initiative_id.hex[-6:]}"
