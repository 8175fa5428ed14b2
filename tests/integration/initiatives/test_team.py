"""Handing an initiative over, and telling news; on PostgreSQL."""

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowd.accounts.models import Organisation
from crowd.accounts.organisation_operations import find_or_add_organisation
from crowd.initiatives import queries, review_queries, rules, team_operations
from crowd.initiatives.models import InitiativeUpdate
from crowd.shared.actor import Actor
from crowd.shared.errors import InvalidFields
from crowd.shared.ids import new_id
from crowd.shared.outbox import OutboxRow
from tests.factories import NOW, acting, make_initiative, make_municipality, make_organisation, make_person


class Cast:
    """A live initiative of an unclaimed organisation, a clerk, and the person to be invited."""

    def __init__(self, session: Session) -> None:
        self.here = make_municipality(session)
        self.organisation = make_organisation(session, municipality_id=self.here)
        self.initiative = make_initiative(session, municipality_id=self.here, organisation_id=self.organisation)
        self.clerk = acting(self.here, make_person(session, municipality_id=self.here), "clerk")
        self.invited = acting(
            self.here, make_person(session, municipality_id=self.here, email="Mila@stichting.example")
        )

    def invite(self, session: Session, email: str = "mila@stichting.example") -> UUID:
        invitation = new_id()
        team_operations.invite(
            session,
            invitation_id=invitation,
            initiative_id=self.initiative,
            email=email,
            actor=self.clerk,
            now=NOW,
        )
        return invitation


def test_whoever_signs_in_with_the_invited_address_takes_over(session: Session) -> None:
    cast = Cast(session)
    invitation = cast.invite(session)
    assert cast.invited.person_id is not None
    assert [line.id for line in review_queries.invitations_of(session, person_id=cast.invited.person_id)] == [
        invitation
    ]
    for _ in range(2):
        taken = team_operations.accept(session, invitation_id=invitation, actor=cast.invited, now=NOW)
        assert taken == cast.initiative
    facts = queries.facts_for(session, initiative_id=cast.initiative, person_id=cast.invited.person_id)
    assert facts.part == "initiator"
    organisation = session.get_one(Organisation, cast.organisation)
    assert organisation.claimed_by == cast.invited.person_id
    assert review_queries.open_invitation(session, invitation_id=invitation) is None


def test_somebody_else_does_not_learn_that_the_invitation_exists(session: Session) -> None:
    cast = Cast(session)
    invitation = cast.invite(session)
    other = acting(cast.here, make_person(session, municipality_id=cast.here))
    with pytest.raises(team_operations.InvitationNotFound):
        team_operations.accept(session, invitation_id=invitation, actor=other, now=NOW)
    with pytest.raises(team_operations.InvitationNotFound):
        team_operations.accept(session, invitation_id=invitation, actor=Actor(municipality_id=cast.here), now=NOW)


def test_a_second_invitation_replaces_the_first(session: Session) -> None:
    cast = Cast(session)
    first, second = cast.invite(session), cast.invite(session)
    with pytest.raises(team_operations.InvitationUsed):
        team_operations.accept(session, invitation_id=first, actor=cast.invited, now=NOW)
    team_operations.accept(session, invitation_id=second, actor=cast.invited, now=NOW)
    with pytest.raises(team_operations.AlreadyAnsweredFor):
        cast.invite(session)


def test_only_the_counter_hands_over(session: Session) -> None:
    cast = Cast(session)
    with pytest.raises(rules.OnlyTheCounter):
        team_operations.invite(
            session,
            invitation_id=new_id(),
            initiative_id=cast.initiative,
            email="x@y.example",
            actor=cast.invited,
            now=NOW,
        )


def test_an_organisation_is_known_by_its_name(session: Session) -> None:
    here = make_municipality(session)
    found = {find_or_add_organisation(session, municipality_id=here, name="Stichting X") for _ in range(2)}
    assert len(found) == 1


def tell(session: Session, initiative: UUID, actor: Actor, update: UUID, title: str = "Begonnen!") -> None:
    team_operations.tell_news(
        session, update_id=update, initiative_id=initiative, title=title, body="De schop is erin.", actor=actor, now=NOW
    )


def test_news_is_published_once_and_its_followers_are_told_once(session: Session) -> None:
    here = make_municipality(session)
    initiator = acting(here, make_person(session, municipality_id=here))
    initiative = make_initiative(session, municipality_id=here, initiator_id=initiator.person_id)
    update = new_id()
    for _ in range(2):
        tell(session, initiative, initiator, update)
    assert len(session.scalars(select(InitiativeUpdate)).all()) == 1
    assert len(session.scalars(select(OutboxRow).where(OutboxRow.kind == "initiative.update")).all()) == 1
    with pytest.raises(team_operations.UpdateIdTaken):
        tell(session, initiative, initiator, update, title="Iets anders")


def test_news_needs_words_and_a_public_page(session: Session) -> None:
    here = make_municipality(session)
    initiator = acting(here, make_person(session, municipality_id=here))
    draft = make_initiative(session, municipality_id=here, state="draft", initiator_id=initiator.person_id)
    with pytest.raises(rules.InitiativeCannotBecome):
        tell(session, draft, initiator, new_id())
    live = make_initiative(session, municipality_id=here, initiator_id=initiator.person_id)
    with pytest.raises(InvalidFields):
        tell(session, live, initiator, new_id(), title=" ")
    stranger = acting(here, make_person(session, municipality_id=here))
    with pytest.raises(rules.NotYourInitiative):
        tell(session, live, stranger, new_id())
