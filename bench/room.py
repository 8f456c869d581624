"""A whole war room for the bench: `warroom up` in its own process group, and half a morning of reports."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from bench.running import end_group, free_port, until
from feeds._parse import Parser
from warroom.domain.reports import Checkins, Report
from warroom.settings import store_url
from warroom.store.client import Client, connect
from warroom.store.day import DayClock
from warroom.store.intake import RedisIntake

HELD_BACK_SHARE = 0.15  # of the precincts: their first report is what the bench times
AT_HOURS_OPEN = 4.0  # the minute of the day the bench stands at
FRAME_REPORTS = 200
FEED = "bench"


@dataclass
class BenchRoom:
    """The running room.

    `held` is {precinct: its newest report by the bench's minute}, none of them sent yet;
    `later` what the other precincts reported in the hour after it, in order of arrival.
    """

    day_dir: Path
    data: Path
    port: int
    process: "subprocess.Popen[bytes]"
    held: dict[str, Report] = field(default_factory=dict)
    later: list[Report] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def store_url(self) -> str:
        """Address of the room's store."""
        return store_url(self.data)

    def get(self, path: str):
        """One answer of the JSON API."""
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}", timeout=30) as answer:
            return json.load(answer)

    def client(self) -> Client:
        """A connection to the room's store."""
        return connect(self.store_url)

    def intake(self) -> RedisIntake:
        """Where a feed puts its frames."""
        return RedisIntake(self.client())

    def take_held(self, count: int, among: set[str] | None = None) -> list[Report]:
        """Up to `count` reports of precincts nobody has heard from; each is given out once."""
        chosen = [i for i in self.held if among is None or i in among][:count]
        return [self.held.pop(i) for i in chosen]

    def fill(self) -> None:
        """Put the morning's reports in, but for the held-back precincts, and stop the day's clock there."""
        intake = self.intake()
        day = intake.day()
        now = day.opens_at + timedelta(hours=AT_HOURS_OPEN)
        DayClock(self.client()).set(now, 1.0)
        reports = list(_received_by(self.day_dir / "reports.jsonl", now + timedelta(hours=1), intake))
        early = [r for r in reports if r.received <= now]
        ids = sorted(intake.precinct_ids())
        back = set(Random(1).sample(ids, round(len(ids) * HELD_BACK_SHARE)))
        newest = {r.precinct: r for r in early if isinstance(r, Checkins) and r.precinct in back}
        self.held = {i: newest[i] for i in sorted(newest, key=lambda i: Random(i).random())}
        others = [r for r in reports if getattr(r, "precinct", None) not in back]
        self.later = sorted((r for r in others if r.received > now), key=lambda r: r.received)
        sent = [r for r in others if r.received <= now]
        before = self.get("totals")["received"]
        for start in range(0, len(sent), FRAME_REPORTS):
            intake.put_frame(FEED, sent[start : start + FRAME_REPORTS])
        until("the tally", lambda: self.get("totals")["received"] >= before + len(sent))
        until("the board", lambda: self.get("board")["headline"]["reports"]["received"] >= before + len(sent))

    def replay(self, speed: float, from_hours_open: float = AT_HOURS_OPEN) -> "subprocess.Popen[bytes]":
        """Play the recorded day from this hour after the opening on; the caller ends it."""
        starts = self.intake().day().opens_at + timedelta(hours=from_hours_open)
        local = starts.astimezone(self.intake().day().tz)
        return subprocess.Popen(
            [sys.executable, "-m", "warroom", "replay", str(self.day_dir), "--drill", "--speed", str(speed),
             "--from", local.strftime("%H:%M"), "--data", str(self.data)],
            start_new_session=True,
        )  # fmt: skip


def _received_by(path: Path, now: datetime, intake: RedisIntake) -> Iterator[Report]:
    parser = Parser(intake.day(), intake.precinct_ids(), intake.site_ids(), recorded=True)
    for raw in path.read_bytes().splitlines():
        report = parser.line(raw, "reports.jsonl", now)
        if not hasattr(report, "digest") and report.received is not None and report.received <= now:
            yield report


@contextmanager
def running_room(day_dir: Path, data: Path) -> Iterator[BenchRoom]:
    """Start `warroom up`, wait for its first board, and end it with everything it started."""
    port = free_port()
    env = {k: v for k, v in os.environ.items() if k != "REDIS_URL" and not k.startswith("WARROOM_")}
    command = [sys.executable, "-m", "warroom", "up", str(day_dir), "--data", str(data), "--port", str(port)]
    process = subprocess.Popen(command, env=env, start_new_session=True, stdout=subprocess.DEVNULL)
    room = BenchRoom(day_dir, data, port, process)
    try:
        until("the first board", lambda: room.get("board")["seq"] >= 1)
        yield room
    finally:
        end_group(process)
