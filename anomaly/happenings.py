"""Joins the rules for waits, incidents and coverage to the store: the watch's second half.

Waits and money are read where something changed. Incidents and shifts need every report, not the newest
of a site or a volunteer: the events are walked again when one came in, and never for more than a small
share of the time. The newest shift report counts at once, the earlier ones that come late with the next walk.
"""

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
import numpy as np

from anomaly.arrays import Floats
from anomaly.coverage import Coverage, CoverageSettings, CoveredSite, cover, coverage_alerts
from anomaly.detector import AlertChange
from anomaly.events import EVENT_KINDS, EventAlerts, WantedAlert
from anomaly.forecast import Forecast
from anomaly.incidents import IncidentGroup, IncidentReport, group, incident_alerts
from anomaly.peopletable import coverage_table, incident_rows
from anomaly.presence import Movements, by_volunteer
from anomaly.waits import SiteWait, WaitFigures, WaitSettings, figures, wait_alerts
from warroom.domain.alerts import Alert
from warroom.domain.election import ElectionDay
from warroom.domain.reports import Incident, Money, Shift, Wait
from warroom.domain.volunteers import PlannedShift, Whereabouts
from warroom.store.client import Client
from warroom.store.day import Roster
from warroom.store.events import Event, EventReader
from warroom.store.people import PeopleStore
from warroom.store.wire import epoch_ms

KEPT = ("wait", "money")
COVER_EVERY_S = 1.0
TELL_EVERY_S = 3.0
SHARE = 20  # after costly work, that many times its duration passes before it is done again


