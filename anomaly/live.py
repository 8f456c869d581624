"""The live model: readings in, forecast out. The same object serves the watch and the backtest."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from anomaly.arrays import Bools, Floats, Ints
from anomaly.beliefs import Beliefs, Expected
from anomaly.cadence import Cadence
from anomaly.curve import bins_of, starting_shares, strangeness
from anomaly.explain import Explanation, explain
from anomaly.fitting import DayFit
from anomaly.forecast import STATES, Z90, Forecast, make_forecast
from anomaly.frames import DayFrames, places_of
from anomaly.ledger import VOID, Ledger, ReadingBatch
from anomaly.mixups import name_mixups
from anomaly.neighbours import neighbours_of
from anomaly.turnout import prior_of

__all__ = ["STATES", "Band", "Forecast", "LiveModel", "ReadingBatch"]

LEARN_EVERY_MINUTES = 30.0
MOST_LESSONS = 6  # the noise is settled by then
KEPT_PACE = 0.92  # of the expected count: less is falling short, for telling since when
CHANGED_SHARE = 0.01  # of precincts with new readings before the whole day is fitted again


@dataclass(frozen=True)
class Band:
    """Expected cumulative ballots of one precinct over the day: arrays over `minute`, 90 % band."""

    minute: Floats
    low: Floats
    mid: Floats
    high: Floats


class LiveModel:
    """Expectation and evidence for one election day.

    Feed it with `observe`, ask it with `forecast`. It holds the readings themselves, so a
    correction works at any time; the clock is always given.
    """

    def __init__(self, frames: DayFrames) -> None:
        self.frames = frames
        self.places = places_of(frames)
        self.prior = prior_of(frames, self.places)
        minutes_open = float(frames.day.minutes_open)
        bins = bins_of(minutes_open)
        shares = starting_shares(frames.day.polls_open, frames.day.polls_close, minutes_open)
        strange = strangeness(frames.day.polls_open, minutes_open)
        self.fit = DayFit(self.places, self.prior, bins, shares, neighbours_of(self.places), strange)
        self.ledger = Ledger(self.places.count)
        self.beliefs = Beliefs(self.places.count, bins.edges, frames.day.minute_of(frames.day.begins_at))
        without = self.places.site < 0
        self.group = np.where(without, len(self.places.site_names) + np.cumsum(without) - 1, self.places.site)
        self.cadence = Cadence(int(self.group.max()) + 1, minutes_open)
        order = np.argsort(self.group, kind="stable")
        ends = np.searchsorted(self.group[order], np.arange(len(self.cadence.last) + 1))
        self._members = [order[a:b] for a, b in pairwise(ends.tolist())]
        self._pending: set[int] = set()
        self._since_fit = 0
        self._last_learned = -np.inf
        self._last: Forecast | None = None

    def observe(self, batch: ReadingBatch) -> Ints:
        """Take in readings; returns the precincts that changed."""
        changed = self.ledger.add(batch)
        self._pending.update(changed.tolist())
        inside = (batch.precinct >= 0) & (batch.precinct < self.places.count) & (batch.count > VOID)
        inside &= np.isfinite(batch.received_min)
        self.cadence.hear(self.group[batch.precinct[inside]], batch.received_min[inside])
        return changed

    def forecast(self, now_min: float, changed: Ints | None = None) -> Forecast:
        """The state of the day at `now_min`, minutes since the polls opened.

        `changed` says that only these precincts had news: the cheap pass may then leave
        the city's curve and the noise as they are.
        """
        rows = np.array(sorted(self._pending), dtype=np.int64)
        self._pending.clear()
        self.beliefs.refresh(self.ledger, rows, self._expected_of_readings())
        name_mixups(self.beliefs, self.ledger, rows, self.group, self._members)
        self._since_fit += len(rows)
        due = now_min - self._last_learned >= LEARN_EVERY_MINUTES and self._since_fit > 0
        if due or (changed is None and self._since_fit > CHANGED_SHARE * self.places.count):
            for _ in range(self._lessons(now_min) if due else 1):
                self.fit.update(self.beliefs, learn_noise=due)
            self._since_fit = 0
            if due:
                self._last_learned = now_min
        self._last = make_forecast(self.fit, self.beliefs, now_min, self.silent(now_min))
        return self._last

    def _lessons(self, now_min: float) -> int:
        """How often the noise would have been learned by now. Each lesson moves it a little, and who starts at noon
        has missed the morning's: without them a restarted room would flag less for two hours.
        """
        missed = (now_min - max(0.0, self._last_learned)) / LEARN_EVERY_MINUTES
        return int(np.clip(missed, 1, MOST_LESSONS))

    def silent(self, now_min: float) -> Bools:
        """Precincts (N,) from whose site more should have been heard by now."""
        return np.asarray(self.cadence.overdue(min(now_min, self.beliefs.minutes_open))[self.group])

    def members(self, group: int) -> Ints:
        """Indices of the precincts of a group: a poll site, or a precinct that has none."""
        return self._members[group]

    def band(self, precinct: int) -> Band:
        """The precinct's expected cumulative ballots over the day, without its own readings."""
        minute = np.minimum(self.fit.grid, self.fit.bins.minutes_open)
        return _band(self.fit, self.beliefs, precinct, minute)

    def explain(self, precinct: int) -> Explanation:
        """The numbers and one sentence for a director; needs an earlier `forecast`."""
        if self._last is None:
            raise RuntimeError("ask for a forecast before an explanation")
        return explain(self._last, self.prior, self.frames.day, precinct, self._short_since(precinct))

    def _short_since(self, precinct: int) -> float:
        """The last half hour at which the precinct kept pace with its expectation; 0 where it never did."""
        path = self.beliefs.path[precinct]
        expected = self.fit.ballots_by()(np.array([precinct]), self.beliefs.edges[None, :])[0]
        kept = np.flatnonzero(np.isfinite(path) & (path >= KEPT_PACE * expected))
        return float(self.beliefs.edges[kept[-1]]) if len(kept) else 0.0

    def _expected_of_readings(self) -> Expected:
        registered = self.places.registered
        ballots_by = self.fit.ballots_by()
        end = np.full((self.places.count, 1), self.beliefs.minutes_open)
        final = ballots_by(np.arange(self.places.count), end)[:, 0]
        most = np.where(np.isfinite(registered), np.maximum(registered, 2 * final), 4 * final + 20)
        level = np.sqrt(self.fit.spread() ** 2 + self.prior.level_sd**2 / 4)
        noise = self.fit.noise
        return Expected(ballots_by, level, noise.smooth, noise.reading, most)


def _band(fit: DayFit, beliefs: Beliefs, precinct: int, minute: Floats) -> Band:
    region = fit.places.region[precinct]
    gone = fit.bins.elapsed(np.maximum(minute, 0.5)) * np.exp(fit.rates.log_rate[region])
    mid = gone.sum(axis=1) * np.exp(fit.mean[precinct])
    lean = gone / gone.sum(axis=1, keepdims=True)
    shared = np.einsum("mk,kl,ml->m", lean, fit.rates.covariance()[region], lean)
    cell = fit.cell(minute)
    own = fit.spread()[precinct] ** 2 + fit.kernel[cell, cell] + fit.noise.dispersion / np.maximum(mid, 0.5)
    sd = np.sqrt(own + shared)
    low, high = mid * np.exp(-Z90 * sd), mid * np.exp(Z90 * sd)
    start = minute <= 0
    return Band(minute, np.where(start, 0, low), np.where(start, 0, mid), np.where(start, 0, high))
