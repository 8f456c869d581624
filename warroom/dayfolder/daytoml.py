"""Reads day.toml: which election, where, and from when to when."""

import re
import tomllib
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

from warroom.dayfolder.faults import Fault, listed, quoted
from warroom.dayfolder.table import read_text
from warroom.domain.election import ElectionDay, ElectionType

FILE = "day.toml"
REQUIRED = ("name", "date", "timezone", "polls_open", "polls_close", "type")
OPTIONAL = ("party",)
LATEST = "A close at midnight or later cannot be said: write 23:59; reports count for twelve hours more."
_TYPES = get_args(ElectionType)


def read_day(path: Path) -> tuple[ElectionDay | None, list[Fault], list[Fault]]:
    """The day, its faults and its warnings. No day where there is a fault."""
    text, faults = read_text(path)
    if text is None:
        return None, faults, []
    table, faults = read_toml(path.name, text)
    if table is None:
        return None, faults, []
    lines = _lines(text)
    warnings = [
        Fault(FILE, lines.get(key), key, "a key that is not used", f"one of {', '.join(REQUIRED + OPTIONAL)}",
              "Check the spelling.")
        for key in table if key not in REQUIRED + OPTIONAL
    ]  # fmt: skip
    day, faults = _day(table, lines)
    return day, faults, warnings


def read_toml(file: str, text: str) -> tuple[dict[str, Any] | None, list[Fault]]:
    """The table of a TOML text, or one fault with the line where it breaks off."""
    try:
        return tomllib.loads(text), []
    except tomllib.TOMLDecodeError as error:
        at = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)", str(error))
        line = int(at[1]) if at and at[1] else text.count("\n") + 1
        found = str(error)[: at.start()] if at else str(error)
        remedy = 'Write each setting as key = "value", one to a line.'
        return None, [Fault(file, line, "", found, "valid TOML", remedy)]


def _lines(text: str) -> dict[str, int]:
    """{key: line} for keys at the start of a line."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if match := re.match(r"\s*[\"']?([A-Za-z0-9_-]+)[\"']?\s*=", line):
            found.setdefault(match[1], number)
    return found


def _day(table: dict[str, Any], lines: dict[str, int]) -> tuple[ElectionDay | None, list[Fault]]:
    faults: list[Fault] = []

    def fault(key: str, found: str, expected: str, remedy: str) -> None:
        faults.append(Fault(FILE, lines.get(key), key, found, expected, remedy))

    values: dict[str, Any] = {}
    for key, (parse, expected, remedy) in _PARSERS.items():
        value = table.get(key, "")
        if value == "" and key in OPTIONAL:
            values[key] = ""
        elif value == "":
            fault(key, "nothing" if key not in table else "an empty text", expected, remedy)
        else:
            try:
                values[key] = parse(value)
            except (ValueError, TypeError, OSError, KeyError):
                # zoneinfo: an unknown name is a KeyError, "../x" a ValueError, a folder such as
                # "America" an OSError.
                fault(key, quoted(value), expected, remedy)
    open_, close = values.get("polls_open"), values.get("polls_close")
    if open_ and close and close <= open_:
        found, expected = f"{close:%H:%M}", f"a time after polls_open ({open_:%H:%M})"
        fault("polls_close", found, expected, f"Write both by the 24-hour clock: 8 p.m. is 20:00. {LATEST}")
    return (None, faults) if faults else (ElectionDay(**values), [])


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(value)
    return value.strip()


def _date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return date.fromisoformat(_text(value))


def _time(value: object) -> time:
    parsed = value if isinstance(value, time) else time.fromisoformat(_text(value).zfill(5))
    if parsed.tzinfo is not None:
        raise ValueError(value)
    return parsed


def _timezone(value: object) -> str:
    return ZoneInfo(_text(value)).key


def _type(value: object) -> str:
    if value not in _TYPES:
        raise ValueError(value)
    return str(value)


_CLOCK = "Write it by the 24-hour clock, in quotes."
_PARSERS = {
    "name": (_text, "the name of the election", 'For example name = "June primary".'),
    "date": (_date, "a date YYYY-MM-DD", 'For example date = "2025-06-24".'),
    "timezone": (_timezone, "a time zone of the IANA list", 'For example timezone = "America/New_York".'),
    "polls_open": (_time, "a local time HH:MM", _CLOCK),
    "polls_close": (_time, "a local time HH:MM", f"{_CLOCK} {LATEST}"),
    "type": (_type, "one of " + listed(_TYPES), "A runoff or municipal election counts as special."),
    "party": (_text, "the party whose primary it is", "Leave it out where the election is no party's own."),
}
