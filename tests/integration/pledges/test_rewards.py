"""A reward with a gift: chosen while there is one, given back when nothing came of the gift."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crowd.initiatives.rules import NotYourInitiative
from crowd.pledges.change_operations import change_amount, give_up_reward
from crowd.pledges.models import Pledge
from crowd.pledges.operations import Promise, change_state, make_pledge, secure_pledge
from crowd.pledges.queries import pledge as pledge_row
from crowd.pledges.rules import FREES_REWARD, TRANSITIONS, PledgeIdTaken
from crowd.pledges.supporter_queries import with_reward
from crowd.rewards.models import Reward
from crowd.rewards.operations import add_reward, close_reward
from crowd.rewards.queries import offered
from crowd.rewards.rules import REWARDS_MAX, RewardForm, TooManyRewards
from crowd.shared.actor import Actor
from crowd.shared.errors import InvalidFields
from crowd.shared.ids import new_id
from crowd.shared.money import Money
from tests.factories import NOW, acting, make_initiative, make_municipality, make_person

HONEY = RewardForm(title="Pot honing", description="Uit de buurt.", from_amount=Money(20_00), stock="2")
NOBODY = Actor(municipality_id=None)


@pytest.fixture
def here(session: Session) -> UUID:
    return make_municipality(session)


@pytest.fixture
def initiator(session: Session, here: UUID) -> Actor:
    return acting(here, make_person(session, municipality_id=here))


@pytest.fixture
def campaign(session: Session, here: UUID, initiator: Actor) -> UUID:
    return make_initiative(session, municipality_id=here, initiator_id=initiator.person_id)


@pytest.fixture
def honey(session: Session, campaign: UUID, initiator: Actor) -> UUID:
    return _offer(session, campaign, initiator)


def _offer(session: Session, campaign: UUID, actor: Actor, **changes: object) -> UUID:
    reward_id = new_id()
    form = replace(HONEY, **changes)  # type: ignore[arg-type]  # each test changes fields it knows
    add_reward(session, reward_id=reward_id, initiative_id=campaign, form=form, actor=actor, now=NOW)
    return reward_id


def _choose(session: Session, campaign: UUID, reward_id: UUID, *, cents: int = 20_00, secure: bool = True) -> UUID:
    pledge_id = new_id()
    promise = Promise(
        pledge_id=pledge_id,
        email=f"{pledge_id}@gever.example",
        amount=Money(cents),
        public_name="Noor",
        is_anonymous=True,
        reward_id=reward_id,
    )
    with session.begin_nested():
        make_pledge(session, initiative_id=campaign, promise=promise, actor=NOBODY, now=NOW)
    if secure:
        secure_pledge(session, pledge_id=pledge_id, now=NOW)
    return pledge_id


def _taken(session: Session, reward_id: UUID) -> int:
    return session.execute(select(Reward.taken).where(Reward.id == reward_id)).scalar_one()


def test_it_is_chosen_until_there_is_none_left(session: Session, campaign: UUID, honey: UUID) -> None:
    for left in (1, 0):
        _choose(session, campaign, honey)
        assert [one.left for one in offered(session, initiative_id=campaign)] == [left]
    with pytest.raises(InvalidFields):
        _choose(session, campaign, honey)


def test_a_gift_too_small_for_it_is_refused(session: Session, campaign: UUID, honey: UUID) -> None:
    with pytest.raises(InvalidFields):
        _choose(session, campaign, honey, cents=19_99)
    assert _taken(session, honey) == 0


def test_the_reward_of_another_initiative_is_refused(session: Session, here: UUID, honey: UUID) -> None:
    with pytest.raises(InvalidFields):
        _choose(session, make_initiative(session, municipality_id=here), honey)


@pytest.mark.parametrize("end", sorted(FREES_REWARD))
def test_when_nothing_comes_of_the_gift_it_is_free_again(
    session: Session, campaign: UUID, honey: UUID, end: str
) -> None:
    pledge_id = _choose(session, campaign, honey, secure=False)
    before = next(state for state, edges in TRANSITIONS.items() if end in edges)
    session.execute(update(Pledge).where(Pledge.id == pledge_id).values(state=before, secured_at=NOW, state_since=NOW))
    change_state(session, pledge=pledge_row(session, pledge_id=pledge_id), to=end, now=NOW)
    assert _taken(session, honey) == 0


def test_a_donor_gives_it_up_once_and_the_gift_stays(session: Session, campaign: UUID, honey: UUID) -> None:
    pledge_id = _choose(session, campaign, honey)
    for _ in range(2):
        give_up_reward(session, pledge_id=pledge_id, actor=NOBODY, now=NOW)
    assert _taken(session, honey) == 0
    assert pledge_row(session, pledge_id=pledge_id).state == "secured"


def test_an_amount_below_its_reward_is_refused(session: Session, campaign: UUID, honey: UUID) -> None:
    pledge_id = _choose(session, campaign, honey)
    with pytest.raises(InvalidFields):
        change_amount(session, pledge_id=pledge_id, was=Money(20_00), amount=Money(15_00), actor=NOBODY, now=NOW)


def test_the_same_form_with_another_reward_is_refused(
    session: Session, campaign: UUID, honey: UUID, initiator: Actor
) -> None:
    promise = Promise(pledge_id=new_id(), email="a@gever.example", amount=Money(20_00), reward_id=honey)
    make_pledge(session, initiative_id=campaign, promise=promise, actor=NOBODY, now=NOW)
    other = replace(promise, reward_id=_offer(session, campaign, initiator))
    with pytest.raises(PledgeIdTaken):
        make_pledge(session, initiative_id=campaign, promise=other, actor=NOBODY, now=NOW)


def test_what_is_closed_is_chosen_no_more_and_kept_by_who_chose_it(
    session: Session, campaign: UUID, honey: UUID, initiator: Actor
) -> None:
    _choose(session, campaign, honey)
    for _ in range(2):
        close_reward(session, reward_id=honey, actor=initiator, now=NOW)
    assert offered(session, initiative_id=campaign) == []
    with pytest.raises(InvalidFields):
        _choose(session, campaign, honey)
    assert len(with_reward(session, initiative_id=campaign)[0]) == 1


def test_an_address_is_told_only_once_there_is_something_to_deliver(
    session: Session, campaign: UUID, honey: UUID
) -> None:
    pledge_id = _choose(session, campaign, honey)
    [[waiting], _] = with_reward(session, initiative_id=campaign)
    session.execute(update(Pledge).where(Pledge.id == pledge_id).values(state="collected"))
    [[due], _] = with_reward(session, initiative_id=campaign)
    assert (waiting.public_name, waiting.email, due.email) == ("", "", f"{pledge_id}@gever.example")


def test_the_database_refuses_one_too_many(session: Session, honey: UUID) -> None:
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(update(Reward).where(Reward.id == honey).values(taken=3))


@pytest.mark.parametrize(
    "changes",
    [{"title": " "}, {"title": "t" * 81}, {"description": "d" * 501}, {"from_amount": None}]
    + [{"stock": wrong} for wrong in ("0", "-1", "2,5", "veel", "100001", "²")],
)
def test_a_reward_that_is_not_right_is_refused(
    session: Session, campaign: UUID, initiator: Actor, changes: dict[str, object]
) -> None:
    with pytest.raises(InvalidFields):
        _offer(session, campaign, initiator, **changes)


def test_rewards_are_their_initiators_and_not_too_many(
    session: Session, campaign: UUID, here: UUID, initiator: Actor
) -> None:
    with pytest.raises(NotYourInitiative):
        _offer(session, campaign, acting(here, make_person(session, municipality_id=here)))
    for _ in range(REWARDS_MAX):
        _offer(session, campaign, initiator)
    with pytest.raises(TooManyRewards):
        _offer(session, campaign, initiator)
