"""Making a promise: once per form, only while a campaign takes it."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crowd.initiatives.queries import campaign_facts
from crowd.pledges.models import Pledge
from crowd.pledges.operations import Promise, make_pledge
from crowd.pledges.queries import PledgeRow
from crowd.pledges.rules import CampaignNotOpen, PledgeIdTaken
from crowd.shared.actor import Actor
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from tests.factories import NOW, make_initiative, make_municipality


@pytest.fixture
def campaign(session: Session) -> UUID:
    return make_initiative(session, municipality_id=make_municipality(session))


@pytest.fixture
def promise() -> Promise:
    return Promise(pledge_id=new_id(), email="Buur@voorbeeld.example", amount=Money(25_00), public_name=" Buur ")


def _make(session: Session, campaign: UUID, promise: Promise, *, days: int = 0) -> PledgeRow:
    facts = campaign_facts(session, initiative_id=campaign)
    return make_pledge(
        session,
        initiative_id=campaign,
        promise=promise,
        actor=Actor(municipality_id=facts.municipality_id),
        now=NOW + timedelta(days=days),
    )


def test_a_promise_sent_twice_is_one_pledge(session: Session, campaign: UUID, promise: Promise) -> None:
    first, second = (_make(session, campaign, promise) for _ in range(2))
    assert first.id == second.id
    assert session.execute(select(func.count()).select_from(Pledge)).scalar_one() == 1


def test_a_repeat_after_the_deadline_gets_the_first_answer(session: Session, campaign: UUID, promise: Promise) -> None:
    first = _make(session, campaign, promise)
    assert _make(session, campaign, promise, days=60).id == first.id


def test_a_new_promise_after_the_deadline_is_refused(session: Session, campaign: UUID, promise: Promise) -> None:
    with pytest.raises(CampaignNotOpen):
        _make(session, campaign, promise, days=60)


@pytest.mark.parametrize("change", [{"amount": Money(26_00)}, {"email": "ander@voorbeeld.example"}])
def test_the_same_form_with_other_contents_is_refused(
    session: Session, campaign: UUID, promise: Promise, change: dict[str, object]
) -> None:
    _make(session, campaign, promise)
    with pytest.raises(PledgeIdTaken):
        _make(session, campaign, replace(promise, **change))  # type: ignore[arg-type]  # one field at a time


def test_one_address_is_one_person_in_whatever_capitals(session: Session, campaign: UUID, promise: Promise) -> None:
    first = _make(session, campaign, promise)
    again = replace(promise, pledge_id=new_id(), email="buur@VOORBEELD.example")
    assert _make(session, campaign, again).person_id == first.person_id
