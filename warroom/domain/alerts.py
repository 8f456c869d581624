"""Alerts: what is wrong, how sure we are, why, and who has it."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

AlertKind = Literal[
    "low_turnout", "stoppage", "slowdown", "silent", "suspect_report", "long_wait", "incident", "coverage_gap"
]
AlertSeverity = Literal["high", "medium", "low"]
AlertStatus = Literal["open", "acknowledged", "closed"]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One thing for one person to own.

    `expected`, `reported` and `shortfall` are ballots at `updated_at`; `probability` (0-1)
    is the model's posterior that the trouble is real. `reason` is one sentence a director
    can read aloud. Times are UTC-aware.
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
