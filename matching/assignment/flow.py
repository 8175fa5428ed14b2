"""The assignment as a flow of least cost: exact for everything that a flow can say. Pure.

    source -> volunteer -> (volunteer, hour) -> shift -> sink

Somebody's first shift is free and each further one costs. Shifts that overlap so that all of them share a moment
are put behind one node through which one goes; so only where a clash is possible. Places of a shift cost what need
has lost. A way past everything, straight from source to sink, costs nothing: nobody must go where it is not worth it.

What is left out (overlaps that share no moment, travelling, crews that are whole or not at all) can only make an
answer worth less. So what the flow is worth bounds every plan, and a flow that breaks none of it is the best plan.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from matching.assignment.objective import AssignmentPolicy, Edges, places, worth_of_pairs
from matching.assignment.snapshot import Bools, Ints, Snapshot

SOURCE = 0
SINK = 1


class NoFlow(RuntimeError):
    """The solver refused a graph that always has an answer: a mistake of ours."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Graph:
    """Arcs with a capacity and a cost for each unit; `supply` units go from source to sink.

    The arcs of the edges, one each and in their order, begin at `edges_at`.
    """

    nodes: int
    tails: NDArray[np.int32]
    heads: NDArray[np.int32]
    capacities: Ints
    costs: Ints
    supply: int
    edges_at: int
    edges: int


def graph_of(snapshot: Snapshot, policy: AssignmentPolicy, edges: Edges) -> Graph:
    """Return the graph of these edges; the same edges give the same graph."""
    people = np.flatnonzero(np.bincount(edges.volunteer))
    shifts = np.flatnonzero(np.bincount(edges.shift))
    wants = snapshot.wants_left[people]
    clique, is_shared = cliques(snapshot, edges)
    groups = int(is_shared.sum())
    person_at = _positions(people, len(snapshot.volunteers), SINK + 1)
    group_at = np.cumsum(is_shared) - 1 + SINK + 1 + len(people)
    shift_at = _positions(shifts, len(snapshot.shifts), SINK + 1 + len(people) + groups)
    # The first member of each shared clique knows whose it is.
    first = np.flatnonzero(np.diff(clique, prepend=-1))[is_shared]
    tails = np.where(is_shared[clique], group_at[clique], person_at[edges.volunteer])
    place = _place_arcs(snapshot, policy, shifts, shift_at)
    free = np.where(snapshot.is_placed[people], policy.further, 0)
    many = np.flatnonzero(wants > 1)
    supply = int(min(wants.sum(), place[2].sum()))
    arcs = (
        (np.full(len(people), SOURCE), person_at[people], np.ones_like(wants), free),
        (np.full(len(many), SOURCE), person_at[people[many]], wants[many] - 1, np.full(len(many), policy.further)),
        (person_at[edges.volunteer[first]], group_at[is_shared], np.ones(groups), np.zeros(groups)),
        (tails, shift_at[edges.shift], np.ones(len(edges)), -worth_of_pairs(edges, policy)),
        place,
        (np.array([SOURCE]), np.array([SINK]), np.array([supply]), np.array([0])),
    )
    return Graph(
        nodes=SINK + 1 + len(people) + groups + len(shifts),
        tails=np.concatenate([arc[0] for arc in arcs]).astype(np.int32),
        heads=np.concatenate([arc[1] for arc in arcs]).astype(np.int32),
        capacities=np.concatenate([arc[2] for arc in arcs]).astype(np.int64),
        costs=np.concatenate([arc[3] for arc in arcs]).astype(np.int64),
        supply=supply,
        edges_at=len(people) + len(many) + groups,
        edges=len(edges),
    )


def solver_of(graph: Graph) -> SimpleMinCostFlow:
    """Return the solver with this graph in it, not yet solved."""
    solver = SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(graph.tails, graph.heads, graph.capacities, graph.costs)
    solver.set_node_supply(SOURCE, graph.supply)
    solver.set_node_supply(SINK, -graph.supply)
    return solver


def solve(graph: Graph) -> tuple[Bools, int]:
    """Return which edges are chosen, and what that is worth. Raises NoFlow."""
    if not graph.edges:
        return np.zeros(0, dtype=np.bool_), 0
    solver = solver_of(graph)
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise NoFlow(str(status))
    flows = solver.flows(np.arange(graph.edges_at, graph.edges_at + graph.edges, dtype=np.int32))
    return np.asarray(flows) > 0, -int(solver.optimal_cost())


def cliques(snapshot: Snapshot, edges: Edges) -> tuple[Ints, Bools]:
    """Return the clique of each edge, numbered on, and of each clique whether more than one edge is in it.

    One volunteer's shifts, in the order in which they start, are gathered while they all share a moment. Whoever
    takes one shift at most needs no cliques.
    """
    alone = np.ones(len(edges), dtype=np.bool_)
    begins = np.flatnonzero(np.diff(edges.volunteer, prepend=-1))
    degrees = np.diff(np.append(begins, len(edges)))
    chooses = (snapshot.wants_left[edges.volunteer[begins]] > 1) & (degrees > 1)
    begins, degrees = begins[chooses], degrees[chooses]
    starts, ends = snapshot.shifts.starts[edges.shift], snapshot.shifts.ends[edges.shift]
    order = np.argsort(-degrees, kind="stable")
    begins, degrees = begins[order], degrees[order]
    until = ends[begins]
    for place in range(1, int(degrees.max(initial=0))):
        # Who has fewer shifts than this stands behind.
        still = int(np.searchsorted(-degrees, -place, side="left"))
        at = begins[:still] + place
        joins = starts[at] < until[:still]
        alone[at] = ~joins
        until[:still] = np.where(joins, np.minimum(until[:still], ends[at]), ends[at])
    clique = np.cumsum(alone) - 1
    return clique, np.bincount(clique) > 1


def _positions(which: Ints, count: int, first: int) -> Ints:
    at = np.full(count, -1)
    at[which] = np.arange(first, first + len(which))
    return at


def _place_arcs(snapshot: Snapshot, policy: AssignmentPolicy, shifts: Ints, shift_at: Ints) -> tuple[Ints, ...]:
    """Return the arcs from shifts to the sink, one for each cost that places of a shift have."""
    every = places(snapshot, policy)
    left = np.diff(every.starts)
    of = np.repeat(np.arange(len(left)), left)
    is_new = np.ones(len(of), dtype=np.bool_)
    is_new[1:] = (of[1:] != of[:-1]) | (every.costs[1:] != every.costs[:-1])
    begins = np.flatnonzero(is_new)
    counts = np.diff(np.append(begins, len(of)))
    used = np.isin(of[begins], shifts)
    begins, counts = begins[used], counts[used]
    return shift_at[of[begins]], np.full(len(begins), SINK), counts, every.costs[begins]
