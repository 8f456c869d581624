"""The parser of a running feed: of the day as it is loaded now, not as it was when the feed began."""

from datetime import datetime

from feeds._checks import DayChecks
from feeds._parse import Parser
from warroom.domain.reports import Reject, Report
from warroom.store.ports import Intake


class LiveParser(Parser):
    """A Parser that takes on the intake's day and places when they are loaded again."""

    def __init__(self, intake: Intake, recorded: bool = False) -> None:
        self._intake = intake
        self._loaded = intake.loaded()
        super().__init__(intake.day(), intake.precinct_ids(), intake.site_ids(), recorded)

    def _checked(self, report: Report, raw: bytes, where: str, received: datetime) -> Report | Reject:
        if (loaded := self._intake.loaded()) != self._loaded:
            self._loaded = loaded
            self._checks = DayChecks(self._intake.day(), self._intake.precinct_ids(), self._intake.site_ids())
        return super()._checked(report, raw, where, received)
