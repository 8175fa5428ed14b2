"""Real races with real commits: the last seat, one person in two places, a yes against the clock."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest
from sqlalchemy import func, select

from crowd.shared.db import Database
from crowd.shared.errors import Conflict
from crowd.shared.ids import new_id
from matching.placements import operations, queries
from matching.placements.models import Placement
from matching.placements.rules import Overlaps
from matching.roles.queries import shift
from tests.depth import deep
from tests.factories import NOW, acting, make_person
from tests.people_at_work import lay_town, make_shift, make_volunteer

ROUNDS = deep(sample=range(3), full=range(100))


def race(*acts: Callable[[], object]) -> list[object]:
    """Do all of these at the same moment, each in its own thread; what each returned or raised, in order."""
    start, answers = Barrier(len(acts)), [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        start.wait(timeout=20)
        try:
            answers[number] = act()  # type: ignore[call-overload]  # a list of anything
        except Exception as error:  # noqa: BLE001  the test looks at what was raised
            answers[number] = error  # type: ignore[call-overload]  # a list of anything

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return list(answers)


def signing_up(database: Database, here: UUID, person: UUID, task: UUID) -> Callable[[], str]:
    def act() -> str:
        with database.transaction() as session:
            return operations.sign_up(
                session,
                placement_id=new_id(),
                volunteer_id=person,
                shift_id=task,
                locale="nl",
                actor=acting(here, person),
                now=NOW,
            )

    return act


def accepting(database: Database, here: UUID, person: UUID, placement: UUID) -> Callable[[], None]:
    def act() -> None:
        with database.transaction() as session:
            operations.accept(session, placement_id=placement, actor=acting(here, person), now=NOW)

    return act


@pytest.mark.parametrize("_round", ROUNDS)
def test_thirty_people_want_the_last_seat_and_one_gets_it(committing_database: Database, _round: int) -> None:
    with committing_database.transaction() as session:
        here = lay_town(session)
        task = make_shift(session, here, capacity=1)
        people = [make_person(session, municipality_id=here) for _ in range(30)]
    answers = race(*(signing_up(committing_database, here, person, task) for person in people))
    assert sorted(map(str, answers)) == ["accepted"] + ["waitlisted"] * 29
    with committing_database.reading() as session:
        assert shift(session, shift_id=task).filled == 1


@pytest.mark.parametrize("_round", ROUNDS)
def test_one_person_says_yes_to_two_overlapping_shifts_and_gets_one(committing_database: Database, _round: int) -> None:
    with committing_database.transaction() as session:
        here = lay_town(session)
        person = make_volunteer(session, here)
        tasks, invitations = [make_shift(session, here) for _ in range(2)], [new_id(), new_id()]
        for task, invitation in zip(tasks, invitations, strict=True):
            operations.invite(
                session,
                placement_id=invitation,
                volunteer_id=person,
                shift_id=task,
                actor=acting(here, person),
                now=NOW,
            )
    answers = race(*(accepting(committing_database, here, person, one) for one in invitations))
    refused = [answer for answer in answers if answer is not None]
    assert [type(answer) for answer in refused] == [Overlaps]
    with committing_database.reading() as session:
        assert sorted(shift(session, shift_id=task).filled for task in tasks) == [0, 1]


@pytest.mark.parametrize("_round", ROUNDS)
def test_a_yes_and_the_clock_meet_and_one_of_them_wins(committing_database: Database, _round: int) -> None:
    with committing_database.transaction() as session:
        here = lay_town(session)
        person, task, invitation = make_volunteer(session, here), make_shift(session, here, days=20), new_id()
        operations.invite(
            session, placement_id=invitation, volunteer_id=person, shift_id=task, actor=acting(here, person), now=NOW
        )

    def expire() -> bool:
        with committing_database.transaction() as session:
            return operations.expire(session, placement_id=invitation, now=NOW + timedelta(hours=48))

    yes, expired = race(accepting(committing_database, here, person, invitation), expire)
    with committing_database.reading() as session:
        state = queries.placement(session, placement_id=invitation).state
        filled = shift(session, shift_id=task).filled
    assert (state, filled, expired, isinstance(yes, Conflict)) in {
        ("accepted", 1, False, False),
        ("expired", 0, True, True),
    }


@pytest.mark.parametrize("_round", ROUNDS)
def test_places_that_come_free_at_once_are_each_offered_once(committing_database: Database, _round: int) -> None:
    with committing_database.transaction() as session:
        here = lay_town(session)
        task = make_shift(session, here, capacity=4)
        people = [make_person(session, municipality_id=here) for _ in range(10)]
    for person in people:
        signing_up(committing_database, here, person, task)()
    with committing_database.reading() as session:
        coming = [one.placement_id for one in queries.on_shifts(session, shift_ids=[task])[task]][:4]

    def leaving(placement: UUID) -> Callable[[], str]:
        def act() -> str:
            with committing_database.transaction() as session:
                return operations.leave(session, placement_id=placement, actor=acting(here, people[0]), now=NOW)

        return act

    assert race(*(leaving(placement) for placement in coming)) == ["cancelled"] * 4
    with committing_database.reading() as session:
        rows = session.execute(select(Placement.state, func.count()).group_by(Placement.state))
        by_state = {row[0]: row[1] for row in rows}
        assert by_state == {"cancelled": 4, "invited": 4, "waitlisted": 2}
        assert shift(session, shift_id=task).filled == 0
