"""Notices a sender whose clock is wrong, from when its reports say they were observed and when they came. Pure.

A report from the future is certain: the tally holds such a count as suspect. One from the past may have been
sent late; only when every report of a sender is late by nearly the same time does its clock come into question.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable

from warroom.domain.readings import CLOCK_SLACK_MS
from warroom.domain.reports import Report

KEPT = 20  # newest reports of a sender
MOST_SENDERS = 2_000
AHEAD_LEAST, BEHIND_LEAST = 2, 10  # reports that say so before we do
BEHIND_MS, BEHIND_SPREAD_MS = 20 * 60_000, 10 * 60_000


class ClockWatch:
    """The senders of one feed. `lags` is {source: how long after `at` its newest reports came, in ms}."""

    def __init__(self) -> None:
        self._lags: OrderedDict[str, deque[int]] = OrderedDict()
        self._ahead: dict[str, int] = {}  # {source: ms}, of those whose clocks look wrong
        self._behind: dict[str, int] = {}

    def note(self, reports: Iterable[Report]) -> str:
        """Take these in, and say which clocks look wrong; '' where none does."""
        heard = set()
        for report in reports:
            arrived = report.received or report.at
            lags = self._lags.setdefault(report.source, deque(maxlen=KEPT))
            lags.append(round((arrived - report.at).total_seconds() * 1000))
            self._lags.move_to_end(report.source)
            heard.add(report.source)
        for source in heard:
            lags = self._lags[source]
            _keep(self._ahead, source, -min(lags) if _ahead(lags) else None)
            _keep(self._behind, source, min(lags) if _behind(lags) else None)
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
    else:
        found[source] = ms


def _worst(found: dict[str, int]) -> tuple[str, int]:
    source = max(found, key=lambda name: (found[name], name))
    return f"{source} (and of {len(found) - 1} more)" if len(found) > 1 else source, found[source]


def _ahead(lags: Iterable[int]) -> bool:
    return sum(lag < -CLOCK_SLACK_MS for lag in list(lags)[-5:]) >= AHEAD_LEAST


def _behind(lags: "deque[int]") -> bool:
    return len(lags) >= BEHIND_LEAST and min(lags) >= BEHIND_MS and max(lags) - min(lags) <= BEHIND_SPREAD_MS


def _minutes(ms: int) -> str:
    return f"{round(ms / 60_000)} min"
