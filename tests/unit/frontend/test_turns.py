"""Turns at the provider: evenly spaced, in the order in which they were asked for."""

from itertools import pairwise

from frontend.limits import Limiter

_APART = 40_000


def test_turns_are_evenly_spaced_also_while_the_broker_is_away() -> None:
    limiter = Limiter("redis+socket:///nowhere/valkey.sock")

    waits = [limiter.take_turn("provider", apart=_APART) for _ in range(5)]

    assert waits[0] == 0
    # A wait is counted from the moment of asking, and a little time passes between two.
    assert all(0 < later - sooner <= _APART for sooner, later in pairwise(waits))
    assert limiter.take_turn("something else", apart=_APART) == 0
    limiter.close()
