"""Alarm discipline: the load is measured, and a flood is grouped by its likely cause."""

from datetime import UTC, datetime, timedelta

from warroom.domain.alarms import groups, scorecard
from warroom.domain.alerts import Alert

NOON = datetime(2025, 6, 24, 12, tzinfo=UTC)
NOON_MS = round(NOON.timestamp() * 1000)


def alert(number: int, minutes_ago: float = 5, **more) -> Alert:
    raised = NOON - timedelta(minutes=minutes_ago)
    told = {"kind": "low_turnout", "severity": "low", "region": "North", **more}
    return Alert(id=f"a{number}", raised_at=raised, updated_at=raised, reason="short", **told)


def test_the_load_is_counted_by_person_and_window():
    raised = [alert(n, minutes_ago=m) for n, m in enumerate([1, 9, 11, 59, 61, 300])]
    card = scorecard(raised, raised, 2, NOON_MS)
    assert (card.new_10_min, card.new_hour, card.per_person_hour) == (2, 4, 2.0)
    assert card.standing == ["a5"]
    assert not card.flood


def test_more_than_ten_in_ten_minutes_is_a_flood():
    assert not scorecard([alert(n) for n in range(10)], [], 1, NOON_MS).flood
    assert scorecard([alert(n) for n in range(11)], [], 1, NOON_MS).flood


def test_priorities_are_compared_with_their_aim():
    raised = [alert(0, severity="high"), alert(1, severity="medium"), alert(2), alert(3)]
    card = scorecard(raised, [], 1, NOON_MS)
    assert card.shares == {"high": 0.25, "medium": 0.25, "low": 0.5}
    assert card.targets == {"high": 0.05, "medium": 0.15, "low": 0.80}
    assert scorecard([], [], 0, NOON_MS).people == 1


def test_a_flood_is_grouped_by_site_then_by_region_and_kind():
    found = groups([
        alert(0, site="S1"), alert(1, site="S2", kind="silent"), alert(2, site="S1", kind="stoppage", severity="high"),
        alert(3, site="S3", kind="silent"), alert(4, region="South"), alert(5, region="South"),
        alert(6, site="S5", kind="silent"),
    ])  # fmt: skip
    assert [(g.site, g.kind, g.severity, g.ids) for g in found] == [
        ("S1", "", "high", ["a0", "a2"]),
        (None, "silent", "low", ["a1", "a3", "a6"]),
    ]
