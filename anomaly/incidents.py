"""Incidents: many reports of one trouble are one thing for one person. Pure.

What a reporter wrote may name somebody: it stands in the group, for those who decide, and never in an alert.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from anomaly.events import WantedAlert
from warroom.domain.incidents import RESOLVED, WORDS, Category, category_of, hand_over, resolves
from warroom.domain.phones import mask_numbers
from warroom.domain.reports import Severity

QUIET_MINUTES: dict[Severity, int] = {"high": 180, "medium": 120, "low": 60}  # then it counts as over
MOST_TEXT = 110
_RANK = {"low": 0, "medium": 1, "high": 2}


@dataclass(frozen=True)
class IncidentReport:
    """One report as it came; `site` is the precinct's where only that was named, else the precinct itself."""

    site: str
    reported: str
    severity: Severity
    at_ms: int
    text: str = ""
    region: str = ""


@dataclass(frozen=True)
class IncidentGroup:
    """All reports of one category from one site since it was last resolved. Severity is the newest report's.

    `reported` keeps the reporter's own words; `legal` says why the legal desk must know, '' where it need not.
    `over`: '' while it lasts, "resolved", or "quiet" after a time without a new report.
    """

    site: str
    region: str
    category: Category
    severity: Severity
    worst: Severity
    reported: tuple[str, ...]
    first_ms: int
    last_ms: int
    count: int
    text: str
    legal: str
    over: str


def group(reports: Iterable[IncidentReport], now_ms: int) -> list[IncidentGroup]:
    """Group reports by site and category, in any order given; newest group first."""
    held: dict[tuple[str, Category], list[IncidentReport]] = {}
    ended: dict[tuple[str, Category], int] = {}
    for report in sorted(reports, key=lambda r: (r.at_ms, r.site, r.reported, r.text)):
        over = resolves(report.reported)
        for category in over:
            ended[report.site, category] = report.at_ms
        if not over:
            key = (report.site, category_of(report.reported))
            last = held.get(key, [])
            begins_anew = bool(last) and _is_over(last[-1], ended.get(key), report.at_ms) != ""
            held[key] = [report] if begins_anew else [*last, report]
    groups = [_group(key, rows, ended.get(key), now_ms) for key, rows in held.items()]
    return sorted(groups, key=lambda g: (-g.last_ms, g.site, g.category))


def incident_alerts(groups: Iterable[IncidentGroup], clock: Callable[[int], str]) -> list[WantedAlert]:
    """One alert for each trouble that lasts; `clock` writes epoch ms as the day's HH:MM."""
    return [_alert(g, clock) for g in groups if not g.over]


def _group(key: tuple[str, Category], rows: list[IncidentReport], ended_ms: int | None, now_ms: int) -> IncidentGroup:
    newest, (site, category) = rows[-1], key
    worst = max((r.severity for r in rows), key=lambda s: _RANK[s])
    return IncidentGroup(
        site=site,
        region=newest.region,
        category=category,
        severity=newest.severity,
        worst=worst,
        reported=tuple(dict.fromkeys(r.reported for r in rows)),
        first_ms=rows[0].at_ms,
        last_ms=newest.at_ms,
        count=len(rows),
        text=_tidy(newest.text),
        legal=hand_over(category, worst),
        over=_is_over(newest, ended_ms, now_ms),
    )


def _is_over(newest: IncidentReport, ended_ms: int | None, now_ms: int) -> str:
    if ended_ms is not None and ended_ms >= newest.at_ms:
        return RESOLVED
    return "quiet" if now_ms - newest.at_ms > QUIET_MINUTES[newest.severity] * 60_000 else ""


def _tidy(text: str) -> str:
    """Shortened, without what may be a telephone number."""
    masked = mask_numbers(" ".join(text.split()))
    return masked if len(masked) <= MOST_TEXT else masked[: MOST_TEXT - 1].rstrip() + "…"


def _alert(group: IncidentGroup, clock: Callable[[int], str]) -> WantedAlert:
    last = clock(group.last_ms)
    told = f"{group.count} reports, the last at {last}" if group.count > 1 else f"reported at {last}"
    legal = f" For the legal desk: {group.legal}." if group.legal else ""
    return WantedAlert(
        kind="incident",
        place=f"{group.site}:{group.category}",
        severity=group.severity,
        reason=f"{WORDS[group.category]}, {group.severity}: {told}.{legal}",
        evidence=f"{group.count} {group.last_ms}",
        site=group.site,
        region=group.region,
    )
