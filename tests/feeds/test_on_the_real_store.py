"""The feeds on the real intake and the real tally: all that was sent is accounted for, once."""

import json
import threading

import pytest

from feeds.registry import open_feed
from warroom.store import keys
from warroom.store.intake import RedisIntake
from warroom.store.state import StateReader
from warroom.tally.worker import TallyWorker


@pytest.fixture
def folder(tmp_path):
    """Ten good reports, one line that cannot be read, one for a precinct that nobody knows."""

    def row(minute, **fields):
        at = f"2025-06-24T09:{minute:02}:00-04:00"
        good = {"id": f"r{minute}", "kind": "checkins", "precinct": "P1", "at": at, "count": minute, "source": "w"}
        return json.dumps(good | fields) + "\n"

    lines = [*map(row, range(10)), "{broken\n", row(11, precinct="nowhere")]
    (tmp_path / "reports.jsonl").write_text("".join(lines))
    return tmp_path


@pytest.mark.parametrize("url", ["file://{}/reports.jsonl", "replay://{}?speed=1000000&from=21:00"])
def test_accepted_suspect_and_rejected_are_what_was_sent_also_when_it_comes_twice(loaded, folder, url):
    worker = TallyWorker(loaded, 0, "t")
    for _ in range(2):
        feed = open_feed(url.format(folder))
        feed.run(RedisIntake(loaded), threading.Event())
        while worker.step():
            pass
        totals = StateReader(loaded).totals()
        assert (totals.accepted + totals.suspect, totals.rejected) == (10, 2)
        assert RedisIntake(loaded).position(feed.name)
        loaded.delete(keys.POSITIONS)
