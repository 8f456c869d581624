"""A small day, its reports, and an intake in memory: for the feeds' tests only."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from feeds._drop.how import How
from feeds._frames import PUT_ITEMS
from feeds.drop import DropFeed
from feeds.registry import open_feed
from warroom.domain.election import ElectionDay
from warroom.domain.reports import Reject, Report
from warroom.store.ports import Position

DAY = ElectionDay(
    name="June primary",
    date=date(2025, 6, 24),
    timezone="America/New_York",
    polls_open=time(6),
    polls_close=time(21),
    type="primary",
)
NOON = datetime(2025, 6, 24, 16, tzinfo=UTC)


class MemoryIntake:
    """Implements `Intake` in memory; `failures` are raised by the next calls of put_frame, in turn."""

    def __init__(self) -> None:
        self.frames: list[tuple[list[Report], list[Reject], str | None]] = []
        self.positions: dict[str, Any] = {}  # a feed's place, or its places by part
        self.troubles: list[str] = []
        self.lag: dict[str, int] = {}
        self.failures: list[Exception] = []
        self.clock = NOON
        self.waiting: set[str] = set()  # feeds that are paused
        self.on_put: Callable[[], None] = lambda: None

    def day(self) -> ElectionDay:
        return DAY

    def loaded(self) -> object:
        return 1

    def precinct_ids(self) -> frozenset[str]:
        return frozenset({"0412", "0413"})

    def site_ids(self) -> frozenset[str]:
        return frozenset({"S1"})

    def now(self) -> datetime:
        return self.clock

    def position(self, feed: str) -> str | None:
        return self.positions.get(feed)

    def places(self, feed: str) -> dict[str, int]:
        return self.positions.get(feed, {})

    def put_frame(
        self, feed: str, reports: Sequence[Report], rejects: Sequence[Reject] = (), position: Position | None = None
    ) -> None:
        if self.failures:
            raise self.failures.pop(0)
        assert 0 < len(reports) + len(rejects) <= PUT_ITEMS
        self.frames.append((list(reports), list(rejects), position))
        if position is not None:
            self.positions[feed] = position if isinstance(position, str) else {**self.places(feed), **position}
        self.on_put()

    def put_trouble(self, feed: str, trouble: str) -> None:
        self.troubles.append(trouble)

    def put_lag(self, feed: str, lag: Mapping[str, int]) -> None:
        self.lag = dict(lag)

    def paused(self, feed: str) -> bool:
        return feed in self.waiting

    @property
    def reports(self) -> list[Report]:
        return [report for frame in self.frames for report in frame[0]]

    @property
    def rejects(self) -> list[Reject]:
        return [reject for frame in self.frames for reject in frame[1]]

    @property
    def ids(self) -> list[str]:
        return [report.id for report in self.reports]


@pytest.fixture
def intake() -> MemoryIntake:
    return MemoryIntake()


@pytest.fixture
def line() -> Callable[..., str]:
    """line("r1", count=5) is a check-in report as one line of JSON, with its line break."""

    def make(report_id: str, **fields: object) -> str:
        report = {
            "id": report_id, "kind": "checkins", "precinct": "0412", "at": "2025-06-24T09:15:00-04:00",
            "count": 57, "source": "watcher",
        } | fields  # fmt: skip
        return json.dumps({name: value for name, value in report.items() if value is not ...}) + "\n"

    return make


@pytest.fixture
def scripted() -> Callable[..., Callable[[threading.Event, float], bool]]:
    """A wait for a followed file: each time the feed has read all there is, the next step happens."""

    def make(*steps: Callable[[], object]) -> Callable[[threading.Event, float], bool]:
        left = list(steps)

        def wait(stop: threading.Event, _seconds: float) -> bool:
            if left:
                left.pop(0)()
            else:
                stop.set()
            return stop.is_set()

        return wait

    return make


@pytest.fixture
def append() -> Callable[[Path, str | bytes], None]:
    """Append to a file, as a writer does that keeps it open."""

    def do(path: Path, text: str | bytes) -> None:
        with path.open("ab") as file:
            file.write(text if isinstance(text, bytes) else text.encode())

    return do


@pytest.fixture
def look(tmp_path, intake):
    """look() reads the folder as it is now, as a feed does that was started anew."""

    def do(**options):
        open_feed(f"drop://{tmp_path}?once=1", {"name": "drop"} | options).run(intake, threading.Event())
        return intake

    return do


@pytest.fixture
def turns(tmp_path, intake):
    """turns(step, step, ...) runs a feed that goes on; before each look at the folder the next step happens."""

    def run(*steps, **how):
        clock = [0.0]
        stop = threading.Event()

        def changes(_folder, _stop, _polling):
            for step in steps:
                clock[0] += step() or 0.0
                yield None
            stop.set()

        feed = DropFeed(tmp_path, name="drop", how=How(settle_s=2.0, **how), changes=changes, now_s=lambda: clock[0])
        feed.run(intake, stop)
        return intake

    return run
