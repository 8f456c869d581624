"""Notices a sender whose clock is wrong, from when its reports say they were observed and when they came. Pure.

A report from the future is certain: the tally holds such a count as suspect. One from the past may have been
sent late; only when every report of a sender is late by nearly the same time does its clock come into question.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence

from warroom.domain.readings import CLOCK_SLACK_MS
from warroom.domain.reports import Report

KEPT = 20  # newest reports of a sender
MOST_SENDERS = 2_000
AHEAD_LEAST, BEHIND_LEAST = 2, 10  # reports that say so before we do
BEHIND_MS, BEHIND_SPREAD_MS = 20 * 60_000, 10 * 60_000
BEHIND_OVER_MS = 10 * 60_000  # they must have come over so long: a backlog sent at once is no slow clock
STEADY_MS = 10 * 60_000  # what was said stays until it is wrong by more than this


class ClockWatch:
    """The senders of one feed. `_lags` is {source: (arrival, arrival - at) of its newest reports, in ms}."""

    def __init__(self) -> None:
        self._lags: OrderedDict[str, deque[tuple[int, int]]] = OrderedDict()
        self._ahead: dict[str, int] = {}  # {source: ms}, of those whose clocks look wrong
        self._behind: dict[str, int] = {}

    def note(self, reports: Iterable[Report]) -> str:
        """Take these in, and say which clocks look wrong; '' where none does."""
        heard = set()
        for report in reports:
            arrived = report.received or report.at
            lags = self._lags.setdefault(report.source, deque(maxlen=KEPT))
            lags.append((round(arrived.timestamp() * 1000), round((arrived - report.at).total_seconds() * 1000)))
            self._lags.move_to_end(report.source)
            heard.add(report.source)
        for source in heard:
            newest = self._lags[source]
            came, behind = [arrived_ms for arrived_ms, _ in newest], [lag_ms for _, lag_ms in newest]
            _keep(self._ahead, source, -min(behind) if _ahead(behind) else None)
            _keep(self._behind, source, min(behind) if _behind(came, behind) else None)
        while len(self._lags) > MOST_SENDERS:
            gone, _ = self._lags.popitem(last=False)
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


def _ahead(lags: Sequence[int]) -> bool:
    return sum(lag < -CLOCK_SLACK_MS for lag in lags[-5:]) >= AHEAD_LEAST


def _behind(came: Sequence[int], lags: Sequence[int]) -> bool:
    if len(lags) < BEHIND_LEAST or max(came) - min(came) < BEHIND_OVER_MS:
        return False
    return min(lags) >= BEHIND_MS and max(lags) - min(lags) <= BEHIND_SPREAD_MS


def _minutes(ms: int) -> str:
    return f"{round(ms / 60_000)} min"
