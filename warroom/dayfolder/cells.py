"""Turns a column of texts into values. One function per kind of column; each says which cells it refused.

Work is done on the distinct texts of a column: a million history rows hold few distinct dates.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from warroom.dayfolder.schema import ColumnKind
from warroom.domain.election import ElectionDay

_ID_LONGEST = 64
_VOTERS_MOST = 10_000_000
_WRITE_NUMBER = "Write a plain number: no thousands separator, no unit; leave the cell blank where unknown."
_YES_NO = {
    "yes": True,
    "y": True,
    "true": True,
    "1": True,
    "no": False,
    "n": False,
    "false": False,
    "0": False,
}


@dataclass(frozen=True)
class Parsed:
    """A column's values, aligned with its texts, and a mask of the cells that were refused.

    Blank and refused cells hold NaN, NaT, '' or False, by kind.
    """

    values: pd.Series
    refused: pd.Series
    expected: str
    remedy: str


def parse_column(kind: ColumnKind, texts: pd.Series, day: ElectionDay | None) -> Parsed:
    """Values of one column. `day` gives the zone and date of local times; without it UTC stands in."""
    return _PARSERS[kind](texts, day)


def _text(texts: pd.Series, _day: ElectionDay | None) -> Parsed:
    return Parsed(texts, pd.Series(False, index=texts.index), "text", "")


def _identifier(texts: pd.Series, _day: ElectionDay | None) -> Parsed:
    refused = (texts.str.len() > _ID_LONGEST) | texts.str.contains(r"[\x00-\x1f\x7f]", regex=True)
    expected = f"at most {_ID_LONGEST} characters on one line"
    return Parsed(texts, refused.astype(bool), expected, "Shorten the identifier in every file that uses it.")


def _number(low: float, high: float, whole: bool, expected: str, remedy: str) -> Callable[..., Parsed]:
    def parse(texts: pd.Series, _day: ElectionDay | None) -> Parsed:
        # Python's "1_0" and "infinity" are no numbers of a spreadsheet: to_numeric refuses the first,
        # the range the second.
        values = pd.to_numeric(texts.where(texts != ""), errors="coerce").astype("float64")
        good = values.between(low, high)
        if whole:
            good &= values == np.floor(values)
        refused = (texts != "") & ~good
        return Parsed(values.where(good), refused, expected, remedy)

    return parse


def _dates(texts: pd.Series, _day: ElectionDay | None) -> Parsed:
    known = _by_text(texts, lambda text: date.fromisoformat(text).isoformat())
    values = texts.map(lambda text: known.get(text, "")).astype(str)
    refused = (texts != "") & (values == "")
    expected = "a date written YYYY-MM-DD"
    return Parsed(values, refused, expected, "Write 24 June 2025 as 2025-06-24.")


def _moments(texts: pd.Series, day: ElectionDay | None) -> Parsed:
    zone = day.tz if day else ZoneInfo("UTC")
    on = day.date if day else date(2000, 1, 1)
    known = _by_text(texts, lambda text: parse_moment(text, on, zone))
    values = pd.to_datetime(texts.map(known), utc=True, errors="coerce").astype("datetime64[us, UTC]")
    refused = (texts != "") & values.isna()
    expected = "a local time HH:MM, a date YYYY-MM-DD, or both as 2025-06-24T18:00"
    return Parsed(values, refused, expected, "Add an offset such as -04:00 where the time is not local.")


def parse_moment(text: str, on: date, zone: ZoneInfo) -> datetime:
    """A UTC-aware moment from HH:MM (on the date `on`) or ISO 8601; without an offset it is local time.

    Raises ValueError for anything else.

    >>> parse_moment("06:30", date(2025, 6, 24), ZoneInfo("America/New_York")).isoformat()
    '2025-06-24T10:30:00+00:00'
    """
    if ":" in text and "-" not in text[:5]:
        moment = datetime.combine(on, time.fromisoformat(text.zfill(5)))
    else:
        moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    if not 1900 <= moment.year <= 2200:
        raise ValueError(text)
    return moment.astimezone(UTC)


def _yes_no(texts: pd.Series, _day: ElectionDay | None) -> Parsed:
    lower = texts.str.lower()
    refused = (texts != "") & ~lower.isin(list(_YES_NO))
    values = lower.isin([text for text, yes in _YES_NO.items() if yes])
    return Parsed(values, refused, "yes or no", "Leave the cell blank where unknown.")


def _by_text(texts: pd.Series, parse: Callable[[str], object]) -> dict[str, object]:
    """{text: value} for the distinct texts that `parse` accepts."""
    known: dict[str, object] = {}
    for text in texts.unique():
        try:
            known[text] = parse(text)
        except (ValueError, OverflowError):
            continue
    return known


_DEGREES = "Use decimal degrees (WGS 84); west and south are negative; check that lat and lon are not swapped."
_PARSERS: dict[ColumnKind, Callable[..., Parsed]] = {
    "id": _identifier,
    "text": _text,
    "count": _number(0, _VOTERS_MOST, True, "a whole number of at least 0", _WRITE_NUMBER),
    "ballots": _number(0, _VOTERS_MOST, False, "a number of at least 0", _WRITE_NUMBER),
    "lat": _number(-90, 90, False, "a latitude from -90 to 90", _DEGREES),
    "lon": _number(-180, 180, False, "a longitude from -180 to 180", _DEGREES),
    "date": _dates,
    "moment": _moments,
    "yes_no": _yes_no,
}
