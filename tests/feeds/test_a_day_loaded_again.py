"""A precinct is added at noon: feeds that have run since the morning take its reports, without a restart."""

import json
import threading
from datetime import timedelta

import pytest
import redis
from early_files import nc, put, table

from feeds._drop.how import How
from feeds.drop import DropFeed
from feeds.file import FileFeed
from warroom.store import intake, keys
from warroom.store.day import DayClock, put_day
from warroom.store.intake import RedisIntake
from warroom.store.state import StateReader
from warroom.tally.worker import TallyWorker

NEW = keys.precinct_unit("P9")


@pytest.fixture
def counts(loaded):
    """{unit: count} once the tally has folded all there is."""
    worker = TallyWorker(loaded, 0, "t")

    def read():
        while worker.step():
            pass
        return {unit: state.count for unit, state in StateReader(loaded).units().items()}

    return read


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(intake, "FOLLOW_S", 0.0)


def test_a_followed_file_takes_the_new_precincts_reports(loaded, larger_day, counts, tmp_path, scripted, append):
    path = tmp_path / "reports.jsonl"

    def report(n):
        at = f"2025-06-24T09:0{n}:00-04:00"
        row = {"id": f"r{n}", "kind": "checkins", "precinct": "P9", "at": at, "count": n, "source": "w"}
        append(path, json.dumps(row) + "\n")

    report(1)
    wait = scripted(lambda: put_day(loaded, larger_day), lambda: report(2))
    FileFeed(path, name="f", follow=True, wait=wait).run(RedisIntake(loaded), threading.Event())
    assert counts() == {NEW: 2}
    assert StateReader(loaded).totals().rejected == 1  # what came before the day knew the precinct: to be replayed


def test_a_dropped_file_of_early_votes_is_counted_anew_with_the_new_precinct(
    loaded, larger_day, counts, tmp_path, tuesday
):
    DayClock(loaded).set(tuesday.opens_at, 1.0)
    put(tmp_path / "absentee.csv", table([nc("A", "P1"), nc("B", "P9")]), tuesday.opens_at - timedelta(days=1))
    stop, seen, clock = threading.Event(), [], iter(range(0, 1000, 10))

    def changes(_folder, _stop, _polling):
        for step in (lambda: None, lambda: None, lambda: put_day(loaded, larger_day), lambda: None):
            step()
            yield None
            seen.append(counts())
        stop.set()

    feed = DropFeed(tmp_path, name="drop", how=How(settle_s=2.0), changes=changes, now_s=lambda: next(clock))
    feed.run(RedisIntake(loaded), stop)
    old, new = keys.early_unit("P1", "in_person"), keys.early_unit("P9", "in_person")
    assert (seen[1], seen[-1]) == ({old: 1}, {old: 1, new: 1})


def test_a_store_that_is_away_or_was_emptied_leaves_the_roster_as_it_was(loaded, monkeypatch):
    held = RedisIntake(loaded)
    before = held.loaded(), held.precinct_ids()

    def away(_key):
        raise redis.ConnectionError("planted")

    loaded.flushdb()
    assert (held.loaded(), held.precinct_ids()) == before
    monkeypatch.setattr(loaded, "get", away)
    assert (held.loaded(), held.precinct_ids()) == before
