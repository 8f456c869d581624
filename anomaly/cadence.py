"""Silence: who is overdue against the cadence of the site, or of the others, as learned today."""

import numpy as np

from anomaly.arrays import Bools, Floats, Ints

GAPS = 4  # gaps of its own before a site is held to its own cadence alone
TAIL = 0.003  # share of past gaps that were longer than what is called silence
STARTED = 0.85  # share of the places that must have reported before a missing first report means silence
FIRST_TAIL = 0.97


class Cadence:
    """Arrival times by group (a site, or a precinct that has none)."""

    def __init__(self, groups: int) -> None:
        self.first = np.full(groups, np.nan)
        self.last = np.full(groups, np.nan)
        self.number = np.zeros(groups, dtype=np.int64)
        self.total = np.zeros(groups)
        self.seen: list[Floats] = []

    def hear(self, group: Ints, minute: Floats) -> None:
        """Arrivals in any order; those within a few minutes of the last are one visit."""
        order = np.lexsort((minute, group))
        for g, m in zip(group[order].tolist(), minute[order].tolist(), strict=True):
            if np.isnan(self.last[g]):
                self.first[g] = self.last[g] = m
            elif m > self.last[g] + 10.0:
                gap = m - self.last[g]
                mean = (self.total[g] + gap) / (self.number[g] + 1)
                self.seen.append(np.array([gap / mean if self.number[g] else 1.0]))
                self.total[g] += gap
                self.number[g] += 1
                self.last[g] = m

    def overdue(self, now: float) -> Bools:
        """Groups (G,) of which more should have been heard by now."""
        typical = (
            np.median(self.total[self.number > 0] / self.number[self.number > 0])
            if (self.number > 0).any()
            else np.inf
        )
        own = (
            (self.total + 2 * typical) / (self.number + 2)
            if np.isfinite(typical)
            else np.full(len(self.last), np.inf)
        )
        ratios = np.concatenate(self.seen) if self.seen else np.zeros(0)
        limit = float(np.quantile(ratios, 1 - TAIL)) if len(ratios) >= 200 else 3.0
        limit = max(limit, 2.0)
        regular = self.number >= GAPS
        late = regular & (now - self.last > limit * own)
        heard = np.isfinite(self.first)
        if heard.mean() >= STARTED:
            usual = float(np.quantile(self.first[heard], FIRST_TAIL))
            late |= ~heard & (now > 1.5 * usual)
        return np.asarray(late)
