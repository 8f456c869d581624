"""Collects reports and puts them into the store, many at once; what is put is kept until the store has it."""

import threading
import time
from collections.abc import Callable

from feeds._feed import Trouble
from feeds._gate import Gate
from feeds._rawlog import RawLog
from warroom.domain.reports import Reject, Report
from warroom.store.ports import Intake, Position

PUT_ITEMS = 1_000  # a feed that has fallen behind pays for the way to the disk once for so many
PUT_MS = 10
_RETRY_FIRST_S, _RETRY_LONGEST_S = 0.1, 5.0


class Framer:
    """Puts at most PUT_ITEMS items at once, none held longer than PUT_MS once a caller asks.

    `put` order is kept: the raw bytes are in the raw log, then the items are in the store, and only with them
    the feed's position. Where either refuses (disk full, store away) the items are kept and tried again,
    the position stays, and the trouble is shown: nothing is lost as long as the source keeps its own copy.

    While a director has paused the feed, `put` waits before it takes its item. A feed whose source must be
    talked to all the time is made with `holds` False: it asks `paused`, and brings no more while it is true.
    """

    def __init__(
        self,
        intake: Intake,
        feed: str,
        stop: threading.Event,
        rawlog: RawLog | None = None,
        trouble: Trouble | None = None,
        now_s: Callable[[], float] = time.monotonic,
        holds: bool = True,
    ) -> None:
        self._intake = intake
        self._feed = feed
        self._trouble = trouble or Trouble(intake, feed)
        self._stop = stop
        self._rawlog = rawlog
        self._now_s = now_s
        self._gate = Gate(intake, feed)
        self._holds = holds
        self._reports: list[Report] = []
        self._rejects: list[Reject] = []
        self._raw: list[bytes] = []
        self._position: Callable[[], Position] | None = None
        self._oldest_s = 0.0

    def put(
        self, item: Report | Reject, raw: bytes | None = None, position: Callable[[], Position] | None = None
    ) -> bool:
        """Add one item; puts what is held when it is many or old, and waits while the feed is paused.

        False where the feed is to stop; where that was during a pause, the item was not taken.

        `position` gives the feed's place behind this item; it is called once for a put, not for an item.
        A feed whose source falls silent calls `flush`, so that no report waits for the next one.
        """
        if self._holds and self._gate.paused() and not (self.flush() and self._gate.wait(self._stop)):
            return False
        if not self._reports and not self._rejects:
            self._oldest_s = self._now_s()
        if isinstance(item, Reject):
            self._rejects.append(item)
        else:
            self._reports.append(item)
        if raw is not None and self._rawlog is not None:
            self._raw.append(raw)
        self._position = position if position is not None else self._position
        full = len(self._reports) + len(self._rejects) >= PUT_ITEMS
        if full or (self._now_s() - self._oldest_s) * 1000 >= PUT_MS:
            return self.flush()
        return True

    def flush(self) -> bool:
        """Put what is held, however little. Tries until it is done; False where `stop` came first."""
        if not self._reports and not self._rejects:
            return self._idle()
        retry_s = _RETRY_FIRST_S
        while problem := self._try_once():
            self._trouble.say(problem)
            if self._stop.wait(retry_s):
                return False
            retry_s = min(retry_s * 2, _RETRY_LONGEST_S)
        self._trouble.say("")
        return True

    @property
    def empty(self) -> bool:
        """Whether everything that was put is in the store."""
        return not self._reports and not self._rejects

    def paused(self) -> bool:
        """Whether the feed is to bring nothing for now; asks the store at most every quarter of a second."""
        return self._gate.paused()

    def well(self) -> None:
        """Say that what held the feed up is over."""
        self._trouble.say("")

    def _idle(self) -> bool:
        if self._rawlog is not None:
            try:
                self._rawlog.sync()
            except OSError as error:
                self._trouble.say(f"raw input cannot be kept ({error.strerror or error})")
        return True

    def _try_once(self) -> str:
        """Put what is held; '' when the store has it, otherwise what went wrong in plain words."""
        try:
            if self._raw and self._rawlog is not None:
                self._rawlog.append(self._raw)
                self._raw = []
        except OSError as error:
            return f"raw input cannot be kept ({error.strerror or error}): free some disk space"
        try:
            position = self._position() if self._position else None
            self._intake.put_frame(self._feed, self._reports, self._rejects, position)
        except Exception as error:  # whatever the store says, the items are still ours
            return f"the store does not take reports ({type(error).__name__}: {error})"
        self._reports, self._rejects = [], []
        return ""
