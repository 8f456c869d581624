"""Every feed's reports are accounted for, and over all feeds they add up to the totals of the day."""

import pytest

from feeds._faults import Refusal
from feeds._parse import reject
from warroom.domain.reports import Checkins, Correction
from warroom.store import keys
from warroom.store.feeds import FeedStore
from warroom.store.intake import RedisIntake
from warroom.store.state import StateReader
from warroom.tally.worker import TallyWorker


def count(n, value, at, **more):
    told = {"id": f"r{n}", "source": "w", "at": at(10 * n), "received": at(10 * n + 1), "precinct": "P1"}
    return Checkins(**{**told, "count": value, **more})


@pytest.fixture
def put(loaded):
    intake, worker = RedisIntake(loaded), TallyWorker(loaded, 0, "t")

    def do(feed, reports, rejects=()):
        intake.put_frame(feed, reports, rejects)
        while worker.step():
            pass
        return StateReader(loaded).by_feed()

    return do


def add_up(loaded):
    feeds, totals = StateReader(loaded).by_feed().values(), StateReader(loaded).totals()
    for name in ("received", "accepted", "suspect", "rejected", "repeated"):
        assert sum(getattr(feed, name) for feed in feeds) == getattr(totals, name), name


def test_accepted_suspect_repeated_and_rejected_by_reason_are_counted_where_they_came_in(loaded, put, at):
    bad = [reject(f"line {n}".encode(), Refusal(why, "", ""), f"f:{n}", at(5)) for n, why in enumerate("aab")]
    put("one", [count(1, 10, at), count(2, 20, at), count(3, 900, at)], bad)
    told = put("two", [count(1, 10, at), count(4, 30, at)], bad[:1])
    assert (told["one"].accepted, told["one"].suspect) == (2, 1)
    assert told["one"].reasons == {"a": 2, "b": 1}
    assert (told["two"].accepted, told["two"].repeated, told["two"].rejected) == (1, 2, 0)
    add_up(loaded)


def test_an_id_used_twice_is_a_reject_of_the_feed_that_brought_it_and_never_counts_twice(loaded, put, at):
    put("one", [count(1, 10, at)])
    put("two", [count(1, 11, at, received=at(12))])
    told = put("two", [count(1, 11, at, received=at(12))])
    assert told["two"].reasons == {"id_reused": 1} and told["two"].repeated == 1
    put("three", [count(1, 12, at, received=at(2))])  # arrived first: now the others are the reused ones
    add_up(loaded)


def test_corrections_and_later_judgements_keep_the_sums(loaded, put, at):
    put("one", [count(1, 10, at), count(2, 400, at)])
    put("two", [count(3, 20, at), count(4, 25, at)])
    fix = Correction(id="c", source="w", at=at(60), received=at(60), corrects="r2", count=15)
    put("three", [fix, fix])
    add_up(loaded)


def test_a_reject_is_known_by_the_feed_that_brought_it_first(loaded, put, at):
    bad = reject(b"nonsense", Refusal("not_json", "", ""), "f:1", at(5))
    put("one", [], [bad])
    put("two", [], [bad])
    assert FeedStore(loaded).origins([keys.Shard(0)]) == {bad.digest: "one"}
