"""Lines: thresholds with two edges, reports that grow old, and the voters that may be lost."""

import pytest

from anomaly.waits import SiteWait, WaitSettings, at_risk, figures, wait_alerts

MINUTE = 60_000
NOW = 1_000 * MINUTE
SETTINGS = WaitSettings()
NONE = frozenset()


def line(minutes: int, age: int = 0, site: str = "S1", arrivals: float = 100) -> SiteWait:
    return SiteWait(site=site, minutes=minutes, at_ms=NOW - age * MINUTE, arrivals=arrivals)


def raised(waits, is_open=NONE):
    return {w.place: w.severity for w in wait_alerts(waits, NOW, is_open, {}, SETTINGS)}


@pytest.mark.parametrize(("minutes", "severity"), [(31, "medium"), (60, "medium"), (61, "high"), (240, "high")])
def test_a_line_over_half_an_hour_raises_an_alert(minutes, severity):
    assert raised([line(minutes)]) == {"S1": severity}


@pytest.mark.parametrize("minutes", [0, 20, 30])
def test_half_an_hour_or_less_does_not(minutes):
    assert raised([line(minutes)]) == {}


def test_an_open_alert_ends_only_below_twenty_minutes():
    assert raised([line(25)], frozenset({"S1"})) == {"S1": "low"}
    assert raised([line(20)], frozenset({"S1"})) == {"S1": "low"}
    assert raised([line(19)], frozenset({"S1"})) == {}


def test_a_report_older_than_an_hour_says_nothing_of_now():
    assert raised([line(90, age=60)]) == {"S1": "high"}
    assert raised([line(90, age=61)], frozenset({"S1"})) == {}
    assert figures([line(90, age=61)], NOW, SETTINGS).sites == 0


def test_voters_at_risk_grow_with_the_wait_and_carry_an_interval():
    low, middle, high = at_risk(60, 200)
    assert (low, middle, high) == pytest.approx((2.0, 8.0, 16.0))
    assert at_risk(120, 200)[1] == pytest.approx(2 * middle)
    assert at_risk(10_000, 200) == (100.0, 100.0, 100.0)  # the straight line ends somewhere
    assert at_risk(60, 0) == (0.0, 0.0, 0.0)


def test_the_reason_names_the_interval_and_what_helps():
    [alert] = wait_alerts([line(75)], NOW, NONE, {NOW: "11:40"}, SETTINGS)
    assert "75 min in line at 11:40" in alert.reason
    assert "5 (1 to 10) of the next hour's 100" in alert.reason
    assert "board of elections" in alert.reason
    [short] = wait_alerts([line(40)], NOW, NONE, {}, SETTINGS)
    assert "line-warmers" in short.reason
    assert "board of elections" not in short.reason


def test_after_the_close_nobody_else_comes_and_no_loss_is_claimed():
    [alert] = wait_alerts([line(75, arrivals=0)], NOW, NONE, {}, SETTINGS)
    assert "may leave" not in alert.reason
    assert alert.voters_at_risk == 0


def test_the_headline_names_the_worst_line():
    found = figures([line(31), line(70, site="S2"), line(10, site="S3"), line(99, 90, "S4")], NOW, SETTINGS)
    assert (found.over, found.sites, found.worst_minutes, found.worst_site) == (2, 3, 70, "S2")
    assert figures([], NOW, SETTINGS).worst_site is None
