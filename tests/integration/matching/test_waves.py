"""Waves of invitations on PostgreSQL: who is asked, who comes after them, and when it ends."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crowd.shared.audit import AuditRow
from crowd.shared.clock import Clock, machine_now
from crowd.shared.db import Database
from crowd.shared.ids import new_id
from crowd.shared.outbox import OutboxRow
from matching.placements import operations, queries, rules, wave_operations, wave_queries, wave_rules
from matching.placements.models import Placement
from matching.placements.wave_workflow import ask_for_shift, ask_for_shifts
from matching.placements.workflow import expire_invitations
from matching.roles.queries import shift
from tests.factories import NOW, acting, make_person
from tests.people_at_work import lay_town, make_role, make_shift, make_volunteer

CLOCK = Clock(movable=True)


def start(session: Session, here: UUID, task: UUID, *, wave: UUID | None = None) -> UUID:
    wave, asker = wave or new_id(), acting(here, make_person(session, municipality_id=here))
    wave_operations.start_wave(session, wave_id=wave, shift_id=task, actor=asker, now=machine_now())
    return wave


def town_with_wave(database: Database, *, people: int, capacity: int = 2, days: int = 20) -> tuple[UUID, UUID]:
    now = machine_now()
    with database.transaction() as session:
        here = lay_town(session)
        task = make_shift(
            session, here, role_id=make_role(session, here, now=now), capacity=capacity, days=days, now=now
        )
        for _ in range(people):
            make_volunteer(session, here, now=now)
        start(session, here, task)
    return here, task


def states(database: Database, task: UUID) -> dict[str, int]:
    with database.reading() as session:
        found = session.scalars(select(Placement.state).where(Placement.shift_id == task)).all()
    return {state: found.count(state) for state in sorted(set(found))}


def answer(database: Database, here: UUID, task: UUID, *, yes: bool) -> None:
    """Let one of the people who were asked say yes or no."""
    with database.transaction() as session:
        asked = session.scalars(
            select(Placement).where(Placement.shift_id == task, Placement.state == "invited").order_by(Placement.id)
        ).all()
        act = operations.accept if yes else operations.leave
        act(session, placement_id=asked[0].id, actor=acting(here, asked[0].volunteer_id), now=machine_now())


def test_a_wave_asks_as_many_as_fill_the_places_at_four_in_ten_and_not_again(committing_database: Database) -> None:
    _here, task = town_with_wave(committing_database, people=8)
    assert ask_for_shifts(committing_database, CLOCK) == 5
    assert ask_for_shifts(committing_database, CLOCK) == 0
    assert states(committing_database, task) == {"invited": 5}


def test_who_says_no_is_followed_by_the_next_best_and_who_says_yes_is_not(committing_database: Database) -> None:
    here, task = town_with_wave(committing_database, people=8)
    ask_for_shifts(committing_database, CLOCK)
    answer(committing_database, here, task, yes=True)
    assert ask_for_shifts(committing_database, CLOCK) == 0
    for _ in range(3):
        answer(committing_database, here, task, yes=False)
    # One place is left, and of four answers one was a yes: three are asked at once.
    assert ask_for_shifts(committing_database, CLOCK) == 2
    assert states(committing_database, task) == {"accepted": 1, "declined": 3, "invited": 3}


def test_who_is_silent_is_followed_too(committing_database: Database) -> None:
    _here, task = town_with_wave(committing_database, people=7, capacity=1)
    assert ask_for_shifts(committing_database, CLOCK) == 3
    with committing_database.transaction() as session:
        CLOCK.advance(session, by=timedelta(hours=49))
    assert expire_invitations(committing_database, CLOCK) == 3
    assert ask_for_shifts(committing_database, CLOCK) == 4
    assert states(committing_database, task) == {"expired": 3, "invited": 4}


def test_a_full_shift_asks_nobody_until_somebody_cancels(committing_database: Database) -> None:
    here, task = town_with_wave(committing_database, people=6, capacity=1)
    ask_for_shifts(committing_database, CLOCK)
    answer(committing_database, here, task, yes=True)
    for _ in range(2):
        answer(committing_database, here, task, yes=False)
    assert ask_for_shifts(committing_database, CLOCK) == 0
    with committing_database.transaction() as session:
        coming = session.scalars(select(Placement).where(Placement.state == "accepted")).one()
        operations.leave(session, placement_id=coming.id, actor=acting(here, coming.volunteer_id), now=machine_now())
    assert ask_for_shifts(committing_database, CLOCK) == 3


def test_within_48_hours_a_wave_ends_and_a_new_one_is_refused_with_a_sentence(committing_database: Database) -> None:
    here, task = town_with_wave(committing_database, people=4, capacity=1, days=5)
    with committing_database.transaction() as session:
        CLOCK.advance(session, by=timedelta(days=3, hours=20))
    assert ask_for_shifts(committing_database, CLOCK) == 0
    with committing_database.transaction() as session:
        wave = wave_queries.last_wave(session, shift_id=task)
        now = CLOCK.now(session)
        assert wave is not None
        assert wave.ended_as == "near"
        with pytest.raises(wave_rules.TooLateToAsk):
            wave_operations.start_wave(
                session,
                wave_id=new_id(),
                shift_id=task,
                actor=acting(here, make_person(session, municipality_id=here)),
                now=now,
            )


def test_nobody_is_asked_who_was_asked_three_times_this_week_or_has_two_open(committing_database: Database) -> None:
    now = machine_now()
    with committing_database.transaction() as session:
        here = lay_town(session)
        make_volunteer(session, here, now=now, wants_at_most=9)
        tasks = [make_shift(session, here, days=10 + number, now=now) for number in range(4)]
        for task in tasks:
            start(session, here, task)
    assert ask_for_shifts(committing_database, CLOCK) == 2
    for _ in range(2):
        with committing_database.reading() as session:
            asked = session.scalars(select(Placement.shift_id).where(Placement.state == "invited")).first()
        assert asked is not None
        answer(committing_database, here, asked, yes=False)
    with committing_database.transaction() as session:
        CLOCK.advance(session, by=timedelta(minutes=11))
    assert ask_for_shifts(committing_database, CLOCK) == 1


def test_a_wave_that_was_stopped_asks_nobody_and_who_was_asked_can_still_answer(committing_database: Database) -> None:
    here, task = town_with_wave(committing_database, people=8)
    ask_for_shift(committing_database, CLOCK, shift_id=task)
    with committing_database.transaction() as session:
        clerk = acting(here, make_person(session, municipality_id=here))
        wave_operations.stop_wave(session, shift_id=task, actor=clerk, now=machine_now())
        with pytest.raises(wave_rules.WaveNotFound):
            wave_operations.stop_wave(session, shift_id=task, actor=clerk, now=machine_now())
        actions = session.scalars(select(AuditRow.action).where(AuditRow.subject_type == "wave").order_by(AuditRow.id))
        assert list(actions) == ["wave.started", "wave.stopped"]
    answer(committing_database, here, task, yes=False)
    assert ask_for_shifts(committing_database, CLOCK) == 0
    answer(committing_database, here, task, yes=True)


def test_one_wave_runs_per_shift_and_the_same_form_twice_is_one(session: Session) -> None:
    here = lay_town(session)
    task = make_shift(session, here, days=20, now=machine_now())
    wave = start(session, here, task)
    assert start(session, here, task, wave=wave) == wave
    with pytest.raises(wave_rules.WaveRuns):
        start(session, here, task)


def test_the_next_best_is_asked_with_one_click_and_two_clicks_are_one(session: Session) -> None:
    here, placement = lay_town(session), new_id()
    task = make_shift(session, here, days=20)
    first, clerk = make_volunteer(session, here), acting(here, make_person(session, municipality_id=here))
    for _ in range(2):
        wave_operations.ask_next(session, placement_id=placement, shift_id=task, actor=clerk, now=NOW)
    assert queries.placement(session, placement_id=placement).volunteer_id == first
    with pytest.raises(wave_rules.NobodyFits):
        wave_operations.ask_next(session, placement_id=new_id(), shift_id=task, actor=clerk, now=NOW)
    with pytest.raises(rules.AlreadyAsked):
        operations.invite(session, placement_id=new_id(), volunteer_id=first, shift_id=task, actor=clerk, now=NOW)


def test_every_invitation_counts_once_by_its_first_answer(session: Session) -> None:
    here, clerk = lay_town(session), None
    task = make_shift(session, here, days=20, capacity=5)
    line = shift(session, shift_id=task)
    for number in range(4):
        person, placement = make_volunteer(session, here), new_id()
        clerk = acting(here, person)
        operations.invite(session, placement_id=placement, volunteer_id=person, shift_id=task, actor=clerk, now=NOW)
        if number < 3:
            operations.accept(session, placement_id=placement, actor=clerk, now=NOW)
        if number == 0:
            operations.leave(session, placement_id=placement, actor=clerk, now=NOW)
    own, town = wave_queries.answers_before(
        session, municipality_id=here, initiative_id=line.initiative_id, now=NOW + timedelta(hours=1)
    )
    assert (own, town) == (wave_rules.Answers(yes=3), wave_rules.Answers())
    elsewhere = wave_queries.answers_before(session, municipality_id=here, initiative_id=new_id(), now=NOW)
    assert elsewhere == (wave_rules.Answers(), wave_rules.Answers(yes=3))
    later = NOW + wave_rules.HISTORY + timedelta(hours=1)
    assert wave_queries.answers_before(session, municipality_id=here, initiative_id=line.initiative_id, now=later) == (
        wave_rules.Answers(),
        wave_rules.Answers(),
    )


def test_why_somebody_was_asked_is_forgotten_after_its_term_and_that_they_came_is_not(session: Session) -> None:
    here, placement = lay_town(session), new_id()
    task, person = make_shift(session, here, days=20), make_volunteer(session, here)
    clerk, line = acting(here, make_person(session, municipality_id=here)), shift(session, shift_id=task)
    wave_operations.ask_next(session, placement_id=placement, shift_id=task, actor=clerk, now=NOW)
    operations.accept(session, placement_id=placement, actor=acting(here, person), now=NOW)
    assert wave_operations.forget_invitations(session, ended_before=line.ends_at) == 0
    later = line.ends_at + timedelta(seconds=1)
    assert [wave_operations.forget_invitations(session, ended_before=later) for _ in range(2)] == [1, 0]
    kept = session.execute(
        select(Placement.state, Placement.terms, Placement.asked_at, Placement.asked_by).where(
            Placement.id == placement
        )
    ).one()
    assert tuple(kept) == ("accepted", None, None, None)


def test_while_a_wave_runs_nobody_gets_a_letter_for_each_who_cannot(committing_database: Database) -> None:
    here, task = town_with_wave(committing_database, people=6)
    ask_for_shifts(committing_database, CLOCK)
    answer(committing_database, here, task, yes=False)
    with committing_database.transaction() as session:
        CLOCK.advance(session, by=timedelta(hours=49))
    assert expire_invitations(committing_database, CLOCK) == 4
    with committing_database.reading() as session:
        told = set(session.scalars(select(OutboxRow.kind)))
    assert told == {"placement.invited", "placement.expired"}
