"""Goals of the nightly assignment: what it costs beside the bare solver, how good a plan is, how much a new one moves.

Each size is measured in a process of its own, so that its peak of memory is its own too. `BENCH_COUNTRY=large` adds
a hundred thousand volunteers, half a minute of one processor.
"""

import os
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from multiprocessing import get_context
from statistics import median
from typing import Final, TypeVar

import numpy as np

from benchmarks.measure import ALTERNATIONS, Measure
from matching.assignment.assign import assign
from matching.assignment.candidates import candidates
from matching.assignment.flow import graph_of, solver_of
from matching.assignment.objective import AssignmentPolicy
from matching.assignment.snapshot import Pairs, Snapshot
from tests.best_plan import worth_of_flow
from tests.country import Size, churned, lay

T = TypeVar("T")

SMALL: Final = Size(volunteers=1_000, shifts=100)
MIDDLE: Final = Size(volunteers=10_000, shifts=1_000)
LARGE: Final = Size(volunteers=100_000, shifts=5_000)
_SEED: Final = 1
# HiGHS takes minutes above this.
_ORACLE_MAX: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one size came to. Seconds are of the processor, but for `wall`; `moved` and `lost` are shares."""

    whole: float
    bare: float
    wall: float
    nanoseconds_each: float
    edges: int
    of_optimum: float
    of_bound: float
    moved: float
    lost: float
    accepted_moved: int
    megabytes: float


def measure() -> Iterator[Measure]:
    """Every size, each in its own process."""
    sizes = [SMALL, MIDDLE, LARGE] if os.environ.get("BENCH_COUNTRY") == "large" else [SMALL, MIDDLE]
    for size in sizes:
        with get_context("spawn").Pool(1) as pool:
            figures = pool.apply(figures_of, (size,))
        yield from _rows(size, figures)


def _rows(size: Size, figures: Figures) -> Iterator[Measure]:
    name = f"assignment of {size.volunteers:,} x {size.shifts:,}"
    made_of = f"{figures.whole * 1000:.0f} ms against {figures.bare * 1000:.0f}, {figures.megabytes:.0f} MB at most"
    if size == SMALL:
        yield Measure(name=f"{name}: the whole batch", goal=100, measured=figures.wall * 1000, unit="ms", note=made_of)
    else:
        goal = 2.0 if size == MIDDLE else 1.5
        ratio = figures.whole / figures.bare
        yield Measure(name=f"{name}: the batch by its solver", goal=goal, measured=ratio, unit="times", note=made_of)
        yield Measure(
            name=f"{name}: each of {figures.edges:,} candidates",
            goal=500,
            measured=figures.nanoseconds_each,
            unit="ns of processor time",
        )
    if size.volunteers <= _ORACLE_MAX:
        yield Measure(
            name=f"{name}: the flow by HiGHS's best",
            goal=1.0,
            measured=figures.of_optimum,
            unit="of its worth",
            at_least=True,
        )
    yield Measure(
        name=f"{name}: the plan by its bound, crews whole and clashes out",
        goal=0.995,
        measured=figures.of_bound,
        unit="of its worth",
        at_least=True,
        note=f"gap {1 - figures.of_bound:.4%}",
    )
    if size != SMALL:
        churn = f"{name}, 3% changed"
        yield Measure(name=f"{churn}: accepted moved", goal=0, measured=figures.accepted_moved, unit="placements")
        yield Measure(name=f"{churn}: proposals moved", goal=1.5, measured=figures.moved * 100, unit="%")
        yield Measure(name=f"{churn}: worth lost by keeping", goal=0.1, measured=figures.lost * 100, unit="%")


def figures_of(size: Size) -> Figures:
    """Measure one size; the solver and the batch take turns."""
    snapshot, policy = lay(size, seed=_SEED), AssignmentPolicy()
    # The first of everything loads libraries and fills caches.
    assign(lay(SMALL, seed=_SEED), policy)
    edges = candidates(snapshot, policy)
    graph = graph_of(snapshot, policy, edges)
    turns, plan = [], assign(snapshot, policy)
    for _ in range(ALTERNATIONS):
        began = time.perf_counter()
        plan, whole = _timed(lambda: assign(snapshot, policy))
        wall = time.perf_counter() - began
        _, bare = _timed(solver_of(graph).solve)
        _, sought = _timed(lambda: candidates(snapshot, policy))
        turns.append((whole, bare, wall, sought, whole / bare))
    whole, bare, wall, sought, _ = sorted(turns, key=lambda turn: turn[-1])[len(turns) // 2]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    moved, lost, accepted_moved = _changed(snapshot, policy)
    return Figures(
        whole=whole,
        bare=bare,
        wall=wall,
        nanoseconds_each=median(turn[3] for turn in turns) / len(edges) * 1e9,
        edges=len(edges),
        of_optimum=plan.bound / worth_of_flow(graph) if size.volunteers <= _ORACLE_MAX else 1.0,
        of_bound=plan.objective / plan.bound,
        moved=moved,
        lost=lost,
        accepted_moved=accepted_moved,
        megabytes=peak,
    )


def _changed(snapshot: Snapshot, policy: AssignmentPolicy) -> tuple[float, float, int]:
    """The next night: the share of proposals that moved though still possible, of worth lost, and accepted moved."""
    first = assign(snapshot, policy)
    tomorrow = churned(snapshot, Pairs(first.volunteer, first.shift), seed=_SEED)
    again = assign(tomorrow, policy)
    anew = assign(replace(tomorrow, proposed=snapshot.proposed), policy)
    possible = int(candidates(tomorrow, policy).is_proposed.sum())
    kept = int(again.was_proposed.sum())
    lost = 1 - (again.objective - policy.sticky * kept) / anew.objective
    # An accepted placement is no pair of a plan; moving one would be giving its place or its time away.
    people = np.bincount(again.shift, minlength=len(tomorrow.shifts))
    given_away = np.maximum(people - tomorrow.places_left, 0).sum()
    return 1 - kept / possible, lost, int(given_away)


def _timed(act: Callable[[], T]) -> tuple[T, float]:
    began = time.process_time()
    result = act()
    return result, time.process_time() - began
