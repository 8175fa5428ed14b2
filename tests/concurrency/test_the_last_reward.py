"""The last reward, under real commits: it is promised once, whoever asks at the same moment, and given back once."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import func, select

from crowd.pledges.models import Pledge
from crowd.pledges.operations import Promise, abandon_pledge, make_pledge, withdraw_pledge
from crowd.pledges.rules import FREES_REWARD
from crowd.rewards.models import Reward
from crowd.rewards.operations import add_reward
from crowd.rewards.rules import RewardForm
from crowd.shared.actor import Actor, operator
from crowd.shared.db import Database
from crowd.shared.errors import InvalidFields
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from tests.concurrency.test_the_pot import at_once
from tests.depth import deep
from tests.factories import NOW, make_initiative, make_municipality

THREADS = 8


def _offer(database: Database, *, stock: str) -> tuple[UUID, UUID]:
    """A live campaign with one reward from ten euros; both ids."""
    reward_id = new_id()
    with database.transaction() as session:
        here = make_municipality(session)
        campaign = make_initiative(session, municipality_id=here)
        form = RewardForm(title="Pot honing", description="", from_amount=Money(10_00), stock=stock)
        add_reward(session, reward_id=reward_id, initiative_id=campaign, form=form, actor=operator(here), now=NOW)
    return campaign, reward_id


def _choosing(database: Database, campaign: UUID, reward_id: UUID, pledge_id: UUID | None = None) -> Callable[[], bool]:
    made = pledge_id or new_id()

    def act() -> bool:
        promise = Promise(pledge_id=made, email=f"{made}@gever.example", amount=Money(10_00), reward_id=reward_id)
        try:
            with database.transaction() as session:
                make_pledge(
                    session, initiative_id=campaign, promise=promise, actor=Actor(municipality_id=None), now=NOW
                )
        except InvalidFields:
            return False
        return True

    return act


def _taken(database: Database) -> tuple[int, int]:
    """(what the reward says is taken, how many pledges hold it)."""
    with database.reading() as session:
        held = select(func.count()).where(Pledge.reward_id.is_not(None), Pledge.state.not_in(FREES_REWARD))
        return session.execute(select(Reward.taken)).scalar_one(), session.execute(held).scalar_one()


@pytest.mark.parametrize("_turn", range(deep(sample=3, full=50)))
def test_the_last_one_goes_to_one_of_eight(committing_database: Database, _turn: int) -> None:
    campaign, reward_id = _offer(committing_database, stock="1")
    got = at_once([_choosing(committing_database, campaign, reward_id) for _ in range(THREADS)])
    assert sorted(got) == [False] * (THREADS - 1) + [True]
    assert _taken(committing_database) == (1, 1)


def test_one_form_sent_eight_times_takes_one(committing_database: Database) -> None:
    campaign, reward_id = _offer(committing_database, stock="5")
    got = at_once([_choosing(committing_database, campaign, reward_id, new_id())] * THREADS)
    assert got == [True] * THREADS
    assert _taken(committing_database) == (1, 1)


def test_an_unlimited_one_is_for_everybody_and_counts_nothing(committing_database: Database) -> None:
    campaign, reward_id = _offer(committing_database, stock="")
    got = at_once([_choosing(committing_database, campaign, reward_id) for _ in range(THREADS)])
    assert got == [True] * THREADS
    assert _taken(committing_database) == (0, THREADS)


@pytest.mark.parametrize("_turn", range(deep(sample=3, full=50)))
def test_what_comes_free_while_others_choose_is_given_out_once(committing_database: Database, _turn: int) -> None:
    campaign, reward_id = _offer(committing_database, stock="4")
    holding = [new_id() for _ in range(4)]
    for pledge_id in holding:
        assert _choosing(committing_database, campaign, reward_id, pledge_id)()

    def leaving(pledge_id: UUID, *, withdraws: bool) -> Callable[[], bool]:
        def act() -> bool:
            with committing_database.transaction() as session:
                if withdraws:
                    withdraw_pledge(session, pledge_id=pledge_id, actor=operator(None), now=NOW)
                else:
                    abandon_pledge(session, pledge_id=pledge_id, now=NOW, reason="the payment page expired")
            return True

        return act

    # Everybody who leaves does so twice, as a webhook and a sweep would.
    at_once(
        [leaving(one, withdraws=number % 2 == 0) for number, one in enumerate(holding[:2]) for _ in range(2)]
        + [_choosing(committing_database, campaign, reward_id) for _ in range(4)]
    )

    taken, held = _taken(committing_database)
    assert taken == held
    assert 2 <= taken <= len(holding)
