"""Neighbouring precincts: what the deviations round a precinct, without its own, say of it."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from anomaly.arrays import Floats, Ints
from anomaly.frames import Places

NEAREST = 16


@dataclass(frozen=True)
class Neighbours:
    """index, weight (N, NEAREST): the nearest other precincts; weight falls off with distance, 0 = none."""

    index: Ints
    weight: Floats

    def smooth(self, deviation: Floats, precision: Floats, doubt: float) -> tuple[Floats, Floats]:
        """Weighted mean of the neighbours' deviations, shrunk to 0 by `doubt` (a precision), and its variance.

        deviation, precision (N,): precision 0 where nothing was heard. Own value never enters.
        """
        weight = self.weight * precision[self.index]
        total = weight.sum(axis=1) + doubt
        return np.asarray((weight * deviation[self.index]).sum(axis=1) / total), np.asarray(1 / total)


def neighbours_of(places: Places) -> Neighbours:
    """The nearest precincts of each by coordinates; none for a precinct without them."""
    n = places.count
    index = np.zeros((n, NEAREST), dtype=np.int64)
    weight = np.zeros((n, NEAREST))
    have = np.flatnonzero(np.isfinite(places.lat) & np.isfinite(places.lon))
    if len(have) < 3:
        return Neighbours(index, weight)
    east = places.lon[have] * np.cos(np.radians(np.mean(places.lat[have])))
    xy = np.column_stack([places.lat[have], east])
    number = min(NEAREST + 1, len(have))
    distance, near = cKDTree(xy).query(xy, k=number)
    own = near == np.arange(len(have))[:, None]
    # Where many share one point, a precinct may miss from its own list: then drop the farthest.
    own[~own.any(axis=1), -1] = True
    near = near[~own].reshape(len(have), number - 1)
    distance = distance[~own].reshape(len(have), number - 1)
    scale = np.maximum(distance[:, [min(5, number - 2)]], 1e-9)
    index[have[:, None], np.arange(number - 1)] = have[near]
    weight[have[:, None], np.arange(number - 1)] = np.exp(-0.5 * (distance / (2 * scale)) ** 2)
    return Neighbours(index, weight)
