"""Who answers for an initiative, and what they tell its followers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from crowd.accounts import rules as accounts
from crowd.accounts.models import Person
from crowd.accounts.organisation_operations import claim_organisation
from crowd.initiatives import content_rules, queries, rules
from crowd.initiatives.models import Initiative, InitiativeUpdate, Invitation, TeamMember
from crowd.shared import audit, outbox
from crowd.shared.actor import Actor
from crowd.shared.errors import Conflict, Invalid, InvalidFields, NotFound, msg


class AlreadyAnsweredFor(Conflict):
    """Somebody is the initiator already."""

    sentence = msg("Somebody answers for this initiative already.")


class InvitationNotFound(NotFound):
    """No such invitation, or not for the address this person signed in with."""

    sentence = msg("We cannot find this invitation. Sign in with the e-mail address to which it was sent.")


class InvitationUsed(Conflict):
    """Accepted before, or replaced by another."""

    sentence = msg("This invitation is no longer open. Ask the counter for a new one.")


class UpdateIdTaken(Conflict):
    """The form's id already holds other news."""

    sentence = msg("This message was published before. Open the page again to write a new one.")


class NewsTitleMissing(Invalid):
    """The title is the subject of the mail."""

    sentence = msg("Give your message a title.")


class NewsBodyMissing(Invalid):
    """An empty message is no news."""

    sentence = msg("Write what you want to tell.")


def invite(
    session: Session, *, invitation_id: UUID, initiative_id: UUID, email: str, actor: Actor, now: datetime
) -> None:
    """Ask someone by e-mail to answer for an initiative that has no initiator; an earlier open invitation lapses.

    Inviting twice under one id is inviting once.
    Raises OnlyTheCounter, InitiativeNotFound, AlreadyAnsweredFor, BadAddress.
    """
    queries.campaign_facts(session, initiative_id=initiative_id, lock="update")
    facts = queries.facts_for(session, initiative_id=initiative_id, person_id=actor.person_id)
    if denial := rules.may_hand_over(actor, facts):
        raise denial
    if _has_initiator(session, initiative_id=initiative_id):
        raise AlreadyAnsweredFor
    if session.get(Invitation, invitation_id) is not None:
        return
    session.execute(
        update(Invitation)
        .where(
            Invitation.initiative_id == initiative_id,
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
    session.execute(
        insert(Invitation).values(
            id=invitation_id,
            initiative_id=initiative_id,
            email=accounts.address(email),
            invited_by=actor.person_id,
            invited_at=now,
        )
    )
    outbox.add(
        session,
        kind="initiative.invitation",
        args={"invitation_id": str(invitation_id)},
        dedupe_key=f"initiative.invitation/{invitation_id}",
    )
    audit.record(
        session,
        actor=actor,
        action="initiative.handed_over",
        subject_type="initiative",
        subject_id=initiative_id,
        now=now,
        facts={"invitation_id": str(invitation_id)},
    )


def accept(session: Session, *, invitation_id: UUID, actor: Actor, now: datetime) -> UUID:
    """Become the initiator, and the one who answers for the organisation; return the initiative's id.

    Only for whoever signed in with the invited address; accepting twice is accepting once.
    Raises InvitationNotFound, InvitationUsed.
    """
    found = session.execute(
        select(Invitation.initiative_id, Invitation.accepted_by, Invitation.withdrawn_at, Initiative.organisation_id)
        .join(Initiative, Initiative.id == Invitation.initiative_id)
        .join(Person, (Person.email == Invitation.email) & (Person.municipality_id == Initiative.municipality_id))
        .where(Invitation.id == invitation_id, Person.id == actor.person_id)
        .with_for_update(of=Invitation)
    ).one_or_none()
    if found is None or actor.person_id is None:
        raise InvitationNotFound
    initiative_id: UUID = found.initiative_id
    if found.accepted_by == actor.person_id:
        return initiative_id
    if found.withdrawn_at is not None or _has_initiator(session, initiative_id=initiative_id):
        raise InvitationUsed
    session.execute(
        update(Invitation).where(Invitation.id == invitation_id).values(accepted_at=now, accepted_by=actor.person_id)
    )
    session.execute(
        upsert(TeamMember)
        .values(initiative_id=initiative_id, person_id=actor.person_id, part="initiator", joined_at=now)
        .on_conflict_do_update(
            index_elements=[TeamMember.initiative_id, TeamMember.person_id], set_={"part": "initiator"}
        )
    )
    if found.organisation_id is not None:
        claim_organisation(
            session, organisation_id=found.organisation_id, person_id=actor.person_id, actor=actor, now=now
        )
    audit.record(
        session,
        actor=actor,
        action="initiative.taken_over",
        subject_type="initiative",
        subject_id=initiative_id,
        now=now,
        facts={"invitation_id": str(invitation_id)},
    )
    return initiative_id


def tell_news(
    session: Session, *, update_id: UUID, initiative_id: UUID, title: str, body: str, actor: Actor, now: datetime
) -> None:
    """Publish news on the initiative's page and remember to mail whoever asked for it.

    The same news under the same id is published once. Raises NotYourInitiative, InitiativeNotFound,
    InitiativeCannotBecome before it is public, InvalidFields, UpdateIdTaken.
    """
    facts = queries.facts_for(session, initiative_id=initiative_id, person_id=actor.person_id)
    if denial := rules.may_tell_news(actor, facts):
        raise denial
    title, body = content_rules.clean(title), content_rules.clean(body, one_line=False)
    _check_news(title=title, body=body)
    made = session.execute(
        upsert(InitiativeUpdate)
        .on_conflict_do_nothing(index_elements=[InitiativeUpdate.id])
        .values(
            id=update_id,
            initiative_id=initiative_id,
            title=title,
            body=body,
            published_at=now,
            published_by=actor.person_id,
        )
        .returning(InitiativeUpdate.id)
    ).first()
    if made is None:
        kept = session.get_one(InitiativeUpdate, update_id)
        if (kept.initiative_id, kept.title, kept.body) != (initiative_id, title, body):
            raise UpdateIdTaken
        return
    outbox.add(
        session,
        kind="initiative.update",
        args={"update_id": str(update_id), "initiative_id": str(initiative_id)},
        dedupe_key=f"initiative.update/{update_id}",
    )
    audit.record(
        session,
        actor=actor,
        action="initiative.told_news",
        subject_type="initiative",
        subject_id=initiative_id,
        now=now,
        facts={"update_id": str(update_id)},
    )


def _check_news(*, title: str, body: str) -> None:
    errors: list[Invalid] = []
    if not title:
        errors.append(NewsTitleMissing(field="title"))
    elif len(title) > content_rules.TITLE_LENGTH_MAX:
        errors.append(content_rules.TextTooLong(field="title", length=content_rules.TITLE_LENGTH_MAX))
    if not body:
        errors.append(NewsBodyMissing(field="body"))
    elif len(body) > content_rules.STORY_LENGTH_MAX:
        errors.append(content_rules.TextTooLong(field="body", length=content_rules.STORY_LENGTH_MAX))
    if errors:
        raise InvalidFields(tuple(errors))


def _has_initiator(session: Session, *, initiative_id: UUID) -> bool:
    found = session.execute(
        select(TeamMember.person_id).where(TeamMember.initiative_id == initiative_id, TeamMember.part == "initiator")
    ).first()
    return found is not None
