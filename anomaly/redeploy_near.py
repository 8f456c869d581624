"""Which pairs are worth a closer look: the nearest, among all precincts and among the better ones."""

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.spatial import cKDTree

from anomaly.arrays import Floats, Ints
from anomaly.recovery import Curves
from anomaly.redeploy_terms import Helper, Need, RedeployProblem
from anomaly.travel import chord_km, unit_vectors

SAME_SITE_MINUTES = 5.0  # between two precincts of one building, where no position is known
NEAREST = 48  # precincts looked at for each volunteer and tier
TIERS = (0.0, 0.5, 0.8, 0.95)  # quantiles of the voters a first hour brings


def near_pairs(problem: RedeployProblem, curves: Curves) -> tuple[Ints, Ints]:
    """(helper, need) indices without doubles, sorted: all of a small problem, the near ones of a big one."""
    rows, columns = len(problem.helpers), len(problem.needs)
    if rows * columns <= problem.limits.look_at_all_pairs:
        helper, need = np.divmod(np.arange(rows * columns), max(columns, 1))
        return helper, need
    first_hour = curves.value(np.arange(columns), np.ones(columns))
    found = [_same_site(problem), *(_marked(problem, pairs) for pairs in (problem.locked, problem.previous.items()))]
    for quantile in TIERS:
        among = np.flatnonzero((first_hour > 0) & (first_hour >= np.quantile(first_hour, quantile)))
        if len(among):
            found += [_nearest(problem, among), _nearest_people(problem, among)]
    codes = np.unique(np.concatenate([a * columns + b for a, b in found]))
    helper, need = np.divmod(codes, columns)
    return helper, need


def travel_minutes(problem: RedeployProblem, helper: Ints, need: Ints) -> Floats:
    """Minutes of each pair; inf where nobody can say."""
    minutes = np.full(len(helper), np.nan)
    if len(helper):
        has_car = np.array([h.has_car for h in problem.helpers], bool)
        minutes = problem.streets.minutes_of(_straight_km(problem, helper, need), has_car[helper])
        if problem.travel_minutes is not None:
            given = problem.travel_minutes[helper, need]
            minutes = np.where(np.isnan(given), minutes, given)
    for k in np.flatnonzero(np.isnan(minutes)).tolist():
        site = problem.helpers[helper[k]].site_id
        same = bool(site) and site == problem.needs[need[k]].site_id
        minutes[k] = SAME_SITE_MINUTES if same else np.inf
    return minutes


def road_km(problem: RedeployProblem, helper: Ints, need: Ints) -> Floats:
    """Kilometres of road of each pair by the formula; NaN where a place is unknown."""
    return _straight_km(problem, helper, need) * problem.streets.street_factor


def _straight_km(problem: RedeployProblem, helper: Ints, need: Ints) -> Floats:
    a, b = unit_vectors(_places(problem.helpers)), unit_vectors(_places(problem.needs))
    return chord_km(np.sqrt(((a[helper] - b[need]) ** 2).sum(axis=1)))


def _nearest(problem: RedeployProblem, among: Ints) -> tuple[Ints, Ints]:
    """For each helper the nearest of the needs `among`, by the given table or by the crow."""
    most = min(NEAREST, len(among))
    if problem.travel_minutes is not None:
        table = np.nan_to_num(problem.travel_minutes[:, among], nan=np.inf)
        columns = np.argpartition(table, most - 1, axis=1)[:, :most]
        return np.repeat(np.arange(len(table)), most), among[columns].ravel()
    return _by_crow(unit_vectors(_places(problem.helpers)), unit_vectors(_places(problem.needs)), among, most)


def _nearest_people(problem: RedeployProblem, among: Ints) -> tuple[Ints, Ints]:
    """For each need of `among` the nearest few helpers, so that no precinct goes unseen."""
    most = min(2 * problem.limits.nearest_per_need, len(problem.helpers))
    every = np.arange(len(problem.helpers))
    places = unit_vectors(_places(problem.needs))[among]
    need, helper = _by_crow(places, unit_vectors(_places(problem.helpers)), every, most)
    return helper, among[need]


def _by_crow(origins: Floats, places: Floats, among: Ints, most: int) -> tuple[Ints, Ints]:
    known = np.flatnonzero(~np.isnan(origins).any(axis=1))
    among = among[~np.isnan(places[among]).any(axis=1)]
    if not len(known) or not len(among):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    _, found = cKDTree(places[among]).query(origins[known], k=range(1, min(most, len(among)) + 1))
    return np.repeat(known, found.shape[1]), among[found].ravel()


def _same_site(problem: RedeployProblem) -> tuple[Ints, Ints]:
    at: dict[str, list[int]] = {}
    for j, need in enumerate(problem.needs):
        if need.site_id:
            at.setdefault(need.site_id, []).append(j)
    pairs = [(i, j) for i, h in enumerate(problem.helpers) for j in at.get(h.site_id, ())]
    return _two_columns(pairs)


def _marked(problem: RedeployProblem, pairs: Iterable[tuple[str, str]]) -> tuple[Ints, Ints]:
    rows = {h.volunteer_id: k for k, h in enumerate(problem.helpers)}
    columns = {n.precinct_id: k for k, n in enumerate(problem.needs)}
    known = [(rows[v], columns[p]) for v, p in pairs if v in rows and p in columns]
    return _two_columns(known)


def _two_columns(pairs: list[tuple[int, int]]) -> tuple[Ints, Ints]:
    table = np.array(pairs, np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _places(where: Sequence[Helper | Need]) -> Floats:
    points = [[_nan(p.lat), _nan(p.lon)] for p in where]
    return np.array(points, float).reshape(-1, 2)


def _nan(value: float | None) -> float:
    return np.nan if value is None else value
