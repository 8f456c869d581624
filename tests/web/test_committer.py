"""Group commit by itself: turns between feeds, full frames, and what happens when too much waits."""

import threading

import pytest

from warroom.domain.reports import Wait
from warroom.web import committer as module
from warroom.web.committer import Committer, NotTaken


class SlowIntake:
    """Records frames; each waits until it is let through."""

    def __init__(self):
        self.frames, self.gate, self.entered = [], threading.Semaphore(0), threading.Semaphore(0)

    def put_frame(self, feed, reports, rejects=(), position=None):
        self.entered.release()
        self.gate.acquire()
        self.frames.append((feed, len(reports)))

    def put_trouble(self, feed, trouble):
        pass


@pytest.fixture
def intake():
    return SlowIntake()


@pytest.fixture
def waits(at):
    return [Wait(id=str(n), source="s", at=at(1), received=at(1), site="S1", minutes=n) for n in range(200)]


def test_a_source_that_floods_waits_for_itself(intake, waits):
    committer = Committer(lambda: intake)
    flood = [committer.put("flood", waits, [], [])]
    intake.entered.acquire()  # its first frame is on its way
    flood += [committer.put("flood", waits, [], []) for _ in range(20)]
    calm = committer.put("calm", waits[:1], [], [])
    intake.gate.release(3)
    calm.result(timeout=60)
    assert [feed for feed, _ in intake.frames] in (["flood", "flood", "calm"], ["flood", "calm"])
    intake.gate.release(100)
    for future in flood:
        future.result(timeout=60)


def test_what_waits_together_goes_together_and_never_above_a_thousand(intake, waits):
    committer = Committer(lambda: intake)
    futures = [committer.put("phone", waits[:1], [], [])]
    intake.entered.acquire()
    futures += [committer.put("phone", waits[:1], [], []) for _ in range(2_050)]
    intake.gate.release(10)
    for future in futures:
        future.result(timeout=60)
    assert intake.frames == [("phone", 1), ("phone", 1_000), ("phone", 1_000), ("phone", 50)]


def test_more_than_fits_is_refused_at_once_and_nothing_is_thrown_away(intake, waits, monkeypatch):
    monkeypatch.setattr(module, "MOST_WAITING", 300)
    committer = Committer(lambda: intake)
    first = committer.put("phone", waits, [], [])
    intake.entered.acquire()
    second = committer.put("phone", waits, [], [])
    with pytest.raises(NotTaken, match="send it again"):
        committer.put("phone", waits, [], [])
    intake.gate.release(10)
    first.result(timeout=60)
    second.result(timeout=60)
    assert intake.frames == [("phone", 200), ("phone", 200)]


def test_what_nobody_waits_for_any_more_is_left_out(intake, waits):
    committer = Committer(lambda: intake)
    first = committer.put("phone", waits[:1], [], [])
    intake.entered.acquire()
    gone, last = committer.put("phone", waits[:2], [], []), committer.put("phone", waits[:3], [], [])
    assert gone.cancel()
    intake.gate.release(10)
    first.result(timeout=60)
    last.result(timeout=60)
    assert intake.frames == [("phone", 1), ("phone", 3)]


def test_an_idle_committer_ends_its_thread_and_starts_again(intake, waits, monkeypatch):
    monkeypatch.setattr(module, "IDLE_S", 0.01)
    committer = Committer(lambda: intake)
    intake.gate.release(10)
    for _ in range(2):
        committer.put("phone", waits[:1], [], []).result(timeout=60)
        thread = committer._thread
        if thread is not None:
            thread.join(10)
            assert not thread.is_alive()
    assert len(intake.frames) == 2
