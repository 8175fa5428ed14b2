"""What a pledge may be and become."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd.pledges import rules
from crowd.pledges.rules import CampaignFacts, CampaignNotOpen, PledgeCannotBecome
from crowd.shared.errors import InvalidFields
from crowd.shared.money import Money

DEADLINE = datetime(2026, 12, 11, 23, 0, tzinfo=UTC)
LIVE = CampaignFacts(state="live", deadline_at=DEADLINE)
states = st.sampled_from(rules.STATES)


@given(states, states)
def test_only_the_table_says_what_may_become_what(current: str, to: str) -> None:
    if to in rules.TRANSITIONS[current]:
        rules.check_transition(current=current, to=to)
    else:
        with pytest.raises(PledgeCannotBecome):
            rules.check_transition(current=current, to=to)


def test_every_state_is_reached_from_a_promise() -> None:
    reached, todo = {"promised"}, ["promised"]
    while todo:
        for to in rules.TRANSITIONS[todo.pop()] - reached:
            reached.add(to)
            todo.append(to)
    assert reached == set(rules.STATES)


def test_money_that_was_taken_is_never_forgotten() -> None:
    for state in rules.EVER_COLLECTED:
        assert rules.TRANSITIONS[state] <= rules.EVER_COLLECTED


def test_the_deadline_itself_is_too_late_for_a_new_pledge() -> None:
    rules.check_campaign_takes_pledges(campaign=LIVE, now=DEADLINE - timedelta(microseconds=1))
    with pytest.raises(CampaignNotOpen):
        rules.check_campaign_takes_pledges(campaign=LIVE, now=DEADLINE)


@pytest.mark.parametrize(
    "state", ["draft", "approved", "suspended", "collecting", "near_miss", "funded", "unfunded", "cancelled"]
)
def test_only_a_live_campaign_takes_pledges(state: str) -> None:
    campaign = CampaignFacts(state=state, deadline_at=DEADLINE)
    with pytest.raises(CampaignNotOpen):
        rules.check_campaign_takes_pledges(campaign=campaign, now=DEADLINE - timedelta(days=1))


@given(st.integers(-3600, 3600), st.integers(-3600, 3600))
def test_a_page_begun_in_time_may_be_finished_in_the_grace(begun: int, finished: int) -> None:
    promised_at, now = DEADLINE + timedelta(seconds=begun), DEADLINE + timedelta(seconds=finished)
    counts = rules.may_be_secured(campaign=LIVE, promised_at=promised_at, now=now)
    assert counts == (begun < 0 and finished < rules.GRACE_TO_FINISH.total_seconds())


@given(st.integers(-3600, 8 * 86_400), st.integers(-3600, 8 * 86_400))
def test_a_gap_is_filled_while_collecting_only(begun: int, finished: int) -> None:
    gap = rules.Gap(since=DEADLINE, until=DEADLINE + timedelta(days=7))
    campaign = CampaignFacts("collecting", DEADLINE, gap)
    promised_at, now = DEADLINE + timedelta(seconds=begun), DEADLINE + timedelta(seconds=finished)
    in_time = finished < timedelta(days=7).total_seconds()
    counts = rules.may_be_secured(campaign=campaign, promised_at=promised_at, now=now)
    assert counts == (begun >= 0 and in_time)
    if finished >= 0 and in_time:
        rules.check_campaign_takes_pledges(campaign=campaign, now=now)
    else:
        with pytest.raises(CampaignNotOpen):
            rules.check_campaign_takes_pledges(campaign=campaign, now=now)


@pytest.mark.parametrize("state", ["draft", "suspended", "funded", "unfunded", "cancelled"])
def test_a_gap_opens_no_other_state(state: str) -> None:
    campaign = CampaignFacts(state, DEADLINE, rules.Gap(since=DEADLINE, until=DEADLINE + timedelta(days=7)))
    with pytest.raises(CampaignNotOpen):
        rules.check_campaign_takes_pledges(campaign=campaign, now=DEADLINE)
    assert not rules.may_be_secured(campaign=campaign, promised_at=DEADLINE, now=DEADLINE)


@pytest.mark.parametrize("state", ["promised", "secured"])
@pytest.mark.parametrize(
    ("campaign_state", "seconds", "allowed"),
    [("live", -1, True), ("live", 0, False), ("suspended", -1, True), ("collecting", -1, False), ("funded", -1, False)],
)
def test_a_promise_can_be_withdrawn_until_the_deadline(
    state: str, campaign_state: str, seconds: int, *, allowed: bool
) -> None:
    campaign, now = CampaignFacts(campaign_state, DEADLINE), DEADLINE + timedelta(seconds=seconds)
    if allowed:
        rules.check_withdrawal(campaign=campaign, pledge_state=state, now=now)
    else:
        with pytest.raises(rules.TooLateToWithdraw):
            rules.check_withdrawal(campaign=campaign, pledge_state=state, now=now)


@pytest.mark.parametrize("state", ["needs_action", "declined"])
def test_a_failed_charge_can_be_withdrawn_while_collecting(state: str) -> None:
    campaign = CampaignFacts("collecting", DEADLINE)
    rules.check_withdrawal(campaign=campaign, pledge_state=state, now=DEADLINE + timedelta(days=2))


@given(st.integers(-(10**9), 10**9))
def test_an_amount_is_accepted_within_its_bounds_only(cents: int) -> None:
    amount = Money(cents)
    if rules.MINIMUM <= amount <= rules.MAXIMUM:
        assert rules.check_pledge(amount=amount, public_name="") == amount
    else:
        with pytest.raises(InvalidFields):
            rules.check_pledge(amount=amount, public_name="")


def test_everything_wrong_is_named_at_once() -> None:
    with pytest.raises(InvalidFields) as refused:
        rules.check_pledge(amount=None, public_name="x" * 61)
    assert {error.field for error in refused.value.errors} == {"amount", "public_name"}
