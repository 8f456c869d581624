"""Dropped files through the real intake and the real tally, to the counts that the board shows."""

import threading
from datetime import timedelta

import pytest
from early_files import nc, put, table

from feeds.registry import open_feed
from warroom.store import keys
from warroom.store.day import DayClock
from warroom.store.intake import RedisIntake
from warroom.store.state import StateReader
from warroom.tally.worker import TallyWorker

IN_PERSON = keys.early_unit("P1", "in_person")


@pytest.fixture
def drop(loaded, tmp_path, tuesday, monkeypatch):
    """drop(name, content, days_before) puts a file into the folder and lets the product take it: {unit: count}."""
    worker = TallyWorker(loaded, 0, "t")
    DayClock(loaded).set(tuesday.opens_at, 1.0)

    def do(name=None, content=b"", days_before=1):
        if name:
            put(tmp_path / name, content, tuesday.opens_at - timedelta(days=days_before))
        feed = open_feed(f"drop://{tmp_path}?once=1", {"name": "drop"})
        feed.run(RedisIntake(loaded), threading.Event())
        while worker.step():
            pass
        return {unit: state.count for unit, state in StateReader(loaded).units().items()}

    return do


def voters(count, precinct="P1"):
    return [nc(f"AA{i}", precinct, ballot_rtn_dt="") for i in range(count)]


def test_a_file_a_day_counts_up_and_the_last_says_what_counts(drop):
    assert drop("absentee_20250621.csv", table(voters(5)), 3) == {IN_PERSON: 5}
    assert drop("absentee_20250622.csv", table(voters(9)), 2) == {IN_PERSON: 9}


def test_the_same_folder_three_times_gives_the_same_state_byte_for_byte(drop, loaded):
    drop("absentee_20250621.csv", table([*voters(5), nc("ZZ", "nowhere")]), 3)
    drop("absentee_20250622.csv", table(voters(9)), 2)
    first = StateReader(loaded).fingerprint()
    for _ in range(2):
        loaded.delete(keys.POSITIONS)
        drop()
    assert StateReader(loaded).fingerprint() == first


def test_a_lower_count_that_a_person_accepted_moves_the_board_down(drop, tmp_path):
    drop("absentee_20250621.csv", table(voters(5)), 4)
    drop("absentee_20250622.csv", table(voters(9)), 3)
    assert drop("absentee_20250623.csv", table(voters(4)), 2) == {IN_PERSON: 9}
    (tmp_path / "absentee_20250623.csv.accept").touch()
    assert drop() == {IN_PERSON: 4}
    assert drop("absentee_20250624.csv", table(voters(6)), 1) == {IN_PERSON: 6}


def test_a_refused_file_is_on_the_board_and_in_the_list(drop, loaded, tmp_path):
    drop("notes.txt", b"call the county\n")
    assert b"notes.txt refused" in loaded.hget(keys.FEED_STATE, "drop")
    assert [reject["reason"] for reject in StateReader(loaded).rejects()] == ["unknown_file"]
