"""What every feed is: a name, and a run that blocks until it is told to stop."""

import logging
import threading
from typing import Protocol

from warroom.store.ports import Intake

_log = logging.getLogger(__name__)


class Feed(Protocol):
    """One source of reports. `name` is the key of its position: two feeds never share one."""

    name: str

    def run(self, intake: Intake, stop: threading.Event) -> None:
        """Read and put frames until the source ends or `stop` is set; returns soon after `stop`.

        Raises FeedError where the source cannot be read and waiting would not help.
        """


class FeedError(Exception):
    """The feed cannot run; the message says what to do."""


class Trouble:
    """What holds a feed up, shown on the board; told once for each change."""

    def __init__(self, intake: Intake, feed: str) -> None:
        self._put = intake.put_trouble
        self._feed = feed
        self._said: str | None = None

    def say(self, text: str) -> None:
        """Show this text; '' says that the feed is well.

        A store that cannot take the notice is often the trouble itself, so its errors end here, and the
        notice is given again at the next occasion: the feed's own retry is what matters.
        """
        if text == self._said:
            return
        if text:
            _log.warning("feed %s: %s", self._feed, text)
        try:
            self._put(self._feed, text)
        except Exception:
            _log.warning("feed %s: the store did not take the notice", self._feed)
        else:
            self._said = text
