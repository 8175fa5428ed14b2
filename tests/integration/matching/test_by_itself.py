"""What happens to placements by itself: invitations end, shifts are completed, stopped initiatives call theirs off."""

from datetime import time, timedelta

import pytest

from crowd.initiatives.operations import change_state
from crowd.shared.actor import operator
from crowd.shared.clock import Clock, machine_now
from crowd.shared.db import Database
from crowd.shared.ids import new_id
from matching.placements import operations, queries
from matching.placements.workflow import call_off_stopped, expire_invitations, finish_shifts
from matching.roles import operations as planning
from matching.roles.queries import shift
from matching.roles.rules import OtherContent, RoleDraft, ShiftDraft, UnknownPostcode
from tests.factories import acting, make_initiative, make_person
from tests.people_at_work import lay_town, make_role, make_shift, make_volunteer

CLOCK = Clock(movable=True)
_TEN, _NOON = time(10), time(12)


def let_pass(database: Database, by: timedelta) -> None:
    with database.transaction() as session:
        CLOCK.advance(session, by=by)


def test_an_invitation_ends_by_itself_and_only_once(committing_database: Database) -> None:
    with committing_database.transaction() as session:
        here, now = lay_town(session), machine_now()
        person, task, placement = (
            make_volunteer(session, here, now=now),
            make_shift(session, here, days=20, now=now),
            new_id(),
        )
        operations.invite(
            session, placement_id=placement, volunteer_id=person, shift_id=task, actor=acting(here, person), now=now
        )
    assert expire_invitations(committing_database, CLOCK) == 0
    let_pass(committing_database, timedelta(hours=49))
    assert expire_invitations(committing_database, CLOCK) == 1
    assert expire_invitations(committing_database, CLOCK) == 0
    with committing_database.reading() as session:
        assert queries.placement(session, placement_id=placement).state == "expired"


def test_whoever_waits_hears_it_when_the_shift_begins_without_them(committing_database: Database) -> None:
    with committing_database.transaction() as session:
        here, now = lay_town(session), machine_now()
        task = make_shift(session, here, days=2, capacity=1, now=now)
        for _ in range(2):
            person = make_person(session, municipality_id=here)
            operations.sign_up(
                session,
                placement_id=new_id(),
                volunteer_id=person,
                shift_id=task,
                locale="nl",
                actor=acting(here, person),
                now=now,
            )
    let_pass(committing_database, timedelta(days=4))
    assert (expire_invitations(committing_database, CLOCK), finish_shifts(committing_database, CLOCK)) == (1, 1)
    with committing_database.reading() as session:
        assert queries.counts(session, municipality_id=here) == {"completed": 1, "expired": 1}


def test_the_shifts_of_an_initiative_that_stopped_are_called_off(committing_database: Database) -> None:
    with committing_database.transaction() as session:
        here, now = lay_town(session), machine_now()
        initiative = make_initiative(session, municipality_id=here, now=now)
        task = make_shift(session, here, role_id=make_role(session, here, initiative_id=initiative, now=now), now=now)
    assert call_off_stopped(committing_database, CLOCK) == 0
    with committing_database.transaction() as session:
        change_state(session, initiative_id=initiative, to="unfunded", actor=operator(here), now=machine_now())
    assert call_off_stopped(committing_database, CLOCK) == 1
    with committing_database.reading() as session:
        assert shift(session, shift_id=task).cancelled_at is not None


def test_the_same_form_twice_is_one_role_and_one_shift(committing_database: Database) -> None:
    with committing_database.transaction() as session:
        here, now = lay_town(session), machine_now()
        initiative, office = make_initiative(session, municipality_id=here, now=now), operator(here)
        role_id, shift_id = new_id(), new_id()
        on = (now + timedelta(days=3)).date()
        draft = ShiftDraft(on=on, starts=_TEN, ends=_NOON, capacity=2, pc4="1011")
        for _ in range(2):
            planning.add_role(
                session,
                role_id=role_id,
                initiative_id=initiative,
                draft=RoleDraft(title="Zagen"),
                actor=office,
                now=now,
            )
            planning.add_shift(session, shift_id=shift_id, role_id=role_id, draft=draft, actor=office, now=now)
        with pytest.raises(OtherContent):
            planning.add_role(
                session,
                role_id=role_id,
                initiative_id=initiative,
                draft=RoleDraft(title="Boren"),
                actor=office,
                now=now,
            )
        changed = ShiftDraft(on=on, starts=_TEN, ends=_NOON, capacity=3, pc4="1011")
        with pytest.raises(OtherContent):
            planning.add_shift(session, shift_id=shift_id, role_id=role_id, draft=changed, actor=office, now=now)
        nowhere = ShiftDraft(on=on, starts=_TEN, ends=_NOON, capacity=3, pc4="9999")
        with pytest.raises(UnknownPostcode):
            planning.add_shift(session, shift_id=new_id(), role_id=role_id, draft=nowhere, actor=office, now=now)
