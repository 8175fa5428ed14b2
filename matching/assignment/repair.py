"""What a flow cannot say, repaired where it matters: shifts that clash all the same, and incomplete crews. Pure.

First everything that breaks a rule is left out, which gives a plan that could be carried out as it is. Then whoever
was touched, and whoever could help best, is decided again by a solver that knows every rule, while all others keep
what they have. It starts from the plan there is, so it never makes it worse; when its time is over, the best it
found stands. Its time is counted in steps, so the same snapshot gives the same plan on a slow machine too.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from ortools.sat.python.cp_model import CpModel, CpSolver, IntVar, LinearExpr
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matching.assignment.objective import AssignmentPolicy, Edges, Places, Work, clash, places, worth, worth_of_pairs
from matching.assignment.snapshot import Bools, Ints, Snapshot

# Up to so many pairs everything that hangs together is decided again.
WHOLE = 2_000
# Beyond that: so many more than an incomplete crew needs, so many for each place these might leave, and so many other
# shifts for each of them. Half as many again gain a hundredth of a percent.
_SPARE = 2
_REFILLS = 1
_OTHERS = 4
_SIMPLIFIED = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The pairs that are chosen, and how many of them the flow had otherwise."""

    chosen: Bools
    touched: int


def repair(snapshot: Snapshot, policy: AssignmentPolicy, edges: Edges, flow: Bools) -> Plan:
    """Return a plan that breaks no rule, as near to the worth of the flow as was found in the time there is."""
    start = without_trouble(snapshot, policy, edges, flow)
    touched = np.flatnonzero(start != flow)
    if not len(touched):
        return Plan(flow, 0)
    part = _touching(edges, _decided_again(snapshot, policy, edges, start, touched), touched)
    plan = _decided(snapshot, policy, edges, start, part)
    is_better = worth(snapshot, policy, edges, plan) > worth(snapshot, policy, edges, start)
    return Plan(plan if is_better else start, len(touched))


def without_trouble(snapshot: Snapshot, policy: AssignmentPolicy, edges: Edges, chosen: Bools) -> Bools:
    """Return the plan without what breaks a rule: of two that clash the lesser, of an incomplete crew everybody."""
    chosen = chosen.copy()
    value = worth_of_pairs(edges, policy)
    while True:
        one, other = clashing(snapshot, policy, edges, np.flatnonzero(chosen))
        chosen[np.where(value[one] >= value[other], other, one)] = False
        incomplete = incomplete_crews(snapshot, policy, edges, chosen)
        chosen &= ~incomplete[edges.shift]
        if not len(one) and not incomplete.any():
            return chosen


def clashing(snapshot: Snapshot, policy: AssignmentPolicy, edges: Edges, which: Ints) -> tuple[Ints, Ints]:
    """Return the pairs of these edges that one volunteer cannot do both; `which` is in the order of the edges."""
    whose = edges.volunteer[which]
    found = []
    for apart in range(1, int(np.bincount(whose, minlength=1).max())):
        at = np.flatnonzero(whose[apart:] == whose[:-apart])
        one, other = which[at], which[at + apart]
        both = clash(Work.at_shifts(snapshot, edges.shift[one]), Work.at_shifts(snapshot, edges.shift[other]), policy)
        found.append((one[both], other[both]))
    nothing = which[:0]
    found.append((nothing, nothing))
    return np.concatenate([one for one, _ in found]), np.concatenate([other for _, other in found])


def incomplete_crews(snapshot: Snapshot, policy: AssignmentPolicy, edges: Edges, chosen: Bools) -> Bools:
    """Return the shifts that get people, and fewer than they need to go ahead."""
    people = np.bincount(edges.shift[chosen], minlength=len(snapshot.shifts))
    return policy.whole_crews & (people > 0) & (people < snapshot.crew_left)


