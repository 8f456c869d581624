"""Which files are versions of one another, told by their names. Pure."""

import re
from collections.abc import Sequence

_S = r"[-_. ]"
_M, _D = r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])"
_MM, _DD = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?)"
)
_CLOCK = (
    rf"(?:[-_. T]*(?:(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?|(?:[01]?\d|2[0-3])[-_.:][0-5]\d(?:[-_.:][0-5]\d)?)"
    rf"(?!\d)(?:{_S}?[ap]m)?|[-_. ]*\d\d?{_S}?[ap]m)?"
)
_WITH_YEAR = (
    rf"20\d\d{_MM}{_DD}", rf"{_MM}{_DD}20\d\d", rf"20\d\d{_S}{_M}{_S}{_D}", rf"\d\d?{_S}\d\d?{_S}20\d\d",
    rf"{_MONTH}{_S}*{_D}(?:st|nd|rd|th)?[-_. ,]*20\d\d", rf"{_D}{_S}*{_MONTH}{_S}*20\d\d", r"1[67]\d{8}(?:\d{3})?",
)  # fmt: skip
# Without a year, or with two digits of it, only what is hardly anything else; "12_20" may be a site.
_SHORT = (
    rf"{_M}{_S}{_D}{_S}2\d", rf"2\d{_MM}{_DD}", rf"{_MM}{_DD}2\d", rf"{_MM}[-.]{_DD}", rf"{_MONTH}{_S}*{_D}",
)  # fmt: skip


def _dates(forms: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\d)(?:{'|'.join(forms)})(?!\d){_CLOCK}", re.IGNORECASE)


_LONG_DATE, _SHORT_DATE = _dates(_WITH_YEAR), _dates(_SHORT)
_COPY = re.compile(r" ?\(\d+\)(?=\.[^.]*$)")  # what a browser calls the second download of the same file


def series_of(name: str, layout: str, counties: Sequence[str]) -> str:
    """The series of a file: its layout, its name without dates and times, and its county where it has but one.

    Other numbers stay: they may be sites or counties, whose files say nothing about one another.

    >>> series_of("absentee_20241105 (1).csv", "NC", ["WAKE"]) == series_of("absentee_20241106.csv", "NC", ["WAKE"])
    True
    """
    pattern, found = _LONG_DATE.subn("#", _COPY.sub("", name))
    if not found:
        pattern = _SHORT_DATE.sub("#", pattern)
    return f"{layout}: {pattern}" + (f" {counties[0]}" if len(counties) == 1 and counties[0] else "")
