"""Votes over the day so far, as known now: what the wall's curve draws as seen."""

import numpy as np

from anomaly.arrays import Floats
from anomaly.beliefs import Beliefs
from anomaly.forecast import Forecast

HALF_HOUR = 30.0


def votes_so_far(beliefs: Beliefs, forecast: Forecast) -> dict[int, int]:
    """{minute since the opening: ballots cast in the whole city by then}, every half hour up to now.

    A precinct's believed readings are joined by straight lines; from the last of them on (from the opening, where
    there is none) it follows the city's curve to what it is estimated to have now. So the line is the same whenever
    the watch was started, and it ends where the headline figure stands. Empty before the first reading: a guess is
    no count.
    """
    now, edges = min(forecast.now_min, beliefs.minutes_open), beliefs.edges
    if now <= 0 or not (beliefs.last_count >= 0).any():
        return {}
    past = edges <= now
    last = np.where(beliefs.last_count >= 0, beliefs.last_minute, 0.0)[:, None]
    count = np.maximum(beliefs.last_count, 0)[:, None]
    gone = np.maximum(_gone(forecast, edges[past][None, :]) - _gone(forecast, last), 0.0)
    share = np.minimum(1.0, gone / np.maximum(_gone(forecast, np.array(now)) - _gone(forecast, last), 1e-9))
    tail = count + (np.maximum(forecast.now[:, None], count) - count) * share
    path = beliefs.path[:, past]
    city = np.append(np.where(np.isnan(path), tail, path).sum(axis=0), forecast.votes_now.value)
    every = np.arange(0.0, now + 1e-9, HALF_HOUR)
    if now >= beliefs.minutes_open:
        every = np.unique(np.append(every, now))
    values = np.interp(every, np.append(edges[past], now), city)
    return {int(m): round(float(v)) for m, v in zip(every, values, strict=True)}


def _gone(forecast: Forecast, minute: Floats) -> Floats:
    return np.asarray(np.interp(minute, forecast.curve_minutes, forecast.curve))
