"""The day once more: the live model, the detector and the alerts on whole regions, a step every five minutes.

The steps are always the same ones, so that the same tape gives the same alerts. What a room saw
on the day can differ by a step: there the watch looked whenever something came.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import numpy as np

from anomaly.detector import Detector
from anomaly.forecast import Forecast
from anomaly.frames import DayFrames
from anomaly.live import LiveModel
from anomaly.plan import Plan
from anomaly.regions import RegionAlerts, region_news
from warroom.domain.alerts import Alert
from warroom.history.tape import Tape

STEP_MINUTES = 5
AFTER_CLOSE_MINUTES = 60  # late tallies come in; the watch looks as long


@dataclass(frozen=True)
class Moment:
    """The day at `minute`, minutes since the opening: what was known by then and nothing later."""

    minute: float
    forecast: Forecast
    open: tuple[Alert, ...]
    heard: int
    refused: int


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one alert: as it was raised, as it was last, its worst shortfall (ballots)."""

    first: Alert
    last: Alert
    worst: float | None

    @property
    def minutes_open(self) -> float:
        """From raised to closed, or to its last change where it never closed."""
        end = self.last.closed_at or self.last.updated_at
        return (end - self.first.raised_at).total_seconds() / 60


def grid(minutes_open: int) -> list[int]:
    """Every minute that is stepped on: opening, each fifth, the close, and an hour after it."""
    end = minutes_open + AFTER_CLOSE_MINUTES
    return sorted({*range(0, end + 1, STEP_MINUTES), minutes_open})


class Rerun:
    """One pass over a day. `go` only ever moves forward; `fates` tells the alerts so far."""

    def __init__(self, frames: DayFrames) -> None:
        self.frames = frames
        self.model = LiveModel(frames)
        self.plan = Plan(frames.day, self.model.prior)
        self.detector = Detector(self.model)
        self.regions = RegionAlerts()
        self.at = -1.0  # the last minute stepped on
        self.seen: dict[int, int] = {}  # {minute: ballots cast by then, as estimated then}
        self.fates: dict[str, Fate] = {}
        self._minutes = grid(frames.day.minutes_open)
        self._tape: Tape | None = None
        self._taken = 0

    def agrees_with(self, tape: Tape) -> bool:
        """Whether this tape begins with exactly what has been taken, so that the pass may go on with it."""
        if self._tape is None:
            return True
        if tape.heard_by(self.at) != self._taken:
            return False
        old, new = self._tape.part(0, self._taken), tape.part(0, self._taken)
        names = ("precinct", "at_min", "received_min", "count", "source", "key", "revision")
        return all(np.array_equal(getattr(old, name), getattr(new, name)) for name in names)

    def go(self, tape: Tape, until: float) -> Iterator[Moment]:
        """Step on to every minute of the grid that is not yet done, up to `until`."""
        self._tape = tape
        for minute in self._minutes:
            if self.at < minute <= until:
                yield self._step(tape, minute)

    def left(self, until: float) -> int:
        """How many steps remain up to `until`."""
        return sum(self.at < minute <= until for minute in self._minutes)

    def _step(self, tape: Tape, minute: int) -> Moment:
        forecast = self._forecast(tape, minute)
        for change in self.detector.step(forecast, float(minute)):
            self._note(change.alert)
        for alert in self.regions.step(self.model, forecast, region_news(self.model.fit, forecast)):
            self._note(alert)
        if minute <= self.frames.day.minutes_open:
            self.seen[minute] = round(forecast.votes_now.value) if minute else 0
        self.at = float(minute)
        return self._moment(tape, minute, forecast)

    def _forecast(self, tape: Tape, minute: float) -> Forecast:
        upto = tape.heard_by(minute)
        if upto > self._taken:
            self.model.observe(tape.part(self._taken, upto))
            self._taken = upto
        return self.model.forecast(float(minute))

    def _moment(self, tape: Tape, minute: float, forecast: Forecast) -> Moment:
        refused = int(np.searchsorted(tape.refused_min, minute, side="right"))
        alerts = (*self.detector.open.values(), *self.regions.open.values())
        return Moment(minute, forecast, alerts, self._taken, refused)

    def _note(self, alert: Alert) -> None:
        held = self.fates.get(alert.id)
        first = held.first if held else alert
        worst = max((s for s in (held.worst if held else None, alert.shortfall) if s is not None), default=None)
        self.fates[alert.id] = Fate(first=first, last=alert, worst=worst)
