"""Signing up, inviting, answering and leaving, on PostgreSQL."""

from datetime import date, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crowd.shared.actor import Actor
from crowd.shared.ids import new_id
from crowd.shared.outbox import OutboxRow
from matching.placements import operations, queries, rules, shift_operations
from matching.placements.models import Placement, PlacementTransition
from matching.roles import rules as roles
from matching.roles.queries import shift
from tests.factories import NOW, acting, make_initiative, make_person
from tests.people_at_work import lay_town, make_role, make_shift, make_volunteer


def sign_up(session: Session, here: UUID, person: UUID, shift_id: UUID, **more: object) -> str:
    values = {"placement_id": new_id(), "locale": "nl", "now": NOW, "actor": acting(here, person), **more}
    return operations.sign_up(session, volunteer_id=person, shift_id=shift_id, **values)  # type: ignore[arg-type]  # each test names what it means


def invite(session: Session, here: UUID, person: UUID, shift_id: UUID) -> UUID:
    placement_id = new_id()
    asker = acting(here, make_person(session, municipality_id=here))
    operations.invite(session, placement_id=placement_id, volunteer_id=person, shift_id=shift_id, actor=asker, now=NOW)
    return placement_id


def state(session: Session, placement_id: UUID) -> str:
    return queries.placement(session, placement_id=placement_id).state


def of(session: Session, person: UUID, shift_id: UUID) -> queries.PlacementFacts:
    found = queries.placement_of(session, volunteer_id=person, shift_id=shift_id)
    assert found is not None
    return found


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(OutboxRow.kind).order_by(OutboxRow.id)))


def nobody(here: UUID) -> Actor:
    return Actor(municipality_id=here)


def test_signing_up_for_a_free_place_is_accepted_at_once_and_told_to_both(session: Session) -> None:
    here = lay_town(session)
    task, person = make_shift(session, here), make_person(session, municipality_id=here)
    assert sign_up(session, here, person, task) == "accepted"
    assert shift(session, shift_id=task).filled == 1
    assert kinds(session)[-2:] == ["placement.accepted", "placement.joined"]
    steps = session.execute(select(PlacementTransition.from_state, PlacementTransition.to_state)).all()
    assert [tuple(step) for step in steps] == [(None, "applied"), ("applied", "accepted")]


def test_the_same_form_twice_is_one_sign_up(session: Session) -> None:
    here = lay_town(session)
    task, person, form = make_shift(session, here), make_person(session, municipality_id=here), new_id()
    for _ in range(2):
        assert sign_up(session, here, person, task, placement_id=form) == "accepted"
    assert shift(session, shift_id=task).filled == 1
    with pytest.raises(roles.OtherContent):
        sign_up(session, here, person, make_shift(session, here, days=9), placement_id=form)


def test_a_full_shift_has_a_waiting_list_whose_first_is_invited_when_a_place_comes_free(session: Session) -> None:
    here = lay_town(session)
    task = make_shift(session, here, capacity=1)
    first, second, third = (make_person(session, municipality_id=here) for _ in range(3))
    assert [sign_up(session, here, one, task) for one in (first, second, third)] == [
        "accepted",
        "waitlisted",
        "waitlisted",
    ]
    operations.leave(session, placement_id=of(session, first, task).id, actor=acting(here, first), now=NOW)
    assert [of(session, one, task).state for one in (first, second, third)] == ["cancelled", "invited", "waitlisted"]
    assert kinds(session)[-3:] == ["placement.cancelled", "placement.left", "placement.invited"]


def test_a_place_on_offer_is_not_taken_by_somebody_who_walks_in(session: Session) -> None:
    here = lay_town(session)
    task = make_shift(session, here, capacity=1)
    first, second, third = (make_person(session, municipality_id=here) for _ in range(3))
    sign_up(session, here, first, task)
    sign_up(session, here, second, task)
    operations.leave(session, placement_id=of(session, first, task).id, actor=acting(here, first), now=NOW)
    assert sign_up(session, here, third, task) == "waitlisted"
    operations.accept(session, placement_id=of(session, second, task).id, actor=acting(here, second), now=NOW)
    assert shift(session, shift_id=task).filled == 1


