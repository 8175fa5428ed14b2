"""What a plan is worth in points, and what a score does not say: a first shift, a crew, what was proposed before. Pure.

A pair is worth its score, and STICKY more when it was proposed before. Somebody's second shift costs. A place is
worth less the fuller its shift gets: exactly what the term for need loses by the people before it. The first
places, until the crew is complete, are worth more.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from matching.assignment.snapshot import HOUR, MINUTE, Bools, Ints, Snapshot
from matching.placements.score import CALM, CALM_HOURS, FULL, URGENT_HOURS, Policy

Shorts: TypeAlias = NDArray[np.int16]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentPolicy:
    """What counts beside the score, in points, and how hard to look.

    `further` is what each shift after somebody's first costs; 50 brings more people to a shift for a quarter of a
    percent of value. `sticky` keeps what was proposed. `crew` is for each place up to the minimum crew. Travelling
    between shifts goes at `metres_per_minute`, a bicycle's as the crow flies; 0 takes no time. `effort` bounds the
    repair, in the solver's own seconds, which are the same on every machine.
    """

    score: Policy = field(default_factory=Policy)
    further: int = 50
    sticky: int = 25
    crew: int = 100
    per_volunteer: int = 20
    per_shift: int = 40
    metres_per_minute: int = 250
    whole_crews: bool = True
    effort: float = 10.0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Edges:
    """Who could go where: pairs that break no hard constraint; `terms[:, edge]` are the six of a Score, in its order.

    Sorted by volunteer, then by when the shift starts, then by shift.
    """

    volunteer: Ints
    shift: Ints
    terms: Shorts
    is_proposed: Bools
    score: Ints

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.volunteer)


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """The places left of every shift, end to end, each with what taking it costs; a cost never falls within a shift."""

    starts: Ints
    costs: Ints
    paid: Ints

    def cost_of(self, people: Ints) -> int:
        """Return what it costs together that so many people come to each shift."""
        return int((self.paid[self.starts[:-1] + people] - self.paid[self.starts[:-1]]).sum())


def urgency(snapshot: Snapshot) -> Ints:
    """Return how pressing each shift is, in thousandths, by the arithmetic of score.py."""
    hours = np.maximum((snapshot.shifts.starts - snapshot.now) // HOUR, 0)
    calmed = np.clip(hours - URGENT_HOURS, 0, CALM_HOURS - URGENT_HOURS)
    pressing: Ints = FULL - calmed * (FULL - CALM) // (CALM_HOURS - URGENT_HOURS)
    return pressing


def places(snapshot: Snapshot, policy: AssignmentPolicy) -> Places:
    """Return what each place left costs: what need has lost by then, less the worth of completing a crew."""
    shifts, left = snapshot.shifts, snapshot.places_left
    starts = np.zeros(len(left) + 1, dtype=np.int64)
    np.cumsum(left, out=starts[1:])
    of = np.repeat(np.arange(len(shifts)), left)
    place = np.arange(len(of)) - starts[of]
    taken = (shifts.capacity - left)[of]
    pressing = (policy.score.need * urgency(snapshot))[of]
    whole = shifts.capacity[of] * FULL
    need = pressing * (shifts.capacity[of] - taken) // whole
    costs = need - pressing * (shifts.capacity[of] - taken - place) // whole
    costs -= policy.crew * (place < snapshot.crew_left[of])
    paid = np.zeros(len(costs) + 1, dtype=np.int64)
    np.cumsum(costs, out=paid[1:])
    return Places(starts, costs, paid)


def worth_of_pairs(edges: Edges, policy: AssignmentPolicy) -> Ints:
    """Return what each pair is worth by itself."""
    return edges.score + policy.sticky * edges.is_proposed


def worth(snapshot: Snapshot, policy: AssignmentPolicy, edges: Edges, chosen: Bools) -> int:
    """Return what choosing these pairs is worth, all things together."""
    mine = np.bincount(edges.volunteer[chosen], minlength=len(snapshot.volunteers))
    theirs = np.bincount(edges.shift[chosen], minlength=len(snapshot.shifts))
    further = np.maximum(mine - ~snapshot.is_placed, 0).sum()
    pairs = worth_of_pairs(edges, policy)[chosen].sum()
    return int(pairs - policy.further * further) - places(snapshot, policy).cost_of(theirs)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Work:
    """When and where something is done, any number of it; numpy's rules of broadcasting hold."""

    starts: Ints
    ends: Ints
    has_place: Bools
    east: Ints
    north: Ints

    @classmethod
    def at_shifts(cls, snapshot: Snapshot, which: Ints) -> "Work":
        """Return the work of these shifts."""
        shifts = snapshot.shifts
        return cls(
            starts=shifts.starts[which],
            ends=shifts.ends[which],
            has_place=shifts.has_place[which],
            east=shifts.east[which],
            north=shifts.north[which],
        )


def clash(one: Work, other: Work, policy: AssignmentPolicy) -> Bools:
    """Return whether nobody can do both: they overlap, or there is no time to travel in between.

    One that begins when the other ends does not clash in the same place, or from anywhere.
    """
    gap = travel_time(one, other, policy) if policy.metres_per_minute else 0
    return (one.starts < other.ends + gap) & (other.starts < one.ends + gap)


def travel_time(one: Work, other: Work, policy: AssignmentPolicy) -> Ints:
    """Return how long it takes from one place to the other: whole minutes, rounded up, as microseconds."""
    east, north = one.east - other.east, one.north - other.north
    metres = np.rint(np.sqrt((east * east + north * north).astype(np.float64))).astype(np.int64)
    minutes = -(-metres // policy.metres_per_minute)
    return np.where(one.has_place & other.has_place, minutes * MINUTE, 0)
