"""Alerts from events: opened, told again, closed, taken up after a restart."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from anomaly.events import EventAlerts, WantedAlert

NOON = datetime(2026, 11, 3, 17, tzinfo=UTC)
WISH = WantedAlert("long_wait", "S1", "medium", "45 min in line", "45", site="S1", voters_at_risk=2.6)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def test_an_alert_opens_once_and_closes_when_nothing_asks_for_it():
    alerts = EventAlerts()
    [opened] = alerts.step([WISH], at(0))
    assert (opened.action, opened.alert.id, opened.alert.shortfall) == ("open", "long_wait:S1:1", 2.6)
    assert alerts.step([WISH], at(1)) == []
    [closed] = alerts.step([], at(2))
    assert (closed.action, closed.alert.status, closed.alert.closed_at) == ("close", "closed", at(2))
    assert not alerts.open


def test_trouble_that_returns_is_a_new_alert():
    alerts = EventAlerts()
    alerts.step([WISH], at(0))
    alerts.step([], at(1))
    [again] = alerts.step([WISH], at(2))
    assert again.alert.id == "long_wait:S1:2"


def test_new_evidence_or_severity_is_told_and_a_wandering_estimate_is_not():
    alerts = EventAlerts()
    alerts.step([WISH], at(0))
    assert alerts.step([replace(WISH, reason="about 3 rather than 2")], at(1)) == []
    [worse] = alerts.step([replace(WISH, severity="high", evidence="75")], at(2))
    assert (worse.action, worse.alert.severity, worse.alert.raised_at) == ("update", "high", at(0))


def test_after_a_restart_open_alerts_stay_open_with_their_number():
    before = EventAlerts()
    before.step([WISH], at(0))
    gone = [c.alert for c in before.step([], at(1))]
    changes = before.step([replace(WISH, place="S1:machine", kind="incident"), WISH], at(2))
    after = EventAlerts()
    after.adopt([*gone, *(c.alert for c in changes)])
    assert {a.id for a in after.open.values()} == {"incident:S1:machine:1", "long_wait:S1:2"}
    again = [replace(WISH, place="S1:machine", kind="incident"), WISH]
    assert after.step(again, at(3)) == []  # nothing is told twice
    after.step([], at(4))
    [third] = after.step([WISH], at(5))
    assert third.alert.id == "long_wait:S1:3"


def test_alerts_of_other_kinds_are_left_alone():
    turnout = EventAlerts()
    [opened] = turnout.step([replace(WISH, kind="low_turnout")], at(0))
    after = EventAlerts()
    after.adopt([opened.alert])
    assert not after.open
