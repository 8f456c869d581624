"""Alarm discipline: how much the room is asked to look at, and how a flood is grouped.

After EEMUA 191 (about one alarm in ten minutes per person is manageable, more than ten in ten
minutes is a flood) and ISA-18.2 (priorities near 5 % high, 15 % medium, 80 % low; standing
alarms are listed). Times are epoch ms of the day's clock.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from warroom.domain.alerts import SEVERITY_RANK, Alert, AlertSeverity

MINUTE_MS = 60_000
FLOOD_WINDOW_MS = 10 * MINUTE_MS
FLOOD_NEW = 10
STANDING_MS = 240 * MINUTE_MS
LEAST_MEMBERS = {"site": 2, "region": 3}  # a line that hides fewer saves nobody anything
TARGET_SHARES: dict[AlertSeverity, float] = {"high": 0.05, "medium": 0.15, "low": 0.80}


class Scorecard(msgspec.Struct, frozen=True, kw_only=True):
    """The room's alarm load. `shares` is {severity: share of today's alerts, 0-1}, empty before the first.

    `people` is how many decided anything lately, at least one; `standing` are ids of open
    alerts older than four hours, oldest first.
    """

    new_10_min: int
    new_hour: int
    people: int
    per_person_10_min: float
    per_person_hour: float
    shares: dict[str, float]
    targets: dict[AlertSeverity, float]
    standing: list[str]
    flood: bool


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts with one likely cause: of one site, else of one region and kind."""

    key: str
    site: str | None
    region: str
    kind: str
    severity: AlertSeverity
    ids: list[str]


def raised_ms(alert: Alert) -> int:
    """When an alert was raised."""
    return round(alert.raised_at.timestamp() * 1000)


def scorecard(raised: Sequence[Alert], still_open: Iterable[Alert], people: int, now_ms: int) -> Scorecard:
    """The load by now. `raised` are all alerts of the day, `still_open` those that ask for action."""
    since = [now_ms - raised_ms(alert) for alert in raised]
    recent = sum(0 <= age <= FLOOD_WINDOW_MS for age in since)
    hour = sum(0 <= age <= 60 * MINUTE_MS for age in since)
    kinds = Counter(alert.severity for alert in raised)
    standing = [a for a in still_open if now_ms - raised_ms(a) > STANDING_MS]
    heads = max(1, people)
    return Scorecard(
        new_10_min=recent,
        new_hour=hour,
        people=heads,
        per_person_10_min=round(recent / heads, 1),
        per_person_hour=round(hour / heads, 1),
        shares={name: round(kinds[name] / len(raised), 3) for name in TARGET_SHARES} if raised else {},
        targets=dict(TARGET_SHARES),
        standing=[a.id for a in sorted(standing, key=raised_ms)],
        flood=recent > FLOOD_NEW,
    )


def groups(alerts: Sequence[Alert]) -> list[Group]:
    """Alerts that belong together, in the order of their first member; single alerts are left out.

    Two or more at one site are one group; of what is left, three or more of one region and kind.
    """
    at_site = Counter(alert.site for alert in alerts if alert.site)
    members: dict[tuple[str, str, str], list[Alert]] = {}
    for alert in alerts:
        shared = alert.site is not None and at_site[alert.site] > 1
        key = ("site", alert.site or "", "") if shared else ("region", alert.region, alert.kind)
        members.setdefault(key, []).append(alert)
    return [_group(key, found) for key, found in members.items() if len(found) >= LEAST_MEMBERS[key[0]]]


def _group(key: tuple[str, str, str], found: Sequence[Alert]) -> Group:
    worst = min((alert.severity for alert in found), key=SEVERITY_RANK.__getitem__)
    kinds = {alert.kind for alert in found}
    return Group(
        key=":".join(key),
        site=key[1] if key[0] == "site" else None,
        region=found[0].region,
        kind=found[0].kind if len(kinds) == 1 else "",
        severity=worst,
        ids=[alert.id for alert in found],
    )
