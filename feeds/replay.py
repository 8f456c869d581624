"""Replays a recorded day: its reports come in again in the order in which they arrived, N times as fast.

`replay:///path/to/day_dir?speed=600&from=09:30`. The recorded file is the raw input: no copy is kept.
"""

import threading
import time
from datetime import datetime
from datetime import time as wall_time
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import msgspec

from feeds._again import Translate
from feeds._clock import ReplayClock
from feeds._feed import Feed, FeedError
from feeds._frames import PUT_MS, Framer
from feeds._live import LiveParser
from feeds._recorded import read_recorded
from feeds._url import FeedURLError, local_path, merge_options, number
from warroom.domain.election import ElectionDay
from warroom.store.ports import DONE, Intake

SCHEMES = ("replay",)
ABOUT = "the recorded reports of a day folder, in the order of their arrival, at N times real speed"
OPTIONS = ("speed", "from", "clock")


class DayClock(Protocol):
    """What the replay needs of a clock: the recorded day's time, and a wait that `stop` ends early."""

    def now(self) -> datetime:
        """The moment of the recorded day."""

    def wait_until(self, moment: datetime, stop: threading.Event) -> bool:
        """Wait until the clock shows `moment`. False where `stop` was set first."""


def open_feed(url: str, options: dict[str, Any]) -> Feed:
    """The replay of this folder or file. Raises FeedURLError for wrong options.

    Options: `speed` (default 1); `from` HH:MM local time: what arrived before comes at once (default: the
    opening of the polls); `clock`, an object to run by in place of a clock of its own.
    """
    given = merge_options(url, options, OPTIONS)
    path = local_path(url)
    starts = None
    if given.get("from"):
        try:
            starts = wall_time.fromisoformat(str(given["from"]).zfill(5))
        except ValueError as error:
            raise FeedURLError(f"{url}: from={given['from']} is not a local time HH:MM.") from error
    name = str(given.get("name") or f"replay:{path}")
    return ReplayFeed(path, given.get("clock"), name=name, speed=number(url, given, "speed", 1), starts=starts)


class ReplayFeed:
    """`path` is a day folder or its reports.jsonl; without a `clock` the feed starts its own when run."""

    def __init__(
        self,
        path: Path,
        clock: DayClock | None = None,
        *,
        name: str = "",
        speed: float = 1.0,
        starts: wall_time | None = None,
        pause_s: float = PUT_MS / 1000,
    ) -> None:
        self.name = name or f"replay:{path}"
        self._path = path
        self._clock = clock
        self._speed = speed
        self._starts = starts
        self._pause_s = pause_s

    def run(self, intake: Intake, stop: threading.Event) -> None:
        """Put every recorded report when the clock reaches its arrival; returns after the last.

        Goes on behind the last report put where it is run again. Raises FeedError for a missing file.
        """
        day = intake.day()
        file = self.recordings()[0]
        try:
            arrivals = read_recorded(file, day, intake.precinct_ids(), intake.site_ids())
            size = file.stat().st_size
        except OSError as error:
            raise FeedError(f"{file} cannot be replayed: {error.strerror or error}.") from error
        clock = self._clock or self._own_clock(day)
        framer = Framer(intake, self.name, stop)
        framer.well()
        for index in range(_done(intake.position(self.name), size), len(arrivals)):
            arrival = arrivals[index]
            if arrival.received > clock.now():
                if not framer.flush() or not clock.wait_until(arrival.received, stop):
                    return
                stop.wait(self._pause_s)  # what falls due meanwhile shares the frame
            if stop.is_set() or not framer.put(arrival.item, position=partial(_position, size, index + 1)):
                break
        if framer.flush() and not stop.is_set():
            intake.put_trouble(self.name, DONE)

    def translator(self, intake: Intake) -> Translate:
        """A recorded report says itself when it arrived."""
        return LiveParser(intake, recorded=True).line

    def recordings(self) -> list[Path]:
        """The recording is the raw input."""
        return [self._path / "reports.jsonl" if self._path.is_dir() else self._path]

    def _own_clock(self, day: ElectionDay) -> ReplayClock:
        local = self._starts or day.polls_open
        return ReplayClock(datetime.combine(day.date, local, day.tz), time.time(), self._speed)


class _Position(msgspec.Struct, frozen=True):
    """`done` reports of a recording of `size` bytes, in the order of arrival."""

    size: int
    done: int


def _position(size: int, done: int) -> str:
    return msgspec.json.encode(_Position(size, done)).decode()


def _done(stored: str | None, size: int) -> int:
    """How many were put before; 0 for another recording under the same name."""
    if not stored:
        return 0
    place = msgspec.json.decode(stored, type=_Position)
    return place.done if place.size == size else 0
