"""Who could go where: every pair that breaks no rule, pruned to those a good plan could use."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from anomaly.arrays import Bools, Floats, Ints
from anomaly.recovery import Curves
from anomaly.redeploy_near import near_pairs, travel_minutes
from anomaly.redeploy_terms import Helper, RedeployProblem

TIE_VOTERS = 2e-6  # per rank: enough for the solver to see, too little to matter


@dataclass(frozen=True)
class Pairs:
    """Allowed (helper, need) pairs, sorted by helper, then need; indices into the sorted problem.

    `hours`: work there before the horizon, the shift or the polls end; `effective`: the same,
    longer where a helpful language is spoken; `cost`: voters paid for the move by itself
    (hours at the origin, churn).
    """

    helper: Ints
    need: Ints
    travel_minutes: Floats
    hours: Floats
    effective: Floats
    cost: Floats
    locked: Bools

    def only(self, keep: Bools) -> "Pairs":
        """The pairs where `keep` is true."""
        return Pairs(**{name: getattr(self, name)[keep] for name in self.__dataclass_fields__})


@dataclass(frozen=True)
class Standing:
    """What each helper does if not moved: the `need` they work in (-1 for none) and hours there."""

    need: Ints
    hours: Floats
    effective: Floats


def stand(problem: RedeployProblem) -> Standing:
    """Present assignments as precincts in need. A person who covers a site does no canvassing there."""
    row = {need.precinct_id: k for k, need in enumerate(problem.needs)}
    at = np.array([-1 if h.covers else row.get(h.precinct_id, -1) for h in problem.helpers], np.int64)
    hours = np.maximum(_hours_left(problem), 0.0)
    speaks = [j >= 0 and _speaks(problem, i, j) for i, j in enumerate(at.tolist())]
    effective = np.where(at >= 0, hours * (1.0 + problem.model.language_gain * np.array(speaks, float)), 0.0)
    return Standing(at, hours, effective)


def find_pairs(problem: RedeployProblem, curves: Curves, standing: Standing) -> tuple[Pairs, Bools]:
    """Every pair that is allowed and wins more than it costs, and which of them to begin with.

    Those are the best needs of each helper, the nearest helpers of each need, and the pairs
    that are locked or were suggested before.
    """
    helper, need = near_pairs(problem, curves)
    travel = travel_minutes(problem, helper, need)
    hours = _hours_left(problem)[helper] - (travel + problem.limits.notice_minutes) / 60.0
    helps = _helps(problem, helper, need)
    effective = np.maximum(hours, 0.0) * (1.0 + problem.model.language_gain * helps)
    locked = _among(problem, helper, need, problem.locked) & (hours > 0) & (standing.need[helper] != need)
    earlier = _among(problem, helper, need, problem.previous.items())
    cost = _cost(problem, standing)[helper] - problem.limits.churn_voters * earlier
    alone = curves.value(need, effective) if len(need) else np.zeros(0)
    net = alone - cost
    bound = np.zeros(len(problem.helpers), bool)
    bound[helper[locked]] = True  # a volunteer locked somewhere needs no alternatives
    useful = _allowed(problem, standing, helper, need, travel, hours) & (net > 0) & ~bound[helper]
    ties = TIE_VOTERS * (helper / max(len(problem.helpers), 1) + need / max(len(problem.needs), 1))
    keep = useful | locked
    pairs = Pairs(helper, need, travel, hours, effective, cost + ties, locked).only(keep)
    every = np.ones(len(pairs.helper), bool)
    first = best_of_each(pairs.helper, -net[keep], every, problem.limits.best_per_helper)
    first |= best_of_each(pairs.need, pairs.travel_minutes, every, problem.limits.nearest_per_need)
    return pairs, first | earlier[keep] | pairs.locked


def _hours_left(problem: RedeployProblem) -> Floats:
    horizon = problem.now_min + 60.0 * problem.limits.horizon_hours
    last = min(problem.close_min - problem.limits.last_contact_minutes, horizon)
    return np.array([_minutes_left(h, problem.now_min, last) for h in problem.helpers]) / 60.0


def _minutes_left(helper: Helper, now: float, last: float) -> float:
    end = last if helper.shift_end_min is None else min(helper.shift_end_min, last)
    due = helper.break_at_min
    rest = helper.break_minutes if due is not None and now <= due < end else 0.0
    return end - now - rest


def _allowed(
    problem: RedeployProblem, standing: Standing, helper: Ints, need: Ints, travel: Floats, hours: Floats
) -> Bools:
    limits = problem.limits
    free = [
        h.volunteer_id not in problem.held and (h.shift_start_min is None or h.shift_start_min <= problem.now_min)
        for h in problem.helpers
    ]
    fits: Bools = (hours >= limits.min_hours_there) & (travel <= limits.max_travel_minutes)
    fits &= np.array(free, bool)[helper] & (standing.need[helper] != need)
    fits &= ~_among(problem, helper, need, problem.refused)
    return fits


def _helps(problem: RedeployProblem, helper: Ints, need: Ints) -> Bools:
    """Whether each helper speaks a language that helps at each need; distinct sets are compared once."""
    have, mine = _numbered([h.languages for h in problem.helpers])
    asked, theirs = _numbered([n.helpful_languages for n in problem.needs])
    table = np.array([[bool(a & b) for b in asked] for a in have], bool).reshape(len(have), len(asked))
    met: Bools = table[mine[helper], theirs[need]]
    return met


def _numbered(sets: Sequence[frozenset[str]]) -> tuple[list[frozenset[str]], Ints]:
    number: dict[frozenset[str], int] = {}
    codes = [number.setdefault(one, len(number)) for one in sets]
    return list(number), np.array(codes, np.int64)


def _speaks(problem: RedeployProblem, helper: int, need: int) -> bool:
    return bool(problem.helpers[helper].languages & problem.needs[need].helpful_languages)


def _among(problem: RedeployProblem, helper: Ints, need: Ints, marked: Iterable[tuple[str, str]]) -> Bools:
    rows = {h.volunteer_id: k for k, h in enumerate(problem.helpers)}
    columns = {n.precinct_id: k for k, n in enumerate(problem.needs)}
    width = max(len(columns), 1)
    codes = [rows[v] * width + columns[p] for v, p in marked if v in rows and p in columns]
    among: Bools = np.isin(helper * width + need, np.array(codes, np.int64))
    return among


def _cost(problem: RedeployProblem, standing: Standing) -> Floats:
    # whoever leaves a precinct in need pays by that precinct's own curve, in the solver
    limits = problem.limits
    an_hour = [limits.watcher_hour_voters if h.covers else limits.ordinary_hour_voters for h in problem.helpers]
    return np.where(standing.need >= 0, 0.0, np.array(an_hour) * standing.hours) + limits.move_voters


def best_of_each(group: Ints, score: Floats, among: Bools, most: int) -> Bools:
    """The `most` lowest scores of each group; equal scores in the order given."""
    index = np.flatnonzero(among)
    index = index[np.lexsort((index, score[index], group[index]))]
    ranked = group[index]
    start = np.searchsorted(ranked, ranked)
    keep = np.zeros(len(group), bool)
    keep[index[np.arange(len(index)) - start < most]] = True
    return keep