def test_when_the_first_on_the_waiting_list_says_no_the_next_is_asked(session: Session) -> None:
    here = lay_town(session)
    task = make_shift(session, here, capacity=1)
    people = [make_person(session, municipality_id=here) for _ in range(3)]
    for person in people:
        sign_up(session, here, person, task)
    for person in people[:2]:
        operations.leave(session, placement_id=of(session, person, task).id, actor=acting(here, person), now=NOW)
    assert [of(session, one, task).state for one in people] == ["cancelled", "declined", "invited"]


def test_nobody_is_in_two_places_at_once_but_back_to_back_is_fine(session: Session) -> None:
    here = lay_town(session)
    person = make_person(session, municipality_id=here)
    ten, twelve, one = (
        make_shift(session, here, starts=hour, ends=until)
        for hour, until in (
            (time(10), time(12)),
            (time(12), time(14)),
            (time(11), time(13)),
        )
    )
    sign_up(session, here, person, ten)
    assert sign_up(session, here, person, twelve) == "accepted"
    with pytest.raises(rules.Overlaps), session.begin_nested():
        sign_up(session, here, person, one)
    assert shift(session, shift_id=one).filled == 0


def test_a_role_that_asks_a_document_waits_for_the_organisation(session: Session) -> None:
    here = lay_town(session)
    task = make_shift(session, here, role_id=make_role(session, here, needs_credential="vog"))
    person, office = make_person(session, municipality_id=here), make_person(session, municipality_id=here)
    assert sign_up(session, here, person, task) == "applied"
    assert kinds(session)[-2:] == ["placement.applied", "placement.application"]
    placement = of(session, person, task).id
    with pytest.raises(rules.CredentialNotSeen):
        operations.approve(session, placement_id=placement, actor=acting(here, office), now=NOW)
    operations.approve(session, placement_id=placement, actor=acting(here, office), now=NOW, has_seen_document=True)
    assert state(session, placement) == "accepted"
    # Seen once, it counts for the next shift.
    again = make_shift(session, here, days=9, role_id=make_role(session, here, needs_credential="vog"))
    assert sign_up(session, here, person, again) == "accepted"


def test_an_application_that_was_refused_cannot_be_handed_in_again(session: Session) -> None:
    here = lay_town(session)
    task = make_shift(session, here, role_id=make_role(session, here, needs_credential="vog"))
    person = make_person(session, municipality_id=here)
    sign_up(session, here, person, task)
    operations.refuse(session, placement_id=of(session, person, task).id, actor=nobody(here), now=NOW, reason="Vol")
    assert kinds(session)[-1] == "placement.not_chosen"
    with pytest.raises(rules.AlreadyThere):
        sign_up(session, here, person, task)


def test_somebody_who_cancelled_may_change_their_mind(session: Session) -> None:
    here = lay_town(session)
    task, person = make_shift(session, here), make_person(session, municipality_id=here)
    sign_up(session, here, person, task)
    operations.leave(session, placement_id=of(session, person, task).id, actor=acting(here, person), now=NOW)
    assert shift(session, shift_id=task).filled == 0
    assert sign_up(session, here, person, task) == "accepted"
    assert shift(session, shift_id=task).filled == 1


def test_a_minimum_age_counts_on_the_day_itself(session: Session) -> None:
    here = lay_town(session)
    task = make_shift(session, here, days=5, role_id=make_role(session, here, minimum_age=18))
    person = make_person(session, municipality_id=here)
    with pytest.raises(rules.BirthDateMissing):
        sign_up(session, here, person, task)
    with pytest.raises(rules.TooYoung):
        sign_up(session, here, person, task, born_on=date(2008, 11, 29))
    assert sign_up(session, here, person, task, born_on=date(2008, 11, 28)) == "accepted"


