"""The last euro of a pot, under real commits: it is given once, to one gift, whoever asks at the same moment."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar
from uuid import UUID

import pytest
from sqlalchemy import func, select

from crowd.cofunding.models import Reservation, Scheme
from crowd.cofunding.operations import release_match, reserve_match
from crowd.grants import operations as grants
from crowd.grants.rules import CRITERIA, AssessmentForm, DecisionForm
from crowd.pledges.operations import withdraw_pledge
from crowd.shared.actor import Actor, operator
from crowd.shared.db import Database
from crowd.shared.errors import DomainError
from crowd.shared.money import Money
from tests.depth import deep
from tests.factories import (
    NOW,
    acting,
    make_initiative,
    make_municipality,
    make_neighbourhood,
    make_person,
    make_scheme,
    make_secured_pledge,
)

T = TypeVar("T")
THREADS = 8


def at_once(acts: Sequence[Callable[[], T]]) -> list[T]:
    """Run all acts in threads that start together; their results in order, the first failure raised."""
    start = Barrier(len(acts), timeout=30)

    def run(act: Callable[[], T]) -> T:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [done.result(timeout=60) for done in [pool.submit(run, act) for act in acts]]


def reserving(database: Database, pledge: UUID, card: str = "") -> Callable[[], Money]:
    def act() -> Money:
        with database.transaction() as session:
            return reserve_match(session, pledge_id=pledge, card_fingerprint=card or str(pledge), now=NOW)

    return act


def campaigns(database: Database, *, count: int, pot_cents: int, donor_cap_cents: int = 250_00) -> list[UUID]:
    """So many live campaigns under one scheme."""
    with database.transaction() as session:
        here = make_municipality(session)
        place = make_neighbourhood(session, municipality_id=here)
        make_scheme(
            session,
            municipality_id=here,
            neighbourhood_id=place,
            pot_cents=pot_cents,
            donor_cap_cents=donor_cap_cents,
        )
        return [make_initiative(session, municipality_id=here, neighbourhood_id=place) for _ in range(count)]


def secured(database: Database, initiatives: Sequence[UUID], *, email: str | None = None) -> list[UUID]:
    """A pledge of 100 euros to each of these."""
    with database.transaction() as session:
        return [make_secured_pledge(session, initiative_id=one, cents=100_00, email=email) for one in initiatives]


def books(database: Database) -> tuple[int, int]:
    """(what the pot says is reserved, what the reservations add up to)."""
    with database.reading() as session:
        held = select(func.coalesce(func.sum(Reservation.amount_cents), 0)).where(Reservation.state == "reserved")
        return session.execute(select(Scheme.reserved_cents)).scalar_one(), int(session.execute(held).scalar_one())


@pytest.mark.parametrize("_turn", range(deep(sample=2, full=50)))
def test_the_last_euro_goes_to_one_of_eight_gifts(committing_database: Database, _turn: int) -> None:
    initiatives = campaigns(committing_database, count=THREADS, pot_cents=1_00)
    pledges = secured(committing_database, initiatives)
    matches = at_once([reserving(committing_database, pledge) for pledge in pledges])
    assert sorted(match.cents for match in matches) == [0] * (THREADS - 1) + [1_00]
    assert books(committing_database) == (1_00, 1_00)


@pytest.mark.parametrize("_turn", range(deep(sample=2, full=50)))
def test_a_pot_is_emptied_to_the_cent_and_never_below(committing_database: Database, _turn: int) -> None:
    initiatives = campaigns(committing_database, count=2, pot_cents=350_01)
    pledges = secured(committing_database, initiatives * 4)
    matches = at_once([reserving(committing_database, pledge) for pledge in pledges])
    assert Money.total(matches) == Money(350_01)
    assert books(committing_database) == (350_01, 350_01)


def test_one_donor_stays_under_the_cap_with_eight_gifts_at_once(committing_database: Database) -> None:
    initiatives = campaigns(committing_database, count=1, pot_cents=9_000_00, donor_cap_cents=150_00)
    pledges = secured(committing_database, initiatives * THREADS, email="gever@voorbeeld.example")
    matches = at_once([reserving(committing_database, pledge, card="kaart") for pledge in pledges])
    assert Money.total(matches) == Money(150_00)
    assert books(committing_database) == (150_00, 150_00)


def test_eight_addresses_with_one_card_are_one_donor(committing_database: Database) -> None:
    initiatives = campaigns(committing_database, count=1, pot_cents=9_000_00)
    pledges = secured(committing_database, initiatives * THREADS)
    matches = at_once([reserving(committing_database, pledge, card="kaart") for pledge in pledges])
    assert sorted(match.cents for match in matches) == [0] * (THREADS - 1) + [100_00]


def test_the_same_gift_asked_eight_times_is_matched_once(committing_database: Database) -> None:
    [pledge] = secured(committing_database, campaigns(committing_database, count=1, pot_cents=9_000_00))
    matches = at_once([reserving(committing_database, pledge)] * THREADS)
    assert {match.cents for match in matches} == {100_00}
    assert books(committing_database) == (100_00, 100_00)


@pytest.mark.parametrize("_turn", range(deep(sample=2, full=50)))
def test_withdrawing_while_others_give_loses_and_makes_no_cent(committing_database: Database, _turn: int) -> None:
    initiatives = campaigns(committing_database, count=4, pot_cents=300_00)
    leaving = secured(committing_database, initiatives)
    for pledge in leaving:
        reserving(committing_database, pledge)()
    coming = secured(committing_database, initiatives)

    def withdrawing(pledge: UUID) -> Callable[[], Money]:
        def act() -> Money:
            with committing_database.transaction() as session:
                withdraw_pledge(session, pledge_id=pledge, actor=operator(None), now=NOW)
                release_match(session, pledge_id=pledge, now=NOW)
            return Money(0)

        return act

    at_once([withdrawing(pledge) for pledge in leaving] + [reserving(committing_database, pledge) for pledge in coming])
    # Four gifts of 100 remain, and 300 to match them with: all of it went to them.
    assert books(committing_database) == (300_00, 300_00)


def test_two_approvers_at_once_stay_below_the_ceiling(committing_database: Database) -> None:
    initiatives = campaigns(committing_database, count=2, pot_cents=700_00)
    with committing_database.transaction() as session:
        here = session.execute(select(Scheme.municipality_id)).scalar_one()
        assessor = acting(here, make_person(session, municipality_id=here), "assessor")
        approvers = [
            Actor(
                municipality_id=here,
                person_id=make_person(session, municipality_id=here),
                roles=frozenset({"approver"}),
                mandate_cents=5_000_00,
            )
            for _ in initiatives
        ]
        applications = []
        for initiative in initiatives:
            application = grants.apply_for_grant(session, initiative_id=initiative, actor=assessor, now=NOW)
            assert application is not None
            grants.assess(session, application_id=application, form=_ASSESSMENT, actor=assessor, now=NOW)
            applications.append(application)

    def awarding(application: UUID, approver: Actor) -> Callable[[], bool]:
        def act() -> bool:
            try:
                with committing_database.transaction() as session:
                    grants.decide(session, application_id=application, form=_AWARD, actor=approver, now=NOW)
            except DomainError:
                return False
            return True

        return act

    pairs = zip(applications, approvers, strict=True)
    assert sorted(at_once([awarding(application, approver) for application, approver in pairs])) == [False, True]


_ASSESSMENT = AssessmentForm(
    scores=dict.fromkeys(CRITERIA, 4),
    notes={},
    advice=Money(500_00),
    advice_text="Een goed plan met veel steun uit de straat.",
    no_interest=True,
)
_AWARD = DecisionForm(
    outcome="awarded",
    up_to=Money(500_00),
    reasons="De buurt heeft hier veel aan en doet zelf mee.",
    legal_ground="artikel 3",
)
