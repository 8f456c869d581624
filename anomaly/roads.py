"""Known travel times of a redeployment problem: from a road router or a matrix of sites, else by coordinates.

Both fill the whole table (helpers, needs): what they do not know is the formula's.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np

from anomaly.arrays import Bools, Floats, Ints
from anomaly.osrm import PLACES_ASKED, OsrmTable, RouterAway
from anomaly.redeploy_terms import Helper, Need
from anomaly.travel import Streets

logger = logging.getLogger(__name__)

NEAREST = 30  # by coordinates, of each place: only these pairs are worth a question
ASK_S = 5.0  # of one solve that may go into questions; the rest is asked by the next ones
AGAIN_S = 60.0  # after a router that did not answer
BY_COORDINATES = "by coordinates"
Point = tuple[float, float]


class TravelTimes(Protocol):
    """Minutes, shape (helpers, needs), NaN where nobody can say; `words`: where they come from, for the screen."""

    @property
    def words(self) -> str:
        """How the travel times of the last table were found."""

    def minutes(self, helpers: Sequence[Helper], needs: Sequence[Need]) -> Floats:
        """The table of these people and precincts."""


class ByMatrix:
    """Minutes between poll sites, {(from site, to site): minutes}; they hold for everybody, car or not."""

    def __init__(self, known: Mapping[tuple[str, str], float]) -> None:
        self._known = known
        self.words = f"from a matrix of {len(known):,} pairs of sites, else {BY_COORDINATES}"
        if not known:
            self.words = f"{BY_COORDINATES}: the matrix file has no usable row"

    def minutes(self, helpers: Sequence[Helper], needs: Sequence[Need]) -> Floats:
        """Minutes from the site of each helper to that of each need."""
        starts, ends = sorted({h.site_id for h in helpers}), sorted({n.site_id for n in needs})
        known = np.array([[self._known.get((a, b), np.nan) for b in ends] for a in starts], float)
        known = known.reshape(len(starts), len(ends))
        row, column = {a: i for i, a in enumerate(starts)}, {b: j for j, b in enumerate(ends)}
        at = np.ix_([row[h.site_id] for h in helpers], [column[n.site_id] for n in needs])
        return np.where(np.isnan(known[at]), _formula(helpers, needs), known[at])


class ByRoad:
    """Minutes of a road router, each pair of places asked once: roads do not move on election day.

    A router that fails leaves the formula, is named in the log once, and is asked again after a minute.
    """

    def __init__(self, router: OsrmTable, clock_s: Callable[[], float] = time.monotonic) -> None:
        self.words = BY_COORDINATES
        self._router, self._clock_s = router, clock_s
        self._known: dict[str, dict[tuple[Point, Point], float]] = {router.driving: {}, router.walking: {}}
        self._again_s, self._is_away = -np.inf, False

    def minutes(self, helpers: Sequence[Helper], needs: Sequence[Need]) -> Floats:
        """Minutes by road for the nearest pairs, by the formula for the others."""
        table = _formula(helpers, needs)
        to, has_car = [_point(n) for n in needs], cars(helpers)
        until_s = self._clock_s() + ASK_S
        for profile, people in ((self._router.driving, has_car), (self._router.walking, ~has_car)):
            rows = np.flatnonzero(people)
            near = _near(table[rows])
            of = [_point(helpers[i]) for i in rows.tolist()]
            wanted = {(of[a], to[b]) for a, b in zip(*np.nonzero(near), strict=True)} - self._known[profile].keys()
            self._learn(profile, wanted, until_s)
            known = self._known[profile]
            for a, b in zip(*np.nonzero(near), strict=True):
                found = known.get((of[a], to[b]), np.nan)
                if not np.isnan(found):
                    table[rows[a], b] = found
        self.words = f"{BY_COORDINATES}: the road router does not answer" if self._is_away else "by road"
        return table

    def _learn(self, profile: str, wanted: set[tuple[Point, Point]], until_s: float) -> None:
        """Ask for these pairs, block by block, until the time is up or the router fails."""
        half = PLACES_ASKED // 2
        while wanted and self._again_s <= self._clock_s() < until_s:
            origins = sorted({a for a, _ in wanted})[:half]
            chosen = set(origins)
            ends = sorted({b for a, b in wanted if a in chosen})[:half]
            try:
                table = self._router.ask(profile, np.array(origins), np.array(ends))
            except RouterAway as error:
                self._again_s = self._clock_s() + AGAIN_S
                if not self._is_away:
                    logger.warning("moves: the road router gave no travel times (%s); coordinates are used", error)
                self._is_away = True
                return
            if self._is_away:
                logger.info("moves: the road router answers again")
            self._is_away = False
            asked = {(a, b): float(table[i, j]) for i, a in enumerate(origins) for j, b in enumerate(ends)}
            self._known[profile].update(asked)
            wanted = wanted - asked.keys()


def _formula(helpers: Sequence[Helper], needs: Sequence[Need]) -> Floats:
    return Streets().minutes(places(helpers), cars(helpers), places(needs))


def places(where: Sequence[Helper | Need]) -> Floats:
    """(lat, lon) of each (n, 2); NaN where unknown."""
    return np.array([_point(p) for p in where], float).reshape(-1, 2)


def cars(helpers: Sequence[Helper]) -> Bools:
    """Who has a car (n,)."""
    return np.array([h.has_car for h in helpers], bool)


def _point(where: Helper | Need) -> Point:
    return (np.nan if where.lat is None else where.lat, np.nan if where.lon is None else where.lon)


def _near(table: Floats) -> Bools:
    """Pairs among the nearest of their row or of their column; none whose place is unknown."""
    near = _least(table, 1) | _least(table, 0)
    return np.asarray(near & ~np.isnan(table))


def _least(table: Floats, axis: int) -> Bools:
    marked = np.zeros(table.shape, bool)
    if table.size:
        most = min(NEAREST, table.shape[axis])
        order: Ints = np.argpartition(np.nan_to_num(table, nan=np.inf), most - 1, axis=axis)
        np.put_along_axis(marked, np.take(order, range(most), axis=axis), True, axis=axis)
    return marked
