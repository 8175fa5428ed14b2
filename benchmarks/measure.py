"""What a benchmark hands in: a goal of the plan beside what was measured, in the same unit."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One row of the table. `at_least` turns the goal round: more is better then."""

    name: str
    goal: float
    measured: float
    unit: str
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.measured >= self.goal if self.at_least else self.measured <= self.goal


def median_of(measure: Callable[[], float], *, times: int = 3) -> float:
    """The median of a few measurements, which one slow moment of the machine cannot move."""
    return median(measure() for _ in range(times))
