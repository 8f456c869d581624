"""Alerts in words and numbers: what a director reads."""

from datetime import datetime

import msgspec
import numpy as np

from anomaly.arrays import Ints
from anomaly.explain import clock
from anomaly.forecast import Z90, Forecast
from anomaly.live import LiveModel
from anomaly.readings import REASONS
from anomaly.slowdown import Slowdowns
from anomaly.stoppage import Stops
from warroom.domain.alerts import Alert, AlertKind, AlertSeverity

MANY, SOME = 60.0, 25.0  # voters lost from which an alert is of high, and of medium, severity
SURE = 0.95


class Writer:
    """Writes the alerts of one moment. Groups are poll sites, or precincts that have none."""

    def __init__(self, model: LiveModel, forecast: Forecast, now_min: float) -> None:
        self.model, self.forecast, self.now_min = model, forecast, now_min

    def moment(self) -> datetime:
        """The moment written about, aware of its time zone."""
        return self.model.frames.day.moment_of(self.now_min)

    def low(self, i: int, lost: float) -> Alert:
        """A precinct that falls short since the morning."""
        why, p = self.model.explain(i), float(self.forecast.shortfall_probability[i])
        return self._precinct("low_turnout", i, why.text, _severity(lost, p), p)

    def low_site(self, g: int, members: Ints, probability: float, lost: float) -> Alert:
        """A site whose precincts all fall short: one alert."""
        f = self.forecast
        expected, reported = float(f.expected_at[members].sum()), int(f.reported[members].sum())
        text = (
            f"All {len(members)} precincts short: {reported} of {expected:.0f} expected by their last reports; "
            f"about {lost:.0f} voters will be missing at the close"
        )
        return self._group("low_turnout", g, text, _severity(lost, probability), probability, expected, reported)

    def slow(self, slow: Slowdowns, i: int) -> Alert:
        """A precinct that lags behind its own pace since some moment. Its figures are since then, as its reason is."""
        gap, p = float(slow.expected[i] - slow.seen[i]), float(slow.probability[i])
        text = (
            f"{slow.seen[i]:.0f} voted since {self.clock(slow.since[i])}, {slow.expected[i]:.0f} expected from its "
            f"own pace: it has slowed down"
        )
        expected, seen, wide = float(slow.expected[i]), round(float(slow.seen[i])), float(np.exp(Z90 * slow.sd[i]))
        return msgspec.structs.replace(
            self._precinct("slowdown", i, text, _severity(gap, p), p), expected=round(expected, 1), reported=seen,
            expected_low=round(expected / wide, 1), expected_high=round(expected * wide, 1), shortfall=round(gap, 1),
        )  # fmt: skip

    def stop(self, stops: Stops, g: int) -> Alert:
        """A site where voting seems to have stopped."""
        expected, seen = float(stops.expected[g]), int(stops.seen[g])
        text = (
            f"{seen} voted since {self.clock(stops.since[g])}, about {expected:.0f} expected: "
            f"voting seems to have stopped"
        )
        return self._group("stoppage", g, text, "high", float(stops.probability[g]), expected, seen)

    def silent(self, g: int) -> Alert:
        """A site that is overdue."""
        last = self.model.cadence.last[g]
        since = f"since {self.clock(last)}" if np.isfinite(last) else "today"
        return self._group("silent", g, f"Nothing heard {since}; a report is overdue", "low")

    def suspect(self, slot: int, reason: int) -> Alert:
        """A reading that is not believed."""
        model = self.model
        i = int(model.ledger.precinct[slot])
        believed = int(model.beliefs.last_count[i])
        text = (
            f"{int(model.ledger.count[slot])} reported for {self.clock(model.ledger.at[slot])} is not believed: "
            f"{REASONS[reason]}; " + (f"last believed {believed}" if believed >= 0 else "nothing believed yet")
        )
        return self._precinct("suspect_report", i, text, "low", None)

    def clock(self, minute: float) -> str:
        """Local wall-clock time of a minute since the polls opened."""
        return clock(self.model.frames.day, minute)

    def group_name(self, g: int) -> str:
        """The site's id, or the id of the precinct that stands for itself."""
        sites = self.model.places.site_names
        return sites[g] if g < len(sites) else self.model.places.ids[int(self.model.members(g)[0])]

    def _precinct(
        self, kind: AlertKind, i: int, reason: str, severity: AlertSeverity, probability: float | None
    ) -> Alert:
        places, f = self.model.places, self.forecast
        reported = int(f.reported[i])
        heard = reported >= 0
        expected = float(f.expected_at[i] if heard else f.expected_now[i])
        low, high = (
            (f.expected_at_low[i], f.expected_at_high[i]) if heard else (f.expected_now_low[i], f.expected_now_high[i])
        )
        site = int(places.site[i])
        return Alert(
            id="",
            kind=kind,
            severity=severity,
            raised_at=self.moment(),
            updated_at=self.moment(),
            reason=reason,
            precinct=places.ids[i],
            site=places.site_names[site] if site >= 0 else None,
            region=places.region_names[places.region[i]],
            expected=round(expected, 1),
            expected_low=round(float(low), 1),
            expected_high=round(float(high), 1),
            reported=reported if heard else None,
            shortfall=round(max(0.0, expected - reported), 1) if heard else None,
            probability=None if probability is None else round(probability, 4),
        )

    def _group(
        self,
        kind: AlertKind,
        g: int,
        reason: str,
        severity: AlertSeverity,
        probability: float | None = None,
        expected: float | None = None,
        reported: int | None = None,
    ) -> Alert:
        places = self.model.places
        is_site = g < len(places.site_names)
        members = self.model.members(g)
        both = expected is not None and reported is not None
        return Alert(
            id="",
            kind=kind,
            severity=severity,
            raised_at=self.moment(),
            updated_at=self.moment(),
            reason=reason,
            site=places.site_names[g] if is_site else None,
            precinct=None if is_site else places.ids[int(members[0])],
            region=places.region_names[places.region[members[0]]] if len(members) else "",
            expected=None if expected is None else round(expected, 1),
            reported=reported,
            shortfall=round(max(0.0, (expected or 0.0) - (reported or 0)), 1) if both else None,
            probability=None if probability is None else round(probability, 4),
        )


def _severity(lost: float, probability: float) -> AlertSeverity:
    if lost >= MANY and probability >= SURE:
        return "high"
    return "medium" if lost >= SOME else "low"
