"""Changing the state of an initiative, on PostgreSQL."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowd.initiatives import operations, queries, rules
from crowd.initiatives.models import InitiativeTransition
from crowd.shared.actor import operator
from crowd.shared.audit import AuditRow
from crowd.shared.ids import new_id
from tests.factories import NOW, acting, make_initiative, make_municipality, make_person


def test_a_step_leaves_who_when_and_why(session: Session) -> None:
    here = make_municipality(session)
    clerk = make_person(session, municipality_id=here)
    initiative = make_initiative(session, municipality_id=here, state="submitted")
    operations.change_state(
        session,
        initiative_id=initiative,
        to="changes_requested",
        actor=acting(here, clerk, "clerk"),
        now=NOW,
        reason=" Het bedrag klopt niet. ",
    )
    step = session.scalars(select(InitiativeTransition).order_by(InitiativeTransition.id.desc())).first()
    assert step is not None
    assert (step.from_state, step.to_state, step.by_person_id) == ("submitted", "changes_requested", clerk)
    assert (step.reason, step.at) == ("Het bedrag klopt niet.", NOW)
    act = session.scalars(select(AuditRow).order_by(AuditRow.id.desc())).first()
    assert act is not None
    assert act.action == "initiative.became_changes_requested"


@pytest.mark.parametrize("state", rules.STATES)
def test_every_state_is_reached_by_the_factory(session: Session, state: str) -> None:
    initiative = make_initiative(session, municipality_id=make_municipality(session), state=state)
    assert queries.campaign_facts(session, initiative_id=initiative).state == state


def test_going_live_sets_the_deadline_at_local_midnight_across_the_change_to_summer_time(session: Session) -> None:
    # 28 March 2027 is one hour short, so its end lies 23 hours after its beginning.
    before = datetime(2027, 3, 10, 12, 0, tzinfo=UTC)
    initiative = make_initiative(
        session, municipality_id=make_municipality(session), ends_on=date(2027, 3, 28), now=before
    )
    facts = queries.campaign_facts(session, initiative_id=initiative)
    assert facts.deadline_at == datetime(2027, 3, 28, 22, 0, tzinfo=UTC)
    assert facts.live_at == before
    assert facts.target_cents == 1_500_00


def test_resuming_does_not_move_the_deadline(session: Session) -> None:
    here = make_municipality(session)
    initiative = make_initiative(session, municipality_id=here, state="suspended")
    before = queries.campaign_facts(session, initiative_id=initiative)
    later = NOW + timedelta(days=3)
    operations.change_state(session, initiative_id=initiative, to="live", actor=operator(here), now=later)
    after = queries.campaign_facts(session, initiative_id=initiative, lock="share")
    assert (after.live_at, after.deadline_at) == (before.live_at, before.deadline_at)


def test_an_end_date_that_passed_in_the_queue_does_not_go_live(session: Session) -> None:
    here = make_municipality(session)
    initiative = make_initiative(session, municipality_id=here, state="approved")
    with pytest.raises(operations.EndDateGone):
        operations.change_state(
            session, initiative_id=initiative, to="live", actor=operator(here), now=NOW + timedelta(days=31)
        )


def test_an_unknown_initiative_is_not_found(session: Session) -> None:
    with pytest.raises(rules.InitiativeNotFound):
        operations.change_state(session, initiative_id=new_id(), to="live", actor=operator(None), now=NOW)
    with pytest.raises(rules.InitiativeNotFound):
        queries.campaign_facts(session, initiative_id=new_id(), lock="update")
