"""Unnamed to the public, known to the municipality; words that can be hidden, and who did so is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crowd.closing.campaign_page_queries import PublicDonor, campaign_page
from crowd.initiatives.rules import NotYourInitiative
from crowd.pledges.change_operations import change_appearance, hide_message
from crowd.pledges.models import Pledge
from crowd.pledges.operations import Promise, make_pledge, secure_pledge
from crowd.pledges.queries import pledge as pledge_row
from crowd.pledges.rules import Appearance
from crowd.pledges.supporter_queries import PART_SIZE, with_words
from crowd.shared.actor import Actor
from crowd.shared.audit import AuditRow
from crowd.shared.errors import InvalidFields
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from tests.factories import NOW, acting, make_initiative, make_municipality, make_person

WORDS = "Wat een mooi plan!"


@pytest.fixture
def here(session: Session) -> UUID:
    return make_municipality(session)


@pytest.fixture
def initiator(session: Session, here: UUID) -> Actor:
    return acting(here, make_person(session, municipality_id=here))


@pytest.fixture
def campaign(session: Session, here: UUID, initiator: Actor) -> UUID:
    return make_initiative(session, municipality_id=here, initiator_id=initiator.person_id)


def _give(session: Session, campaign: UUID, *, message: str = WORDS, anonymous: bool = False) -> UUID:
    pledge_id = new_id()
    promise = Promise(
        pledge_id=pledge_id,
        email=f"{pledge_id}@gever.example",
        amount=Money(25_00),
        public_name=" Noor  Voorbeeld ",
        is_anonymous=anonymous,
        message=message,
    )
    make_pledge(session, initiative_id=campaign, promise=promise, actor=Actor(municipality_id=None), now=NOW)
    secure_pledge(session, pledge_id=pledge_id, now=NOW)
    return pledge_id


def _wall(session: Session, campaign: UUID) -> tuple[PublicDonor, ...]:
    page = campaign_page(session, person_id=None, initiative_id=campaign)
    assert page is not None
    return page.donors


@contextmanager
def _refused_by_the_database(session: Session) -> Iterator[None]:
    with pytest.raises(IntegrityError), session.begin_nested():
        yield


def test_a_gift_stands_on_the_wall_with_its_name_and_words(session: Session, campaign: UUID) -> None:
    _give(session, campaign)
    [donor] = _wall(session, campaign)
    assert (donor.name, donor.message) == ("Noor Voorbeeld", WORDS)


def test_who_is_unnamed_to_the_public_is_known_to_the_municipality(session: Session, campaign: UUID) -> None:
    pledge_id = _give(session, campaign, anonymous=True)
    [donor] = _wall(session, campaign)
    assert donor.name == ""
    assert pledge_row(session, pledge_id=pledge_id).donor_name == "Noor Voorbeeld"
    [[supporter], _] = with_words(session, initiative_id=campaign)
    assert (supporter.public_name, supporter.donor_name) == ("", "Noor Voorbeeld")


def test_name_and_words_can_be_changed_and_taken_back(session: Session, campaign: UUID) -> None:
    pledge_id = _give(session, campaign)
    donor = Actor(municipality_id=None)
    change_appearance(
        session, pledge_id=pledge_id, appearance=Appearance("Noor", is_anonymous=True), actor=donor, now=NOW
    )
    [shown] = _wall(session, campaign)
    assert (shown.name, shown.message) == ("", "")


@pytest.mark.parametrize("appearance", [Appearance(name="n" * 61), Appearance(message="m" * 281)])
def test_what_is_too_long_is_refused(session: Session, campaign: UUID, appearance: Appearance) -> None:
    pledge_id = _give(session, campaign)
    with pytest.raises(InvalidFields):
        change_appearance(
            session, pledge_id=pledge_id, appearance=appearance, actor=Actor(municipality_id=None), now=NOW
        )


def test_hidden_words_stay_hidden_until_somebody_who_may_shows_them(
    session: Session, campaign: UUID, initiator: Actor
) -> None:
    pledge_id = _give(session, campaign)
    for _ in range(2):
        hide_message(session, pledge_id=pledge_id, hide=True, actor=initiator, now=NOW)
    change_appearance(
        session,
        pledge_id=pledge_id,
        appearance=Appearance(message="Nog erger"),
        actor=Actor(municipality_id=None),
        now=NOW,
    )
    assert _wall(session, campaign)[0].message == ""

    hide_message(session, pledge_id=pledge_id, hide=False, actor=initiator, now=NOW)

    assert _wall(session, campaign)[0].message == "Nog erger"
    acts = session.execute(
        select(AuditRow.action, AuditRow.actor_person_id).where(AuditRow.action.startswith("pledge.message"))
    ).all()
    assert sorted((row.action, row.actor_person_id) for row in acts) == [
        ("pledge.message_hidden", initiator.person_id),
        ("pledge.message_shown", initiator.person_id),
    ]


def test_the_counter_may_hide_words_and_a_neighbour_may_not(session: Session, campaign: UUID, here: UUID) -> None:
    pledge_id = _give(session, campaign)
    neighbour = acting(here, make_person(session, municipality_id=here))
    with pytest.raises(NotYourInitiative):
        hide_message(session, pledge_id=pledge_id, hide=True, actor=neighbour, now=NOW)
    clerk = replace(neighbour, roles=frozenset({"clerk"}))
    hide_message(session, pledge_id=pledge_id, hide=True, actor=clerk, now=NOW)
    assert _wall(session, campaign)[0].message == ""


def test_the_database_shows_no_words_that_are_hidden_or_were_not_written(session: Session, campaign: UUID) -> None:
    pledge_id = _give(session, campaign)
    for changes in ({"message_hidden_at": NOW}, {"public_message": "Iets anders"}):
        with _refused_by_the_database(session):
            session.execute(update(Pledge).where(Pledge.id == pledge_id).values(changes))


def test_many_words_are_read_part_by_part_each_once(session: Session, campaign: UUID) -> None:
    given = {_give(session, campaign) for _ in range(PART_SIZE + 2)}
    first, following = with_words(session, initiative_id=campaign)
    second, end = with_words(session, initiative_id=campaign, before=following)
    assert {one.pledge_id for one in (*first, *second)} == given
    assert (len(first), len(second), end) == (PART_SIZE, 2, None)
