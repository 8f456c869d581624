"""A sender whose clock is wrong is named; one that only sends late now and then is not."""

from datetime import UTC, datetime, timedelta

from warroom.domain.clocks import MOST_SENDERS, ClockWatch
from warroom.domain.reports import Wait

NINE = datetime(2025, 6, 24, 13, tzinfo=UTC)


def reports(*lags_min, source="vendor", every_min=2):
    came = [NINE + timedelta(minutes=every_min * n) for n in range(len(lags_min))]
    return [
        Wait(id=f"{n}", source=source, at=came[n] - timedelta(minutes=lag), received=came[n], site="S1", minutes=5)
        for n, lag in enumerate(lags_min)
    ]


def test_a_clock_that_is_ahead_is_named_after_its_second_report():
    watch = ClockWatch()
    assert watch.note(reports(-60)) == ""
    assert watch.note(reports(-61)) == "the clock of vendor is 61 min ahead: its counts are held as suspect"
    assert "is 61 min ahead" in watch.note(reports(-65))  # the line on the board does not flicker
    assert "is 80 min ahead" in watch.note(reports(-80))


def test_a_clock_that_was_set_right_is_not_named_any_more():
    watch = ClockWatch()
    watch.note(reports(-60, -60))
    assert watch.note(reports(0, 0, 0, 0, 0)) == ""


def test_a_minute_ahead_is_nothing():
    assert ClockWatch().note(reports(*[-1.5] * 20)) == ""


def test_a_sender_always_late_by_the_same_is_named_and_one_of_mixed_lateness_is_not():
    assert "come 60 min after they were observed" in ClockWatch().note(reports(*[60, 63, 61, 60, 62] * 2))
    assert ClockWatch().note(reports(*[60] * 9)) == ""
    assert ClockWatch().note(reports(*[60] * 20, every_min=0)) == ""  # a backlog, sent at once
    assert ClockWatch().note(reports(*[60, 2, 61, 60, 62] * 3)) == ""
    assert ClockWatch().note(reports(*[60, 120, 180] * 4)) == ""
    assert "come 60 min" in ClockWatch().note(reports(*[60] * 3_000, every_min=0.01))  # a busy sender


def test_of_several_the_worst_is_named_and_the_others_counted():
    watch = ClockWatch()
    watch.note(reports(-60, -60, source="a"))
    assert watch.note(reports(-90, -90, source="b")).startswith("the clock of b (and of 1 more) is 90 min ahead")


def test_many_senders_do_not_fill_the_memory():
    watch = ClockWatch()
    for n in range(MOST_SENDERS + 10):
        watch.note(reports(0, source=f"s{n}"))
    assert len(watch._senders) == MOST_SENDERS
