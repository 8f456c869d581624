"""Notices a sender whose clock is wrong, from when its reports say they were observed and when they came. Pure.

A report from the future is certain: the tally holds such a count as suspect. One from the past may have been
sent late; only when every report of a sender is late by nearly the same time does its clock come into question.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable

from warroom.domain.readings import CLOCK_SLACK_MS
from warroom.domain.reports import Report

MOST_SENDERS = 2_000
NEWEST, AHEAD_LEAST = 5, 2  # of so many reports, so many from the future
SLOTS, SLOT_MS = 20, 60_000  # for the past: the least late report of each of so many minutes in which any came
BEHIND_LEAST = 10  # slots
BEHIND_MS, BEHIND_SPREAD_MS = 20 * 60_000, 10 * 60_000
STEADY_MS = 10 * 60_000  # what was said stays until it is wrong by more than this


class _Sender:
    """How late one sender's reports are, in ms."""

    def __init__(self) -> None:
        self.newest: deque[int] = deque(maxlen=NEWEST)
        self.least: deque[int] = deque(maxlen=SLOTS)
        self._slot = 0

    def add(self, arrived_ms: int, lag_ms: int) -> None:
        self.newest.append(lag_ms)
        slot = arrived_ms // SLOT_MS
        if self.least and slot == self._slot:
            self.least[-1] = min(self.least[-1], lag_ms)
        else:
            self.least.append(lag_ms)
            self._slot = slot

    def ahead_ms(self) -> int | None:
        """By how much the clock is ahead; None where it is not."""
        early = [lag for lag in self.newest if lag < -CLOCK_SLACK_MS]
        return -min(early) if len(early) >= AHEAD_LEAST else None

    def behind_ms(self) -> int | None:
        """By how much every report is late; None where they are not, or not by the same."""
        if len(self.least) < BEHIND_LEAST or max(self.least) - min(self.least) > BEHIND_SPREAD_MS:
            return None
        return min(self.least) if min(self.least) >= BEHIND_MS else None


class ClockWatch:
    """The senders of one feed."""

    def __init__(self) -> None:
        self._senders: OrderedDict[str, _Sender] = OrderedDict()
        self._ahead: dict[str, int] = {}  # {source: ms}, of those whose clocks look wrong
        self._behind: dict[str, int] = {}

    def note(self, reports: Iterable[Report]) -> str:
        """Take these in, and say which clocks look wrong; '' where none does."""
        heard = set()
        for report in reports:
            arrived = report.received or report.at
            sender = self._senders.setdefault(report.source, _Sender())
            sender.add(round(arrived.timestamp() * 1000), round((arrived - report.at).total_seconds() * 1000))
            self._senders.move_to_end(report.source)
            heard.add(report.source)
        for source in heard:
            _keep(self._ahead, source, self._senders[source].ahead_ms())
            _keep(self._behind, source, self._senders[source].behind_ms())
        while len(self._senders) > MOST_SENDERS:
            gone, _ = self._senders.popitem(last=False)
            self._ahead.pop(gone, None)
            self._behind.pop(gone, None)
        return self._words()

    def _words(self) -> str:
        if self._ahead:
            who, ms = _worst(self._ahead)
            return f"the clock of {who} is {_minutes(ms)} ahead: its counts are held as suspect"
        if self._behind:
            who, ms = _worst(self._behind)
            return f"reports of {who} come {_minutes(ms)} after they were observed: sent late, or its clock is slow"
        return ""


def _keep(found: dict[str, int], source: str, ms: int | None) -> None:
    if ms is None:
        found.pop(source, None)
    elif abs(found.get(source, -STEADY_MS) - ms) >= STEADY_MS:
        found[source] = ms


def _worst(found: dict[str, int]) -> tuple[str, int]:
    source = max(found, key=lambda name: (found[name], name))
    return f"{source} (and of {len(found) - 1} more)" if len(found) > 1 else source, found[source]


def _minutes(ms: int) -> str:
    return f"{round(ms / 60_000)} min"
