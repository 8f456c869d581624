"""Alerts: what is wrong, how sure we are, why, and who has it."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from warroom.domain.feeds import named

AlertKind = Literal[
    "low_turnout", "stoppage", "slowdown", "silent", "suspect_report", "long_wait", "incident", "coverage_gap"
]
AlertSeverity = Literal["high", "medium", "low"]
AlertStatus = Literal["open", "acknowledged", "closed"]
SEVERITY_RANK: dict[AlertSeverity, int] = {"high": 0, "medium": 1, "low": 2}
KIND_RANK: dict[AlertKind, int] = {  # voters being lost before risks, risks before doubts
    "stoppage": 0, "low_turnout": 0, "slowdown": 0, "long_wait": 0, "incident": 1, "silent": 2, "coverage_gap": 2,
    "suspect_report": 3,
}  # fmt: skip
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One thing for one person to own.

    `expected`, `reported` and `shortfall` are ballots at `updated_at`, of a stoppage or slow-down those since
    it began; `probability` (0-1)
    is the model's posterior that the trouble is real. `reason` is one sentence a director
    can read aloud. `feed` or `source` is set where the trouble is a feed's or a source's, which has no place.
    Times are UTC-aware.
    """

    id: str
    kind: AlertKind
    severity: AlertSeverity
    raised_at: datetime
    updated_at: datetime
    reason: str
    precinct: str | None = None
    site: str | None = None
    region: str = ""
    feed: str = ""
    source: str = ""
    expected: float | None = None
    expected_low: float | None = None
    expected_high: float | None = None
    reported: int | None = None
    shortfall: float | None = None
    probability: Share | None = None
    status: AlertStatus = "open"
    closed_at: datetime | None = None
    owner: str | None = None
    acknowledged_at: datetime | None = None


def feed_place(alert: Alert) -> str:
    """What stands for the place of an alert on a feed or a source; '' for any other."""
    if alert.source:
        return f"Source {alert.source}"
    return f"Feed {named(alert.feed)}" if alert.feed else ""


def urgency(alert: Alert) -> tuple[int, int, float, datetime, str]:
    """Sorts alerts, most urgent first: severity, voters being lost before risks, how many voters, age."""
    return (
        SEVERITY_RANK[alert.severity],
        KIND_RANK[alert.kind],
        -(alert.shortfall or 0),
        alert.raised_at,
        alert.id,
    )
