"""Chooses among pairs: a mixed-integer linear programme (HiGHS), and a greedy search beside it.

maximise  sum_p R_p(H_p) - sum_k cost_k x_k,   H_p = stayers' hours + arrivals' hours

x_k: take pair k (0 or 1), at most one for each helper; R_p: the concave recovery curve, in
the programme as chords. The floor, the room at a precinct and the number of moves are rows.
The greedy search takes the pair with the highest gain on the true curves until none gains
(lazily: Minoux 1978; for such diminishing returns it is seldom far from the best: Nemhauser,
Wolsey and Fisher 1978). It is the fallback, and the better of the two is returned.
"""

import heapq
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from anomaly.arrays import Floats, Ints
from anomaly.recovery import Curves
from anomaly.redeploy_floor import FloorRow
from anomaly.redeploy_pairs import Pairs, Standing


@dataclass(frozen=True)
class Choice:
    """What may be chosen: pairs, curves, people in place, and the rules that join them.

    `room` (needs,): most arrivals at each. `max_moves` None: any number.
    """

    pairs: Pairs
    curves: Curves
    standing: Standing
    floors: list[FloorRow]
    room: Ints
    max_moves: int | None = None

    def stay_hours(self) -> Floats:
        """Effective hours (needs,) of those in place if nobody moves."""
        at = self.standing.need >= 0
        need, hours = self.standing.need[at], self.standing.effective[at]
        return np.bincount(need, hours, minlength=len(self.curves.rate)).astype(float)

    def hours_with(self, taken: Ints) -> Floats:
        """Effective hours (needs,) once the pairs `taken` (indices) are carried out."""
        pairs, size = self.pairs, len(self.curves.rate)
        leaving = pairs.helper[taken]
        leaving = leaving[self.standing.need[leaving] >= 0]
        gone = np.bincount(self.standing.need[leaving], self.standing.effective[leaving], minlength=size)
        come = np.bincount(pairs.need[taken], pairs.effective[taken], minlength=size)
        return np.maximum(self.stay_hours() - gone, 0.0) + come

    def worth(self, taken: Ints) -> float:
        """The objective of `taken` on the true curves, voters, against nobody moving."""
        every = np.arange(len(self.curves.rate))
        before = self.curves.value(every, self.stay_hours())
        after = self.curves.value(every, self.hours_with(taken))
        return float((after - before).sum() - self.pairs.cost[taken].sum())


@dataclass(frozen=True)
class Answer:
    """Chosen pairs (sorted indices), how they were found, their worth, the gap to the solver's bound."""

    taken: Ints
    status: str
    worth: float
    gap: float | None


def solve(choice: Choice, time_limit_s: float, gap_share: float) -> Answer:
    """The better of programme and greedy search; both deterministic unless the time limit bites."""
    if not len(choice.pairs.helper):
        return Answer(np.zeros(0, np.int64), "empty", 0.0, None)
    greedy = greedy_choice(choice)
    greedy_worth = choice.worth(greedy)
    found, bound, finished = _programme(choice, time_limit_s, gap_share)
    worth = choice.worth(found) if found is not None else -np.inf
    status = "optimal" if finished else "time_limit"
    if found is None or worth < greedy_worth:
        # within the gap asked for, the solver's certificate holds for the greedy answer as well
        certified = finished and bound is not None and greedy_worth >= bound * (1 - gap_share)
        found, worth, status = greedy, greedy_worth, "optimal" if certified else "greedy"
    gap = None if bound is None else max(0.0, (bound - worth) / max(abs(worth), 1e-9))
    return Answer(found, status, worth, gap)


def _programme(choice: Choice, time_limit_s: float, gap_share: float) -> tuple[Ints | None, float | None, bool]:
    """(pairs taken or None, upper bound of the worth, finished)."""
    pairs, count = choice.pairs, len(choice.pairs.helper)
    used = np.unique(np.concatenate([pairs.need, choice.standing.need[pairs.helper]]))
    used = used[used >= 0]
    width, slope = (part[used] for part in choice.curves.segments())
    rows = _Rows(count + width.size)
    _link(choice, rows, used, width.shape[1])
    _rules(choice, rows)
    stays = choice.stay_hours()[used]
    base = float(choice.curves.value(used, stays).sum())
    result = milp(
        np.concatenate([pairs.cost, -slope.ravel()]),
        integrality=np.concatenate([np.ones(count), np.zeros(width.size)]),
        bounds=Bounds(np.zeros(count + width.size), np.concatenate([np.ones(count), width.ravel()])),
        constraints=rows.constraint(),
        options={"time_limit": time_limit_s, "mip_rel_gap": gap_share, "presolve": True},
    )
    dual = result.get("mip_dual_bound")
    bound = None if dual is None or not np.isfinite(dual) else -float(dual) - base
    if result.x is None:
        return None, bound, False
    taken = np.flatnonzero(result.x[:count] > 0.5)
    return (taken if fits(choice, taken) else None), bound, result.status == 0