def test_an_invitation_keeps_why_and_ends_after_48_hours(session: Session) -> None:
    here = lay_town(session)
    task, person = make_shift(session, here, days=20), make_volunteer(session, here)
    placement = invite(session, here, person, task)
    facts = queries.placement(session, placement_id=placement)
    assert facts.expires_at == NOW + timedelta(hours=48)
    terms = session.execute(select(Placement.terms).where(Placement.id == placement)).scalar_one()
    assert terms is not None
    assert len(terms) == 6
    assert not operations.expire(session, placement_id=placement, now=NOW + timedelta(hours=47))
    with pytest.raises(rules.InvitationExpired):
        operations.accept(session, placement_id=placement, actor=acting(here, person), now=NOW + timedelta(hours=48))
    assert operations.expire(session, placement_id=placement, now=NOW + timedelta(hours=48))
    assert kinds(session)[-2:] == ["placement.expired", "placement.silent"]


def test_after_a_no_nobody_asks_again(session: Session) -> None:
    here = lay_town(session)
    task, person = make_shift(session, here), make_volunteer(session, here)
    placement = invite(session, here, person, task)
    operations.leave(session, placement_id=placement, actor=acting(here, person), now=NOW)
    assert state(session, placement) == "declined"
    with pytest.raises(rules.AlreadyAsked):
        invite(session, here, person, task)


def test_nobody_is_asked_what_they_said_they_cannot(session: Session) -> None:
    here = lay_town(session)
    with pytest.raises(rules.DoesNotFit):
        invite(session, here, make_volunteer(session, here, is_paused=True), make_shift(session, here))


def test_nobody_has_more_than_two_open_questions(session: Session) -> None:
    here = lay_town(session)
    person = make_volunteer(session, here, wants_at_most=9)
    for days in (3, 4):
        invite(session, here, person, make_shift(session, here, days=days))
    with pytest.raises(rules.AskedEnough):
        invite(session, here, person, make_shift(session, here, days=5))


def test_saying_yes_twice_takes_one_place(session: Session) -> None:
    here = lay_town(session)
    task, person = make_shift(session, here), make_volunteer(session, here)
    placement = invite(session, here, person, task)
    for _ in range(2):
        operations.accept(session, placement_id=placement, actor=acting(here, person), now=NOW)
    assert shift(session, shift_id=task).filled == 1


def test_a_yes_after_the_last_place_went_may_wait(session: Session) -> None:
    here = lay_town(session)
    task, person = make_shift(session, here, capacity=1), make_volunteer(session, here)
    placement = invite(session, here, person, task)
    sign_up(session, here, make_person(session, municipality_id=here), task)
    with pytest.raises(rules.ShiftIsFull):
        operations.accept(session, placement_id=placement, actor=acting(here, person), now=NOW)
    operations.join_waiting_list(session, placement_id=placement, actor=acting(here, person), now=NOW)
    assert state(session, placement) == "waitlisted"


def test_calling_a_shift_off_tells_everybody(session: Session) -> None:
    here = lay_town(session)
    task = make_shift(session, here, capacity=1)
    coming, waiting, asked = (make_volunteer(session, here) for _ in range(3))
    asked_placement = invite(session, here, asked, task)
    sign_up(session, here, coming, task)
    sign_up(session, here, waiting, task)
    assert shift_operations.cancel_shift(session, shift_id=task, actor=nobody(here), now=NOW, reason="Regen") == 3
    assert [of(session, one, task).state for one in (coming, waiting)] == ["cancelled", "expired"]
    assert state(session, asked_placement) == "withdrawn"
    assert sorted(kinds(session)[-3:]) == ["placement.cancelled", "placement.withdrawn", "placement.withdrawn"]
    with pytest.raises(roles.ShiftIsCancelled):
        sign_up(session, here, make_person(session, municipality_id=here), task)


def test_more_places_are_offered_to_the_waiting_list(session: Session) -> None:
    here = lay_town(session)
    task = make_shift(session, here, capacity=1)
    people = [make_person(session, municipality_id=here) for _ in range(3)]
    for person in people:
        sign_up(session, here, person, task)
    shift_operations.change_people(
        session, shift_id=task, capacity=2, minimum_crew=1, meeting_point="Poort", actor=nobody(here), now=NOW
    )
    assert [of(session, one, task).state for one in people] == ["accepted", "invited", "waitlisted"]
    operations.accept(session, placement_id=of(session, people[1], task).id, actor=acting(here, people[1]), now=NOW)
    with pytest.raises(roles.CapacityBelowAccepted):
        shift_operations.change_people(
            session, shift_id=task, capacity=1, minimum_crew=1, meeting_point="", actor=nobody(here), now=NOW
        )


