"""Group commit: what many requests bring at the same time goes into the store together, and each waits for it.

One thread puts frames, one after the other. While a frame is on its way the next ones fill up, so a lone
report does not wait and a crowd shares the store's disk. Feeds take turns, a frame each: one that floods
waits for itself.
"""

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import NamedTuple

import redis

from feeds._feed import Trouble
from feeds._frames import PUT_ITEMS
from feeds._rawlog import RawLog
from warroom.domain.clocks import ClockWatch
from warroom.domain.reports import Reject, Report
from warroom.store.ports import NOTE, Intake
from warroom.store.replicas import NotReplicatedError

_log = logging.getLogger(__name__)

IDLE_S = 1.0  # then the raw log goes to the disk and the thread ends; the next report starts another
MOST_WAITING = 50_000  # items; a store that stands still must not fill our memory


class NotTaken(Exception):
    """Nothing of this was acknowledged: send it again after `retry_after_s`. The text says why."""

    def __init__(self, text: str, retry_after_s: int = 2) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


class Part(NamedTuple):
    """At most PUT_ITEMS items of one request; `raw` are the lines for the raw log."""

    reports: Sequence[Report]
    rejects: Sequence[Reject]
    raw: Sequence[bytes]
    done: "Future[None]"

    def __len__(self) -> int:
        return len(self.reports) + len(self.rejects)


class Committer:
    """`put` gives a future that is done when its items are durable. `open_intake` is asked in the thread."""

    def __init__(self, open_intake: Callable[[], Intake], rawlog: RawLog | None = None) -> None:
        self._open_intake = open_intake
        self._rawlog = rawlog
        self._lock = threading.Condition()
        self._waiting: OrderedDict[str, deque[Part]] = OrderedDict()  # feed -> its parts, feeds in turn
        self._size = 0
        self._thread: threading.Thread | None = None
        self._troubles: dict[str, Trouble] = {}
        self._clocks: dict[str, ClockWatch] = {}

    def put(
        self, feed: str, reports: Sequence[Report], rejects: Sequence[Reject], raw: Sequence[bytes]
    ) -> "Future[None]":
        """Queue at most PUT_ITEMS items. The future raises NotTaken where they are not durable.

        Raises NotTaken at once where too much is waiting already.
        """
        part = Part(reports, rejects, raw, Future())
        with self._lock:
            if self._size + len(part) > MOST_WAITING:
                raise NotTaken("more is arriving than the store can take; send it again", 5)
            self._size += len(part)
            self._waiting.setdefault(feed, deque()).append(part)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
                self._thread.start()
            self._lock.notify()
        return part.done

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting and not self._lock.wait_for(lambda: self._waiting, IDLE_S):
                    self._thread = None
                    if self._rawlog is not None:
                        self._close_rawlog(self._rawlog)
                    return
                feed, parts = self._next_frame()
            if parts:
                self._commit(feed, parts)

    def _next_frame(self) -> tuple[str, list[Part]]:
        """The next feed's oldest parts, as many as one put takes; parts that nobody waits for fall out."""
        feed, queue = self._waiting.popitem(last=False)
        parts: list[Part] = []
        room = PUT_ITEMS
        while queue and len(queue[0]) <= room:
            part = queue.popleft()
            self._size -= len(part)
            if part.done.set_running_or_notify_cancel():
                parts.append(part)
                room -= len(part)
        if queue:
            self._waiting[feed] = queue  # to the end of the row
        return feed, parts

    def _commit(self, feed: str, parts: list[Part]) -> None:
        try:
            self._put_frame(feed, parts)
        except NotTaken as error:
            _fail(parts, error)
        except (redis.RedisError, OSError) as error:
            _log.warning("%s: the store does not answer (%s)", feed, type(error).__name__)
            what = str(error) if isinstance(error, NotReplicatedError) else "the store does not answer"
            _fail(parts, NotTaken(f"{what}; nothing of this was taken: send it again"))
        except Exception as error:  # one item that cannot be put must not take the others with it
            if len(parts) > 1:
                for part in parts:
                    self._commit(feed, [part])
                return
            _log.exception("%s: a frame cannot be put", feed)
            _fail(parts, error)
        else:
            for part in parts:
                part.done.set_result(None)

    def _put_frame(self, feed: str, parts: list[Part]) -> None:
        """Raw bytes first, then the frame, as every feed does. Raises NotTaken or a store's error."""
        intake = self._open_intake()
        trouble = self._troubles.setdefault(feed, Trouble(intake, feed))
        if self._rawlog is not None:
            try:
                self._rawlog.append([line for part in parts for line in part.raw])
            except OSError as error:
                problem = f"raw input cannot be kept ({error.strerror or error}): free some disk space"
                trouble.say(problem)
                raise NotTaken(f"{problem}; nothing of this was taken: send it again", 10) from error
        reports = [report for part in parts for report in part.reports]
        rejects = [reject for part in parts for reject in part.rejects]
        intake.put_frame(feed, reports, rejects)
        note = self._clocks.setdefault(feed, ClockWatch()).note(reports)
        trouble.say(NOTE + note if note else "")

    @staticmethod
    def _close_rawlog(rawlog: RawLog) -> None:
        try:
            rawlog.close()
        except OSError as error:
            _log.warning("the raw log does not reach the disk: %s", error.strerror or error)


def _fail(parts: Sequence[Part], error: Exception) -> None:
    for part in parts:
        part.done.set_exception(error)
