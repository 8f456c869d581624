"""Token buckets: a minute's worth at once, then the rate; one sender never costs another."""

from warroom.web import buckets as module
from warroom.web.buckets import Buckets


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_minutes_worth_at_once_then_the_rate():
    clock = Clock()
    buckets = Buckets(clock)
    assert buckets.take("a", 60, 60) == 0
    assert buckets.take("a", 60, 30) == 30
    clock.now += 29
    assert buckets.take("a", 60, 30) == 1
    clock.now += 1
    assert buckets.take("a", 60, 30) == 0
    assert buckets.take("b", 60, 60) == 0


def test_more_than_a_bucket_waits_for_a_full_one_only():
    clock = Clock()
    buckets = Buckets(clock)
    assert buckets.take("a", 60, 1_000) == 0
    assert buckets.take("a", 60, 1_000) == 60
    clock.now += 60
    assert buckets.take("a", 60, 1_000) == 0


def test_a_question_takes_nothing():
    buckets = Buckets(Clock())
    assert [buckets.take("a", 60, 0) for _ in range(100)] == [0] * 100
    assert buckets.take("a", 60, 60) == 0
    assert buckets.take("a", 60, 0) == 1


def test_many_senders_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(module, "MOST_SENDERS", 5)
    buckets = Buckets(Clock())
    for n in range(50):
        buckets.take(str(n), 60, 1)
    assert len(buckets._levels) == 5
