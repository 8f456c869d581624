"""Rejected input is read again from its raw copies: good now counts once, the rest is said, nothing is deleted."""

import json
import threading
from datetime import timedelta

import pytest
from early_files import nc, put, table

from feeds._again import find_raw
from feeds._faults import Refusal
from feeds._mender import Mender
from feeds._parse import reject
from feeds._samples import digest_of
from feeds.registry import open_feed
from warroom.store import keys
from warroom.store.day import DayClock, put_day
from warroom.store.feeds import FeedStore
from warroom.store.intake import RedisIntake
from warroom.store.rejects import RejectList
from warroom.store.state import StateReader
from warroom.tally.worker import TallyWorker


def row(n, **more):
    at = f"2025-06-24T09:{n:02}:00-04:00"
    return {"id": f"r{n}", "kind": "checkins", "precinct": "P1", "at": at, "count": n, "source": "w", **more}


@pytest.fixture
def drop(tmp_path, loaded):
    """A file with two reports of a precinct that the day lacks, and one line that nobody can mend."""
    lines = [json.dumps(r) for r in (row(1), row(2, precinct="P9"), row(3, precinct="P9"))]
    (tmp_path / "reports.jsonl").write_text("\n".join([*lines, "{broken"]) + "\n")
    return f"file://{tmp_path}/reports.jsonl?name=drop"


@pytest.fixture
def run(loaded, tmp_path):
    """Run a feed to its end and let the tally fold what came; gives what replays its rejected."""

    def do(url, raw_dir=tmp_path / "raw"):
        feed = open_feed(url, {"raw_dir": str(raw_dir)} if raw_dir else {})
        feed.run(RedisIntake(loaded), threading.Event())
        fold(loaded)
        listed = RejectList(loaded).may_be_read_again
        return Mender(feed, FeedStore(loaded), listed, lambda: RedisIntake(loaded), raw_dir)

    return do


def fold(loaded):
    worker = TallyWorker(loaded, 0, "t")
    while worker.step():
        pass


def test_after_the_day_is_mended_the_good_count_once_and_are_marked(drop, run, loaded, larger_day):
    mender = run(drop)
    assert StateReader(loaded).totals().rejected == 3
    put_day(loaded, larger_day)
    outcome = mender.mend("Ana", 5)
    assert (outcome.looked, outcome.accepted, outcome.still, outcome.missing) == (3, 2, 1, 0)
    fold(loaded)
    assert StateReader(loaded).units()["p:P9"].count == 3
    rows = {r.where: r for r in RejectList(loaded).rows(10)}
    assert len(rows) == 3  # marked, not deleted
    assert (rows["reports.jsonl:2"].mended.by, rows["reports.jsonl:2"].mended.at_ms) == ("Ana", 5)
    assert rows["reports.jsonl:4"].mended is None
    before = StateReader(loaded).fingerprint()
    assert mender.mend("Ben", 6).looked == 1  # what is mended is not read again
    fold(loaded)
    assert StateReader(loaded).fingerprint() == before


def test_what_has_no_raw_copy_any_more_is_said(drop, run, loaded, larger_day, tmp_path):
    mender = run(drop, raw_dir=None)
    put_day(loaded, larger_day)
    (tmp_path / "reports.jsonl").unlink()
    outcome = mender.mend("Ana", 5)
    assert (outcome.accepted, outcome.missing) == (0, 3)
    assert "send it again" in outcome.note
    assert FeedStore(loaded).outcomes()["drop"] == outcome
    assert FeedStore(loaded).mended() == {}


def test_rows_of_a_table_are_read_with_their_header(run, loaded, larger_day, tmp_path):
    table = "id,kind,precinct,at,count,source\n" + "".join(
        f"r{n},checkins,{place},2025-06-24T09:0{n}:00-04:00,{n},w\n" for n, place in enumerate(("P1", "P9", "P1"), 1)
    )
    (tmp_path / "t.csv").write_text(table)
    mender = run(f"file://{tmp_path}/t.csv?name=table")
    put_day(loaded, larger_day)
    assert mender.mend("Ana", 5).accepted == 1


def test_a_recording_is_its_own_raw_copy(run, loaded, larger_day, tmp_path):
    (tmp_path / "reports.jsonl").write_text(json.dumps(row(2, precinct="P9")) + "\r\n")
    mender = run(f"replay://{tmp_path}?speed=1000000&from=21:00", raw_dir=None)
    put_day(loaded, larger_day)
    assert mender.mend("Ana", 5).accepted == 1


def test_what_a_door_refused_for_its_sender_is_never_let_in_by_a_replay(loaded, run, drop):
    mender = run(drop)
    bad = reject(b"{}", Refusal("wrong_source", "source", ""), "http", RedisIntake(loaded).now())
    RedisIntake(loaded).put_frame("drop", [], [bad])
    fold(loaded)
    assert bad.digest not in RejectList(loaded).may_be_read_again("drop")
    assert mender.mend("Ana", 5).looked == 3


def test_a_wish_is_taken_on_by_one_process_only_and_told_as_a_decision(drop, run, loaded):
    store = FeedStore(loaded)
    mender = run(drop)
    store.ask("drop", "Ana", 7)
    assert store.asked()["drop"].by == "Ana"
    mender.look()
    assert store.asked() == {} and store.outcomes()["drop"].at_ms == 7
    assert store.take_asked("drop") is None
    [(_, told)] = loaded.xrange(keys.DECISIONS)
    assert (told[b"what"], told[b"feed"], told[b"by"]) == (b"replay_rejected", b"drop", b"Ana")


def test_a_wish_never_ends_the_feed_though_the_store_fails(drop, run, loaded):
    mender = run(drop)
    FeedStore(loaded).ask("drop", "Ana", 7)
    mender._open_rejects = lambda feed: 1 / 0
    mender.look()


