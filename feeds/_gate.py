"""A director's pause, as a feed sees it: looked up now and then, held until it is over."""

import threading
import time
from collections.abc import Callable

from warroom.store.ports import Intake

LOOK_S = 0.25  # a pause is obeyed, and its end noticed, well within a second


class Gate:
    """Whether one feed may bring more. A store that does not answer changes nothing: what was known last holds."""

    def __init__(self, intake: Intake, feed: str, now_s: Callable[[], float] = time.monotonic) -> None:
        self._intake = intake
        self._feed = feed
        self._now_s = now_s
        self._looked_s = float("-inf")
        self._paused = False

    def paused(self) -> bool:
        """Whether the feed is paused, as known LOOK_S ago at most."""
        now_s = self._now_s()
        if now_s - self._looked_s >= LOOK_S:
            self._looked_s = now_s
            try:
                self._paused = self._intake.paused(self._feed)
            except Exception:  # the feed's own put will say what is wrong with the store
                return self._paused
        return self._paused

    def wait(self, stop: threading.Event) -> bool:
        """Wait until the feed may go on. False where `stop` came first."""
        while self.paused():
            if stop.wait(LOOK_S):
                return False
        return True
