"""The demonstration's clock goes where something happens."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from crowd.closing.queries import due_campaigns
from crowd.shared.clock import machine_now
from frontend.demo import NoDeadlineAhead, until_next_deadline
from tests.factories import make_initiative, make_municipality


def test_going_to_the_next_deadline_closes_that_campaign_at_once(session: Session) -> None:
    now = machine_now()
    here = make_municipality(session)
    initiative = make_initiative(session, municipality_id=here, state="live", now=now - timedelta(hours=1))

    then = now + until_next_deadline(session, now=now)

    assert due_campaigns(session, now=then) == [initiative]


def test_without_a_campaign_there_is_nowhere_to_go(session: Session) -> None:
    with pytest.raises(NoDeadlineAhead):
        until_next_deadline(session, now=machine_now())
