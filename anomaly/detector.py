"""The detector: from forecasts to alerts that open, update and close by themselves.

Evidence is in the forecast; here is the discipline. An alert opens when the posterior
passes a line and closes only under a lower one; new turnout alerts keep to an hourly
budget, the most voters that can still be won back first; a site whose precincts all sag is
one alert; one early report never raises any.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import msgspec
import numpy as np

from anomaly.arrays import Ints
from anomaly.explain import clock
from anomaly.forecast import Forecast
from anomaly.live import LiveModel
from anomaly.readings import ABOVE, FALL, JUMP, NEIGHBOUR, REASONS
from anomaly.stoppage import Stops, find_stops
from warroom.domain.alerts import Alert, AlertKind, AlertSeverity

TURNOUT_KINDS = ("low_turnout", "stoppage", "slowdown")


@dataclass(frozen=True)
class AlarmSettings:
    """open_at, close_at: posterior at which a turnout alert opens and closes.
    budget_per_hour: new turnout alerts in any hour. least_readings: before any turnout alert.
    """

    open_at: float = 0.75
    close_at: float = 0.30
    budget_per_hour: int = 40
    least_readings: int = 2


@dataclass(frozen=True)
class AlertChange:
    """One change of the alert list: open, update or close, and the alert after it."""

    action: Literal["open", "update", "close"]
    alert: Alert


@dataclass(frozen=True)
class _Wish:
    """An alert that evidence asks for, before budget and grouping."""

    key: tuple[str, str]
    alert: Alert
    worth: float


class Detector:
    """Keeps the open alerts of one day; `step` compares them with a new forecast."""

    def __init__(self, model: LiveModel, settings: AlarmSettings | None = None) -> None:
        self.model = model
        self.settings = settings or AlarmSettings()
        self.open: dict[tuple[str, str], Alert] = {}
        self._number: dict[tuple[str, str], int] = {}
        self._recent: deque[float] = deque()
        self._suspects_told: set[int] = set()

    def adopt(self, alerts: Iterable[Alert]) -> None:
        """Go on where another detector stopped: its open alerts stay open, numbers are not used twice.

        Suspect readings that the model already holds have been told about and raise nothing new.
        """
        for alert in alerts:
            key = (str(alert.kind), alert.precinct or alert.site or "")
            self._number[key] = max(self._number.get(key, 0), int(alert.id.rpartition(":")[2]))
            if alert.status != "closed":
                self.open[key] = alert
            self._suspects_told.update(range(self.model.ledger.size))

    def step(self, forecast: Forecast, now_min: float) -> list[AlertChange]:
        """Changes since the last step; `now_min` never goes back."""
        stops = find_stops(
            self.model.fit, self.model.beliefs, forecast, self.model.group, len(self.model.cadence.last)
        )
        wishes = [*self._stoppages(stops, now_min), *self._low(forecast, now_min)]
        changes = self._close(forecast, stops, now_min)
        changes += self._admit(wishes, now_min)
        changes += self._silent(forecast, now_min)
        changes += self._suspect(forecast, now_min)
        return changes

    # -- what the evidence asks for

    def _low(self, forecast: Forecast, now_min: float) -> list[_Wish]:
        settings = self.settings
        ask = (
            (forecast.shortfall_probability >= settings.open_at)
            & ~forecast.uncertain
            & (forecast.readings >= settings.least_readings)
        )
        wishes = []
        for i in np.flatnonzero(ask).tolist():
            why = self.model.explain(i)
            p = float(forecast.shortfall_probability[i])
            lost = max(0.0, float(forecast.expected_final[i] - forecast.final[i]))
            wishes.append(
                _Wish(
                    ("low_turnout", self.model.places.ids[i]),
                    self._alert(
                        "low_turnout",
                        now_min,
                        why.text,
                        precinct=i,
                        probability=p,
                        forecast=forecast,
                        severity="high" if lost >= 60 and p > 0.95 else "medium" if lost >= 25 else "low",
                    ),
                    p * lost,
                )
            )
        return wishes

    def _stoppages(self, stops: Stops, now_min: float) -> list[_Wish]:
        wishes = []
        for g in np.flatnonzero(stops.probability >= self.settings.open_at).tolist():
            gone = stops.expected[g] - stops.seen[g]
            reason = (
                f"About {stops.expected[g]:.0f} voters expected since {self._clock(stops.since[g])}, "
                f"{stops.seen[g]:.0f} counted: voting seems to have stopped"
            )
            wishes.append(
                _Wish(
                    ("stoppage", self._group_name(g)),
                    self._group_alert(
                        "stoppage",
                        now_min,
                        reason,
                        g,
                        severity="high",
                        probability=float(stops.probability[g]),
                        expected=float(stops.expected[g]),
                        reported=int(stops.seen[g]),
                        shortfall=float(max(0, gone)),
                    ),
                    1e6 + gone,
                )
            )
        return wishes

    # -- opening, updating and closing

    def _admit(self, wishes: list[_Wish], now_min: float) -> list[AlertChange]:
        changes = []
        while self._recent and self._recent[0] <= now_min - 60:
            self._recent.popleft()
        for wish in sorted(wishes, key=lambda w: (-w.worth, w.key)):
            old = self.open.get(wish.key)
            if old is not None:
                new = msgspec.structs.replace(wish.alert, id=old.id, raised_at=old.raised_at)
                if _differs(old, new):
                    self.open[wish.key] = new
                    changes.append(AlertChange("update", new))
            elif len(self._recent) < self.settings.budget_per_hour:
                self._recent.append(now_min)
                changes.append(self._raise(wish.key, wish.alert))
        return changes

    def _raise(self, key: tuple[str, str], alert: Alert) -> AlertChange:
        number = self._number[key] = self._number.get(key, 0) + 1
        named = msgspec.structs.replace(alert, id=f"{key[0]}:{key[1]}:{number}")
        self.open[key] = named
        return AlertChange("open", named)

    def _drop(self, key: tuple[str, str], now_min: float) -> AlertChange:
        moment = self._moment(now_min)
        alert = msgspec.structs.replace(
            self.open.pop(key), status="closed", closed_at=moment, updated_at=moment
        )
        return AlertChange("close", alert)

    def _close(self, forecast: Forecast, stops: Stops, now_min: float) -> list[AlertChange]:
        index = {p: i for i, p in enumerate(self.model.places.ids)}
        groups = {self._group_name(g): g for g in range(len(stops.probability))}
        changes = []
        for key in list(self.open):
            kind, name = key
            if kind == "low_turnout":
                over = forecast.shortfall_probability[index[name]] < self.settings.close_at
            elif kind == "stoppage":
                over = stops.probability[groups[name]] < self.settings.close_at / 2
            else:
                continue
            if over:
                changes.append(self._drop(key, now_min))
        return changes

    def _silent(self, forecast: Forecast, now_min: float) -> list[AlertChange]:
        overdue = self.model.cadence.overdue(min(now_min, self.model.beliefs.minutes_open))
        changes = []
        for g in range(len(overdue)):
            key = ("silent", self._group_name(g))
            if overdue[g] and key not in self.open:
                last = self.model.cadence.last[g]
                since = f"since {self._clock(last)}" if np.isfinite(last) else "today"
                changes.append(
                    self._raise(
                        key,
                        self._group_alert(
                            "silent",
                            now_min,
                            f"Nothing heard {since}; a report is overdue",
                            g,
                            severity="low",
                        ),
                    )
                )
            elif not overdue[g] and key in self.open:
                changes.append(self._drop(key, now_min))
        return changes

    def _suspect(self, forecast: Forecast, now_min: float) -> list[AlertChange]:
        beliefs, ledger = self.model.beliefs, self.model.ledger
        reason = beliefs.reason[: ledger.size]
        bad = np.flatnonzero(np.isin(reason, (FALL, ABOVE, JUMP, NEIGHBOUR)))
        changes = []
        current: dict[int, int] = {}
        for slot in bad.tolist():
            i = int(ledger.precinct[slot])
            current[i] = max(current.get(i, -1), slot)
        for key in [k for k in self.open if k[0] == "suspect_report"]:
            i = self._index(key[1])
            if not beliefs.suspect[i]:
                changes.append(self._drop(key, now_min))
        for i, slot in current.items():
            key = ("suspect_report", self.model.places.ids[i])
            if slot in self._suspects_told:
                continue
            self._suspects_told.add(slot)
            if key in self.open:
                changes.append(self._drop(key, now_min))
            text = (
                f"{int(ledger.count[slot])} reported for {self._clock(beliefs.minute[slot])} "
                "is not believed: "
                f"{REASONS[int(reason[slot])]}; last believed {max(0, int(beliefs.last_count[i]))}"
            )
            changes.append(
                self._raise(
                    key,
                    self._alert(
                        "suspect_report",
                        now_min,
                        text,
                        precinct=i,
                        forecast=forecast,
                        severity="low",
                        probability=None,
                    ),
                )
            )
        return changes

    # -- small helpers

    def _index(self, precinct: str) -> int:
        if not hasattr(self, "_index_of"):
            self._index_of = {p: i for i, p in enumerate(self.model.places.ids)}
        return self._index_of[precinct]

    def _moment(self, minute: float) -> datetime:
        return self.model.frames.day.opens_at + timedelta(minutes=float(minute))

    def _clock(self, minute: float) -> str:
        return clock(self.model.frames.day, minute)

    def _group_name(self, g: int) -> str:
        sites = self.model.places.site_names
        if g < len(sites):
            return sites[g]
        return self.model.places.ids[int(self._group_members(g)[0])]

    def _group_members(self, g: int) -> Ints:
        return np.flatnonzero(self.model.group == g)

    def _alert(
        self,
        kind: AlertKind,
        now_min: float,
        reason: str,
        *,
        precinct: int,
        probability: float | None,
        forecast: Forecast,
        severity: AlertSeverity,
    ) -> Alert:
        places = self.model.places
        reported = int(forecast.reported[precinct])
        expected = float(forecast.expected_at[precinct] if reported >= 0 else forecast.expected_now[precinct])
        site = int(places.site[precinct])
        return Alert(
            id="",
            kind=kind,
            severity=severity,
            raised_at=self._moment(now_min),
            updated_at=self._moment(now_min),
            reason=reason,
            precinct=places.ids[precinct],
            site=places.site_names[site] if site >= 0 else None,
            region=places.region_names[places.region[precinct]],
            expected=round(expected, 1),
            expected_low=round(float(forecast.expected_at_low[precinct]), 1),
            expected_high=round(float(forecast.expected_at_high[precinct]), 1),
            reported=reported if reported >= 0 else None,
            shortfall=round(max(0.0, expected - reported), 1) if reported >= 0 else None,
            probability=None if probability is None else round(probability, 4),
        )

    def _group_alert(
        self,
        kind: AlertKind,
        now_min: float,
        reason: str,
        g: int,
        *,
        severity: AlertSeverity,
        probability: float | None = None,
        expected: float | None = None,
        reported: int | None = None,
        shortfall: float | None = None,
    ) -> Alert:
        members = self._group_members(g)
        places = self.model.places
        site = g < len(places.site_names)
        return Alert(
            id="",
            kind=kind,
            severity=severity,
            raised_at=self._moment(now_min),
            updated_at=self._moment(now_min),
            reason=reason,
            site=places.site_names[g] if site else None,
            precinct=None if site else places.ids[int(members[0])],
            region=places.region_names[places.region[members[0]]] if len(members) else "",
            expected=None if expected is None else round(expected, 1),
            reported=reported,
            shortfall=None if shortfall is None else round(shortfall, 1),
            probability=probability,
        )


def _differs(old: Alert, new: Alert) -> bool:
    """Whether an open alert has changed enough to be told again."""
    if old.severity != new.severity or old.reported != new.reported:
        return True
    return abs((old.probability or 0) - (new.probability or 0)) >= 0.05


__all__ = ["AlarmSettings", "AlertChange", "Detector"]
