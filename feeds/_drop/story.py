"""What one taken file tells the store: a report for each unit, and voids where a restated count is lower. Pure,
except that it writes down in the ledger what was told."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from feeds._drop.ledger import Ledger, UnitPast
from feeds._early.units import Unit, report_id
from warroom.domain.reports import Correction, EarlyVote, Report

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Story:
    """The reports of one event: a file of `series`, as of a moment, under the key of its report ids."""

    def __init__(self, ledger: Ledger, series: str, event: str, as_of: datetime, source: str, now: datetime) -> None:
        self._ledger = ledger
        self._series = list(ledger.series).index(series)
        if event not in ledger.events:
            ledger.events.append(event)
        self._place = ledger.events.index(event)
        self._as_of_ms = round(as_of.timestamp() * 1000)
        self._source = source
        self._now = now

    def tell(self, units: Mapping[Unit, int], restated: bool) -> Iterator[Report]:
        """Reports for these units, and for those of the series that are gone: their count is 0.

        `restated` says that a person accepted lower counts: what was reported before is voided then, because
        a counter never falls without a correction.
        """
        for unit, count in sorted(units.items()):
            yield from self._unit(unit, count, restated)
        for name in [name for name, past in self._ledger.units.items() if past.series == self._series and past.count]:
            method, precinct = name.split(" ", 1)
            unit = (precinct, "mail" if method == "mail" else "in_person")
            if unit not in units:
                yield from self._unit(unit, 0, restated)

    def _unit(self, unit: Unit, count: int, restated: bool) -> Iterator[Report]:
        precinct, method = unit
        past = self._ledger.units.get(f"{method} {precinct}") or UnitPast(0, 0, self._series, [])
        at_ms = max(self._as_of_ms, past.at_ms)  # a county's older file does not take the others back in time
        if restated and count < past.count:
            yield from (self._void(unit, event, at_ms) for event in past.events)
            past.events = []
        elif past.events and past.at_ms == at_ms and past.count != count:  # two files of one moment add up
            yield self._void(unit, past.events.pop(), at_ms)
        yield EarlyVote(
            id=report_id(self._ledger.events[self._place], unit), source=self._source, at=_moment(at_ms),
            received=self._now, precinct=precinct, count=count, method=method,
        )  # fmt: skip
        events = [*(event for event in past.events if event != self._place), self._place]
        self._ledger.units[f"{method} {precinct}"] = UnitPast(count, at_ms, self._series, events)

    def _void(self, unit: Unit, event: int, at_ms: int) -> Correction:
        gone = report_id(self._ledger.events[event], unit)
        return Correction(
            id=report_id(f"void {self._ledger.events[self._place]} {gone}", unit), source=self._source,
            at=_moment(at_ms), received=self._now, corrects=gone, void=True,
        )  # fmt: skip


def _moment(at_ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=at_ms)
