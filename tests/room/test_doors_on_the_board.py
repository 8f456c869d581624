"""From an HTTP post to the board, with every real part: the count, the feed's line, and a clock that is wrong."""

import json
import subprocess
import sys
import urllib.request
from datetime import datetime, timedelta

import pytest

from bench.running import until
from warroom.store.day import DayClock, read_day, read_roster


@pytest.fixture(scope="module")
def vendor(room):
    command = [sys.executable, "-m", "warroom", "key", "new", "vendor", "--data", str(room.data), "--json"]
    key = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["key"]

    def post(*reports):
        request = urllib.request.Request(
            f"{room.url}/api/v1/reports", json.dumps(reports).encode(),
            {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    return post


def feed(room):
    return next((row for row in room.get("board")["feeds"] if row["feed"] == "http:vendor"), None)


def test_a_post_is_on_the_board_under_its_sources_name(room, vendor):
    awaited = until("the awaited line", lambda: feed(room))
    assert awaited["received"] == 0
    store = room.store()
    nine = read_day(store).opens_at + timedelta(hours=2)
    DayClock(store).set(nine, 1)
    precinct = read_roster(store).precincts[0].precinct_id

    def report(name, at: datetime, count):
        return {"id": name, "kind": "checkins", "at": at.isoformat(), "source": "vendor", "precinct": precinct,
                "count": count}  # fmt: skip

    assert vendor(report("a", nine - timedelta(minutes=5), 20))["accepted"] == 1
    until("the count", lambda: room.get(f"precincts/{precinct}")["reported"] == 20)
    until("the line", lambda: feed(room)["received"] == 1 and feed(room)["state"] == "live")
    vendor(*(report(f"fast{n}", nine + timedelta(minutes=64 + n), 30 + n) for n in range(3)))
    line = until("the note", lambda: feed(room) if "clock" in feed(room)["trouble"] else None)
    assert line["state"] == "live" and line["trouble"].startswith("the clock of vendor is 6")
    shown = room.get(f"precincts/{precinct}")
    assert shown["reported"] == 20
    suspect = [row for row in shown["readings"] if row["status"] == "suspect"]
    assert {(row["source"], row["reason"]) for row in suspect} == {
        ("vendor", "observed after it arrived: a clock is wrong")
    }
    assert len(suspect) == 3
