"""The watch and its feeds on a real store: one alert a silent feed, cleared when it speaks, none while it waits."""

import time

import pytest

from anomaly import feedwatch
from anomaly.feedwatch import FeedWatch
from warroom.domain.reports import Checkins
from warroom.store import keys
from warroom.store.day import DayClock
from warroom.store.feeds import FeedStore
from warroom.store.intake import RedisIntake
from warroom.store.ports import DONE
from warroom.store.state import StateReader
from warroom.tally.worker import TallyWorker

MINUTE_MS = 60_000


@pytest.fixture
def now(tuesday):
    return tuesday.opens_at.replace(hour=11)


@pytest.fixture
def wall(monkeypatch):
    """A wall clock that only this test moves: [epoch seconds]."""
    clock = [1_750_000_000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    return clock


@pytest.fixture
def room(loaded, tuesday, at, wall, now):
    class Room:
        store = FeedStore(loaded)
        sent = 0

        def __init__(self):
            self.watch = self.open()

        def open(self):
            found = FeedWatch(loaded, StateReader(loaded), DayClock(loaded), tuesday)
            found.load(getattr(self, "alerts", []))
            return found

        def say(self, feed, count=1):
            Room.sent += 1
            rows = [Checkins(id=f"{feed}{Room.sent}-{n}", source="t", at=at(9), received=at(9), precinct="P1", count=1)
                    for n in range(count)]  # fmt: skip
            RedisIntake(loaded).put_frame(feed, rows)
            worker = TallyWorker(loaded, 0, "t")
            while worker.step():
                pass

        def minutes(self, count, *feeds, every_s=60):
            """Let time pass; these feeds speak. Gives every change of an alert."""
            changes = []
            for n in range(round(count * 60 / 5)):
                wall[0] += 5
                if n * 5 % every_s == 0:
                    for feed in feeds:
                        self.say(feed)
                changes += self.watch.step(now)
            return changes

        def row(self, feed):
            return next(row for row in self.watch.rows() if row["feed"] == feed)

    return Room()


def test_a_feed_that_falls_silent_is_one_alert_that_clears_itself(room):
    assert room.minutes(20, "main", "side") == []
    [change] = room.minutes(10, "side")
    alert = change.alert
    assert (change.action, alert.id, alert.kind, alert.feed) == ("open", "silent:feed main:1", "silent", "main")
    assert alert.precinct is None and alert.site is None
    assert room.row("main")["state"] == "silent" and room.row("side")["state"] != "silent"
    [back] = room.minutes(2, "main", "side")
    assert back.action == "close" and room.watch.open == []


def test_the_feed_that_carried_most_makes_the_room_deaf(room):
    room.say("main", 190)
    room.minutes(20, "main", "side")
    assert not room.watch.is_deaf
    room.minutes(10, "side")
    assert room.watch.is_deaf and room.watch.open[0].severity == "high"


def test_a_paused_feed_and_one_that_has_ended_are_not_silent(room):
    room.minutes(20, "held", "read")
    room.store.pause("held", "Ana", 5)
    room.watch._store._client.hset(keys.FEED_STATE, "read", DONE)
    assert room.minutes(60) == []
    assert (room.row("held")["state"], room.row("held")["paused_by"]) == ("paused", "Ana")
    assert room.row("read")["state"] == DONE
    room.store.resume("held", "Ana", 6)
    room.minutes(1, "held", every_s=5)
    assert room.row("held")["state"] == "live"
    assert max(room.store.pulses()["held"].gaps_ms) <= 2 * MINUTE_MS  # the pause taught nothing


def test_pausing_a_silent_feed_ends_its_alert(room):
    room.minutes(20, "main")
    room.minutes(10)
    room.store.pause("main", "Ana", 5)
    assert [c.action for c in room.minutes(1)] == ["close"]


def test_a_watch_that_is_restarted_keeps_the_alert_the_hour_and_what_it_learned(room, wall):
    room.minutes(20, "main")
    room.minutes(10)
    room.alerts = room.watch.open
    before = room.store.pulses()["main"]
    wall[0] += 400  # nobody watched
    room.watch = room.open()
    assert room.minutes(1) == []
    assert [a.id for a in room.watch.open] == ["silent:feed main:1"]
    after = room.store.pulses()["main"]
    assert after.gaps_ms == before.gaps_ms and sum(after.counts) == sum(before.counts) == 20
    assert [c.action for c in room.minutes(1, "main")] == ["close"]


def test_before_and_after_the_day_nobody_is_woken_for_a_feed(room, now):
    room.minutes(20, "main")
    room.minutes(30)
    assert room.watch.open
    assert [c.action for c in _at(room, now.replace(hour=23))] == ["close"]


def _at(room, moment):
    room.watch._look_due_s = 0.0
    return room.watch.step(moment)


def test_the_last_hour_is_kept_by_minutes_and_no_longer(room):
    room.minutes(90, "main", every_s=30)
    pulse = room.store.pulses()["main"]
    assert len(pulse.counts) == feedwatch.MINUTES_KEPT
    assert set(pulse.counts[1:-1]) == {2}
    assert pulse.per_minute == pytest.approx(2, abs=0.5)


def test_what_is_announced_but_never_spoke_is_awaited_not_silent(room, loaded):
    loaded.hset(keys.FEED_STATE, "new", "")
    room.minutes(1)
    assert room.row("new") == {"feed": "new", "state": "awaited", "trouble": "", "seen_ms": None, "per_minute": 0,
                               "received": 0}  # fmt: skip


def test_trouble_in_words_goes_with_the_alert(room, loaded):
    room.minutes(20, "main")
    loaded.hset(keys.FEED_STATE, "main", "drop.csv cannot be read: it is gone")
    [change] = room.minutes(10)
    assert change.alert.reason.endswith("It says: drop.csv cannot be read: it is gone")
    assert room.row("main")["state"] == "stopped"
