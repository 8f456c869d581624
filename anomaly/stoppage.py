"""Stoppages: a site where nobody has been checked in since some moment.

Likelihood ratio of "hardly anybody since s" against "as expected", negative binomial,
pooled over the site's precincts and their youngest readings, maximised over s.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from anomaly.arrays import Floats, Ints
from anomaly.beliefs import Beliefs
from anomaly.fitting import DayFit

LOOK_BACK = np.arange(15.0, 166.0, 15.0)  # minutes before the site's last reading that it may have begun
OVER_SINCE = np.array([0.0, 30.0])  # minutes before it that people may have been served again
SPANS = np.array([(b, o) for b in LOOK_BACK for o in OVER_SINCE if b - o >= 15.0])
TRICKLE = 0.04  # share of the usual flow that may still be counted
SITE_VARIANCE = 0.01  # squared log spread of a whole site's flow over an hour
PRIOR_ODDS = np.log(1 / 150)  # of one site at one time of looking
SEED_BALLOTS = 25.0  # the expectation's weight in a precinct's own level


@dataclass(frozen=True)
class Stops:
    """Per site (G,): probability of a stoppage, minute since when, ballots expected and seen since."""

    probability: Floats
    since: Floats
    expected: Floats
    seen: Floats
    last_minute: Floats


def find_stops(fit: DayFit, beliefs: Beliefs, group: Ints, groups: int) -> Stops:
    """Look at every site (precincts in groups 0..groups-1) once."""
    minute, count = beliefs.tail_minute, beliefs.tail_count
    rows = np.flatnonzero(beliefs.readings > 0)
    at = group[rows]
    # A precinct with few readings starts its tail at the opening, with nobody.
    start = np.where(np.isfinite(minute[rows]), minute[rows], 0.0)
    counts = np.where(np.isfinite(minute[rows]), count[rows], 0).astype(np.float64)
    by = fit.ballots_by()(rows, start)
    level = (counts[:, :1] + SEED_BALLOTS) / (by[:, :1] + SEED_BALLOTS)
    flow = np.maximum(np.diff(by, axis=1), 0.0) * level
    seen = np.maximum(np.diff(counts, axis=1), 0.0)
    last = np.full(groups, -np.inf)
    np.maximum.at(last, at, start[:, -1])
    begin = last[at][:, None] - SPANS[None, :, 0]
    end = last[at][:, None] - SPANS[None, :, 1]
    low, high = start[:, :-1, None], start[:, 1:, None]
    inside = np.minimum(high, end[:, None, :]) - np.maximum(low, begin[:, None, :])
    stopped = np.clip(inside / np.maximum(high - low, 1e-6), 0.0, 1.0)  # (M, TAIL - 1, spans)
    touched = stopped > 0
    full = _by_group((flow[:, :, None] * touched).sum(axis=1), at, groups)
    some = _by_group((flow[:, :, None] * touched * (1 - stopped * (1 - TRICKLE))).sum(axis=1), at, groups)
    number = _by_group((seen[:, :, None] * touched).sum(axis=1), at, groups)
    members = np.maximum(np.bincount(at, minlength=groups), 1)
    # Remembered numbers wobble by a share of the whole count, not of the increment.
    wobble = (fit.noise.reading * counts[:, 1:]) ** 2 + (fit.noise.reading * counts[:, :-1]) ** 2
    noise = _by_group((wobble[:, :, None] * touched).sum(axis=1), at, groups)
    own = (fit.noise.smooth**2 + fit.noise.white**2 / 2) / members + SITE_VARIANCE
    size = 1 / (own[:, None] + noise / np.maximum(full, 1.0) ** 2)
    ratio = _log_nb(number, some, size) - _log_nb(number, full, size)
    best = ratio.argmax(axis=1)
    g = np.arange(groups)
    odds = ratio[g, best] - np.log(len(LOOK_BACK)) + PRIOR_ODDS
    probability = 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
    return Stops(probability, last - SPANS[best, 0], full[g, best], number[g, best], last)


def _by_group(values: Floats, group: Ints, groups: int) -> Floats:
    """Sums of the rows of each group: (M, S) -> (G, S)."""
    shape = (groups, len(group))
    add = csr_array((np.ones(len(group)), (group, np.arange(len(group)))), shape=shape)
    return np.asarray(add @ values)


def _log_nb(number: Floats, mean: Floats, size: Floats) -> Floats:
    """Log negative binomial probability, without the terms that do not depend on the mean."""
    mean = np.maximum(mean, 1e-6)
    return np.asarray(number * np.log(mean / (mean + size)) - size * np.log1p(mean / size))