def test_raw_lines_are_found_in_any_copy_and_a_lost_copy_is_passed_over(tmp_path):
    (tmp_path / "a.raw").write_bytes(b"\xef\xbb\xbfone\r\ntwo\n")
    (tmp_path / "b.raw").write_bytes(b"three")
    copies = [tmp_path / "gone.raw", tmp_path / "a.raw", tmp_path / "b.raw"]
    wanted = [digest_of(raw) for raw in (b"one", b"three", b"four")]
    assert [raw for _, raw in find_raw(copies, wanted)] == [b"one", b"three"]


def test_an_export_is_read_again_whole_and_what_is_no_longer_refused_is_mended(run, loaded, tmp_path):
    spend = tmp_path / "spend.csv"
    spend.write_text("id,time,campaign,amount\na,2025-06-24 09:00,mayor,12\nb,2025-06-24 09:05,mayor,twelve\n")
    mender = run(f"ads://{spend}?name=ads")
    assert mender.mend("Ana", 5).still == 1
    spend.write_text(spend.read_text().replace("twelve", "12"))
    outcome = mender.mend("Ana", 6)
    assert (outcome.accepted, outcome.still, outcome.missing) == (1, 0, 0)
    fold(loaded)
    assert StateReader(loaded).totals().accepted == 2


def test_an_export_that_is_gone_or_has_lost_a_column_mends_nothing(run, loaded, tmp_path):
    spend = tmp_path / "spend.csv"
    spend.write_text("id,time,campaign,amount\nb,2025-06-24 09:05,mayor,twelve\n")
    mender = run(f"ads://{spend}?name=ads")
    spend.write_text("id,time,campaign\nb,2025-06-24 09:05,mayor\n")
    assert (mender.mend("Ana", 5).accepted, FeedStore(loaded).mended()) == (0, {})
    spend.unlink()
    assert mender.mend("Ana", 6).missing == 1


def test_dropped_tables_are_read_again_by_the_mended_mapping_and_a_file_that_is_gone_is_said(loaded, tmp_path):
    drop = tmp_path / "drop"
    drop.mkdir()
    for count, name in enumerate(("one", "two"), 5):
        (drop / f"{name}.csv").write_text(f"ED,In,When\nP1,{count},2025-06-24T09:00:00-04:00\nP2,{name},x\n")
    wrong = {"kind": "checkins", "source": "county", "fields": {"precinct": "ed", "count": "In", "at": "When"}}
    feed = open_feed(f"drop://{drop}?once=1&name=county", {"mapping": wrong})
    feed.run(RedisIntake(loaded), threading.Event())
    fold(loaded)
    listed = RejectList(loaded).may_be_read_again
    assert len(listed("county")) == 4
    (drop / "two.csv").unlink()
    right = {**wrong, "fields": {"precinct": "ED", "count": "In", "at": "When"}}
    mended = open_feed(f"drop://{drop}?once=1&name=county", {"mapping": right})
    outcome = Mender(mended, FeedStore(loaded), listed, lambda: RedisIntake(loaded), None).mend("Ana", 5)
    assert (outcome.accepted, outcome.still, outcome.missing) == (1, 1, 2)


def test_gaps_of_early_vote_files_are_mended_with_the_crosswalk_and_their_ballots_count_once(
    loaded, larger_day, tmp_path, tuesday
):
    drop, clock = tmp_path / "drop", DayClock(loaded)
    clock.set(tuesday.opens_at, 1.0)
    drop.mkdir()
    crosswalk = drop / ".map.csv"
    crosswalk.write_text("precinct,precinct_id\nONE,P1\n")
    for n, day in enumerate((3, 2), 1):
        rows = [nc(f"{i}", place) for i, place in enumerate(("ONE", "TWO", "P9", *["ONE"] * n))]
        put(drop / f"absentee_2025062{n}.csv", table(rows), tuesday.opens_at - timedelta(days=day))
    put(drop / "notes_1.csv", b"name,street\nx,y\n", tuesday.opens_at - timedelta(days=1))
    url, options = f"drop://{drop}?once=1&name=county", {"precincts": str(crosswalk)}
    stop = threading.Event()
    open_feed(url, options).run(RedisIntake(loaded), stop)
    fold(loaded)
    listed = RejectList(loaded).may_be_read_again
    assert sorted(r.reason for r in listed("county").values()) == ["unknown_file", *["unknown_precinct"] * 2]
    crosswalk.write_text("precinct,precinct_id\nONE,P1\nTWO,P2\n")

    def mend():
        mender = Mender(
            open_feed(url, options), FeedStore(loaded), listed, lambda: RedisIntake(loaded), tmp_path / "raw"
        )
        outcome = mender.mend("Ana", 5)
        fold(loaded)
        counts = {unit: state.count for unit, state in StateReader(loaded).units().items()}
        return outcome.accepted, outcome.still, outcome.missing, counts

    p1, p2, p9 = (keys.early_unit(place, "in_person") for place in ("P1", "P2", "P9"))
    assert mend() == (1, 2, 0, {p1: 3, p2: 1})  # the day lacks P9, and nobody can read the notes
    put_day(loaded, larger_day)
    (drop / "notes_1.csv").unlink()
    assert mend() == (1, 0, 1, {p1: 3, p2: 1, p9: 1})
    open_feed(url, options).run(RedisIntake(loaded), stop)  # the feed itself comes to the same
    before = StateReader(loaded).fingerprint()
    open_feed(url, options).run(RedisIntake(loaded), stop)
    fold(loaded)
    assert StateReader(loaded).units()[p1].count == 3 and mend()[1:3] == (0, 1)
    assert StateReader(loaded).fingerprint() == before
