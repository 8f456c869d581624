"""The detector: from forecasts to alerts that open, update and close by themselves.

The evidence is in the forecast, the stoppages and the slow-downs; here is what asks for an
alert and what ends one. One early report never raises any; a site whose precincts all sag
is one alert; silence is a matter of cadence, never of turnout.
"""

from collections.abc import Iterable
from functools import partial

import numpy as np

from anomaly.alerting import AlarmSettings, AlertBook, AlertChange, Wish, place_of_site
from anomaly.arrays import Bools
from anomaly.forecast import Forecast
from anomaly.live import LiveModel
from anomaly.readings import ABOVE, FALL, JUMP, NEIGHBOUR
from anomaly.slowdown import Slowdowns, find_slowdowns
from anomaly.stoppage import Stops, find_stops
from anomaly.wording import Writer
from warroom.domain.alerts import Alert

__all__ = ["AlarmSettings", "AlertChange", "Detector"]

WHOLE_SITE = 3  # precincts of a site that must all fall short to make one alert of it


class Detector:
    """Keeps the open alerts of one day; `step` compares them with a new forecast."""

    def __init__(self, model: LiveModel, settings: AlarmSettings | None = None) -> None:
        self.model = model
        self.settings = settings or AlarmSettings()
        self.book = AlertBook(self.settings)
        self._index = {p: i for i, p in enumerate(model.places.ids)}
        self._group = {name: g for g, name in enumerate(model.places.site_names)}
        self._suspects_told: set[int] = set()
        self._first_low = np.full(model.places.count, np.nan)  # minute at which each was first seen short
        self._readings_then = np.zeros(model.places.count, dtype=np.int64)

    @property
    def open(self) -> dict[tuple[str, str], Alert]:
        """Open alerts by (kind, precinct or site)."""
        return self.book.open

    def adopt(self, alerts: Iterable[Alert]) -> None:
        """Go on after a restart with the alerts of the day, once the model has its readings again.

        Suspect readings among them have been told about and raise nothing new.
        """
        self.book.adopt(alerts)
        self._suspects_told.update(range(self.model.ledger.size))

    def step(self, forecast: Forecast, now_min: float, is_deaf: bool = False) -> list[AlertChange]:
        """Changes since the last step; `now_min` never goes back.

        `is_deaf`: the feed that carries most reports is silent, so that no place is newly called silent.
        """
        model = self.model
        writer = Writer(model, forecast, now_min)
        stops = find_stops(model.fit, model.beliefs, model.group, len(model.cadence.last))
        slow = find_slowdowns(model.fit, model.beliefs, now_min, forecast.shortfall_probability)
        changes = self._close(forecast, stops, slow, writer)
        paced = [w for w in self._slow(forecast, slow, writer) if ("low_turnout", w.key[1]) not in self.open]
        owned = {w.key[1] for w in paced} | {name for kind, name in self.open if kind == "slowdown"}
        # One open turnout alert a precinct: whoever owns it owns all of its trouble.
        short = [w for w in self._low(forecast, writer) if w.key[1] not in owned]
        wishes = [*self._stops(stops, writer), *paced, *short]
        changes += self.book.admit(wishes, now_min)
        changes += self._silent(now_min, writer, is_deaf)
        changes += self._suspect(writer)
        return changes

    def _low(self, forecast: Forecast, writer: Writer) -> list[Wish]:
        """Shortfalls from the opening on: by precinct, or by site where all of it falls short."""
        settings = self.settings
        ask = (
            (forecast.shortfall_probability >= settings.open_at)
            & ~forecast.uncertain
            & (forecast.readings >= settings.least_readings)
            & (forecast.expected_at >= settings.least_share * forecast.expected_final)
        )
        ask &= self._confirmed(forecast, ask)
        lost = np.maximum(forecast.expected_final - forecast.final, 0.0)
        wishes, whole = [], self._whole_sites(forecast, ask)
        for g in whole:
            members = self.model.members(g)
            p = float(forecast.shortfall_probability[members].mean())
            gone = float(lost[members].sum())
            write = partial(writer.low_site, g, members, p, gone)
            reported = int(forecast.reported[members].sum())
            wishes.append(
                Wish(
                    ("low_turnout", place_of_site("low_turnout", writer.group_name(g))),
                    p,
                    gone,
                    reported,
                    write,
                )
            )
        for i in np.flatnonzero(ask & ~np.isin(self.model.group, whole)).tolist():
            p, gone = float(forecast.shortfall_probability[i]), float(lost[i])
            key = ("low_turnout", self.model.places.ids[i])
            wishes.append(Wish(key, p, gone, int(forecast.reported[i]), partial(writer.low, i, gone)))
        return wishes

    def _confirmed(self, forecast: Forecast, ask: Bools) -> Bools:
        """Precincts whose shortfall is sure, or has outlived one more reading or an hour without any.

        Where no next reading is due soon there is nothing to wait for.
        """
        new = ask & np.isnan(self._first_low)
        self._first_low[new] = forecast.now_min
        self._readings_then[new] = forecast.readings[new]
        self._first_low[~ask] = np.nan
        waited = forecast.now_min - np.nan_to_num(self._first_low) >= self.settings.confirm_minutes
        again = forecast.readings > self._readings_then
        sure = forecast.shortfall_probability >= self.settings.sure_at
        irregular = self.model.cadence.number[self.model.group] < self.settings.least_regular - 1
        return np.asarray(sure | again | waited | irregular)

    def _whole_sites(self, forecast: Forecast, ask: Bools) -> list[int]:
        sites = len(self.model.places.site_names)
        at = self.model.places.site
        inside = at >= 0
        all_of = np.bincount(at[inside], minlength=sites)
        short = np.bincount(at[inside & ask], minlength=sites)
        return np.flatnonzero((all_of >= WHOLE_SITE) & (short == all_of)).tolist()

    def _slow(self, forecast: Forecast, slow: Slowdowns, writer: Writer) -> list[Wish]:
        ask = (slow.probability >= self.settings.slow_at) & (forecast.readings >= self.settings.least_regular)
        return [
            Wish(
                ("slowdown", self.model.places.ids[i]),
                float(slow.probability[i]),
                float(slow.expected[i] - slow.seen[i]),
                int(forecast.reported[i]),
                partial(writer.slow, slow, i),
            )
            for i in np.flatnonzero(ask).tolist()
        ]

    def _stops(self, stops: Stops, writer: Writer) -> list[Wish]:
        regular = self.model.cadence.number >= self.settings.least_regular - 1
        return [
            Wish(
                ("stoppage", writer.group_name(g)),
                float(stops.probability[g]),
                float(stops.expected[g] - stops.seen[g]),
                int(stops.seen[g]),
                partial(writer.stop, stops, g),
            )
            for g in np.flatnonzero((stops.probability >= self.settings.stop_at) & regular).tolist()
        ]

    def _close(self, forecast: Forecast, stops: Stops, slow: Slowdowns, writer: Writer) -> list[AlertChange]:
        """Turnout alerts whose evidence has gone: recovered, corrected, or explained otherwise."""
        below = self.settings.close_at
        changes = []
        for kind, name in list(self.book.open):
            if kind == "low_turnout" and name in self._index:
                over = forecast.shortfall_probability[self._index[name]] < below
            elif kind == "low_turnout":
                members = self.model.members(self._group[name.removeprefix("site ")])
                over = forecast.shortfall_probability[members].mean() < below
            elif kind == "slowdown":
                over = slow.probability[self._index[name]] < below
            elif kind == "stoppage":
                group = self._group[name] if name in self._group else int(self.model.group[self._index[name]])
                over = stops.probability[group] < below
            else:
                continue
            if over:
                changes.append(self.book.drop((kind, name), writer.moment()))
        return changes

    def _silent(self, now_min: float, writer: Writer, is_deaf: bool) -> list[AlertChange]:
        overdue = self.model.cadence.overdue(min(now_min, self.model.beliefs.minutes_open))
        names = {writer.group_name(g): g for g in np.flatnonzero(overdue).tolist()}
        changes = [
            self.book.drop(key, writer.moment())
            for key in list(self.book.open)
            if key[0] == "silent" and key[1] not in names
        ]
        for name, g in names.items():
            if ("silent", name) not in self.book.open and not is_deaf:
                changes.append(self.book.put(("silent", name), writer.silent(g)))
        return changes

    def _suspect(self, writer: Writer) -> list[AlertChange]:
        """One alert per disbelieved reading; it ends when a later reading is believed."""
        beliefs, ledger = self.model.beliefs, self.model.ledger
        changes = [
            self.book.drop(key, writer.moment())
            for key in list(self.book.open)
            if key[0] == "suspect_report" and not beliefs.suspect[self._index[key[1]]]
        ]
        reason = beliefs.reason[: ledger.size]
        for slot in np.flatnonzero(np.isin(reason, (FALL, ABOVE, JUMP, NEIGHBOUR))).tolist():
            if slot in self._suspects_told:
                continue
            self._suspects_told.add(slot)
            key = ("suspect_report", self.model.places.ids[int(ledger.precinct[slot])])
            if key in self.book.open:
                changes.append(self.book.drop(key, writer.moment()))
            changes.append(self.book.put(key, writer.suspect(slot, int(reason[slot]))))
        return changes
