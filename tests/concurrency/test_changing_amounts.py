"""Amounts that change while others give, under real commits: no cent is lost or made, and no form counts twice."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import func, select

from crowd.cofunding.change_operations import change_gift
from crowd.pledges.models import Pledge, PledgeAmount
from crowd.pledges.queries import total
from crowd.pledges.rules import ChangedMeanwhile
from crowd.shared.actor import Actor
from crowd.shared.db import Database
from crowd.shared.money import Money
from tests.concurrency.test_the_pot import at_once, books, campaigns, reserving, secured
from tests.depth import deep
from tests.factories import NOW

THREADS = 8


def _changing(database: Database, pledge: UUID, was: int, euros: int) -> Callable[[], Money]:
    def act() -> Money:
        try:
            with database.transaction() as session:
                changed = change_gift(
                    session,
                    pledge_id=pledge,
                    was=Money(was * 100),
                    amount=Money(euros * 100),
                    actor=Actor(municipality_id=None),
                    now=NOW,
                )
        except ChangedMeanwhile:
            return Money(0)
        return Money(changed.amount_cents)

    return act


def test_one_form_sent_eight_times_is_one_change(committing_database: Database) -> None:
    [initiative] = campaigns(committing_database, count=1, pot_cents=9_000_00)
    [pledge] = secured(committing_database, [initiative])
    reserving(committing_database, pledge)()

    answers = at_once([_changing(committing_database, pledge, 100, 150)] * THREADS)

    assert set(answers) == {Money(150_00)}
    with committing_database.reading() as session:
        assert session.scalar(select(func.count()).select_from(PledgeAmount)) == 1
        assert total(session, initiative_id=initiative).amount_cents == 150_00
    assert books(committing_database) == (150_00, 150_00)


def test_of_eight_different_changes_at_once_one_stands(committing_database: Database) -> None:
    [initiative] = campaigns(committing_database, count=1, pot_cents=9_000_00)
    [pledge] = secured(committing_database, [initiative])
    reserving(committing_database, pledge)()

    answers = at_once([_changing(committing_database, pledge, 100, 110 + number) for number in range(THREADS)])

    [stands] = [answer for answer in answers if answer]
    with committing_database.reading() as session:
        assert total(session, initiative_id=initiative).amount_cents == stands.cents
    assert books(committing_database) == (stands.cents, stands.cents)


@pytest.mark.parametrize("_turn", range(deep(sample=2, full=50)))
def test_changing_while_others_give_keeps_total_and_pot_exact(committing_database: Database, _turn: int) -> None:
    initiatives = campaigns(committing_database, count=2, pot_cents=450_00)
    changed = secured(committing_database, initiatives * 2)
    for pledge in changed:
        reserving(committing_database, pledge)()
    coming = secured(committing_database, initiatives * 2)

    at_once(
        [_changing(committing_database, pledge, 100, 60 if place % 2 else 170) for place, pledge in enumerate(changed)]
        + [reserving(committing_database, pledge) for pledge in coming]
    )

    reserved, held = books(committing_database)
    assert reserved == held <= 450_00
    with committing_database.reading() as session:
        for initiative in initiatives:
            promised = session.scalar(select(func.sum(Pledge.amount_cents)).where(Pledge.initiative_id == initiative))
            assert total(session, initiative_id=initiative).amount_cents == promised
