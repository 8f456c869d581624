"""A paused feed reads no further, keeps its place over a restart, and brings everything once it goes on."""

import threading

import pytest

from feeds import _gate
from feeds._frames import Framer
from feeds._gate import Gate
from feeds._parse import Parser
from feeds.registry import open_feed


@pytest.fixture(autouse=True)
def looks_often(monkeypatch):
    monkeypatch.setattr(_gate, "LOOK_S", 0.0)


class Patience(threading.Event):
    """A stop that nobody sets; the first wait for it runs `then`: what happens while the feed is held."""

    def __init__(self, then):
        super().__init__()
        self.then = then
        self.waits = 0

    def wait(self, timeout=None):
        self.waits += 1
        assert self.waits < 100, "the feed never went on"
        self.then()
        return self.is_set()


def url(tmp_path, lines):
    (tmp_path / "reports.jsonl").write_text("".join(lines))
    return f"file://{tmp_path}/reports.jsonl?name=drop"


def iter_reports(intake, line):
    parser = Parser(intake.day(), intake.precinct_ids(), intake.site_ids())
    for n in range(9):
        raw = line(f"r{n}").strip().encode()
        yield parser.line(raw, "f", intake.now())


def test_a_feed_that_is_paused_from_the_start_brings_nothing_and_keeps_no_place(intake, tmp_path, line):
    intake.waiting.add("drop")
    stop = threading.Event()
    stop.set()  # told to stop while it waits
    framer = Framer(intake, "drop", stop)
    assert not framer.put(next(iter_reports(intake, line)))
    assert framer.paused()
    assert intake.frames == [] and intake.positions == {}


def test_what_was_read_before_the_pause_goes_in_and_the_rest_follows_in_order(intake, line):
    framer = Framer(intake, "drop", Patience(lambda: intake.waiting.clear()), now_s=lambda: 0.0)
    first, second, third, *_ = iter_reports(intake, line)
    assert framer.put(first, position=lambda: "1")
    intake.waiting.add("drop")
    seen_when_held = []
    framer._stop.then = lambda: (seen_when_held.append(list(intake.ids)), intake.waiting.clear())
    assert framer.put(second, position=lambda: "2")
    assert seen_when_held == [["r0"]]  # held only after the frame in hand was durable
    assert intake.positions == {"drop": "1"}
    framer.put(third, position=lambda: "3")
    framer.flush()
    assert intake.ids == ["r0", "r1", "r2"] and intake.positions == {"drop": "3"}


def test_a_file_paused_in_the_middle_stops_there_and_a_new_process_waits_too(intake, tmp_path, line):
    address = url(tmp_path, [line(f"r{n}") for n in range(2500)])

    def pause():
        intake.waiting.add("drop")

    intake.on_put = pause
    stop = Patience(lambda: stop.set())  # held: the process is told to end
    open_feed(address).run(intake, stop)
    brought = len(intake.ids)
    assert 0 < brought < 2500
    again = Patience(lambda: again.set())
    open_feed(address).run(intake, again)  # restarted while paused: nothing goes in
    assert len(intake.ids) == brought
    intake.on_put = lambda: None
    intake.waiting.clear()
    open_feed(address).run(intake, threading.Event())
    assert intake.ids == [f"r{n}" for n in range(2500)]


def test_a_store_that_does_not_answer_neither_pauses_nor_frees_a_feed(intake):
    gate = Gate(intake, "drop")
    intake.waiting.add("drop")
    assert gate.paused()

    def away(_feed):
        raise ConnectionError("gone")

    intake.paused = away
    assert gate.paused()


def test_the_store_is_asked_at_most_every_quarter_of_a_second(intake, monkeypatch):
    monkeypatch.setattr(_gate, "LOOK_S", 0.25)
    asked, now = [], [0.0]
    intake.paused = lambda feed: bool(asked.append(feed))
    gate = Gate(intake, "drop", now_s=lambda: now[0])
    for _ in range(100):
        gate.paused()
        now[0] += 0.01
    assert len(asked) == 4


def test_a_feed_that_must_talk_to_its_source_is_told_and_not_held(intake, line):
    intake.waiting.add("kafka")
    framer = Framer(intake, "kafka", threading.Event(), holds=False)
    assert framer.paused()
    assert framer.put(next(iter_reports(intake, line)))  # what it has in hand goes in
    assert framer.flush() and intake.ids == ["r0"]
