"""Who was where, and when: `shift` reports against planned shifts. Pure.

`checked_in` and `on_site` count as being there, `en_route` as coming; "left" ends a stay at the place
it names. Nobody is held to be anywhere for longer than `STALE_MINUTES` after their shift.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from warroom.domain.volunteers import PlannedShift, Whereabouts

ShiftState = Literal["ahead", "expected", "coming", "here", "no_show", "left", "over", "unknown"]

HERE = frozenset({"checked_in", "on_site"})
AWAY = frozenset({"left", "no_show"})
STALE_MINUTES = 60
EARLY_MINUTES = 180  # a report this long before a shift begins is about that shift
LATE_MINUTES = 20  # after the start, before somebody counts as not come
MINUTE_MS = 60_000
SEAM_MS = 30 * MINUTE_MS  # between the end of one shift and the start of the next at the same place


@dataclass(frozen=True)
class Stay:
    """A volunteer at a poll site, from `from_ms` up to `to_ms`; `covers` as in `PlannedShift`."""

    volunteer_id: str
    site: str
    from_ms: int
    to_ms: int
    covers: bool


@dataclass(frozen=True)
class ShiftNow:
    """One planned shift and what became of it by now; `since_ms`: the report that says so, or None."""

    shift: PlannedShift
    state: ShiftState
    since_ms: int | None


Movements = Mapping[str, Sequence[Whereabouts]]  # {volunteer: reports by time}


def by_volunteer(reports: Iterable[Whereabouts]) -> dict[str, list[Whereabouts]]:
    """Reports by volunteer and time."""
    found: dict[str, list[Whereabouts]] = defaultdict(list)
    for report in sorted(reports, key=lambda r: (r.at_ms, r.volunteer_id, r.status)):
        found[report.volunteer_id].append(report)
    return dict(found)


def settled(movements: Movements, shifts: Iterable[PlannedShift]) -> dict[str, list[Whereabouts]]:
    """Movements without the "left" that only closes one shift of somebody who stays on for the next one there."""
    planned: dict[tuple[str, str], list[PlannedShift]] = defaultdict(list)
    for shift in shifts:
        planned[shift.volunteer_id, shift.site_id].append(shift)
    seams = {
        who: [a.end_ms for a in mine for b in mine if a is not b and abs(b.start_ms - a.end_ms) <= SEAM_MS]
        for who, mine in planned.items() if len(mine) > 1
    }  # fmt: skip
    return {
        volunteer: [
            r for r in reports
            if r.status != "left" or all(abs(r.at_ms - s) > SEAM_MS for s in seams.get((volunteer, r.site_id), ()))
        ]
        for volunteer, reports in movements.items()
    }  # fmt: skip


def stays(movements: Movements, shifts: Iterable[PlannedShift], now_ms: int, close_ms: int) -> list[Stay]:
    """Every stay at a poll site up to now."""
    planned: dict[str, list[PlannedShift]] = defaultdict(list)
    for shift in shifts:
        planned[shift.volunteer_id].append(shift)
    found = []
    for volunteer_id, reports in movements.items():
        mine = planned.get(volunteer_id, [])
        open_at: Stay | None = None
        for report in reports:
            if report.at_ms > now_ms:
                break
            if open_at is not None and _ends(report, open_at.site):
                found.append(_until(open_at, report.at_ms))
                open_at = None
            if open_at is None and report.status in HERE:
                open_at = _begin(report, mine, close_ms)
        if open_at is not None:
            found.append(_until(open_at, now_ms + 1))
    return [stay for stay in found if stay.to_ms > stay.from_ms]


def shift_states(shifts: Iterable[PlannedShift], movements: Movements, now_ms: int, *, heard: bool) -> list[ShiftNow]:
    """What became of each shift. Where no shift report was `heard` today nobody is called absent: it is unknown."""
    return [_state(shift, movements.get(shift.volunteer_id, ()), now_ms, heard) for shift in shifts]


def _state(shift: PlannedShift, reports: Sequence[Whereabouts], now_ms: int, heard: bool) -> ShiftNow:
    last = _last_about(shift, reports, now_ms)
    status = last.status if last else "scheduled"
    since_ms = last.at_ms if last else None
    if now_ms >= shift.end_ms:
        state: ShiftState = "no_show" if status == "no_show" else "over"
    elif status in HERE:
        state = "here"
    elif status == "en_route":
        state = "coming"
    elif status in AWAY:
        state = "left" if status == "left" else "no_show"
    elif now_ms < shift.start_ms:
        state = "ahead"
    elif not heard:
        state = "unknown"
    else:
        state = "no_show" if now_ms >= shift.start_ms + LATE_MINUTES * MINUTE_MS else "expected"
    return ShiftNow(shift, state, since_ms)


def _last_about(shift: PlannedShift, reports: Sequence[Whereabouts], now_ms: int) -> Whereabouts | None:
    """The newest report on a shift. Who called it off earlier in the day stays away until something else is heard."""
    last = None
    for report in reports:
        if report.at_ms > min(now_ms, shift.end_ms):
            break
        if report.site_id in ("", shift.site_id):
            early = report.at_ms < shift.start_ms - EARLY_MINUTES * MINUTE_MS
            last = None if early and report.status != "no_show" else report
    return last


def _begin(report: Whereabouts, mine: Sequence[PlannedShift], close_ms: int) -> Stay | None:
    shift = _shift_of(report, mine)
    site = report.site_id or (shift.site_id if shift else "")
    if not site:
        return None
    if shift is not None and shift.site_id == site:
        covers, end_ms = shift.covers, shift.end_ms
    else:  # sent somewhere else: who names no precinct there stays at the site
        covers, end_ms = not report.precinct_id, close_ms
    return Stay(report.volunteer_id, site, report.at_ms, end_ms + STALE_MINUTES * MINUTE_MS, covers)


def _shift_of(report: Whereabouts, mine: Sequence[PlannedShift]) -> PlannedShift | None:
    near = [
        s for s in mine
        if s.start_ms - EARLY_MINUTES * MINUTE_MS <= report.at_ms <= s.end_ms and report.site_id in ("", s.site_id)
    ]  # fmt: skip
    return max(near, key=lambda s: s.start_ms, default=None)


def _ends(report: Whereabouts, site: str) -> bool:
    """Who goes or stands elsewhere has left; who signs in for the next shift has not."""
    elsewhere = bool(report.site_id) and report.site_id != site
    if report.status in ("en_route", "on_site"):
        return elsewhere or report.status == "en_route"
    return not elsewhere and report.status not in HERE


def _until(stay: Stay, at_ms: int) -> Stay:
    return Stay(stay.volunteer_id, stay.site, stay.from_ms, min(stay.to_ms, at_ms), stay.covers)