class _Rows:
    """Sparse constraint rows, collected one kind at a time."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.row: list[Ints] = []
        self.column: list[Ints] = []
        self.factor: list[Floats] = []
        self.least: list[Floats] = []
        self.most: list[Floats] = []
        self.size = 0

    def add(self, row: Ints, column: Ints, factor: Floats, least: Floats, most: Floats) -> None:
        """`row` counts from 0 within this block; `least` and `most` have one entry for each row."""
        self.row.append(row + self.size)
        self.column.append(column)
        self.factor.append(factor)
        self.least.append(least)
        self.most.append(most)
        self.size += len(most)

    def constraint(self) -> LinearConstraint:
        """All rows as one constraint."""
        where = (np.concatenate(self.row), np.concatenate(self.column))
        matrix = coo_array((np.concatenate(self.factor), where), shape=(self.size, self.columns))
        return LinearConstraint(matrix.tocsr(), np.concatenate(self.least), np.concatenate(self.most))


def _link(choice: Choice, rows: _Rows, used: Ints, segments: int) -> None:
    """Hours paid on a curve: at most those of the stayers and of the arrivals."""
    pairs, standing, count = choice.pairs, choice.standing, len(choice.pairs.helper)
    place = np.full(len(choice.curves.rate), -1)
    place[used] = np.arange(len(used))
    origin = standing.need[pairs.helper]
    leaves = np.flatnonzero(origin >= 0)
    rows.add(
        np.concatenate([np.repeat(np.arange(len(used)), segments), place[pairs.need], place[origin[leaves]]]),
        np.concatenate([count + np.arange(len(used) * segments), np.arange(count), leaves]),
        np.concatenate([np.ones(len(used) * segments), -pairs.effective, standing.effective[pairs.helper[leaves]]]),
        np.full(len(used), -np.inf),
        choice.stay_hours()[used],
    )


def _rules(choice: Choice, rows: _Rows) -> None:
    pairs, count = choice.pairs, len(choice.pairs.helper)
    every, ones = np.arange(count), np.ones(count)
    _, who = np.unique(pairs.helper, return_inverse=True)
    locked = np.bincount(who, pairs.locked) > 0
    rows.add(who, every, ones, locked.astype(float), np.ones(len(locked)))
    where, crowd = np.unique(pairs.need, return_inverse=True)
    rows.add(crowd, every, ones, np.full(len(where), -np.inf), choice.room[where].astype(float))
    if choice.max_moves is not None:
        most = max(choice.max_moves, int(locked.sum()))
        rows.add(np.zeros(count, np.int64), every, ones, np.array([-np.inf]), np.array([float(most)]))
    for floor in choice.floors:
        columns = np.flatnonzero(np.isin(pairs.helper, floor.helpers))
        if len(columns):
            gone = int(pairs.locked[columns].sum())
            most_gone = np.array([float(max(floor.may_leave, gone))])
            rows.add(np.zeros(len(columns), np.int64), columns, np.ones(len(columns)), np.array([-np.inf]), most_gone)


def fits(choice: Choice, taken: Ints) -> bool:
    """Whether `taken` breaks no rule: the check behind every answer of the solver."""
    book = _Book(choice)
    ordered = np.concatenate([taken[choice.pairs.locked[taken]], taken[~choice.pairs.locked[taken]]])
    return all(book.take(int(k)) for k in ordered) and bool(
        choice.pairs.locked.sum() == choice.pairs.locked[taken].sum()
    )


@dataclass
class _Book:
    """What is still free while pairs are taken one by one."""

    choice: Choice
    moved: set[int] = field(default_factory=set)
    room: Ints = field(init=False)
    spare: list[int] = field(init=False)
    rows_of: dict[int, list[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.room = self.choice.room.copy()
        self.spare = [row.may_leave for row in self.choice.floors]
        self.rows_of = {}
        for number, row in enumerate(self.choice.floors):
            for helper in row.helpers:
                self.rows_of.setdefault(helper, []).append(number)

    def take(self, pair: int) -> bool:
        """Take a pair if no rule forbids it; locked pairs are taken whatever the floor says."""
        pairs = self.choice.pairs
        helper, need = int(pairs.helper[pair]), int(pairs.need[pair])
        if not pairs.locked[pair] and (
            self.room[need] <= 0
            or any(self.spare[row] <= 0 for row in self.rows_of.get(helper, ()))
            or (self.choice.max_moves is not None and len(self.moved) >= self.choice.max_moves)
        ):
            return False
        if helper in self.moved:
            return False
        self.moved.add(helper)
        self.room[need] -= 1
        for row in self.rows_of.get(helper, ()):
            self.spare[row] -= 1
        return True


def greedy_choice(choice: Choice) -> Ints:
    """Locked pairs, then always the pair that adds most, while one adds anything. Ties: lower index."""
    pairs, standing, curves = choice.pairs, choice.standing, choice.curves
    book, hours = _Book(choice), choice.stay_hours().tolist()
    helper, need, effective = pairs.helper.tolist(), pairs.need.tolist(), pairs.effective.tolist()
    cost, origin, there = pairs.cost.tolist(), standing.need.tolist(), standing.effective.tolist()

    def gain(k: int) -> float:
        to, home = need[k], origin[helper[k]]
        added = curves.one(to, hours[to] + effective[k]) - curves.one(to, hours[to]) - cost[k]
        if home >= 0:
            left = max(hours[home] - there[helper[k]], 0.0)
            added -= curves.one(home, hours[home]) - curves.one(home, left)
        return added

    taken: list[int] = []

    def carry_out(k: int) -> None:
        if book.take(k):
            taken.append(k)
            hours[need[k]] += effective[k]
            if origin[helper[k]] >= 0:
                hours[origin[helper[k]]] -= there[helper[k]]

    for k in np.flatnonzero(pairs.locked).tolist():
        carry_out(k)
    heap = [(-g, k) for k in range(len(helper)) if not pairs.locked[k] and (g := gain(k)) > 0]
    heapq.heapify(heap)
    while heap:
        _, k = heapq.heappop(heap)
        if helper[k] in book.moved or (now := gain(k)) <= 0:
            continue
        if heap and (-now, k) > heap[0]:
            heapq.heappush(heap, (-now, k))
            continue
        carry_out(k)
    return np.array(sorted(taken), np.int64)
