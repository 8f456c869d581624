"""Minutes of voting and the clock on the wall, on a day on which the clocks change."""

from datetime import UTC, date, datetime, time

import pytest

from anomaly.explain import clock
from warroom.domain.election import ElectionDay


def day(on, opens, closes):
    return ElectionDay(name="x", date=on, timezone="America/New_York", polls_open=opens, polls_close=closes,
                       type="special")  # fmt: skip


@pytest.mark.parametrize(
    ("on", "minutes_to_noon"), [(date(2026, 11, 1), 780), (date(2026, 3, 8), 660), (date(2026, 11, 3), 720)]
)
def test_a_minute_and_its_moment_are_one_whether_or_not_the_clocks_change(on, minutes_to_noon):
    election = day(on, time(0), time(20))
    noon = datetime.combine(on, time(12), election.tz)
    assert election.minute_of(noon) == minutes_to_noon
    assert election.moment_of(minutes_to_noon) == noon
    assert clock(election, minutes_to_noon) == "12:00"


def test_the_day_ends_twelve_hours_after_the_close_by_elapsed_time():
    assert day(date(2026, 10, 31), time(6), time(20)).ends_at == datetime(2026, 11, 1, 12, tzinfo=UTC)
