"""The day curve: what share of the day's ballots is cast by when, and how unsure that is.

A day is cut into K equal bins. A curve is the vector of log bin weights; a place's rate is
`log_rate[k]` = log(ballots cast in bin k / ballots the prior expects all day), so that a
rate holds level and shape together. Deviations from the starting curve are a Gaussian
process over time.
"""

from dataclasses import dataclass
from datetime import time

import numpy as np

from anomaly.arrays import Floats

BIN_MINUTES = 30.0
MEMORY = 0.2  # of the day
OPENING_MINUTES = 90.0
HOURS_SD = 0.5  # how near the hours of voting must be for a built-in day to count as alike


@dataclass(frozen=True)
class StartingCurve:
    """Share of election-day ballots cast by each moment of one published day.

    `hours` are local clock hours, the first the opening and the last the close.
    """

    name: str
    source: str
    hours: tuple[float, ...]
    shares: tuple[float, ...]


STARTING_CURVES = (
    StartingCurve(
        "long day",
        "New York City Board of Elections check-ins as announced on the day: 2025-06-24 at 09:00, 18:00 and "
        "19:30 over about 620,000 election-day check-ins in all, 2022-11-08 at 15:00 (0.54); hours between drawn in",
        (6, 7, 8, 9, 10.5, 12, 13.5, 15, 16.5, 18, 19.5, 21),
        (0.0, 0.040, 0.095, 0.155, 0.258, 0.355, 0.446, 0.533, 0.620, 0.720, 0.868, 1.0),
    ),
    StartingCurve(
        "short day",
        "Philadelphia volunteers' running counts over final counts, median by hour, three elections "
        "2018-2019 (github.com/jtannen/turnout_tracker, MIT), divided by 1.02 to reach 1 at the close",
        (7, 7.5, 8.42, 9.33, 10.33, 11.35, 12.38, 13.25, 14.33, 15.5, 16.5, 17.5, 18.33, 19.42, 20),
        (0.0, 0.062, 0.169, 0.258, 0.324, 0.407, 0.457, 0.506, 0.563, 0.633, 0.705, 0.795, 0.887, 0.980, 1.0),
    ),
)


@dataclass(frozen=True)
class Bins:
    """K equal bins between the opening (minute 0) and the close of the polls."""

    minutes_open: float
    count: int

    @property
    def edges(self) -> Floats:
        """The K + 1 bin edges in minutes since the polls opened."""
        return np.linspace(0.0, self.minutes_open, self.count + 1)

    def elapsed(self, minutes: Floats) -> Floats:
        """How much of each bin is over by each minute: shape (..., K), 0 to 1."""
        position = np.clip(minutes, 0.0, self.minutes_open) / (self.minutes_open / self.count)
        return np.clip(np.asarray(position)[..., None] - np.arange(self.count), 0.0, 1.0)


def bins_of(minutes_open: float) -> Bins:
    """Bins of about half an hour: fine enough for a lunch dip, coarse enough to be learned."""
    return Bins(float(minutes_open), max(4, round(minutes_open / BIN_MINUTES)))


def starting_shares(polls_open: time, polls_close: time, minutes_open: float) -> Floats:
    """Prior weight of each bin (sums to 1), from the built-in days nearest in hours of voting.

    A day that opens earlier and closes later starts slower: its first hour is thin. So the
    built-in curves are stretched to the day and averaged with weights that fall off with the
    distance between the hours of voting (HOURS_SD).
    """
    bins = bins_of(minutes_open)
    opens = polls_open.hour + polls_open.minute / 60
    closes = opens + minutes_open / 60
    shapes = []
    for curve in STARTING_CURVES:
        place = (np.array(curve.hours) - curve.hours[0]) / (curve.hours[-1] - curve.hours[0])
        shapes.append(np.diff(np.interp(np.linspace(0, 1, bins.count + 1), place, curve.shares)))
    far = 1e-3  # a day unlike all of them takes their plain average
    mix = _nearness(opens, closes) + far
    shares: Floats = np.average(np.array(shapes), axis=0, weights=mix)
    smooth = np.convolve(np.pad(shares, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    return np.asarray(smooth / smooth.sum())


def strangeness(polls_open: time, minutes_open: float) -> float:
    """How little the built-in days resemble a day in hours of voting: 0 (the same) to 1."""
    opens = polls_open.hour + polls_open.minute / 60
    return float(1 - _nearness(opens, opens + minutes_open / 60).max())


def _nearness(opens: float, closes: float) -> Floats:
    """Per built-in day, 1 where its hours of voting are the same, falling off with HOURS_SD."""
    ends = np.array([(curve.hours[0], curve.hours[-1]) for curve in STARTING_CURVES])
    off = (opens - ends[:, 0]) ** 2 + (closes - ends[:, 1]) ** 2
    return np.asarray(np.exp(-off / (2 * HOURS_SD**2)))


def deviation_covariance(
    bins: Bins, shares: Floats, smooth_sd: float, white_sd: float, opening_sd: float = 0.0
) -> Floats:
    """Covariance (K, K) of the log bin weights round a curve with these shares.

    Smooth part: what runs over at one hour runs over at the next, and is forgotten after a
    fifth of the day (an Ornstein-Uhlenbeck process: a smoother one carries a trend of the
    afternoon on into an evening that it knows nothing of). White part: bin to bin. Opening part: the
    first hours run over or under together, fading within OPENING_MINUTES. The level, which
    is the weighted mean, is taken out: a deviation changes the shape only.
    """
    middle = (np.arange(bins.count) + 0.5) / bins.count
    gap = middle[:, None] - middle[None, :]
    raw = smooth_sd**2 * np.exp(-np.abs(gap) / MEMORY) + white_sd**2 * np.eye(bins.count)
    first = opening_sd * np.exp(-(middle * bins.minutes_open) / OPENING_MINUTES)
    raw += first[:, None] * first[None, :]
    centre = np.eye(bins.count) - shares[None, :]
    return np.asarray(centre @ raw @ centre.T)


def cumulative(log_rate: Floats, bins: Bins, minutes: Floats) -> Floats:
    """Ballots cast by each minute, as a share of what the prior expects all day.

    `log_rate` is (K,) or, row by row with `minutes` of shape (M, ...), (M, K).
    """
    rate = np.exp(log_rate)
    gone = bins.elapsed(minutes)
    if rate.ndim == 1:
        return np.asarray(gone @ rate)
    return np.asarray(np.einsum("m...k,mk->m...", gone, rate))


def share_cast(log_rate: Floats, bins: Bins, minutes: Floats) -> Floats:
    """Share (0-1) of the day's ballots cast by each minute under one curve (K,)."""
    return np.asarray(cumulative(log_rate, bins, minutes) / np.exp(log_rate).sum())


def sensitivity(log_rate: Floats, bins: Bins, minutes: Floats) -> Floats:
    """Derivative of log cumulative by the log rate of each bin: shape of `minutes` + (K,).

    The rows sum to 1: a common rise of all rates is a rise of the level.
    """
    part = bins.elapsed(np.maximum(minutes, 1e-3)) * np.exp(log_rate)
    return np.asarray(part / part.sum(axis=-1, keepdims=True))


def shape_kernel(log_rate: Floats, bins: Bins, covariance: Floats, grid: Floats) -> Floats:
    """Covariance of log share cast between the minutes of `grid`, for one curve's own deviation.

    Zero at the close, where every curve has reached 1.
    """
    at = sensitivity(log_rate, bins, grid)
    end = sensitivity(log_rate, bins, np.array([bins.minutes_open]))
    change = at - end
    return np.asarray(change @ covariance @ change.T)
