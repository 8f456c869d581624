"""Coverage and incidents as JSON tables for the pages. Ids and counts only: no name of a person. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from anomaly.coverage import Coverage, SiteCoverage
from anomaly.incidents import IncidentGroup
from anomaly.presence import Movements, ShiftNow
from warroom.domain.election import ElectionDay
from warroom.domain.incidents import WORDS


def coverage_table(
    coverage: Coverage, names: Mapping[str, str], movements: Movements, day: ElectionDay
) -> dict[str, Any]:
    """What /api/v1/coverage answers; times are epoch ms, sites in order of their gaps."""
    heard = coverage.heard
    return {
        "now_ms": coverage.now_ms,
        "at_ms": max((rows[-1].at_ms for rows in movements.values() if rows), default=None),
        "timezone": day.timezone,
        "opens_ms": round(day.opens_at.timestamp() * 1000),
        "closes_ms": round(day.closes_at.timestamp() * 1000),
        "is_open": coverage.is_open,
        "heard": heard,
        "planned": bool(coverage.shifts),
        "summary": {
            "sites": len(coverage.sites),
            "sites_covered": coverage.covered if heard else None,
            "sites_planned": sum(s.planned_now >= s.need for s in coverage.sites),
            "on_site": coverage.on_site if heard else None,
            "no_shows": coverage.no_shows if heard else None,
            "coming": sum(s.state == "coming" for s in coverage.shifts),
            "shifts": len(coverage.shifts),
            "running": sum(s.shift.start_ms <= coverage.now_ms < s.shift.end_ms for s in coverage.shifts),
        },
        "hours_ms": list(coverage.hours_ms),
        "sites": [_site_row(s, names) for s in coverage.sites],
        "shifts": [_shift_row(s) for s in coverage.shifts],
    }


def _site_row(site: SiteCoverage, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "site": site.site,
        "name": names.get(site.site) or site.site,
        "region": site.region,
        "expected": round(site.ballots),
        "need": site.need,
        "planned": list(site.planned),
        "seen": list(site.seen),
        "promised": site.promised,
        "here": site.here,
        "missing": [{"volunteer": volunteer, "state": state} for volunteer, state in site.missing],
    }


def _shift_row(now: ShiftNow) -> dict[str, Any]:
    shift = now.shift
    return {
        "volunteer": shift.volunteer_id,
        "site": shift.site_id,
        "precinct": shift.precinct_id,
        "role": shift.role,
        "start_ms": shift.start_ms,
        "end_ms": shift.end_ms,
        "state": now.state,
        "since_ms": now.since_ms,
    }


def incident_rows(groups: Iterable[IncidentGroup], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """What /api/v1/incidents answers: newest first, over or not."""
    return [
        {
            "site": g.site,
            "name": names.get(g.site) or g.site,
            "region": g.region,
            "category": g.category,
            "word": WORDS[g.category],
            "reported": list(g.reported),
            "severity": g.severity,
            "worst": g.worst,
            "count": g.count,
            "first_ms": g.first_ms,
            "last_ms": g.last_ms,
            "text": g.text,
            "legal": g.legal,
            "over": g.over,
        }
        for g in groups
    ]
