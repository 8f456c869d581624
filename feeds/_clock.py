"""The clock of a replay: the recorded day's minute, running at N times the real speed."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

_LONGEST_WAIT_S = 3_600.0  # then look again: the real clock may have been set


def _wait(stop: threading.Event, seconds: float) -> object:
    return stop.wait(seconds)


@dataclass(frozen=True)
class ReplayClock:
    """At the real second `anchor_s` it was `starts_at` on the recorded day; since then it runs `speed` times.

    The same three values give the same clock in another process. `now_s` gives real seconds since the
    epoch, `sleep(stop, seconds)` returns early when `stop` is set; both are parameters for tests.
    """

    starts_at: datetime
    anchor_s: float
    speed: float
    now_s: Callable[[], float] = time.time
    sleep: Callable[[threading.Event, float], object] = _wait

    def now(self) -> datetime:
        """The moment of the recorded day."""
        return self.starts_at + timedelta(seconds=(self.now_s() - self.anchor_s) * self.speed)

    def wait_until(self, moment: datetime, stop: threading.Event) -> bool:
        """Wait until the clock shows `moment`. False where `stop` was set first."""
        while not stop.is_set():
            left_s = (moment - self.now()).total_seconds() / self.speed
            if left_s <= 0:
                return True
            self.sleep(stop, min(left_s, _LONGEST_WAIT_S))
        return False
