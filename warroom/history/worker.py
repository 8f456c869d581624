"""`warroom history`: computes the replay when somebody asks for it, in a process of its own.

A day of 4,300 precincts takes about half a minute of one core, so it may run neither in the web
server, where every screen would wait, nor in the watch, where the live board would. It idles
until a page asks, goes on from where it stopped while the day lasts, and starts over only when
a report arrived that belongs before what is already computed.
"""

import logging
import os
import threading
import time
from hashlib import blake2b
from typing import TYPE_CHECKING

import redis

from warroom.history.shelf import Index, Shelf
from warroom.store import keys
from warroom.store.client import Client, trouble
from warroom.store.day import DayClock, NoDayError, read_day
from warroom.store.state import StateReader
from warroom.store.wire import epoch_ms

if TYPE_CHECKING:
    from warroom.history.frame import Names
    from warroom.history.rerun import Rerun

logger = logging.getLogger(__name__)

LOOK_S = 0.5
BREATH_S = 4.0
WANTED_S = 120.0  # a page that is open asks every few seconds
AGAIN_S = 15.0  # at most this often while the day is running
SETTLE_S = 3.0  # wall seconds that the tally may take over a frame of reports
WRITE_EVERY = 8  # steps: the index of a large day is half a megabyte
NICE = 10  # the live parts come first


class History:
    """Keeps the replay up to date while somebody looks at it."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._shelf = Shelf(client)
        self._rerun: Rerun | None = None
        self._mark = ""
        self._minutes: list[int] = []
        self._took_s = 0.0
        self._next_s = 0.0
        self._breath_s = 0.0

    def run(self, stop: threading.Event) -> None:
        """Wait for somebody to ask, compute, and wait again, until `stop`."""
        os.nice(NICE)
        while not stop.is_set():
            try:
                self._breathe()
                if time.monotonic() >= self._next_s and self._shelf.asked_s_ago() < WANTED_S:
                    self.bring_up_to_date(stop)
                    self._next_s = time.monotonic() + AGAIN_S
            except redis.RedisError as error:
                logger.warning("history: %s; trying again", trouble(error))
            except NoDayError:
                pass  # asked before a day is loaded
            stop.wait(LOOK_S)

    def bring_up_to_date(self, stop: threading.Event | None = None) -> None:
        """Compute every step of the grid that lies in the past and is not computed. Raises NoDayError."""
        from warroom.history.frame import Names  # the model is heavy: an idle process does without
        from warroom.history.tape import tape_from_store

        until, mark = self._settled_minute(), self._day_mark()
        names = self._begin(mark) if self._rerun is None or mark != self._mark else Names(self._rerun.frames)
        assert self._rerun is not None
        opens_ms = epoch_ms(self._rerun.frames.day.opens_at)
        tape = tape_from_store(self._client, names.place, opens_ms)
        if not self._rerun.agrees_with(tape):
            names = self._begin(mark)
        self._compute(tape, until, names, stop)

    def _compute(self, tape, until: float, names: "Names", stop: threading.Event | None) -> None:  # type: ignore[no-untyped-def]
        from warroom.history.frame import frame

        rerun = self._rerun
        assert rerun is not None
        whole, started_s, before_s = rerun.left(until), time.monotonic(), self._took_s
        waiting: dict[int, bytes] = {}
        for done, moment in enumerate(rerun.go(tape, until), 1):
            minute = int(moment.minute)
            waiting[minute] = frame(rerun, tape, moment, names)
            self._minutes.append(minute)
            self._took_s = before_s + time.monotonic() - started_s
            if len(waiting) >= WRITE_EVERY or done == whole:
                self._shelf.put(self._index(rerun, names, done, whole), waiting)
                waiting = {}
                self._breathe()
            if stop is not None and stop.is_set():
                return
        if not self._minutes:
            self._shelf.put(self._index(rerun, names, 0, 0), {})  # the polls have not opened
        if whole:
            logger.info("history: %d steps, %.1f s in all", whole, self._took_s)

    def _begin(self, mark: str) -> "Names":
        from anomaly.earlyvote import with_early
        from warroom.history.frame import Names
        from warroom.history.rerun import Rerun
        from warroom.loading import frames_of, shipped_folder

        counted = StateReader(self._client).units()
        self._rerun = Rerun(with_early(frames_of(shipped_folder(self._client)), counted))
        self._mark, self._minutes, self._took_s = mark, [], 0.0
        return Names(self._rerun.frames)

    def _index(self, rerun: "Rerun", names: "Names", done: int, whole: int) -> Index:
        from warroom.history.fates import fate_rows
        from warroom.history.frame import day_row

        return Index(mark=self._mark, minutes=list(self._minutes), day=day_row(rerun.frames),
                     alerts=fate_rows(rerun.fates.values(), names), done=done, whole=whole,
                     took_s=round(self._took_s, 1))  # fmt: skip

    def _settled_minute(self) -> float:
        """The day's minute by which everything received has surely been tallied."""
        clock, day = DayClock(self._client), read_day(self._client)
        return day.minute_of(clock.now()) - SETTLE_S / 60 * max(1.0, clock.rate())

    def _day_mark(self) -> str:
        """Changes when another day, or the same one mended, is loaded."""
        held = (self._client.get(keys.DAY) or b"") + (self._client.get(keys.FOLDER) or b"")
        return blake2b(held, digest_size=8).hexdigest()

    def _breathe(self) -> None:
        if time.monotonic() - self._breath_s > BREATH_S:
            self._shelf.breathe()
            self._breath_s = time.monotonic()
