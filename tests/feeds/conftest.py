"""A small day, its reports, and an intake in memory: for the feeds' tests only."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from feeds._frames import PUT_ITEMS
from warroom.domain.election import ElectionDay
from warroom.domain.reports import Reject, Report

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
        self.positions: dict[str, str] = {}
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

    def put_frame(
        self, feed: str, reports: Sequence[Report], rejects: Sequence[Reject] = (), position: str | None = None
    ) -> None:
        if self.failures:
            raise self.failures.pop(0)
        assert 0 < len(reports) + len(rejects) <= PUT_ITEMS
        self.frames.append((list(reports), list(rejects), position))
        if position is not None:
            self.positions[feed] = position
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
