"""The counter reviews, the initiator publishes, both may stop; on PostgreSQL."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowd.initiatives import content_rules, operations, queries, review_queries, rules
from crowd.shared.actor import Actor
from crowd.shared.clock import end_of, local_date
from crowd.shared.errors import InvalidFields
from crowd.shared.outbox import OutboxRow
from tests.factories import NOW, acting, make_initiative, make_municipality, make_person


class Cast:
    """An initiative in a state, its initiator and a clerk."""

    def __init__(self, session: Session, state: str) -> None:
        self.here = make_municipality(session)
        self.initiator = acting(self.here, make_person(session, municipality_id=self.here))
        self.clerk = acting(self.here, make_person(session, municipality_id=self.here, name="Bo Balie"), "clerk")
        self.stranger = acting(self.here, make_person(session, municipality_id=self.here))
        self.initiative = make_initiative(
            session, municipality_id=self.here, state=state, initiator_id=self.initiator.person_id
        )


def state_of(session: Session, initiative: UUID) -> str:
    return queries.campaign_facts(session, initiative_id=initiative).state


def test_changes_are_asked_with_a_note_per_section_and_the_initiator_is_told(session: Session) -> None:
    cast = Cast(session, "submitted")
    operations.request_changes(
        session,
        initiative_id=cast.initiative,
        actor=cast.clerk,
        now=NOW,
        reason="Bijna goed.",
        notes={"budget": "Waarom zo veel tegels?", "idea": " "},
    )
    step = review_queries.road(session, initiative_id=cast.initiative)[0]
    assert (step.to_state, step.by, step.reason) == ("changes_requested", "Bo Balie", "Bijna goed.")
    assert step.notes == (("budget", "Waarom zo veel tegels?"),)
    kinds = session.scalars(select(OutboxRow.kind)).all()
    assert "initiative.changes_requested" in kinds


def test_a_note_alone_is_reason_enough_and_nothing_at_all_is_not(session: Session) -> None:
    cast = Cast(session, "submitted")
    with pytest.raises(rules.ReasonMissing):
        operations.request_changes(session, initiative_id=cast.initiative, actor=cast.clerk, now=NOW, reason=" ")
    operations.request_changes(
        session, initiative_id=cast.initiative, actor=cast.clerk, now=NOW, reason="", notes={"photo": "Te donker."}
    )
    assert state_of(session, cast.initiative) == "changes_requested"


@pytest.mark.parametrize("act", [operations.approve, operations.publish, operations.resume, operations.cancel])
@pytest.mark.parametrize("state", ["submitted", "approved", "live"])
def test_a_stranger_gets_nowhere(session: Session, act: Callable[..., None], state: str) -> None:
    cast = Cast(session, state)
    with pytest.raises((rules.NotYourInitiative, rules.OnlyTheCounter, rules.InitiativeNotFound)):
        act(session, initiative_id=cast.initiative, actor=cast.stranger, now=NOW)
    assert state_of(session, cast.initiative) == state


def test_the_initiator_publishes_once_approved_and_twice_is_once(session: Session) -> None:
    cast = Cast(session, "submitted")
    with pytest.raises(rules.InitiativeCannotBecome):
        operations.publish(session, initiative_id=cast.initiative, actor=cast.initiator, now=NOW)
    operations.approve(session, initiative_id=cast.initiative, actor=cast.clerk, now=NOW)
    for _ in range(2):
        operations.publish(session, initiative_id=cast.initiative, actor=cast.initiator, now=NOW)
    facts = queries.campaign_facts(session, initiative_id=cast.initiative)
    assert (facts.state, facts.live_at) == ("live", NOW)


def test_publishing_late_takes_a_new_end_date(session: Session) -> None:
    cast = Cast(session, "approved")
    late = NOW + timedelta(days=60)
    with pytest.raises(operations.EndDateGone):
        operations.publish(session, initiative_id=cast.initiative, actor=cast.initiator, now=late)
    with pytest.raises(InvalidFields) as caught:
        operations.publish(
            session, initiative_id=cast.initiative, actor=cast.initiator, now=late, ends_on=local_date(late)
        )
    assert isinstance(caught.value.errors[0], content_rules.EndDateOutOfRange)
    ends_on = local_date(late) + timedelta(days=14)
    operations.publish(session, initiative_id=cast.initiative, actor=cast.initiator, now=late, ends_on=ends_on)
    facts = queries.campaign_facts(session, initiative_id=cast.initiative)
    assert facts.deadline_at == end_of(ends_on)


def test_a_clerk_suspends_with_a_reason_and_resumes(session: Session) -> None:
    cast = Cast(session, "live")
    with pytest.raises(rules.ReasonMissing):
        operations.suspend(session, initiative_id=cast.initiative, actor=cast.clerk, now=NOW, reason="")
    operations.suspend(session, initiative_id=cast.initiative, actor=cast.clerk, now=NOW, reason="Melding onderzocht.")
    assert state_of(session, cast.initiative) == "suspended"
    operations.resume(session, initiative_id=cast.initiative, actor=cast.clerk, now=NOW)
    assert state_of(session, cast.initiative) == "live"
    with pytest.raises(rules.InitiativeCannotBecome):
        operations.resume(session, initiative_id=cast.initiative, actor=cast.clerk, now=NOW)


def test_money_on_its_way_cannot_be_cancelled_under_it(session: Session) -> None:
    cast = Cast(session, "collecting")
    with pytest.raises(rules.InitiativeCannotBecome):
        operations.cancel(session, initiative_id=cast.initiative, actor=cast.clerk, now=NOW, reason="Toch niet.")


def test_the_inbox_shows_the_oldest_first_with_its_term(session: Session) -> None:
    here = make_municipality(session)
    young = make_initiative(session, municipality_id=here, state="submitted", now=NOW)
    old = make_initiative(session, municipality_id=here, state="submitted", now=NOW - timedelta(days=3))
    make_initiative(session, municipality_id=here, state="live")
    inbox = review_queries.waiting(session, municipality_id=here, state="submitted")
    assert [line.id for line in inbox] == [old, young]
    # Two weeks after Friday 20 November 2026 is a Friday.
    assert (inbox[0].due_on - local_date(NOW)).days == 11


def test_another_municipality_has_its_own_inbox(session: Session) -> None:
    make_initiative(session, municipality_id=make_municipality(session), state="submitted")
    assert review_queries.waiting(session, municipality_id=make_municipality(session), state="submitted") == []


def test_a_clerk_elsewhere_sees_nothing(session: Session) -> None:
    cast = Cast(session, "submitted")
    elsewhere = make_municipality(session)
    clerk = Actor(municipality_id=elsewhere, person_id=cast.clerk.person_id, roles=frozenset({"clerk"}))
    with pytest.raises(rules.InitiativeNotFound):
        operations.approve(session, initiative_id=cast.initiative, actor=clerk, now=NOW)
