"""The list of open alerts: what may join it, what changes on it, what leaves it.

New turnout alerts keep to an hourly budget, the most voters that can still be won back
first, and to an expected share of false alarms over the whole day.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from warroom.domain.alerts import Alert

Key = tuple[str, str]  # (kind, precinct or site)
TURNOUT_KINDS = ("low_turnout", "stoppage", "slowdown")


@dataclass(frozen=True)
class AlarmSettings:
    """What the people on watch can bear.

    open_at, slow_at, stop_at: posterior at which a shortfall, a slow-down and a stoppage may open;
    close_at: under which any of them closes; again_at: posterior for a second alert of the same
    kind and place. sure_at: from which a shortfall at a site that reports regularly needs no confirmation
    by the next reading, or by confirm_minutes without one. least_readings: before any turnout alert;
    least_share: of a precinct's day that must be over before its level is judged: earlier, curves
    differ more than turnout; least_regular: before a change of
    pace can be told from a careless report. false_share: expected false alerts among all of the
    day. visit_cost: voters that the people sent on a false alert would have won elsewhere; winnable: voters that the
    answer to one alert can win back at most.
    budget_per_hour: new turnout alerts in any hour.
    """

    open_at: float = 0.45
    slow_at: float = 0.65
    stop_at: float = 0.50
    close_at: float = 0.30
    again_at: float = 0.90
    sure_at: float = 0.90
    confirm_minutes: float = 60.0
    least_readings: int = 2
    least_share: float = 0.12
    least_regular: int = 4
    false_share: float = 0.25
    visit_cost: float = 40.0
    winnable: float = 30.0
    budget_per_hour: int = 40


@dataclass(frozen=True)
class AlertChange:
    """One change of the alert list: open, update or close, and the alert after it."""

    action: Literal["open", "update", "close"]
    alert: Alert


@dataclass(frozen=True)
class Wish:
    """An alert that evidence asks for. `write` makes it, only if it is wanted.

    lost: voters that are, or will be, missing; reported: last believed count, where there is one.
    """

    key: Key
    probability: float
    lost: float
    reported: int | None
    write: Callable[[], Alert]


def place_of_site(kind: str, site: str) -> str:
    """The name under which a whole site stands in a key; no precinct may have the same."""
    return f"site {site}" if kind == "low_turnout" else site


class AlertBook:
    """Open alerts by key, and the day's record against which new ones are weighed."""

    def __init__(self, settings: AlarmSettings) -> None:
        self.settings = settings
        self.open: dict[Key, Alert] = {}
        self._number: dict[Key, int] = {}
        self._recent: deque[float] = deque()
        self._sure, self._raised = 0.0, 0

    def adopt(self, alerts: Iterable[Alert]) -> None:
        """Go on where another book stopped: open alerts stay open, and no number is used twice."""
        for alert in alerts:
            key = (str(alert.kind), alert.precinct or place_of_site(alert.kind, alert.site or ""))
            self._number[key] = max(self._number.get(key, 0), int(alert.id.rpartition(":")[2]))
            if alert.status != "closed":
                self.open[key] = alert
            if alert.kind in TURNOUT_KINDS:
                self._sure += alert.probability or 0.0
                self._raised += 1

    def admit(self, wishes: Iterable[Wish], now_min: float) -> list[AlertChange]:
        """Update the wishes that are open already; open others as far as the budgets go."""
        changes = []
        while self._recent and self._recent[0] <= now_min - 60:
            self._recent.popleft()
        for wish in sorted(wishes, key=lambda w: (-self._worth(w), w.key)):
            old = self.open.get(wish.key)
            if old is not None:
                changes += self._update(old, wish)
            elif len(self._recent) < self.settings.budget_per_hour and self._affordable(wish):
                self._recent.append(now_min)
                changes.append(self.put(wish.key, wish.write()))
        return changes

    def put(self, key: Key, alert: Alert) -> AlertChange:
        """Open an alert outside the budgets; its id tells kind, place and how many before it."""
        number = self._number[key] = self._number.get(key, 0) + 1
        named = msgspec.structs.replace(alert, id=f"{key[0]}:{key[1]}:{number}")
        self.open[key] = named
        return AlertChange("open", named)

    def drop(self, key: Key, moment: datetime) -> AlertChange:
        """Close an open alert. Raises KeyError where none is open."""
        alert = msgspec.structs.replace(self.open.pop(key), status="closed", closed_at=moment, updated_at=moment)
        return AlertChange("close", alert)

    def _update(self, old: Alert, wish: Wish) -> list[AlertChange]:
        if old.reported == wish.reported and abs((old.probability or 0.0) - wish.probability) < 0.05:
            return []
        new = msgspec.structs.replace(wish.write(), id=old.id, raised_at=old.raised_at)
        self.open[wish.key] = new
        return [AlertChange("update", new)]

    def _worth(self, wish: Wish) -> float:
        """Voters that acting can be expected to win back, less what a false alarm costs.

        A stoppage comes first: nobody votes there while it lasts.
        """
        # While the budget is hardly used, people are free and a visit costs nobody anything.
        cost = self.settings.visit_cost * min(1.0, len(self._recent) / self.settings.budget_per_hour)
        first = 1e6 if wish.key[0] == "stoppage" else 0.0
        return first + wish.probability * min(wish.lost, self.settings.winnable) - (1 - wish.probability) * cost

    def _affordable(self, wish: Wish) -> bool:
        """Whether the expected false share of the day's alerts stays in bounds with this one.

        Sure alerts earn the room for less sure ones: an online rule for the false discovery rate.
        """
        p = wish.probability
        if self._worth(wish) <= 0 or (wish.key in self._number and p < self.settings.again_at):
            return False
        if (self._sure + p) / (self._raised + 1) < 1 - self.settings.false_share:
            return False
        self._sure += p
        self._raised += 1
        return True
