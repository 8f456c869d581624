"""How people are redeployed without a model, and what any set of moves is worth under ours."""

from dataclasses import dataclass, replace

import numpy as np

from anomaly.arrays import Ints
from anomaly.recovery import recovery_curves
from anomaly.redeploy import _in_order, _room
from anomaly.redeploy_choice import Book, Choice
from anomaly.redeploy_floor import floor_rows
from anomaly.redeploy_near import road_km
from anomaly.redeploy_pairs import find_pairs, stand
from anomaly.redeploy_terms import RedeployLimits, RedeployProblem

EVERY = 10**9


@dataclass(frozen=True)
class Worth:
    """Moves under the recovery model: voters won back in all precincts, against nobody moving."""

    moves: int
    voters: float
    hours: float  # of those moved, travel and work
    driven_km: float
    walked_km: float

    @property
    def voters_per_hour(self) -> float:
        """Voters won back per volunteer-hour."""
        return self.voters / self.hours if self.hours else 0.0


def all_pairs(problem: RedeployProblem) -> tuple[RedeployProblem, Choice]:
    """The sorted problem with every pair that breaks no rule and wins anything: none pruned, none priced."""
    free = RedeployLimits(
        ordinary_hour_voters=0.0, watcher_hour_voters=0.0, move_voters=0.0, churn_voters=0.0,
        best_per_helper=EVERY, nearest_per_need=EVERY, look_at_all_pairs=EVERY,
    )  # fmt: skip
    problem = _in_order(replace(problem, limits=free, previous={}))
    curves, standing = recovery_curves(problem.model, problem.needs), stand(problem)
    pairs, _ = find_pairs(problem, curves, standing)
    room = _room(problem, pairs, standing)
    return problem, Choice(pairs, curves, standing, floor_rows(problem), room)


def greedy_nearest(problem: RedeployProblem, choice: Choice, rounds: int, most: int = EVERY) -> Ints:
    """Precincts in order of shortfall; each takes the nearest volunteer who is free, `rounds` times over.

    Whoever already canvasses in a precinct in need is left there.
    """
    pairs, book = choice.pairs, Book(choice)
    idle = choice.standing.need[pairs.helper] < 0
    order = np.argsort([-n.shortfall for n in problem.needs], kind="stable").tolist()
    near = {j: _nearest_first(choice, j, idle) for j in order}
    taken: list[int] = []
    for _ in range(rounds):
        before = len(taken)
        for j in order:
            if len(taken) < most and (k := next((k for k in near[j] if book.take(k)), None)) is not None:
                taken.append(k)
        if len(taken) == before:
            break
    return np.array(sorted(taken), np.int64)


def round_robin(problem: RedeployProblem, choice: Choice, most: int) -> Ints:
    """Volunteers in order of id, dealt to the precincts in turn, skipping what a rule forbids."""
    pairs, book = choice.pairs, Book(choice)
    idle = choice.standing.need[pairs.helper] < 0
    of = {(int(i), int(j)): k for k, (i, j) in enumerate(zip(pairs.helper, pairs.need, strict=True)) if idle[k]}
    turn, taken = 0, []
    for i in range(len(problem.helpers)):
        if len(taken) >= most:
            break
        for step in range(len(problem.needs)):
            k = of.get((i, (turn + step) % len(problem.needs)))
            if k is not None and book.take(k):
                taken.append(k)
                turn = (turn + step + 1) % len(problem.needs)
                break
    return np.array(sorted(taken), np.int64)


def worth_of(problem: RedeployProblem, choice: Choice, taken: Ints) -> Worth:
    """What moves are worth; `taken` index the pairs of `choice`."""
    pairs, curves, every = choice.pairs, choice.curves, np.arange(len(choice.curves.rate))
    won = curves.value(every, choice.hours_with(taken)) - curves.value(every, choice.stay_hours())
    km = road_km(problem, pairs.helper[taken], pairs.need[taken])
    drives = [
        problem.streets.drives(float(d), problem.helpers[int(i)].has_car)
        for d, i in zip(km, pairs.helper[taken], strict=True)
    ]
    by_car = np.array(drives, bool)
    return Worth(
        moves=len(taken),
        voters=float(won.sum()),
        hours=float((pairs.hours[taken] + pairs.travel_minutes[taken] / 60).sum()),
        driven_km=float(km[by_car].sum()),
        walked_km=float(km[~by_car].sum()),
    )


def _nearest_first(choice: Choice, need: int, among: np.ndarray) -> list[int]:
    k = np.flatnonzero((choice.pairs.need == need) & among)
    return k[np.lexsort((k, choice.pairs.travel_minutes[k]))].tolist()