def _decided_again(snapshot: Snapshot, policy: AssignmentPolicy, edges: Edges, plan: Bools, touched: Ints) -> Ints:
    """Return the edges of everybody who is decided again: the touched, who would help them best, who replaces those."""
    if len(edges) <= WHOLE:
        return np.arange(len(edges))
    is_free = np.zeros(len(snapshot.volunteers), dtype=np.bool_)
    is_free[edges.volunteer[touched]] = True
    mine = np.bincount(edges.volunteer[plan], minlength=len(is_free))
    is_full = mine >= snapshot.wants_left
    value = worth_of_pairs(edges, policy)
    # Whoever has all they want gives up the least of it for something else.
    least = np.zeros(len(is_free), dtype=np.int64)
    least[is_full] = value.max()
    np.minimum.at(least, edges.volunteer[plan], value[plan])
    least[~is_full] = 0
    gain = value - least[edges.volunteer]
    crew = np.zeros(len(snapshot.shifts), dtype=np.int64)
    shifts = np.unique(edges.shift[touched])
    crew[shifts] = np.maximum(snapshot.crew_left[shifts], 1) + _SPARE
    is_free[edges.volunteer[_best_for(edges, ~plan, gain, crew)]] = True
    left_behind = edges.shift[plan & is_free[edges.volunteer]]
    refills = _REFILLS * np.bincount(left_behind, minlength=len(crew))
    refills[shifts] = 0
    is_idle = ~(is_full | is_free)
    is_free[edges.volunteer[_best_for(edges, is_idle[edges.volunteer] & ~plan, gain, refills)]] = True
    at = np.flatnonzero(is_free[edges.volunteer])
    room = snapshot.places_left > np.bincount(edges.shift[plan], minlength=len(crew))
    possible = at[(room | (crew > 0) | (refills > 0))[edges.shift[at]] & ~plan[at]]
    order = possible[np.lexsort((-value[possible], edges.volunteer[possible]))]
    sizes = np.bincount(edges.volunteer[order], minlength=len(is_free))
    rank = np.arange(len(order)) - (np.cumsum(sizes) - sizes)[edges.volunteer[order]]
    return np.sort(np.concatenate((at[plan[at]], order[rank < _OTHERS])))


def _best_for(edges: Edges, eligible: Bools, gain: Ints, count: Ints) -> Ints:
    """Return the edges by which each shift gains most, `count` of them for each."""
    at = np.flatnonzero(eligible & (count > 0)[edges.shift])
    at = at[np.lexsort((-gain[at], edges.shift[at]))]
    sizes = np.bincount(edges.shift[at], minlength=len(count))
    rank = np.arange(len(at)) - (np.cumsum(sizes) - sizes)[edges.shift[at]]
    return at[rank < count[edges.shift[at]]]


def _touching(edges: Edges, free: Ints, touched: Ints) -> Ints:
    """Return the free edges that hang together with something touched."""
    volunteers, volunteer = np.unique(edges.volunteer[free], return_inverse=True)
    shifts, shift = np.unique(edges.shift[free], return_inverse=True)
    size = len(volunteers) + len(shifts)
    links = coo_array((np.ones(len(free), dtype=np.int8), (volunteer, shift + len(volunteers))), shape=(size, size))
    _, part = connected_components(links, directed=False)
    part = part[volunteer]
    return free[np.isin(part, part[np.isin(free, touched)])]


def _decided(snapshot: Snapshot, policy: AssignmentPolicy, edges: Edges, start: Bools, part: Ints) -> Bools:
    """Return the plan with these edges decided again; everybody on them has no others that are chosen."""
    plan = start.copy()
    others = plan.copy()
    others[part] = False
    there = np.bincount(edges.shift[others], minlength=len(snapshot.shifts))
    room = snapshot.places_left - there
    part = part[(room[edges.shift[part]] > 0) | plan[part]]
    model = CpModel()
    taken = [model.new_bool_var("") for _ in range(len(part))]
    for variable, hint in zip(taken, plan[part].tolist(), strict=True):
        model.add_hint(variable, hint)
    value = worth_of_pairs(edges, policy)[part].tolist()
    points: list[IntVar | LinearExpr] = [LinearExpr.weighted_sum(taken, value)]
    points += _people(model, snapshot, policy, edges, part, taken)
    points += _crews(model, snapshot, policy, edges, part, taken, there)
    model.maximize(LinearExpr.sum(points))
    solver = CpSolver()
    # One worker and a count of steps instead of seconds: the same answer everywhere.
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = policy.effort
    # Nearly everything here is a flow still: its linear relaxation answers at once what searching does not in minutes.
    solver.parameters.linearization_level = 2
    # Looking for simplifications pays for itself in a large model only.
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.cp_model_presolve = len(part) > _SIMPLIFIED
    if solver.status_name(solver.solve(model)) in {"OPTIMAL", "FEASIBLE"}:
        plan[part] = [solver.boolean_value(variable) for variable in taken]
    return plan


