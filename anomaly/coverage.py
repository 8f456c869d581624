"""Coverage: who should be at each poll site in each hour, who is planned, who is there, and the gaps. Pure.

Need: one poll watcher at every site while the polls are open, two where more than six precincts vote or
more than 3,000 ballots are expected. A site where nobody was ever planned is a gap in the plan, not news
of the day: those are told together, so that the few where somebody is missing stand out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from anomaly.events import WantedAlert
from anomaly.presence import (
    LATE_MINUTES,
    MINUTE_MS,
    Movements,
    ShiftNow,
    ShiftState,
    Stay,
    settled,
    shift_states,
    stays,
)
from warroom.domain.alerts import AlertSeverity
from warroom.domain.volunteers import PlannedShift, Whereabouts

HEARD_FROM_MS = 6 * 60 * MINUTE_MS  # before the opening: test reports of other days say nothing of this one
CALLED_OFF_FROM_MS = 12 * 60 * MINUTE_MS  # a sign-up taken back before the day is told as of its midnight
HALF = 0.5  # of an hour: a shift of less than that does not plan for it
SEEN = 0.25  # of an hour: who was there that long has seen it; shifts end in the middle of an hour too


@dataclass(frozen=True)
class CoverageSettings:
    """People per site; ballots expected on the whole day that make a site large, and a gap there worse."""

    people: int = 1
    people_large: int = 2
    large_precincts: int = 6
    large_ballots: float = 3_000
    high_ballots: float = 3_000
    medium_ballots: float = 1_000
    group_over: int = 5  # gaps of one region beyond this many are told as one
    coming_minutes: int = 45  # after the start, before somebody on the way counts as missing
    leave_minutes: int = 20  # before the end of a shift: who goes a little early leaves no gap


@dataclass(frozen=True)
class CoveredSite:
    """A poll site. `ballots`: expected on the whole day, 0 where nothing is known."""

    site: str
    precincts: int
    ballots: float
    region: str = ""


@dataclass(frozen=True)
class SiteCoverage:
    """One site. `planned` and `seen` are people by hour, `seen` None for hours to come or without any report.

    `promised`: people whose shift has run for 20 minutes and not nearly ended; `here`: people now.
    """

    site: str
    region: str
    ballots: float
    need: int
    planned: tuple[int, ...]
    seen: tuple[int | None, ...]
    planned_now: int
    promised: int
    here: int
    missing: tuple[tuple[str, ShiftState], ...]  # volunteer ids that were due and are not there, and why

    @property
    def gap(self) -> int:
        """People that are missing against the need now."""
        return max(0, self.need - self.here)

    @property
    def hours_short(self) -> int:
        """Hours from now on for which too few are planned."""
        return sum(p < self.need for p, s in zip(self.planned, self.seen, strict=True) if s is None)


@dataclass(frozen=True)
class Coverage:
    """The whole plan against the day at `now_ms`. `heard`: whether any shift report has come today."""

    now_ms: int
    hours_ms: tuple[int, ...]
    is_open: bool
    heard: bool
    sites: tuple[SiteCoverage, ...]
    shifts: tuple[ShiftNow, ...]
    on_site: int

    @property
    def covered(self) -> int:
        """Sites with as many people as they need."""
        return sum(s.here >= s.need for s in self.sites)

    @property
    def no_shows(self) -> int:
        """Shifts that are running without the person who should be there."""
        return sum(s.state == "no_show" and s.shift.start_ms <= self.now_ms < s.shift.end_ms for s in self.shifts)


def need_of(site: CoveredSite, settings: CoverageSettings) -> int:
    """People needed at a site in each hour.

    >>> need_of(CoveredSite("S1", 7, 500), CoverageSettings())
    2
    """
    large = site.precincts > settings.large_precincts or site.ballots > settings.large_ballots
    return settings.people_large if large else settings.people


def hours_of(opens_ms: int, close_ms: int) -> tuple[int, ...]:
    """Starts of the day's hours, from the opening on; the last may be shorter."""
    return tuple(range(opens_ms, close_ms, 60 * MINUTE_MS))


