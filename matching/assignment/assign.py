"""The one way in: who goes where, what that is worth, how far it can be from the best, and what stays empty. Pure."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from matching.assignment.candidates import candidates
from matching.assignment.flow import graph_of, solve
from matching.assignment.objective import AssignmentPolicy, Edges, Shorts, worth
from matching.assignment.repair import repair
from matching.assignment.snapshot import Bools, Ints, Snapshot

# Nobody fits; too few fit for the crew it needs; who fits is needed more elsewhere, or has all they want.
EmptyKind: TypeAlias = Literal["nobody_fits", "too_few_fit", "needed_elsewhere"]
EMPTY_KINDS: Final[tuple[EmptyKind, ...]] = ("nobody_fits", "too_few_fit", "needed_elsewhere")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Empty:
    """Shifts with places left: which, how many, how many the crew still misses, how many fit, and why."""

    shift: Ints
    places: Ints
    crew_missing: Ints
    fit: Ints
    kind: Ints

    def why(self, index: int) -> EmptyKind:
        """Return why one of them stayed empty."""
        return EMPTY_KINDS[int(self.kind[index])]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Assignment:
    """Who goes where: volunteers and shifts by their place in the snapshot, six terms for each in `terms[:, pair]`.

    `objective` is what the plan is worth, `bound` what no plan of these candidates can exceed. `was_proposed` are
    the pairs that the last run had too; `repaired` counts the pairs in which the flow broke a rule of its own.
    """

    volunteer: Ints
    shift: Ints
    terms: Shorts
    was_proposed: Bools
    objective: int
    bound: int
    repaired: int
    empty: Empty

    @property
    def gap(self) -> float:
        """How far below the best plan this one can be at most, as a share of it; 0 is proven to be the best."""
        return 0.0 if self.bound <= 0 else (self.bound - self.objective) / self.bound

    def __len__(self) -> int:
        """Return how many pairs there are."""
        return len(self.volunteer)


def assign(snapshot: Snapshot, policy: AssignmentPolicy) -> Assignment:
    """Return the best plan for this moment, the same each time.

    What was accepted or asked stays as it is; no hard constraint is broken and no shift gets more than its places.
    """
    edges = candidates(snapshot, policy)
    flow, bound = solve(graph_of(snapshot, policy, edges))
    plan = repair(snapshot, policy, edges, flow)
    chosen = np.flatnonzero(plan.chosen)
    return Assignment(
        volunteer=edges.volunteer[chosen],
        shift=edges.shift[chosen],
        terms=edges.terms[:, chosen],
        was_proposed=edges.is_proposed[chosen],
        objective=worth(snapshot, policy, edges, plan.chosen),
        bound=bound,
        repaired=plan.touched,
        empty=_empty(snapshot, edges, plan.chosen),
    )


def _empty(snapshot: Snapshot, edges: Edges, chosen: Bools) -> Empty:
    count = len(snapshot.shifts)
    people = np.bincount(edges.shift[chosen], minlength=count)
    fit = np.bincount(edges.shift, minlength=count)
    is_ahead = snapshot.shifts.is_open & (snapshot.shifts.starts > snapshot.now)
    shift = np.flatnonzero(is_ahead & (people < snapshot.places_left))
    fit, crew = fit[shift], snapshot.crew_left[shift]
    kind = np.where(fit == 0, 0, np.where(fit < crew, 1, 2))
    return Empty(
        shift=shift,
        places=(snapshot.places_left - people)[shift],
        crew_missing=np.maximum(crew - people[shift], 0),
        fit=fit,
        kind=kind,
    )
