"""Slow-downs: a precinct that kept pace until some moment and has lagged since.

For each start s the ballots since s are compared with what the precinct's own level at s
promised, its neighbours' common lag taken out; the likelihood ratio of a rate cut to 40 or
60 % is negative binomial, its variance that of precincts' own curves on this day.
"""

from dataclasses import dataclass

import numpy as np

from anomaly.arrays import Floats
from anomaly.beliefs import Beliefs
from anomaly.curve import deviation_covariance
from anomaly.fitting import DayFit

CUTS = (0.4, 0.6)  # of the usual rate
SHORTEST, LONGEST = 45.0, 330.0  # minutes that a slow-down must have, and may have, lasted
LEAST_BEFORE = 5.0  # ballots expected before s, below which there is no level to compare with
LOCAL_SD = 0.10  # how far the evening of a patch of the city departs together
COST = 2.0  # nats: the price of having looked at many starts
RARE = 0.05  # odds of a slow-down where the final count is not in doubt


@dataclass(frozen=True)
class Slowdowns:
    """Per precinct (N,): log likelihood ratio, minute since when, ballots expected and seen since.

    sd: of the log of what was expected since; probability: of trouble, the shortfall's own probability included.
    """

    log_ratio: Floats
    since: Floats
    expected: Floats
    seen: Floats
    sd: Floats
    probability: Floats


def find_slowdowns(fit: DayFit, beliefs: Beliefs, now_min: float, shortfall_probability: Floats) -> Slowdowns:
    """Look at every precinct and every half hour that a slow-down may have begun."""
    n = fit.places.count
    edges = fit.bins.edges
    everyone = np.arange(n)
    last = np.nan_to_num(beliefs.last_minute)
    ballots_by = fit.ballots_by()
    by_last = ballots_by(everyone, last[:, None])[:, 0]
    weight = 1.0 / fit.spread() ** 2
    best, since, expected, seen, sd = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    upto = min(now_min, fit.bins.minutes_open)
    for k in np.flatnonzero((edges >= max(60.0, upto - LONGEST)) & (edges <= upto - SHORTEST)).tolist():
        count = np.nan_to_num(beliefs.path[:, k])
        by = ballots_by(everyone, np.full((n, 1), edges[k]))[:, 0]
        usable = np.isfinite(beliefs.path[:, k]) & (last - edges[k] >= SHORTEST) & (by > LEAST_BEFORE)
        if not usable.any():
            continue
        mean = np.maximum((count + weight) / (by + weight) * (by_last - by), 1e-6)
        after = np.maximum(beliefs.last_count - count, 0.0)
        wobble = fit.noise.reading**2 * (beliefs.last_count**2 + count**2) / np.maximum(mean, 1.0) ** 2
        variance = 1.0 / (weight + by) + _rate_variance(fit, float(edges[k]), upto) + wobble
        lag = np.where(usable, np.log((np.maximum(after, 0.0) + 1.0) / (mean + 1.0)), 0.0)
        precision = np.where(usable, 1.0 / (variance + 1.0 / (mean + 1.0)), 0.0)
        mean = mean * np.exp(fit.near.smooth(np.clip(lag, -1, 1), precision, 1.0 / LOCAL_SD**2)[0])
        ratio = np.where(usable & (after < mean), _log_ratio(after, mean, 1.0 / variance), 0.0)
        better = ratio > best
        best = np.where(better, ratio, best)
        since = np.where(better, edges[k], since)
        expected, seen = np.where(better, mean, expected), np.where(better, after, seen)
        sd = np.where(better, np.sqrt(variance), sd)
    p = np.clip(shortfall_probability, 0.0, 1 - 1e-6)
    odds = np.maximum(p / (1 - p), RARE) * np.exp(np.minimum(best, 50.0) - COST)
    return Slowdowns(best, since, expected, seen, sd, np.where(best > COST, odds / (1 + odds), 0.0))


def _rate_variance(fit: DayFit, start: float, end: float) -> float:
    """Log variance between a precinct's rate in (start, end] and before, from its own curve."""
    rate = np.exp(fit.rates.city)
    shares = rate / rate.sum()
    gone = fit.bins.elapsed(np.array([start, end])) * shares
    before, after = gone[0], gone[1] - gone[0]
    change = after / after.sum() - before / before.sum()
    own = deviation_covariance(fit.bins, shares, fit.noise.smooth, fit.noise.white, fit.noise.opening)
    return float(change @ own @ change)


def _log_ratio(number: Floats, mean: Floats, size: Floats) -> Floats:
    """The better of the cuts against no cut: log negative binomial likelihoods."""
    best = np.full(len(number), -np.inf)
    for cut in CUTS:
        low = cut * mean
        step = number * np.log((low / (low + size)) / (mean / (mean + size)))
        best = np.maximum(best, step - size * (np.log1p(low / size) - np.log1p(mean / size)))
    return best
