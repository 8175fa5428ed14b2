"""What a benchmark hands in: a goal of the plan beside what was measured, in the same unit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

ALTERNATIONS = 3


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One row of the table. `at_least` turns the goal round: more is better then. `note` is for the reader only."""

    name: str
    goal: float
    measured: float
    unit: str
    at_least: bool = False
    note: str = ""

    @property
    def met(self) -> bool:
        return self.measured >= self.goal if self.at_least else self.measured <= self.goal


def median_of(measure: Callable[[], float], *, times: int = 3) -> float:
    """The median of a few measurements, which one slow moment of the machine cannot move."""
    return median(measure() for _ in range(times))


def ratio_of(measure: Callable[[], float], floor: Callable[[], float], *, times: int = ALTERNATIONS) -> float:
    """How many floors it is, measured in turns (A B A B A B): a slow minute of the machine slows both of a pair."""
    return median(measure() / floor() for _ in range(times))


def milliseconds(measured: Sequence[float], floors: Sequence[float]) -> str:
    """What a ratio was made of: "1.20 ms against 0.30"."""
    return f"{median(measured) * 1000:.2f} ms against {median(floors) * 1000:.2f}"
