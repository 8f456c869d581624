"""A feed is silent when it is silent for longer than its own ways allow, and only then."""

import random

import pytest

from anomaly.feedsilence import GAPS_KEPT, MINUTE_MS, hear, is_silent, limit_of, severity, shares, silence_alert
from warroom.domain.feeds import named
from warroom.store.feeds import Pulse

DAY_MS = 15 * 60 * MINUTE_MS
HOUR = 60 * MINUTE_MS


def told(gaps, start_ms=1_000_000):
    """A pulse after frames with these gaps (ms) between them, limits learned on the way."""
    pulse, at_ms = Pulse(minute=0, counts=[0]), start_ms
    hear(pulse, at_ms, True)
    for gap in gaps:
        at_ms += gap
        hear(pulse, at_ms, True)
        pulse.limit_ms = limit_of(pulse.gaps_ms, pulse.steady_ms, DAY_MS)
    return pulse


def test_a_stream_that_never_pauses_is_silent_after_a_minute():
    assert told([2_000] * 1_800).limit_ms == MINUTE_MS


def test_a_file_every_hour_is_silent_when_it_misses_its_turn_twice():
    assert told([HOUR] * 5).limit_ms == 2 * HOUR


def test_a_file_every_hour_in_many_frames_has_gaps_of_an_hour():
    assert told([100, 100, 100, HOUR] * 6).gaps_ms == [HOUR] * 6


def test_two_feeds_of_other_ways_have_other_limits():
    rng = random.Random(7)
    often = told([round(rng.expovariate(1 / 40_000)) for _ in range(200)]).limit_ms
    seldom = told([round(rng.expovariate(1 / 600_000)) for _ in range(40)]).limit_ms
    assert often < 20 * MINUTE_MS < seldom


@pytest.mark.parametrize(("mean_ms", "days"), [(20_000, 40), (120_000, 200), (900_000, 400)])
def test_a_healthy_feed_of_people_is_hardly_ever_called_silent(mean_ms, days):
    """Days of memoryless arrivals: one wrong day in twenty is promised, and three deviations more are chance."""
    wrong = 0
    for seed in range(days):
        rng, at_ms, pulse = random.Random(seed), 1_000_000, Pulse(minute=0, counts=[0])
        ends_ms, called = at_ms + DAY_MS, False
        while at_ms < ends_ms:
            hear(pulse, at_ms, True)
            pulse.limit_ms = limit_of(pulse.gaps_ms, pulse.steady_ms, DAY_MS)
            at_ms += max(1, round(rng.expovariate(1 / mean_ms)))
            called |= is_silent(pulse, at_ms)
        wrong += called
    assert wrong <= days / 20 + 3 * (days / 20) ** 0.5


def test_what_is_not_known_yet_is_given_an_hour_and_a_half():
    fresh = told([3_000])
    assert not is_silent(fresh, fresh.seen_ms + 89 * MINUTE_MS)
    assert is_silent(fresh, fresh.seen_ms + 90 * MINUTE_MS)
    assert not is_silent(Pulse(minute=0, counts=[0]), 10**13)  # never heard: awaited, not silent


def test_a_pause_and_our_own_absence_teach_nothing():
    pulse = told([60_000] * 8)
    before = list(pulse.gaps_ms)
    hear(pulse, pulse.seen_ms + 5 * HOUR, watched=False)
    assert pulse.gaps_ms == before and pulse.steady_ms == 0


def test_an_outage_does_not_make_the_next_one_last_longer_unnoticed():
    pulse = told([60_000] * 12)
    assert pulse.limit_ms == 2 * MINUTE_MS
    hear(pulse, pulse.seen_ms + 3 * HOUR, watched=True)
    assert max(pulse.gaps_ms) == 2 * MINUTE_MS
    assert limit_of(pulse.gaps_ms, pulse.steady_ms, DAY_MS) <= 4 * MINUTE_MS


def test_memory_is_bounded_and_an_old_frame_changes_nothing():
    pulse = told([60_000] * 500)
    assert len(pulse.gaps_ms) == GAPS_KEPT
    seen_ms = pulse.seen_ms
    hear(pulse, seen_ms - 5, True)
    assert pulse.seen_ms == seen_ms


def test_severity_is_what_the_room_loses_with_it():
    pulses = {"main": Pulse(minute=9, counts=[800, 50]), "small": Pulse(minute=9, counts=[100, 50])}
    found = shares(pulses, {})
    assert found == {"main": 0.85, "small": 0.15}
    assert [severity(found[f]) for f in found] == ["high", "medium"]
    quiet = {feed: Pulse(minute=9, counts=[0]) for feed in pulses}
    assert shares(quiet, {"main": 3, "small": 1}) == {"main": 0.75, "small": 0.25}
    assert shares(quiet, {}) == {"main": 0.0, "small": 0.0}


def test_the_alert_says_which_feed_since_when_what_is_usual_and_what_the_feed_says():
    pulse = told([60_000] * 12)
    wanted = silence_alert("file:/srv/drop/watchers.jsonl", pulse, 0.8, "14:05", "disk full")
    assert (wanted.kind, wanted.severity, wanted.site, wanted.precinct) == ("silent", "high", None, None)
    assert wanted.reason == (
        "No report by watchers.jsonl since 14:05: it is seldom quiet for more than 2 min; it brought 80 % of the "
        "reports of its last hour. It says: disk full"
    )
    assert "/srv" not in wanted.reason


@pytest.mark.parametrize(
    ("feed", "name"), [("file:/a/b%20c.csv", "b c.csv"), ("kafka:a@b:1/group", "kafka:a@b:1/group"), ("x:/", "x:/")]
)
def test_a_feed_is_called_by_its_name_without_its_folders(feed, name):
    assert named(feed) == name
