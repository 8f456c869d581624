"""The time in a text message: 9:15, 915, 9.15p, 21:15, 9pm. Pure."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

_TIME = re.compile(r"@?(\d{1,2})(?:([:.h]?)(\d{2}))?([ap])?\.?(?:m\.?)?", re.IGNORECASE)
SLACK = timedelta(minutes=2)  # a sender's watch may be this much ahead


class NotYet(ValueError):
    """A time that can be read and has not come yet; the text is the time."""


def moment_of(typed: str, now: datetime, tz: ZoneInfo) -> datetime | None:
    """The moment that this names on the local day of `now`, or None where it is no time.

    Without am or pm, of the two moments it can mean the later one that has already been: nobody reports the
    future. A leading zero or an hour above 12 is a 24-hour clock. Raises NotYet.
    """
    found = _TIME.fullmatch(typed.strip().translate(str.maketrans("OolI|", "00111")))
    if found is None:
        return None
    hour, mark, minute, half = int(found[1]), found[2], found[3], (found[4] or "").lower()
    if (minute is None and not half) or int(minute or 0) > 59:
        return None
    if half and not 1 <= hour <= 12:
        return None
    sure = bool(half) or hour > 12 or found[1].startswith("0")
    hours = [hour % 12 + (12 if half == "p" else 0)] if half else [hour] if sure else [hour % 12, hour % 12 + 12]
    if hours[0] > 23:
        return None
    today = now.astimezone(tz).date()
    meant = [datetime.combine(today, time(h, int(minute or 0)), tz) for h in hours]
    been = [moment for moment in meant if moment <= now + SLACK]
    if not been:
        raise NotYet(clock(meant[0]) if mark or half else typed)
    return been[-1]


def clock(moment: datetime) -> str:
    """A local time as its sender writes it.

    >>> clock(datetime(2025, 6, 24, 21, 5))
    '9:05 PM'
    """
    return f"{moment.hour % 12 or 12}:{moment.minute:02d} {'AM' if moment.hour < 12 else 'PM'}"