def cover(
    sites: Iterable[CoveredSite], shifts: Sequence[PlannedShift], movements: Movements,
    *, now_ms: int, opens_ms: int, close_ms: int, settings: CoverageSettings,
) -> Coverage:  # fmt: skip
    """Plan, need and reports joined."""
    hours = hours_of(opens_ms, close_ms)
    movements = {
        who: of_day for who, rows in movements.items()
        if (of_day := [r for r in rows if r.at_ms >= opens_ms - _from_ms(r)])
    }  # fmt: skip
    heard = any(opens_ms - HEARD_FROM_MS <= r.at_ms <= now_ms for rows in movements.values() for r in rows)
    movements = settled(movements, shifts)
    states = shift_states(shifts, movements, now_ms, heard=heard)
    been = stays(movements, shifts, now_ms, close_ms)
    watching: dict[str, list[ShiftNow]] = defaultdict(list)
    for state in states:
        if state.shift.covers:
            watching[state.shift.site_id].append(state)
    at_site: dict[str, list[Stay]] = defaultdict(list)
    for stay in been:
        if stay.covers:
            at_site[stay.site].append(stay)
    moment = _Moment(now_ms, hours, close_ms, heard, settings)
    rows = [_site(s, watching.get(s.site, []), at_site.get(s.site, []), moment) for s in sites]
    return Coverage(
        now_ms=now_ms,
        hours_ms=hours,
        is_open=opens_ms <= now_ms < close_ms,
        heard=heard,
        sites=tuple(sorted(rows, key=lambda r: (r.promised <= r.here, -r.gap, -r.hours_short, -r.ballots, r.site))),
        shifts=tuple(states),
        on_site=len({s.volunteer_id for s in been if s.from_ms <= now_ms < s.to_ms}),
    )


def _from_ms(report: Whereabouts) -> int:
    return CALLED_OFF_FROM_MS if report.status in ("scheduled", "no_show") else HEARD_FROM_MS


@dataclass(frozen=True)
class _Moment:
    now_ms: int
    hours: tuple[int, ...]
    close_ms: int
    heard: bool
    settings: CoverageSettings


def _site(site: CoveredSite, watching: list[ShiftNow], been: list[Stay], moment: _Moment) -> SiteCoverage:
    now_ms, leave_ms = moment.now_ms, moment.settings.leave_minutes * MINUTE_MS
    here = {s.volunteer_id for s in been if s.from_ms <= now_ms < s.to_ms}
    due = [s for s in watching if _due_ms(s, moment.settings) <= now_ms < s.shift.end_ms - leave_ms]
    gone = [(s.shift.volunteer_id, s.state) for s in due if s.shift.volunteer_id not in here]
    coming = [s for s in watching if s.shift.start_ms <= now_ms or s.state != "no_show"]  # called off: planned no more
    planned, seen = [], []
    for start in moment.hours:
        end = min(start + 60 * MINUTE_MS, moment.close_ms)
        planned.append(sum(_share(s.shift.start_ms, s.shift.end_ms, start, end) >= HALF for s in coming))
        past = moment.heard and start <= now_ms
        known_end = min(end, max(now_ms, start + 1))
        seen.append((len(here) if now_ms < end else len(_present(been, start, known_end))) if past else None)
    return SiteCoverage(
        site=site.site,
        region=site.region,
        ballots=site.ballots,
        need=need_of(site, moment.settings),
        planned=tuple(planned),
        seen=tuple(seen),
        planned_now=sum(s.shift.start_ms <= now_ms < s.shift.end_ms for s in watching),
        promised=len(due),
        here=len(here),
        missing=tuple(sorted(gone)) if moment.heard else (),
    )


def _due_ms(shift: ShiftNow, settings: CoverageSettings) -> int:
    late = settings.coming_minutes if shift.state == "coming" else LATE_MINUTES
    return shift.shift.start_ms + late * MINUTE_MS


def _present(been: list[Stay], start_ms: int, end_ms: int) -> set[str]:
    by_person: dict[str, float] = defaultdict(float)
    for stay in been:
        by_person[stay.volunteer_id] += _share(stay.from_ms, stay.to_ms, start_ms, end_ms)
    return {person for person, share in by_person.items() if share >= SEEN}


