"""Puts are bounded, and none is lost when the store or the disk refuses."""

import errno
import threading

import pytest

from feeds import _frames
from feeds._frames import PUT_ITEMS, Framer
from feeds._parse import Parser
from feeds._rawlog import RawLog


@pytest.fixture
def report(intake, line):
    raw = line("r1").strip().encode()
    return Parser(intake.day(), intake.precinct_ids(), intake.site_ids()).line(raw, "f:1", intake.now())


@pytest.fixture(autouse=True)
def no_pause_between_retries(monkeypatch):
    monkeypatch.setattr(_frames, "_RETRY_FIRST_S", 0.0)


def test_a_put_holds_at_most_a_thousand_items(intake, report):
    framer = Framer(intake, "f", threading.Event(), now_s=lambda: 0.0)
    for number in range(PUT_ITEMS * 2 + 1):
        assert framer.put(report, position=lambda number=number: str(number))
    assert [len(frame[0]) for frame in intake.frames] == [PUT_ITEMS, PUT_ITEMS]
    assert framer.flush()
    assert [frame[2] for frame in intake.frames] == ["999", "1999", "2000"]


def test_what_is_older_than_ten_milliseconds_goes_with_the_next_item(intake, report):
    ticks = iter([0.0, 0.001, 0.012])
    framer = Framer(intake, "f", threading.Event(), now_s=lambda: next(ticks))
    framer.put(report)
    assert not intake.frames
    framer.put(report)
    assert [len(frame[0]) for frame in intake.frames] == [2]


def test_an_empty_frame_is_never_put(intake):
    assert Framer(intake, "f", threading.Event()).flush()
    assert not intake.frames


def test_a_frame_that_the_store_refuses_is_put_again_and_the_trouble_is_shown(intake, report):
    intake.failures = [ConnectionError("gone"), ConnectionError("gone")]
    framer = Framer(intake, "f", threading.Event())
    framer.put(report, position=lambda: "7")
    assert framer.flush()
    assert intake.ids == ["r1"] and intake.positions == {"f": "7"}
    assert "store" in intake.troubles[0] and intake.troubles[-1] == "" and len(intake.troubles) == 2


def test_stop_ends_the_retries_and_leaves_the_position(intake, report):
    intake.failures = [ConnectionError("gone")] * 3
    stop = threading.Event()
    stop.set()
    framer = Framer(intake, "f", stop)
    framer.put(report, position=lambda: "7")
    assert not framer.flush()
    assert intake.positions == {}


def test_a_full_disk_holds_the_frame_and_its_position_until_there_is_space(intake, report, tmp_path, monkeypatch):
    rawlog, calls = RawLog(tmp_path, "f"), []

    def full_at_first(_lines):
        calls.append(None)
        if len(calls) < 3:
            assert not intake.frames
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(rawlog, "append", full_at_first)
    framer = Framer(intake, "f", threading.Event(), rawlog)
    framer.put(report, raw=b"line", position=lambda: "7")
    assert framer.flush()
    assert intake.ids == ["r1"] and intake.positions == {"f": "7"}
    assert "disk space" in intake.troubles[0] and intake.troubles[-1] == ""


def test_raw_lines_are_written_once_though_the_store_refused_the_frame(intake, report, tmp_path):
    intake.failures = [ConnectionError("gone")]
    framer = Framer(intake, "f", threading.Event(), RawLog(tmp_path, "f"))
    framer.put(report, raw=b"line")
    framer.flush()
    assert next(tmp_path.glob("*.raw")).read_bytes() == b"line\n"
