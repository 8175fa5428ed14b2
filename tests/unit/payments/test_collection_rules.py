"""What the provider's word means, and when to try again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.collection.rules import HARD_DECLINES, RETRY_AFTER, next_attempt, read_intent

NOW = datetime(2026, 12, 12, 0, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(days=7)


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [
        ("succeeded", None, "succeeded"),
        ("processing", None, "processing"),
        ("canceled", None, "cancelled"),
        ("requires_action", None, "needs_action"),
        ("requires_payment_method", "authentication_required", "needs_action"),
        ("requires_payment_method", "card_declined", "declined"),
    ],
)
def test_an_intent_says_where_its_charge_stands(status: str, code: str | None, state: str) -> None:
    reading = read_intent(status=status, code=code, decline_code=None, advice_code=None)
    assert reading is not None
    assert reading.state == state


@pytest.mark.parametrize("status", ["requires_payment_method", "requires_confirmation"])
def test_a_fresh_intent_says_nothing_about_an_attempt(status: str) -> None:
    assert read_intent(status=status, code=None, decline_code=None, advice_code=None) is None


@pytest.mark.parametrize("decline_code", sorted(HARD_DECLINES))
def test_a_card_that_is_gone_is_not_tried_again(decline_code: str) -> None:
    reading = read_intent(
        status="requires_payment_method", code="card_declined", decline_code=decline_code, advice_code=None
    )
    assert reading is not None
    assert not reading.may_retry


def test_a_bank_that_says_never_again_is_obeyed() -> None:
    reading = read_intent(
        status="requires_payment_method",
        code="card_declined",
        decline_code="generic_decline",
        advice_code="do_not_try_again",
    )
    assert reading is not None
    assert not reading.may_retry


def test_soft_declines_are_retried_after_one_three_and_six_days() -> None:
    moments, now = [], NOW
    for declines in (1, 2, 3):
        again = next_attempt(declines=declines, may_retry=True, is_debit=False, now=now, collect_until=UNTIL)
        assert again is not None
        moments.append(again - NOW)
        now = again
    assert tuple(moments) == RETRY_AFTER
    assert next_attempt(declines=4, may_retry=True, is_debit=False, now=now, collect_until=UNTIL) is None


@given(st.integers(1, 10), st.booleans(), st.integers(0, 10 * 24 * 3600))
def test_nothing_is_tried_after_collecting_ended(declines: int, may_retry: bool, seconds: int) -> None:  # noqa: FBT001  Hypothesis gives it
    now = NOW + timedelta(seconds=seconds)
    again = next_attempt(declines=declines, may_retry=may_retry, is_debit=False, now=now, collect_until=UNTIL)
    assert again is None or (may_retry and now < again < UNTIL)