class Happenings:
    """Everything that happens besides votes. One for the day; `load` starts it over."""

    _waits: dict[str, Wait]
    _money: dict[str, Money]
    _moved: dict[tuple[str, str], Whereabouts]
    _incidents: list[IncidentReport]
    _groups: list[IncidentGroup]
    _told_incidents: list[IncidentGroup] | None
    _shifts: list[PlannedShift]
    _coverage: Coverage | None
    _lines: WaitFigures | None
    _gap_alerts: list[WantedAlert]
    _stale_walk: bool
    _ballots: Floats | None
    _told_coverage: dict[str, Any] | None

    def __init__(self, client: Client, day: ElectionDay, roster: Roster) -> None:
        self._reader = EventReader(client)
        self._people = PeopleStore(client)
        self._day = day
        self._opens_ms, self._close_ms = epoch_ms(day.opens_at), epoch_ms(day.closes_at)
        self._names = {s.site_id: s.name for s in roster.sites}
        self._sites = [s.site_id for s in roster.sites]
        place = {site: n for n, site in enumerate(self._sites)}
        self._site_of = np.array([place.get(p.site_id, -1) for p in roster.precincts], dtype=np.int64)
        self._precincts = np.bincount(self._site_of[self._site_of >= 0], minlength=len(self._sites))
        self._region = {p.site_id: p.region for p in roster.precincts}
        self._home = {p.precinct_id: p for p in roster.precincts}
        self._here = {*self._sites, *self._region, *self._home} - {""}  # a place may have left the roster since
        self._wait_settings, self._settings = WaitSettings(), CoverageSettings()
        self._alerts = EventAlerts()
        self._walk_due_s = self._cover_due_s = self._tell_due_s = 0.0
        self._start_over()

    def load(self, alerts: Iterable[Alert]) -> None:
        """Read everything that happened, and go on with the event alerts that are open."""
        self._start_over()
        self._alerts = EventAlerts()
        self._alerts.adopt(a for a in alerts if a.kind in EVENT_KINDS)
        self._shifts = self._people.shifts()
        self._walk()
        self._keep(dict(self._reader.newest(KEPT)))

    def take(self, places: frozenset[str]) -> None:
        """Bring what changed at these places ("kind|place") up to date."""
        self._keep(self._reader.newest_at(p for p in places if p.partition("|")[0] in KEPT))
        shifts = [p for p in places if p.startswith("shift|")]
        for event in self._reader.newest_at(shifts).values():
            if isinstance(event, Shift):
                self._moved[event.source, event.id] = _whereabouts(event)
        self._stale_walk |= any(p.startswith(("incident|", "shift|")) for p in places)

    def step(self, forecast: Forecast, now: datetime) -> list[AlertChange]:
        """What the alerts of this kind must become at `now`."""
        if self._stale_walk and time.monotonic() >= self._walk_due_s:
            self._walk()
        now_ms = epoch_ms(now)
        self._now_ms = now_ms
        self._groups = group(self._incidents, now_ms)
        if self._groups != self._told_incidents:
            self._people.put_incidents(msgspec.json.encode(incident_rows(self._groups, self._names)))
            self._told_incidents = self._groups
        wanted = [self._placed(w) for w in incident_alerts(self._groups, self._clock) if w.site in self._here]
        waits = self._site_waits(forecast)
        self._lines = figures(waits, now_ms, self._wait_settings)
        open_lines = self._alerts.is_open("long_wait")
        wanted += wait_alerts(waits, now_ms, open_lines, self._clocks(waits), self._wait_settings)
        wanted += self._gaps(forecast, now_ms)
        return self._alerts.step(wanted, now)

    @property
    def open(self) -> list[Alert]:
        """The event alerts that are open."""
        return list(self._alerts.open.values())

    def headline(self) -> dict[str, Any]:
        """The board's figures of people, lines and money; a key is missing where nothing can be known.

        Once the polls are closed nobody has to be anywhere: coverage is no figure then.
        """
        found: dict[str, Any] = {}
        c = self._coverage
        if c is not None and (c.shifts or c.heard) and c.now_ms < self._close_ms:
            found["coverage"] = {
                "sites_covered": c.covered if c.heard else None,
                "sites": len(c.sites),
                "on_site": c.on_site if c.heard else None,
                "no_shows": c.no_shows if c.heard else None,
                "at_ms": self._shift_ms(),
            }
        if self._waits and self._lines is not None:
            f = self._lines
            found["waits"] = {
                "over_30": f.over,
                "sites_reporting": f.sites,
                "worst_minutes": f.worst_minutes,
                "worst_place": (self._names.get(f.worst_site) or f.worst_site) if f.worst_site else None,
                "at_ms": max(epoch_ms(w.at) for w in self._waits.values()),
            }
        if self._money:
            found["money"] = {"cents": self._cents, "at_ms": max(epoch_ms(m.at) for m in self._money.values())}
        return found

    # -- reading

    def _start_over(self) -> None:
        self._waits, self._money, self._cents = {}, {}, 0
        self._moved, self._incidents, self._groups, self._shifts = {}, [], [], []
        self._coverage, self._lines, self._told_incidents, self._told_coverage = None, None, None, None
        self._gap_alerts = []
        self._stale_walk, self._now_ms, self._ballots = False, 0, None
        self._walk_due_s = self._cover_due_s = self._tell_due_s = 0.0

    def _walk(self) -> None:
        began_s = time.monotonic()
        events = self._reader.every(("incident", "shift"))
        self._incidents = [self._incident(e) for e in events if isinstance(e, Incident)]
        self._moved = {(e.source, e.id): _whereabouts(e) for e in events if isinstance(e, Shift)}
        self._stale_walk = False
        ended_s = time.monotonic()
        self._walk_due_s = ended_s + SHARE * (ended_s - began_s)

    def _keep(self, news: dict[str, Event] | dict[str, Event | None]) -> None:
        for field, event in news.items():
            kind, _, place = field.partition("|")
            held: dict[str, Any] = self._waits if kind == "wait" else self._money
            if event is None:
                held.pop(place, None)
            else:
                held[place] = event
        if any(field.startswith("money|") for field in news):
            self._cents = self._reader.sum_cents("money", self._money)

    def _incident(self, event: Incident) -> IncidentReport:
        home = self._home.get(event.precinct or "")
        place = event.site or (home.site_id if home else "") or event.precinct or ""
        region = self._region.get(place) or (home.region if home else "")
        return IncidentReport(
            site=place, reported=event.category, severity=event.severity, at_ms=epoch_ms(event.at), text=event.text,
            region=region,
        )  # fmt: skip

    # -- deciding

    def _placed(self, wanted: WantedAlert) -> WantedAlert:
        if wanted.site in self._names or wanted.site not in self._home:
            return wanted
        return WantedAlert(
            kind=wanted.kind, place=wanted.place, severity=wanted.severity, reason=wanted.reason,
            evidence=wanted.evidence, precinct=wanted.site, region=wanted.region,
        )  # fmt: skip

    def _site_waits(self, forecast: Forecast) -> list[SiteWait]:
        soon = self._arrivals(forecast)
        place = {site: n for n, site in enumerate(self._sites)}
        return [
            SiteWait(
                site=site, minutes=wait.minutes, at_ms=epoch_ms(wait.at),
                arrivals=float(soon[place[site]]) if site in place else 0.0, region=self._region.get(site, ""),
            )
            for site, wait in self._waits.items() if site in self._here
        ]  # fmt: skip

    def _arrivals(self, forecast: Forecast) -> Floats:
        """Voters expected at each site within the next hour; none after the close."""
        last = float(forecast.curve_minutes[-1])
        now, then = np.clip([forecast.now_min, forecast.now_min + 60], 0.0, last)
        share = np.interp([now, then], forecast.curve_minutes, forecast.curve)
        return self._by_site(forecast.final) * float(share[1] - share[0])

    def _by_site(self, values: Floats) -> Floats:
        known = self._site_of >= 0
        weights = np.nan_to_num(values[known])
        return np.bincount(self._site_of[known], weights=weights, minlength=len(self._sites)).astype(np.float64)

    def _clocks(self, waits: Iterable[SiteWait]) -> dict[int, str]:
        return {w.at_ms: self._clock(w.at_ms) for w in waits}

    def _clock(self, at_ms: int) -> str:
        return datetime.fromtimestamp(at_ms / 1000, self._day.tz).strftime("%H:%M")

    def _gaps(self, forecast: Forecast, now_ms: int) -> list[WantedAlert]:
        now_s = time.monotonic()
        if now_s < self._cover_due_s:
            return self._gap_alerts
        if self._ballots is None:  # once: a severity must not swing with every forecast
            self._ballots = self._by_site(forecast.expected_final)
        ballots = self._ballots
        sites = [
            CoveredSite(site, int(self._precincts[n]), float(ballots[n]), self._region.get(site, ""))
            for n, site in enumerate(self._sites)
        ]
        moved = by_volunteer(self._moved.values())
        self._coverage = cover(
            sites, self._shifts, moved,
            now_ms=now_ms, opens_ms=self._opens_ms, close_ms=self._close_ms, settings=self._settings,
        )  # fmt: skip
        self._gap_alerts = coverage_alerts(self._coverage, self._names, self._settings)
        self._publish(self._coverage, moved)
        ended_s = time.monotonic()
        self._cover_due_s = ended_s + max(COVER_EVERY_S, SHARE * (ended_s - now_s))
        return self._gap_alerts

    # -- telling

    def _publish(self, coverage: Coverage, moved: Movements) -> None:
        table = coverage_table(coverage, self._names, moved, self._day)
        told = {**table, "now_ms": None}
        now_s = time.monotonic()
        if told != self._told_coverage and now_s >= self._tell_due_s:  # the clock alone is no news
            self._people.put_coverage(msgspec.json.encode(table))
            self._told_coverage, self._tell_due_s = told, now_s + TELL_EVERY_S

    def _shift_ms(self) -> int | None:
        return max((w.at_ms for w in self._moved.values() if w.at_ms <= self._now_ms), default=None)


def _whereabouts(event: Shift) -> Whereabouts:
    return Whereabouts(
        volunteer_id=event.volunteer, status=event.status, at_ms=epoch_ms(event.at), site_id=event.site or "",
        precinct_id=event.precinct or "",
    )  # fmt: skip
