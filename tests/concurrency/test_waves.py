"""Real races with real commits: two processes backfill, two shifts want one person, a yes twice at once."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from crowd.shared.clock import Clock, machine_now
from crowd.shared.db import Database
from crowd.shared.ids import new_id
from matching.placements import operations, wave_operations
from matching.placements.models import Placement, Wave
from matching.placements.rules import OPEN_INVITATIONS_MAX
from matching.placements.wave_rules import WaveRuns
from matching.placements.wave_workflow import ask_for_shift
from matching.roles.queries import shift
from tests.concurrency.test_last_seat import ROUNDS, race
from tests.factories import acting, make_person
from tests.people_at_work import lay_town, make_shift, make_volunteer

CLOCK = Clock(movable=False)


def asking(database: Database, task: UUID) -> Callable[[], int]:
    return lambda: ask_for_shift(database, CLOCK, shift_id=task)


def starting(database: Database, here: UUID, task: UUID, clerk: UUID) -> Callable[[], None]:
    def act() -> None:
        with database.transaction() as session:
            wave_operations.start_wave(
                session, wave_id=new_id(), shift_id=task, actor=acting(here, clerk), now=machine_now()
            )

    return act


def town(database: Database, *, people: int, tasks: int = 1, capacity: int = 2) -> tuple[UUID, list[UUID], UUID]:
    now = machine_now()
    with database.transaction() as session:
        here = lay_town(session)
        made = [make_shift(session, here, days=12 + number, capacity=capacity, now=now) for number in range(tasks)]
        for _ in range(people):
            make_volunteer(session, here, now=now, wants_at_most=9)
        return here, made, make_person(session, municipality_id=here)


def count(database: Database, *states: str) -> int:
    with database.reading() as session:
        return session.execute(
            select(func.count()).select_from(Placement).where(Placement.state.in_(states))
        ).scalar_one()


@pytest.mark.parametrize("_round", ROUNDS)
def test_four_processes_backfill_one_shift_and_nobody_is_asked_too_many(
    committing_database: Database, _round: int
) -> None:
    here, (task,), clerk = town(committing_database, people=12)
    starting(committing_database, here, task, clerk)()
    answers = race(*(asking(committing_database, task) for _ in range(4)))
    assert sum(number for number in answers if isinstance(number, int)) == 5
    assert count(committing_database, "invited") == 5


@pytest.mark.parametrize("_round", ROUNDS)
def test_people_decline_while_two_processes_backfill_and_each_is_replaced_once(
    committing_database: Database, _round: int
) -> None:
    here, (task,), clerk = town(committing_database, people=14)
    starting(committing_database, here, task, clerk)()
    asking(committing_database, task)()
    with committing_database.reading() as session:
        asked = session.execute(select(Placement.id, Placement.volunteer_id)).all()

    def declining(placement: UUID, person: UUID) -> Callable[[], str]:
        def act() -> str:
            with committing_database.transaction() as session:
                return operations.leave(session, placement_id=placement, actor=acting(here, person), now=machine_now())

        return act

    answers = race(
        *(declining(row.id, row.volunteer_id) for row in asked[:3]),
        *(asking(committing_database, task) for _ in range(2)),
    )
    assert answers[:3] == ["declined"] * 3
    # Whatever was missed in the rush is made up for by the next turn, and after that nothing changes.
    asking(committing_database, task)()
    # Nobody of three said yes: two places now want seven open invitations.
    assert (count(committing_database, "declined"), count(committing_database, "invited")) == (3, 7)
    assert asking(committing_database, task)() == 0


@pytest.mark.parametrize("_round", ROUNDS)
def test_three_shifts_want_the_same_person_and_two_invitations_stay_the_most(
    committing_database: Database, _round: int
) -> None:
    here, tasks, clerk = town(committing_database, people=1, tasks=3)
    for task in tasks:
        starting(committing_database, here, task, clerk)()
    race(*(asking(committing_database, task) for task in tasks))
    assert count(committing_database, "invited") == OPEN_INVITATIONS_MAX


@pytest.mark.parametrize("_round", ROUNDS)
def test_two_clicks_start_one_wave(committing_database: Database, _round: int) -> None:
    here, (task,), clerk = town(committing_database, people=0)
    answers = race(*(starting(committing_database, here, task, clerk) for _ in range(2)))
    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType", WaveRuns.__name__]
    with committing_database.reading() as session:
        assert session.execute(select(func.count()).select_from(Wave)).scalar_one() == 1


@pytest.mark.parametrize("_round", ROUNDS)
def test_one_person_says_yes_twice_at_once_and_takes_one_place(committing_database: Database, _round: int) -> None:
    here, (task,), clerk = town(committing_database, people=1)
    starting(committing_database, here, task, clerk)()
    asking(committing_database, task)()
    with committing_database.reading() as session:
        known = session.scalars(select(Placement)).one()
    assert known.expires_at is not None
    assert known.expires_at - machine_now() > timedelta(hours=1)

    def yes() -> None:
        with committing_database.transaction() as session:
            operations.accept(session, placement_id=known.id, actor=acting(here, known.volunteer_id), now=machine_now())

    assert race(yes, yes) == [None, None]
    with committing_database.reading() as session:
        assert shift(session, shift_id=task).filled == 1
