"""A recorded day comes in again in the order of arrival, at the speed of its clock."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from feeds._clock import ReplayClock
from feeds._feed import FeedError
from feeds.replay import ReplayFeed


def moment(text):
    return datetime.fromisoformat(f"2025-06-24T{text}:00-04:00").astimezone(UTC)


class SteppedSeconds:
    """Real seconds that pass only by sleeping."""

    def __init__(self):
        self.now_s = 1_000.0
        self.slept = []

    def sleep(self, _stop, seconds):
        self.slept.append(seconds)
        self.now_s += seconds


@pytest.fixture
def seconds():
    return SteppedSeconds()


@pytest.fixture
def clock(seconds):
    return ReplayClock(moment("09:00"), 1_000.0, 600, now_s=lambda: seconds.now_s, sleep=seconds.sleep)


@pytest.fixture
def folder(tmp_path, line):
    rows = [
        line("late", at="2025-06-24T09:00:00-04:00", received="2025-06-24T10:00:00-04:00"),
        line("early", at="2025-06-24T07:00:00-04:00"),
        line("same-1", at="2025-06-24T09:30:00-04:00"),
        "{broken\n",
        line("same-2", at="2025-06-24T09:30:00-04:00"),
    ]
    (tmp_path / "reports.jsonl").write_text("".join(rows))
    return tmp_path


def test_the_clock_runs_n_times_as_fast_and_waits_in_real_seconds(clock, seconds):
    assert clock.now() == moment("09:00")
    assert clock.wait_until(moment("09:10"), threading.Event())
    assert clock.now() == moment("09:10") and seconds.slept == [1.0]


def test_reports_come_in_the_order_of_arrival_when_the_clock_reaches_them(folder, clock, intake):
    arrived = []
    intake.on_put = lambda: arrived.append(clock.now())
    ReplayFeed(folder, clock, pause_s=0).run(intake, threading.Event())
    assert intake.ids == ["early", "same-1", "same-2", "late"]
    assert [reject.where for reject in intake.rejects] == ["reports.jsonl:4"]
    assert arrived == [moment("09:00"), moment("09:30"), moment("10:00")]


def test_a_refused_line_comes_at_the_time_it_states(folder, clock, intake, line):
    (folder / "reports.jsonl").write_text(line("a", at="2025-06-24T12:00:00-04:00") + line("b", count=None))
    ReplayFeed(folder, clock, pause_s=0).run(intake, threading.Event())
    (reject,) = intake.rejects
    assert reject.received == moment("09:15") and intake.frames[0][1] == [reject]


def test_a_replay_that_runs_again_goes_on_behind_the_last_report(folder, clock, intake):
    stop = threading.Event()
    intake.on_put = stop.set
    ReplayFeed(folder, clock, pause_s=0).run(intake, stop)
    assert intake.ids == ["early"]
    intake.on_put = lambda: None
    ReplayFeed(folder, clock, pause_s=0).run(intake, threading.Event())
    assert intake.ids == ["early", "same-1", "same-2", "late"]


def test_another_recording_is_replayed_from_its_start(folder, clock, intake, line):
    ReplayFeed(folder, clock, pause_s=0).run(intake, threading.Event())
    (folder / "reports.jsonl").write_text(line("other"))
    ReplayFeed(folder, clock, pause_s=0).run(intake, threading.Event())
    assert intake.ids[-1] == "other"


def test_stop_ends_a_wait_of_hours_at_once(folder, intake):
    stop, waiting = threading.Event(), threading.Event()

    def sleep(stop, seconds):
        waiting.set()
        return stop.wait(seconds)

    clock = ReplayClock(moment("06:00"), 0.0, 0.001, now_s=lambda: 0.0, sleep=sleep)  # weeks to the next
    thread = threading.Thread(target=ReplayFeed(folder, clock).run, args=(intake, stop))
    thread.start()
    assert waiting.wait(30)
    stop.set()
    thread.join(30)
    assert not thread.is_alive() and intake.ids == []


def test_a_folder_without_a_recording_is_an_error(tmp_path, clock, intake):
    with pytest.raises(FeedError, match="cannot be replayed"):
        ReplayFeed(tmp_path, clock).run(intake, threading.Event())


def test_the_clock_waits_again_when_a_sleep_ends_early(seconds):
    clock = ReplayClock(moment("09:00"), 1_000.0, 1, lambda: seconds.now_s, lambda _, s: seconds.sleep(_, s / 2 + 1))
    assert clock.wait_until(moment("09:01"), threading.Event())
    assert clock.now() >= moment("09:00") + timedelta(minutes=1) and len(seconds.slept) > 1
