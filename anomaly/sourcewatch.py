"""Joins the judgement of sources to the store: what others say of each, its alert, and the alert of a forgotten hold.

Counters that changed are looked at a slice at a time, never for more than a small share of the watch's time.
"""

import time
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from anomaly.alerting import AlertChange
from anomaly.events import EventAlerts, WantedAlert
from anomaly.sourcetrust import CHANCE, Evidence, evidence_of, trusts
from warroom.domain.alerts import Alert
from warroom.domain.election import ElectionDay
from warroom.domain.readings import Judged, Limits, fold
from warroom.domain.sources import Judgement, Trust, sender_of
from warroom.store.client import Client
from warroom.store.day import read_limits
from warroom.store.holds import Hold, HoldStore
from warroom.store.state import StateReader
from warroom.store.wire import epoch_ms

SLICE_COUNTERS = 100  # about ten milliseconds
SHARE = 20  # after costly work, that many times its duration passes before it is done again
TELL_EVERY_S = 2.0
KEPT_BYTES_PER_S, KEPT_EVERY_S = 10_000, 30.0  # a thousand sources are 100 kB: written seldom, for the store's disk
OVER = 10.0  # an alert that is open closes at a chance this much above the one that opens it


class SourceWatch:
    """The sources as the watch sees them. One for the day's state; read anew, another one begins."""

    def __init__(self, client: Client, state: StateReader, day: ElectionDay) -> None:
        self._client, self._state, self._day = client, state, day
        self._store = HoldStore(client)
        self._alerts = EventAlerts()
        self._evidence: dict[str, Evidence] = {}
        self._limits: dict[str, Limits] = {}
        self._dirty: dict[str, None] = {}  # in order: what waited longest is looked at first
        self._unread = 0
        self._look_due_s = self._tell_due_s = self._keep_due_s = 0.0

    def adopt(self, alerts: Iterable[Alert]) -> None:
        """Go on after a restart: open alerts on sources stay open, until what was taken so far has been looked at."""
        self._unread = len(self._dirty)
        self._alerts.adopt((a for a in alerts if a.source), frozenset({"suspect_report"}))

    def take(self, units: Iterable[str]) -> None:
        """These counters changed."""
        self._dirty.update(dict.fromkeys(units))

    def step(self, now: datetime) -> list[AlertChange]:
        """Look at some of what changed; what the alerts of sources must become at `now`."""
        began_s = time.monotonic()
        if self._dirty and began_s >= self._look_due_s:
            self._look()
            self._look_due_s = time.monotonic() + SHARE * (time.monotonic() - began_s)
        began_s = time.monotonic()
        if began_s < self._tell_due_s:
            return []
        judged, holds = trusts(self._evidence.values()), self._store.all()
        if began_s >= self._keep_due_s:
            row = msgspec.json.encode(Judgement(epoch_ms(now), len(self._dirty), judged))
            self._store.put_judged(row)
            self._keep_due_s = began_s + min(KEPT_EVERY_S, len(row) / KEPT_BYTES_PER_S)
        changes = self._alerts.step(self._wanted(judged, holds), now) if self._unread <= 0 else []
        ended_s = time.monotonic()
        self._tell_due_s = ended_s + max(TELL_EVERY_S, SHARE * (ended_s - began_s))
        return changes

    @property
    def open(self) -> list[Alert]:
        """The open alerts of sources."""
        return list(self._alerts.open.values())

    def _look(self) -> None:
        units = list(self._dirty)[:SLICE_COUNTERS]
        for unit in units:
            del self._dirty[unit]
        self._unread -= len(units)
        states = self._state.unit_states(units)
        for unit, readings in self._state.readings(units).items():
            clean = unit in states and not states[unit].suspect
            self._evidence[unit] = evidence_of(
                [Judged(reading=r, status="accepted") for r in readings] if clean else fold(readings, self._of(unit))
            )

    def _of(self, unit: str) -> Limits:
        if unit not in self._limits:
            self._limits[unit] = read_limits(self._client, unit)
        return self._limits[unit]

    def _wanted(self, judged: Iterable[Trust], holds: Mapping[str, Hold]) -> list[WantedAlert]:
        held = [hold_alert(source, hold, self._clock(hold.at_ms)) for source, hold in sorted(holds.items())]
        known, open_now = {sender_of(source) for source in holds}, self._alerts.is_open("suspect_report")
        return held + [
            contradiction_alert(one)
            for one in judged
            if one.source not in known and contradicts(one, place_of(one.source) in open_now)
        ]

    def _clock(self, at_ms: int) -> str:
        return datetime.fromtimestamp(at_ms / 1000, self._day.tz).strftime("%H:%M")


def place_of(source: str) -> str:
    """The name under which a source stands in an alert's id."""
    return f"source {source}"


def contradicts(one: Trust, is_open: bool) -> bool:
    """Whether a source contradicts others beyond chance, so that it is known which of them is wrong."""
    return one.confirmed and one.chance < CHANCE * (OVER if is_open else 1.0)


def contradiction_alert(one: Trust) -> WantedAlert:
    """The alert of a source that contradicts others."""
    low, high = round(100 * (one.low or 0.0)), round(100 * (one.high or 0.0))
    reason = (
        f"Contradicts {len(one.against)} other source{'s' * (len(one.against) > 1)}: of {one.counters} places where "
        f"its counts could be checked it agrees at {one.agreed:.1f} (trust {low}–{high} %). Look; hold it under Feeds"
    )
    return WantedAlert(kind="suspect_report", place=place_of(one.source), severity="medium", reason=reason,
                       evidence=f"{one.counters} {len(one.against)}", source=one.source)  # fmt: skip


def hold_alert(source: str, hold: Hold, since: str) -> WantedAlert:
    """The alert of a source that is held: a forgotten hold loses reports."""
    reason = f"Held since {since}: its counts are kept and do not count. Release it under Feeds when it is cleared"
    return WantedAlert(kind="suspect_report", place=place_of(source), severity="low", reason=reason,
                       evidence=f"held {hold.at_ms}", source=source)  # fmt: skip
