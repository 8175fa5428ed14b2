"""What a collecting campaign misses, and that giving it is enough."""

from hypothesis import given
from hypothesis import strategies as st

from crowd.closing.rules import missing_while_collecting, outcome_after_collecting
from crowd.shared.money import ZERO, Money

_CENTS = st.integers(0, 10**9).map(Money)


@given(standing=_CENTS, match=_CENTS, minimum=_CENTS)
def test_whoever_gives_what_is_missing_makes_it_enough(standing: Money, match: Money, minimum: Money) -> None:
    missing = missing_while_collecting(standing=standing, match=match, minimum=minimum)
    assert missing >= ZERO
    assert outcome_after_collecting(collected=standing + missing, match=match, minimum=minimum) == "funded"
    if missing:
        less = standing + missing - Money(1)
        assert outcome_after_collecting(collected=less, match=match, minimum=minimum) != "funded"
