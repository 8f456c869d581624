"""Each guard keeps a message back for its own reason."""

from datetime import UTC, datetime, time

import pytest

from warroom.texting.guards import WORDS, Guard, Recipient, hour_comes_ms, latest_ms, person_guard
from warroom.texting.rules import Limits

LIMITS = Limits()
CLOSES_MS = round(datetime(2026, 11, 4, 1, 0, tzinfo=UTC).timestamp() * 1000)  # 20:00 in New York
HOUR_MS = 3_600_000
NOON_MS = CLOSES_MS - 8 * HOUR_MS
TEXTS = {"en": "vote"}


def guard(now_ms=NOON_MS, recovered=(), texts=TEXTS, site_stopped=(), **person):
    return person_guard(
        Recipient(**({"precinct": "p1", "timezone": "America/New_York"} | person)), now_ms, CLOSES_MS, LIMITS, texts,
        recovered, "America/New_York", site_stopped,
    )  # fmt: skip


def test_a_message_in_time_to_somebody_who_wants_it_goes():
    assert guard() is None


@pytest.mark.parametrize(
    ("why", "given"),
    [
        ("opted_out", {"opted_out": True}),
        ("held_out", {"held_out": True}),
        ("cap", {"texts_had": 1}),
        ("recovered", {"recovered": ("p1",)}),
        ("site_stopped", {"site_stopped": ("p1",)}),
        ("no_text", {"texts": {"es": "vota"}}),
        ("cannot_arrive", {"now_ms": CLOSES_MS - 59 * 60_000}),
        ("quiet_hours", {"timezone": "Asia/Tokyo"}),  # noon in New York is two at night there
        ("quiet_hours", {"timezone": "Mars/Olympus"}),
    ],
)
def test_each_guard_has_its_case(why, given):
    assert guard(**given) == why
    assert WORDS[why]


def test_the_hours_are_those_of_the_recipient():
    eight_in_new_york = NOON_MS - 4 * 3_600_000
    assert guard(now_ms=eight_in_new_york) is None
    assert guard(now_ms=eight_in_new_york - 1) == "quiet_hours"
    assert guard(now_ms=eight_in_new_york, timezone="America/Los_Angeles") == "quiet_hours"


def test_the_hour_that_is_waited_for_is_the_readers_and_comes_in_time_to_vote():
    def comes(now_ms, zone="America/New_York"):
        return hour_comes_ms(now_ms, zone, CLOSES_MS, LIMITS)

    eight = NOON_MS - 4 * HOUR_MS
    assert comes(eight - 10 * 60_000) == eight and comes(eight) == eight
    assert comes(eight, "America/Los_Angeles") == eight + 3 * HOUR_MS
    assert comes(NOON_MS, "Asia/Tokyo") == NOON_MS + 6 * HOUR_MS  # eight in the morning there is six in the evening
    assert comes(NOON_MS + HOUR_MS, "Asia/Kolkata") is None and comes(eight, "Mars/Olympus") is None
    assert comes(eight - 10 * HOUR_MS) == eight  # from the evening before, over midnight


def test_an_unknown_zone_is_that_of_the_election():
    assert guard(timezone="") is None


def test_a_slow_sender_must_begin_earlier():
    limits = Limits(messages_per_second=4, minutes_to_vote=60)
    assert latest_ms(CLOSES_MS, 0, limits) == CLOSES_MS - 3_600_000
    assert latest_ms(CLOSES_MS, 2_400, limits) == CLOSES_MS - 3_600_000 - 600_000


def test_every_guard_has_words_and_the_hours_are_the_laws():
    assert set(WORDS) == set(Guard.__args__)
    assert (LIMITS.quiet_until, LIMITS.quiet_from) == (time(8), time(21))