def _people(
    model: CpModel, snapshot: Snapshot, policy: AssignmentPolicy, edges: Edges, part: Ints, taken: list[IntVar]
) -> list[LinearExpr]:
    """Say how much each volunteer wants and what clashes; return what further shifts cost."""
    costs = []
    whose = edges.volunteer[part]
    begins = np.flatnonzero(np.diff(whose, prepend=-1))
    for begin, end in zip(begins.tolist(), np.append(begins[1:], len(part)).tolist(), strict=True):
        mine = taken[begin:end]
        wants = int(snapshot.wants_left[whose[begin]])
        is_placed = bool(snapshot.is_placed[whose[begin]])
        if wants == 1:
            model.add_at_most_one(mine)
        elif len(mine) > wants:
            model.add(LinearExpr.sum(mine) <= wants)
        if is_placed:
            costs.append(LinearExpr.sum(mine) * -policy.further)
        elif wants > 1 and len(mine) > 1:
            further = model.new_int_var(0, wants - 1, "")
            model.add(further >= LinearExpr.sum(mine) - 1)
            costs.append(further * -policy.further)
    at = {int(edge): variable for edge, variable in zip(part, taken, strict=True)}
    many = part[snapshot.wants_left[whose] > 1]
    for one, other in zip(*clashing(snapshot, policy, edges, many), strict=True):
        model.add_at_most_one(at[int(one)], at[int(other)])
    return costs


def _crews(
    model: CpModel,
    snapshot: Snapshot,
    policy: AssignmentPolicy,
    edges: Edges,
    part: Ints,
    taken: list[IntVar],
    there: Ints,
) -> list[LinearExpr]:
    """Say how many places each shift has and which crews are whole or not at all; return what the places cost."""
    every, costs = places(snapshot, policy), []
    by_shift: dict[int, list[IntVar]] = {}
    for shift, variable in zip(edges.shift[part].tolist(), taken, strict=True):
        by_shift.setdefault(shift, []).append(variable)
    for shift, coming in by_shift.items():
        already, crew = int(there[shift]), int(snapshot.crew_left[shift])
        people = LinearExpr.sum(coming)
        if policy.whole_crews and 0 < already < crew:
            model.add(people >= crew - already)
        elif policy.whole_crews and already == 0 and crew > 1:
            goes_ahead = model.new_bool_var("")
            model.add(people >= crew * goes_ahead)
            model.add(people <= len(coming) * goes_ahead)
        costs += _places_cost(model, every, shift, already, coming)
    return costs


def _places_cost(model: CpModel, every: Places, shift: int, already: int, coming: list[IntVar]) -> list[LinearExpr]:
    begin, end = int(every.starts[shift]) + already, int(every.starts[shift + 1])
    steps = Counter(every.costs[begin : min(end, begin + len(coming))].tolist())
    if steps.keys() == {0}:
        model.add(LinearExpr.sum(coming) <= steps[0])
        return []
    filled = [model.new_int_var(0, count, "") for count in steps.values()]
    model.add(LinearExpr.sum(filled) == LinearExpr.sum(coming))
    # A cost never falls within a shift, so the cheaper places are filled first by themselves.
    return [LinearExpr.weighted_sum(filled, [-cost for cost in steps])]
