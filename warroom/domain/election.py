"""The day itself: which election, where, and from when to when people may vote."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

EARLY_VOTING = timedelta(days=60)  # longer than any state's early voting, and than anybody tries a phone

ElectionType = Literal["primary", "general", "special"]


class ElectionDay(msgspec.Struct, frozen=True, kw_only=True):
    """One election day in one time zone.

    `polls_open` and `polls_close` are local wall-clock times; the properties below
    turn them into UTC-aware moments. `party` is empty where the election is not a
    party's own.
    """

    name: str
    date: date
    timezone: str
    polls_open: time
    polls_close: time
    type: ElectionType
    party: str = ""

    @property
    def tz(self) -> ZoneInfo:
        """The day's time zone. Raises ZoneInfoNotFoundError for an unknown name."""
        return ZoneInfo(self.timezone)

    @property
    def opens_at(self) -> datetime:
        """The moment the polls open."""
        return datetime.combine(self.date, self.polls_open, self.tz)

    @property
    def closes_at(self) -> datetime:
        """The moment the polls close: after it nothing can be won back."""
        return datetime.combine(self.date, self.polls_close, self.tz)

    @property
    def begins_at(self) -> datetime:
        """Local midnight: a report observed earlier is not of this day."""
        return datetime.combine(self.date, time(0), self.tz)

    @property
    def ends_at(self) -> datetime:
        """Twelve hours after the close: a report observed later is not of this day."""
        return self.moment_of(self.minutes_open + 12 * 60)

    @property
    def minutes_open(self) -> int:
        """Length of the voting day in minutes, by elapsed time."""
        return int((self.closes_at.timestamp() - self.opens_at.timestamp()) // 60)

    def minute_of(self, moment: datetime) -> float:
        """Minutes from the opening of the polls to `moment`; negative before it."""
        return (moment.timestamp() - self.opens_at.timestamp()) / 60

    def moment_of(self, minute: float) -> datetime:
        """The local moment so many minutes after the opening, by elapsed time: clocks may change in between."""
        return (self.opens_at.astimezone(UTC) + timedelta(minutes=float(minute))).astimezone(self.tz)
