"""Joins the feeds to the watch: their pulse on the board, their last hour in the store, the alert of a silent one."""

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from anomaly.alerting import AlertChange
from anomaly.events import EventAlerts
from anomaly.feedrow import feed_row
from anomaly.feedsilence import SPEECH_MS, hear, is_silent, limit_of, shares, silence_alert
from warroom.domain.alerts import Alert
from warroom.domain.election import ElectionDay
from warroom.store.client import Client
from warroom.store.day import DayClock
from warroom.store.feeds import FeedStore, Pause, Pulse
from warroom.store.ports import DONE
from warroom.store.state import StateReader
from warroom.store.wire import epoch_ms

MINUTES_KEPT = 60
RATE_WINDOW_S = 60.0
LOOK_EVERY_S = 0.5
KEEP_EVERY_S = 2.0
AROUND_MS = 3_600_000  # how long before the opening and after the close a silence is worth an alert
WALL_MINUTE_MS = 60_000


class FeedWatch:
    """The feeds as the watch sees them. Wall time throughout, but for what a screen is sent."""

    def __init__(self, client: Client, state: StateReader, clock: DayClock, day: ElectionDay) -> None:
        self._store = FeedStore(client)
        self._state = state
        self._clock = clock
        self._opens_ms, self._closes_ms = epoch_ms(day.opens_at), epoch_ms(day.closes_at)
        self._tz = day.tz
        self._alerts = EventAlerts()
        self._pulses: dict[str, Pulse] = {}
        self._received: dict[str, int] = {}
        self._samples: list[tuple[float, dict[str, int]]] = []
        self._pauses: dict[str, Pause] = {}
        self._troubles: dict[str, str] = {}
        self._looked_ms = 0
        self._look_due_s = self._keep_due_s = 0.0

    def load(self, alerts: Iterable[Alert]) -> None:
        """Go on after a restart: the feeds' ways are in the store, and open alerts stay open."""
        self._alerts = EventAlerts()
        self._alerts.adopt((a for a in alerts if a.feed), frozenset({"silent"}))
        self._pulses = self._store.pulses()
        self._received = self._state.received_by_feed()
        self._samples = []
        self._looked_ms = 0

    def step(self, now: datetime) -> list[AlertChange]:
        """Look at the feeds; what their alerts must become at `now`, a moment of the day."""
        if time.monotonic() < self._look_due_s:
            return []
        wall_ms = int(time.time() * 1000)
        self._look(wall_ms)
        self._look_due_s = time.monotonic() + LOOK_EVERY_S
        if time.monotonic() >= self._keep_due_s:
            self._store.put_pulses(self._pulses)
            self._keep_due_s = time.monotonic() + KEEP_EVERY_S
        share = shares(self._pulses, self._received)
        wanted = [
            silence_alert(feed, pulse, share[feed], self._clock_time(pulse.seen_ms), self._troubles.get(feed, ""))
            for feed, pulse in self._pulses.items()
            if self._is_silent(feed, pulse, wall_ms, epoch_ms(now))
        ]
        return self._alerts.step(wanted, now)

    @property
    def open(self) -> list[Alert]:
        """The open alerts of silent feeds."""
        return list(self._alerts.open.values())

    @property
    def is_deaf(self) -> bool:
        """Whether most reports come by a feed that is silent: what is not heard is then nobody's silence."""
        return any(alert.severity == "high" for alert in self._alerts.open.values())

    def rows(self) -> list[dict[str, Any]]:
        """Every feed's line on the board, as of the last `step`."""
        wall_ms = int(time.time() * 1000)
        feeds = sorted({*self._pulses, *self._pauses, *self._troubles})
        return [
            feed_row(
                feed, self._troubles.get(feed, ""), self._pulses.get(feed), self._pauses.get(feed), wall_ms,
                self._day_ms(self._pulses[feed].seen_ms) if feed in self._pulses else None,
                self._received.get(feed, 0),
            )
            for feed in feeds
        ]  # fmt: skip

    # -- looking

    def _look(self, wall_ms: int) -> None:
        """Bring every pulse up to date."""
        was_here = wall_ms - self._looked_ms < SPEECH_MS
        held_before = self._pauses
        self._pauses, self._troubles = self._store.pauses(), self._store.troubles()
        received = self._state.received_by_feed()
        rates = self._rates(received)
        for feed, seen_ms in self._store.seen_ms().items():
            pulse = self._pulses.setdefault(feed, Pulse(minute=wall_ms // WALL_MINUTE_MS, counts=[0]))
            _count(pulse, wall_ms // WALL_MINUTE_MS, max(0, received.get(feed, 0) - self._received.get(feed, 0)))
            held = feed in held_before or feed in self._pauses or self._troubles.get(feed) == DONE
            hear(pulse, seen_ms, was_here and not held)
            pulse.limit_ms = limit_of(pulse.gaps_ms, pulse.steady_ms, self._closes_ms - self._opens_ms)
            pulse.per_minute = round(rates.get(feed, 0.0), 1)
        self._received, self._looked_ms = received, wall_ms

    def _rates(self, received: dict[str, int]) -> dict[str, float]:
        """Reports a minute by feed, over the last minute of wall time."""
        now_s = time.monotonic()
        if not self._samples or now_s - self._samples[-1][0] >= 1.0:
            self._samples.append((now_s, received))
        while len(self._samples) > 2 and self._samples[0][0] < now_s - RATE_WINDOW_S:
            self._samples.pop(0)
        since_s, before = self._samples[0]
        span_min = max(now_s - since_s, 1.0) / 60
        return {feed: (count - before.get(feed, 0)) / span_min for feed, count in received.items()}

    def _is_silent(self, feed: str, pulse: Pulse, wall_ms: int, now_ms: int) -> bool:
        if not self._opens_ms - AROUND_MS <= now_ms <= self._closes_ms + AROUND_MS:
            return False
        if feed in self._pauses or self._troubles.get(feed) == DONE:
            return False
        return is_silent(pulse, wall_ms)

    def _day_ms(self, wall_ms: int) -> int:
        """A wall time in the day's time."""
        anchor = self._clock.anchor()
        return wall_ms if anchor is None else round(anchor[0] + (wall_ms - anchor[1]) * anchor[2])

    def _clock_time(self, wall_ms: int) -> str:
        return datetime.fromtimestamp(self._day_ms(wall_ms) / 1000, self._tz).strftime("%H:%M")


def _count(pulse: Pulse, minute: int, count: int) -> None:
    """Add reports to the minute that runs; older minutes than the last hour's are dropped."""
    ahead = min(MINUTES_KEPT, max(0, minute - pulse.minute))
    pulse.counts = [*pulse.counts, *([0] * ahead)][-MINUTES_KEPT:]
    pulse.minute = max(minute, pulse.minute)
    pulse.counts[-1] += count
