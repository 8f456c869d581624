"""What a well-formed report must meet to be counted on this day: known places, a moment of the day. Pure."""

from datetime import UTC, timedelta

from feeds._faults import EMPTY_CORRECTION, NO_PLACE, TWO_CORRECTIONS, Refusal, unknown_place, wrong_day
from warroom.domain.election import EARLY_VOTING, ElectionDay
from warroom.domain.reports import Checkins, Correction, EarlyVote, Incident, Report, Shift

# A sender's clock may run ahead of ours by this much before its "tomorrow" is held to be a wrong date.
_AHEAD = timedelta(hours=1)


class DayChecks:
    """The rules of one day."""

    def __init__(self, day: ElectionDay, precincts: frozenset[str], sites: frozenset[str]) -> None:
        self._day = day
        self._precincts = precincts
        self._sites = sites
        self._begins = day.begins_at.astimezone(UTC)
        self._early_begins = self._begins - EARLY_VOTING
        # Wall-clock arithmetic: the next local midnight, 23 or 25 hours on where clocks change.
        self._tomorrow = (day.begins_at + timedelta(days=1)).astimezone(UTC)
        self._ends = day.ends_at.astimezone(UTC)

    def refusal(self, report: Report) -> Refusal | None:
        """Why this report cannot be counted, or None. `report` carries `received`."""
        return self._place(report) or _correction(report) or self._moment(report)

    def wrong_day(self) -> Refusal:
        """The refusal of a moment that is not of this day."""
        return wrong_day("at", f"{self._day.date} in {self._day.timezone}")

    def _place(self, report: Report) -> Refusal | None:
        precinct, site = getattr(report, "precinct", None), getattr(report, "site", None)
        if precinct is not None and precinct not in self._precincts:
            return unknown_place("precinct", precinct, self._precincts)
        if site is not None and site not in self._sites:
            return unknown_place("site", site, self._sites)
        if precinct is None and site is None and isinstance(report, Checkins | Incident):
            return NO_PLACE
        return None

    def _moment(self, report: Report) -> Refusal | None:
        """Refuses what cannot be of this day; a missing PM (01:30 for 13:30) can be, and the tally judges it.

        Early votes are counted in the weeks before, and volunteers log in and try their phones then (`Shift`).
        Reports may come until twelve hours after the close, but one that names the next day before it has
        begun has a wrong date all the same.
        """
        at, received = report.at, report.received or report.at
        begins = self._early_begins if isinstance(report, EarlyVote | Shift) else self._begins
        from_tomorrow = at >= self._tomorrow and at > received + _AHEAD
        return self.wrong_day() if at < begins or at > self._ends or from_tomorrow else None


def _correction(report: Report) -> Refusal | None:
    if not isinstance(report, Correction):
        return None
    if report.count is None and not report.void:
        return EMPTY_CORRECTION
    return TWO_CORRECTIONS if report.count is not None and report.void else None
