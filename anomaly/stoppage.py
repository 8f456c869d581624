"""Stoppages: a site where nobody has been checked in since some moment.

Likelihood ratio of "hardly anybody since s" against "as expected", negative binomial,
pooled over the site's precincts and their youngest readings, maximised over s.
"""

from dataclasses import dataclass

import numpy as np

from anomaly.arrays import Floats, Ints
from anomaly.beliefs import Beliefs
from anomaly.fitting import DayFit
from anomaly.forecast import Forecast

LOOK_BACK = np.arange(15.0, 136.0, 15.0)  # minutes before the site's last reading
TRICKLE = 0.04  # share of the usual flow that may still be counted
SIZE = 15.0  # negative binomial size: flow of a site varies by a quarter from hour to hour
PRIOR_ODDS = np.log(1 / 4000)  # of one site at one time of looking


@dataclass(frozen=True)
class Stops:
    """Per site (G,): probability of a stoppage, minute since when, ballots expected and seen since."""

    probability: Floats
    since: Floats
    expected: Floats
    seen: Floats
    last_minute: Floats


def find_stops(fit: DayFit, beliefs: Beliefs, forecast: Forecast, group: Ints, groups: int) -> Stops:
    """Look at every site (precincts in groups 0..groups-1) once."""
    minute, count = beliefs.tail_minute, beliefs.tail_count
    rows = np.flatnonzero(beliefs.readings > 0)
    start = np.where(np.isfinite(minute[rows]), minute[rows], 0.0)
    counts = np.where(np.isfinite(minute[rows]), count[rows], 0).astype(np.float64)
    # A precinct with few readings starts its tail at the opening, with nobody.
    by = fit.ballots_by()(rows, start)
    # Its own level, from the reading before its youngest steps, tempered by the forecast.
    level = (counts[:, :1] + 25.0) / (by[:, :1] + 25.0)
    flow = np.maximum(np.diff(by, axis=1), 0.0) * level
    seen = np.maximum(np.diff(counts, axis=1), 0.0)
    last = np.full(groups, -np.inf)
    np.maximum.at(last, group[rows], start[:, -1])
    since = last[group[rows]][:, None] - LOOK_BACK[None, :]  # (M, S)
    length = np.maximum(np.diff(start, axis=1), 1e-6)[:, :, None]
    after = np.clip((start[:, 1:, None] - since[:, None, :]) / length, 0.0, 1.0)  # (M, TAIL-1, S)
    touched = after > 0
    full = _by_group((flow[:, :, None] * touched).sum(axis=1), group[rows], groups)
    some = _by_group(
        (flow[:, :, None] * touched * (1 - after * (1 - TRICKLE))).sum(axis=1), group[rows], groups
    )
    number = _by_group((seen[:, :, None] * touched).sum(axis=1), group[rows], groups)
    ratio = _log_nb(number, some) - _log_nb(number, full)
    best = ratio.argmax(axis=1)
    g = np.arange(groups)
    odds = ratio[g, best] - np.log(len(LOOK_BACK)) + PRIOR_ODDS
    probability = 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
    return Stops(probability, last - LOOK_BACK[best], full[g, best], number[g, best], last)


def _by_group(values: Floats, group: Ints, groups: int) -> Floats:
    out = np.zeros((groups, values.shape[1]))
    np.add.at(out, group, values)
    return out


def _log_nb(number: Floats, mean: Floats) -> Floats:
    """Log negative binomial probability, without the terms that do not depend on the mean."""
    mean = np.maximum(mean, 1e-6)
    return np.asarray(number * np.log(mean / (mean + SIZE)) - SIZE * np.log1p(mean / SIZE))
