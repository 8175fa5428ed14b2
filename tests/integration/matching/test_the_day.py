"""The day of a shift on PostgreSQL: checking in, reminders, thanks and hours."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowd.shared.audit import AuditRow
from crowd.shared.clock import Clock, machine_now
from crowd.shared.db import Database
from crowd.shared.ids import new_id
from crowd.shared.outbox import OutboxRow
from matching.placements import day_operations, day_rules, operations, queries, rules
from matching.placements.day_queries import helped_by, minutes_of
from matching.placements.day_workflow import remind_people, thank_people
from matching.placements.workflow import finish_shifts
from matching.roles.queries import shift
from tests.factories import NOW, acting, make_person
from tests.people_at_work import lay_town, make_shift

CLOCK = Clock(movable=True)


def coming(session: Session, *, days: int = 5, now: datetime = NOW) -> tuple[UUID, UUID, UUID, UUID]:
    """A town, a shift of three hours, somebody who comes, and their placement."""
    here = lay_town(session)
    task, person, placement = (
        make_shift(session, here, days=days, now=now),
        make_person(session, municipality_id=here),
        new_id(),
    )
    operations.sign_up(
        session,
        placement_id=placement,
        volunteer_id=person,
        shift_id=task,
        locale="nl",
        actor=acting(here, person),
        now=now,
    )
    return here, task, person, placement


def state(session: Session, placement: UUID) -> str:
    return queries.placement(session, placement_id=placement).state


def kinds(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(OutboxRow.kind).order_by(OutboxRow.id)))


def test_checking_in_twice_is_once_and_counts_as_having_come(session: Session) -> None:
    here, task, person, placement = coming(session)
    line, actor = shift(session, shift_id=task), acting(here, person)
    for _ in range(2):
        day_operations.check_in(session, placement_id=placement, actor=actor, now=line.starts_at)
    assert state(session, placement) == "checked_in"
    actions = session.scalars(select(AuditRow.action).where(AuditRow.subject_id == placement)).all()
    assert actions.count("placement.became_checked_in") == 1
    assert operations.finish(session, placement_id=placement, now=line.ends_at)
    day_operations.check_in(session, placement_id=placement, actor=actor, now=line.ends_at)
    assert state(session, placement) == "completed"


def test_the_door_opens_an_hour_before_and_only_for_who_has_a_place(session: Session) -> None:
    here, task, person, placement = coming(session)
    line, actor = shift(session, shift_id=task), acting(here, person)
    with pytest.raises(day_rules.NotYetOpen):
        day_operations.check_in(
            session, placement_id=placement, actor=actor, now=line.starts_at - timedelta(minutes=61)
        )
    with pytest.raises(day_rules.CheckInIsOver):
        day_operations.check_in(session, placement_id=placement, actor=actor, now=line.ends_at)
    operations.leave(session, placement_id=placement, actor=actor, now=NOW)
    with pytest.raises(day_rules.NotOnTheList):
        day_operations.check_in(session, placement_id=placement, actor=actor, now=line.starts_at)


def test_a_tap_on_the_wrong_name_is_taken_back(session: Session) -> None:
    here, task, person, placement = coming(session)
    line, actor = shift(session, shift_id=task), acting(here, person)
    day_operations.check_in(session, placement_id=placement, actor=actor, now=line.starts_at)
    for _ in range(2):
        day_operations.undo_check_in(session, placement_id=placement, actor=actor, now=line.starts_at)
    assert state(session, placement) == "accepted"
    assert shift(session, shift_id=task).filled == 1


def test_hours_are_the_shifts_unless_they_were_corrected_within_two_weeks(session: Session) -> None:
    here, task, person, placement = coming(session)
    line, clerk = shift(session, shift_id=task), acting(here, make_person(session, municipality_id=here))
    over = line.ends_at + timedelta(hours=1)

    def correct(minutes: int, now: datetime) -> None:
        day_operations.correct_hours(session, placement_id=placement, minutes=minutes, actor=clerk, now=now)

    with pytest.raises(rules.NotOverYet):
        correct(60, line.starts_at)
    operations.finish(session, placement_id=placement, now=line.ends_at)
    assert [one.minutes for one in helped_by(session, volunteer_id=person)] == [180]
    correct(150, over)
    assert minutes_of(session, shift_id=task) == {placement: 150}
    correct(180, over)
    assert [one.minutes for one in helped_by(session, volunteer_id=person)] == [180]
    with pytest.raises(day_rules.BadHours):
        correct(1441, over)
    with pytest.raises(rules.TooLateToCorrect):
        correct(60, line.ends_at + timedelta(days=14, seconds=1))
    operations.record_attendance(session, placement_id=placement, came=False, actor=clerk, now=over)
    assert helped_by(session, volunteer_id=person) == []
    with pytest.raises(rules.PlacementCannotBecome):
        correct(60, over)


def test_people_are_reminded_the_day_before_and_thanked_the_day_after_once(committing_database: Database) -> None:
    now = machine_now()
    with committing_database.transaction() as session:
        _here, task, _person, placement = coming(session, now=now)
        line = shift(session, shift_id=task)

    def at(moment: datetime) -> None:
        with committing_database.transaction() as session:
            CLOCK.advance(session, by=moment - CLOCK.now(session) + timedelta(seconds=5))

    assert remind_people(committing_database, CLOCK) == 0
    at(day_rules.remind_from(line.starts_at))
    assert [remind_people(committing_database, CLOCK) for _ in range(2)] == [1, 0]
    at(line.ends_at)
    assert (finish_shifts(committing_database, CLOCK), thank_people(committing_database, CLOCK)) == (1, 0)
    at(day_rules.thank_from(line.ends_at))
    assert [thank_people(committing_database, CLOCK) for _ in range(2)] == [1, 0]
    assert kinds(committing_database)[-2:] == ["placement.reminder", "placement.thanks"]
    with committing_database.reading() as session:
        assert state(session, placement) == "completed"


def test_who_says_no_in_time_is_not_reminded(committing_database: Database) -> None:
    now = machine_now()
    with committing_database.transaction() as session:
        here, task, person, placement = coming(session, now=now)
        line = shift(session, shift_id=task)
        operations.leave(session, placement_id=placement, actor=acting(here, person), now=now)
        CLOCK.advance(session, by=day_rules.remind_from(line.starts_at) - now + timedelta(hours=1))
    assert remind_people(committing_database, CLOCK) == 0
