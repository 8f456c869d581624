"""Silence: who is overdue against the cadence of the site, or of the others, as learned today."""

import numpy as np

from anomaly.arrays import Bools, Floats, Ints

GAPS = 4  # gaps of its own before a place is held to its own cadence where others are irregular
REGULAR = 0.8  # share of the heard places with several reports that makes the day a regular one
FALSE_ALARMS = 0.03  # of the places in a day, that a lagging report may make look silent
STARTED = 0.85  # share of the places that must have reported before a missing first report means silence
FIRST_TAIL, FIRST_FACTOR = 0.97, 2.0
USUAL_MINUTES = 5.0  # the gap usual in the city is taken anew so often, whatever the batches
VISIT_MINUTES = 10.0  # arrivals closer than this are one visit
PRIOR_LIMIT, LEAST_LIMIT = 3.0, 1.8  # gap over usual gap that is silence before, and after, gaps were seen


class Cadence:
    """Arrival times by group (a site, or a precinct that has none)."""

    def __init__(self, groups: int, minutes_open: float) -> None:
        self._minutes_open = minutes_open
        self.first = np.full(groups, np.nan)
        self.last = np.full(groups, np.nan)
        self.number = np.zeros(groups, dtype=np.int64)
        self.total = np.zeros(groups)
        self.seen: list[float] = []
        self._usual, self._usual_at = np.inf, -1.0  # the usual gap, and the slice of the day in which it was taken

    def hear(self, group: Ints, minute: Floats) -> None:
        """Arrivals in any order; those within a few minutes of the last are one visit.

        They are taken in the order of time, so that a watch that reads the day anew in one batch
        learns what it would have learned from many.
        """
        order = np.lexsort((group, minute))
        for g, m in zip(group[order].tolist(), minute[order].tolist(), strict=True):
            if np.isnan(self.last[g]):
                self.first[g] = self.last[g] = m
            elif m > self.last[g] + VISIT_MINUTES:
                gap = m - self.last[g]
                typical = self._usual_in(m // USUAL_MINUTES)
                if np.isfinite(typical):
                    self.seen.append(gap / ((self.total[g] + 2 * typical) / (self.number[g] + 2)))
                self.total[g] += gap
                self.number[g] += 1
                self.last[g] = m

    def _usual_in(self, at: float) -> float:
        """The usual gap as it stood at the first gap that ended in slice `at` of the day."""
        if at != self._usual_at:
            self._usual, self._usual_at = self._typical(), at
        return self._usual

    def _typical(self) -> float:
        """The usual gap of the middle place; infinite before there is any."""
        several = self.number > 0
        return float(np.median(self.total[several] / self.number[several])) if several.any() else np.inf

    def overdue(self, now: float) -> Bools:
        """Groups (G,) of which more should have been heard by now."""
        heard = np.isfinite(self.first)
        late = np.zeros(len(self.last), dtype=bool)
        if heard.mean() >= STARTED:
            usual = float(np.quantile(self.first[heard], FIRST_TAIL))
            late |= ~heard & (now > FIRST_FACTOR * usual)
        typical = self._typical()
        if not np.isfinite(typical):
            return late
        own = (self.total + 2 * typical) / (self.number + 2)
        regular = self.number >= GAPS
        if (self.number[heard] >= 2).mean() >= REGULAR:
            regular |= heard
        late |= regular & (now - self.last > self._limit(now) * own)
        return np.asarray(late)

    def _limit(self, now: float) -> float:
        """The multiple of its usual gap after which a place is silent: learned from the gaps that ended."""
        ratios = np.array(self.seen)
        gaps_a_day = max(1.0, self.number.sum() / max(1, len(self.number)) * (self._minutes_open / max(now, 1.0)))
        tail = FALSE_ALARMS / gaps_a_day
        if len(ratios) * tail < 1.0:
            return PRIOR_LIMIT
        return max(LEAST_LIMIT, float(np.quantile(ratios, 1 - tail)))