def _share(from_ms: int, to_ms: int, start_ms: int, end_ms: int) -> float:
    return max(0, min(to_ms, end_ms) - max(from_ms, start_ms)) / max(1, end_ms - start_ms)


def coverage_alerts(coverage: Coverage, names: Mapping[str, str], settings: CoverageSettings) -> list[WantedAlert]:
    """Gaps worth an alert while the polls are open. `names`: {site: name}, for the grouped ones."""
    if not coverage.is_open or not coverage.shifts:
        return []
    empty: dict[str, list[SiteCoverage]] = defaultdict(list)
    if coverage.heard:
        for site in coverage.sites:
            if site.here < min(site.need, site.promised):
                empty[site.region].append(site)
    wanted = []
    for region, sites in empty.items():
        if len(sites) > settings.group_over:
            wanted.append(_region_alert(region, sites, names, settings))
        else:
            wanted += [_absent_alert(site, settings) for site in sites]
    unplanned = [s for s in coverage.sites if s.planned_now < s.need and s.here < s.need and not s.promised]
    large = [s for s in unplanned if s.ballots > settings.large_ballots]
    if len(large) <= settings.group_over:
        wanted += [_unplanned_alert(site) for site in large]
        unplanned = [s for s in unplanned if s not in large]
    return [*wanted, *_plan_alert(unplanned, coverage, names)]


_WHY: dict[ShiftState, str] = {"no_show": "has not come", "left": "has left", "coming": "still on the way"}


def _severity(ballots: float, settings: CoverageSettings) -> AlertSeverity:
    return "high" if ballots > settings.high_ballots else "medium" if ballots > settings.medium_ballots else "low"


def _absent_alert(site: SiteCoverage, settings: CoverageSettings) -> WantedAlert:
    who = ", ".join(f"{volunteer} {_WHY.get(state, 'not there')}" for volunteer, state in site.missing[:2])
    more = f" and {len(site.missing) - 2} more" if len(site.missing) > 2 else ""
    return WantedAlert(
        kind="coverage_gap",
        place=site.site,
        severity=_severity(site.ballots, settings),
        reason=f"{site.here} of {min(site.need, site.promised)} poll watchers here: {who}{more}."
        f" About {site.ballots:,.0f} voters expected.",
        evidence=f"{site.here} {site.promised} {site.missing}",
        site=site.site,
        region=site.region,
    )


def _unplanned_alert(site: SiteCoverage) -> WantedAlert:
    return WantedAlert(
        kind="coverage_gap",
        place=site.site,
        severity="medium",
        reason=f"{site.planned_now} of {site.need} poll watchers planned for this hour, {site.here} here."
        f" About {site.ballots:,.0f} voters expected.",
        evidence=f"unplanned {site.planned_now} {site.here}",
        site=site.site,
        region=site.region,
    )


def _region_alert(
    region: str, sites: list[SiteCoverage], names: Mapping[str, str], settings: CoverageSettings
) -> WantedAlert:
    ballots = sum(s.ballots for s in sites)
    return WantedAlert(
        kind="coverage_gap",
        place=f"region {region}",
        severity=_severity(ballots, settings),
        reason=f"{len(sites)} sites wait for their poll watchers, first {_first(sites, names)}."
        f" About {ballots:,.0f} voters expected.",
        evidence=" ".join(sorted(s.site for s in sites)),
        region=region or "All regions",
    )


def _plan_alert(sites: list[SiteCoverage], coverage: Coverage, names: Mapping[str, str]) -> list[WantedAlert]:
    if not sites:
        return []
    ballots = sum(s.ballots for s in sites)
    return [
        WantedAlert(
            kind="coverage_gap",
            place="plan",
            severity="low",
            reason=f"Too few people planned this hour at {len(sites)} of {len(coverage.sites)} sites, largest"
            f" {_first(sites, names)}. About {ballots:,.0f} voters expected.",
            evidence=str(len(sites) // 10),
            region="All regions",
        )
    ]


def _first(sites: list[SiteCoverage], names: Mapping[str, str]) -> str:
    largest = sorted(sites, key=lambda s: (-s.ballots, s.site))[:3]
    return ", ".join(names.get(s.site) or s.site for s in largest)