def test_who_came_is_assumed_after_the_shift_and_can_be_corrected(session: Session) -> None:
    here = lay_town(session)
    task, person = make_shift(session, here), make_person(session, municipality_id=here)
    sign_up(session, here, person, task)
    placement, ends_at = of(session, person, task).id, shift(session, shift_id=task).ends_at
    with pytest.raises(rules.NotOverYet):
        operations.record_attendance(session, placement_id=placement, came=False, actor=nobody(here), now=NOW)
    assert not operations.finish(session, placement_id=placement, now=ends_at - timedelta(minutes=1))
    assert operations.finish(session, placement_id=placement, now=ends_at)
    operations.record_attendance(session, placement_id=placement, came=False, actor=nobody(here), now=ends_at)
    assert state(session, placement) == "no_show"
    with pytest.raises(rules.TooLateToCorrect):
        operations.record_attendance(
            session, placement_id=placement, came=True, actor=nobody(here), now=ends_at + timedelta(days=15)
        )


def test_whoever_types_an_address_learns_nothing_about_its_owner(session: Session) -> None:
    here = lay_town(session)
    busy, free = make_shift(session, here), make_shift(session, here)
    email = "sam@voorbeeld.example"
    known = make_person(session, municipality_id=here, email=email, name="Sam")
    sign_up(session, here, known, busy)
    outcomes = [
        operations.sign_up_by_address(
            session,
            placement_id=new_id(),
            shift_id=free,
            email=address,
            name="Iemand",
            locale="nl",
            actor=nobody(here),
            now=NOW,
        )
        for address in (email, "nieuw@voorbeeld.example")
    ]
    assert outcomes == ["accepted", "accepted"]
    assert shift(session, shift_id=free).filled == 1
    assert kinds(session).count("placement.not_placed") == 1


def test_an_initiative_that_stopped_takes_no_help(session: Session) -> None:
    here = lay_town(session)
    paused = make_initiative(session, municipality_id=here, state="suspended")
    task = make_shift(session, here, role_id=make_role(session, here, initiative_id=paused))
    with pytest.raises(roles.NoHelpNow):
        sign_up(session, here, make_person(session, municipality_id=here), task)


def test_the_database_refuses_what_the_code_should_never_do(session: Session) -> None:
    here = lay_town(session)
    task, other = make_shift(session, here, capacity=1), make_shift(session, here)
    person = make_person(session, municipality_id=here)
    sign_up(session, here, person, task)
    second = make_person(session, municipality_id=here)
    sign_up(session, here, second, other)
    for statement in (
        "UPDATE shifts SET filled = 2 WHERE id = :task",
        "UPDATE shifts SET during = tstzrange(upper(during), upper(during)) WHERE id = :task",
        "UPDATE placements SET volunteer_id = :person WHERE shift_id = :other",
        "UPDATE placements SET state = 'invited' WHERE shift_id = :other",
        "UPDATE placements SET state = 'dreaming' WHERE shift_id = :other",
        "UPDATE volunteers SET radius_km = 0 WHERE person_id = :person",
        "DELETE FROM placement_transitions",
    ):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(statement), {"task": task, "other": other, "person": person})


def test_what_takes_a_place_is_what_is_counted(session: Session) -> None:
    here = lay_town(session)
    task = make_shift(session, here, capacity=3)
    people = [make_person(session, municipality_id=here) for _ in range(5)]
    for person in people:
        sign_up(session, here, person, task)
    operations.leave(session, placement_id=of(session, people[0], task).id, actor=nobody(here), now=NOW)
    counted = session.execute(
        select(func.count()).select_from(Placement).where(Placement.state.in_(rules.TAKES_PLACE))
    ).scalar_one()
    assert shift(session, shift_id=task).filled == counted == 2
