"""HiGHS as the oracle of the assignment: another library, asked for the same number in another way."""

from collections.abc import Sequence

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from matching.assignment.flow import SINK, SOURCE, Graph
from matching.assignment.objective import AssignmentPolicy, Edges, places, worth_of_pairs
from matching.assignment.repair import clashing
from matching.assignment.snapshot import Ints, Snapshot

Reals = NDArray[np.float64]


def worth_of_flow(graph: Graph) -> int:
    """What the best flow through this graph is worth: a linear programme with a column for each arc."""
    arcs = np.arange(len(graph.tails))
    ones = np.ones(len(arcs))
    balance = coo_array(
        (np.concatenate((ones, -ones)), (np.concatenate((graph.tails, graph.heads)), np.concatenate((arcs, arcs)))),
        shape=(graph.nodes, len(arcs)),
    )
    supply = np.zeros(graph.nodes)
    supply[SOURCE], supply[SINK] = graph.supply, -graph.supply
    return _best(-graph.costs, graph.capacities, balance, supply, supply, whole=False)


def worth_of_plan(snapshot: Snapshot, policy: AssignmentPolicy, edges: Edges) -> int:
    """What the best plan is worth that breaks no rule, crews and clashes of any kind included: whole numbers."""
    every = places(snapshot, policy)
    at_people, at_places = len(edges), len(edges) + len(snapshot.volunteers)
    at_shifts = at_places + len(every.costs)
    columns = at_shifts + len(snapshot.shifts)
    rows: list[tuple[Sequence[int], Sequence[float], float, float]] = []
    for volunteer in range(len(snapshot.volunteers)):
        mine = np.flatnonzero(edges.volunteer == volunteer).tolist()
        free = 0 if snapshot.is_placed[volunteer] else 1
        rows.append((mine, [1.0] * len(mine), 0, int(snapshot.wants_left[volunteer])))
        rows.append(([*mine, at_people + volunteer], [1.0] * len(mine) + [-1.0], -np.inf, free))
    for shift in range(len(snapshot.shifts)):
        theirs = np.flatnonzero(edges.shift == shift).tolist()
        filled = list(range(at_places + every.starts[shift], at_places + every.starts[shift + 1]))
        rows.append((theirs + filled, [1.0] * len(theirs) + [-1.0] * len(filled), 0, 0))
        if policy.whole_crews and snapshot.crew_left[shift] > 1:
            ahead = at_shifts + shift
            rows.append(([*theirs, ahead], [1.0] * len(theirs) + [-float(snapshot.crew_left[shift])], 0, np.inf))
            rows.append(([*theirs, ahead], [1.0] * len(theirs) + [-float(len(theirs))], -np.inf, 0))
    for one, other in zip(*clashing(snapshot, policy, edges, np.arange(len(edges))), strict=True):
        rows.append(([int(one), int(other)], [1.0, 1.0], 0, 1))
    worth = np.zeros(columns)
    worth[:at_people] = worth_of_pairs(edges, policy)
    worth[at_people:at_places] = -policy.further
    worth[at_places:at_shifts] = -every.costs
    most = np.ones(columns)
    most[at_people:at_places] = snapshot.wants_left
    row = np.repeat(np.arange(len(rows)), [len(which) for which, *_ in rows])
    column = np.concatenate([np.array(which, dtype=np.int64) for which, *_ in rows])
    value = np.concatenate([np.array(factors, dtype=np.float64) for _, factors, *_ in rows])
    matrix = coo_array((value, (row, column)), shape=(len(rows), columns))
    least = np.array([low for *_, low, _ in rows], dtype=np.float64)
    return _best(worth, most, matrix, least, np.array([high for *_, high in rows], dtype=np.float64), whole=True)


def _best(
    worth: Reals | Ints, most: Reals | Ints, matrix: coo_array, least: Reals, highest: Reals, *, whole: bool
) -> int:
    columns = matrix.tocsc()
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = len(worth), len(least)
    programme.sense_ = highspy.ObjSense.kMaximize
    programme.col_cost_ = worth.astype(np.float64)
    programme.col_lower_ = np.zeros(len(worth))
    programme.col_upper_ = most.astype(np.float64)
    programme.row_lower_, programme.row_upper_ = least, highest
    programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    programme.a_matrix_.start_ = columns.indptr
    programme.a_matrix_.index_ = columns.indices
    programme.a_matrix_.value_ = columns.data
    if whole:
        programme.integrality_ = [highspy.HighsVarType.kInteger] * len(worth)
    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # its constructor alone has no types
    solver.setOptionValue("log_to_console", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.passModel(programme)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return round(solver.getInfo().objective_function_value)
