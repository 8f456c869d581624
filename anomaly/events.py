"""Alerts that come from events rather than from turnout: which are wanted now, and what that changes.

The rules (`waits`, `incidents`, `coverage`) say which alerts the present state asks for; `EventAlerts`
compares that with what is open. An alert is known by its kind and place; its id adds a number, so that
trouble which returns is a new alert.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from anomaly.detector import AlertChange
from warroom.domain.alerts import Alert, AlertKind, AlertSeverity

EVENT_KINDS: frozenset[str] = frozenset({"long_wait", "incident", "coverage_gap"})


@dataclass(frozen=True)
class WantedAlert:
    """An alert that the state of things asks for.

    `place` tells alerts of one kind apart (a site, "site:category"). `evidence` stands for what the alert
    rests on: an open alert is told again when it or the severity changes, not when an estimate inside
    `reason` wanders. `voters_at_risk` orders alerts of one severity.
    """

    kind: AlertKind
    place: str
    severity: AlertSeverity
    reason: str
    evidence: str
    site: str | None = None
    precinct: str | None = None
    region: str = ""
    voters_at_risk: float | None = None
    feed: str = ""
    source: str = ""


class EventAlerts:
    """The open event alerts of one day."""

    def __init__(self) -> None:
        self.open: dict[tuple[str, str], Alert] = {}
        self._evidence: dict[tuple[str, str], str] = {}
        self._number: dict[tuple[str, str], int] = {}

    def adopt(self, alerts: Iterable[Alert], kinds: frozenset[str] = EVENT_KINDS) -> None:
        """Go on after a restart: open alerts stay open, no number is used twice. Other kinds are left alone."""
        for alert in alerts:
            if alert.kind not in kinds:
                continue
            place, _, number = alert.id.removeprefix(f"{alert.kind}:").rpartition(":")
            key = (str(alert.kind), place)
            self._number[key] = max(self._number.get(key, 0), int(number))
            if alert.status != "closed":
                self.open[key] = alert

    def is_open(self, kind: AlertKind) -> frozenset[str]:
        """Places with an open alert of this kind: what a rule with two thresholds must know."""
        return frozenset(place for held, place in self.open if held == kind)

    def step(self, wanted: Iterable[WantedAlert], now: datetime) -> list[AlertChange]:
        """Changes that bring what is open in line with `wanted`, at `now`."""
        changes: list[AlertChange] = []
        seen: set[tuple[str, str]] = set()
        for wish in wanted:
            key = (str(wish.kind), wish.place)
            seen.add(key)
            held = self.open.get(key)
            if held is None:
                changes.append(self._raise(key, wish, now))
            elif held.severity != wish.severity or self._evidence.get(key) != wish.evidence:
                changes += self._update(key, held, wish, now)
        return changes + [self._drop(key, now) for key in list(self.open) if key not in seen]

    def _raise(self, key: tuple[str, str], wish: WantedAlert, now: datetime) -> AlertChange:
        number = self._number[key] = self._number.get(key, 0) + 1
        alert = _alert(wish, f"{wish.kind}:{wish.place}:{number}", now, now)
        self.open[key], self._evidence[key] = alert, wish.evidence
        return AlertChange("open", alert)

    def _update(self, key: tuple[str, str], held: Alert, wish: WantedAlert, now: datetime) -> list[AlertChange]:
        alert = _alert(wish, held.id, held.raised_at, now)
        first_look = key not in self._evidence  # adopted after a restart: what it rested on is not known
        self.open[key], self._evidence[key] = alert, wish.evidence
        same = first_look and (held.reason, held.severity) == (alert.reason, alert.severity)
        return [] if same else [AlertChange("update", alert)]

    def _drop(self, key: tuple[str, str], now: datetime) -> AlertChange:
        self._evidence.pop(key, None)
        alert = msgspec.structs.replace(self.open.pop(key), status="closed", closed_at=now, updated_at=now)
        return AlertChange("close", alert)


def _alert(wish: WantedAlert, alert_id: str, raised: datetime, now: datetime) -> Alert:
    risk = wish.voters_at_risk
    return Alert(
        id=alert_id,
        kind=wish.kind,
        severity=wish.severity,
        raised_at=raised,
        updated_at=now,
        reason=wish.reason,
        site=wish.site,
        precinct=wish.precinct,
        region=wish.region,
        feed=wish.feed,
        source=wish.source,
        shortfall=None if risk is None else round(max(0.0, risk), 1),
    )
