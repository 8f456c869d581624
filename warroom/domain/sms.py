"""What a text message says: `65012 57`, `W 0412 35`, `I 0412 machine down`, `X 75`. Pure: no input makes it raise.

One report a line (or between semicolons), at most five. The grammar stands in docs/feeds.md.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from warroom.domain.incidents import category_of
from warroom.domain.sms_places import SmsPlaces
from warroom.domain.sms_time import NotYet, clock, moment_of

MOST_LINES = 5
MOST_COUNT, MOST_MINUTES = 99_999, 1_440
MOST_LETTERS = 1_600  # as many as a text message of ten parts holds
_NUMBER = re.compile(r"[0-9OoIl|]{1,5}")
_FILLERS = frozenset({
    "voters", "voter", "voted", "votes", "vote", "people", "checked", "in", "check", "checkins", "checkin", "ballots",
    "ballot", "count", "total", "so", "far", "min", "mins", "minute", "minutes", "wait", "waiting", "now", "by", "at",
    "as", "of", "the", "is",
})  # fmt: skip
_URGENT = re.compile(r"!|\b(all|every|both)\b.*\b(down|broken|out)\b|\b(closed|evacuat\w*|gun|weapon|fight)\b", re.I)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One line understood. `number`: the count, the minutes, or the right count of a fix (None: forget it).

    `old` is the wrong count that a fix names, None where it names none. `as_typed` is the place as it was
    written, where that is not its id.
    """

    kind: Literal["checkins", "wait", "incident", "fix", "help"]
    precinct: str | None = None
    site: str | None = None
    number: int | None = None
    old: int | None = None
    at: datetime | None = None
    text: str = ""
    category: str = ""
    severity: Literal["low", "medium", "high"] = "medium"
    as_typed: str = ""


class Unclear(msgspec.Struct, frozen=True, kw_only=True):
    """One line that cannot be taken: a fixed name for the reject list, the line, and what to write instead."""

    reason: str
    line: str
    remedy: str


Line = Said | Unclear


def read_sms(text: str, places: SmsPlaces, now: datetime, tz: ZoneInfo) -> list[Line]:
    """Every line of a message, in order. `now` is the day's clock, aware; times are read and given in `tz`."""
    lines = [line.strip() for line in re.split(r"[\n\r;]+", text[:MOST_LETTERS]) if line.strip()]
    if not lines:
        return [Unclear(reason="empty_sms", line="", remedy=_how(places))]
    local = now.astimezone(tz)
    read = [_line(line, places, local, tz) for line in lines[:MOST_LINES]]
    if len(lines) > MOST_LINES:
        remedy = f"At most {MOST_LINES} reports to a message: send the rest again."
        read += [Unclear(reason="too_many_lines", line=line, remedy=remedy) for line in lines[MOST_LINES:]]
    return read


def _line(line: str, places: SmsPlaces, now: datetime, tz: ZoneInfo) -> Line:
    try:
        return _command(line, places, now, tz)
    except _NotUnderstood as error:
        return Unclear(reason=error.reason, line=line, remedy=error.remedy)


class _NotUnderstood(Exception):
    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(remedy)
        self.reason, self.remedy = reason, remedy


def _command(line: str, places: SmsPlaces, now: datetime, tz: ZoneInfo) -> Said:
    words = _words(line)
    first = words[0].upper() if words else ""
    if not words or first in ("?", "HELP", "HOW"):
        return Said(kind="help")
    if first in ("X", "NO", "FIX", "UNDO"):
        return _fix(words[1:], places)
    if first in ("I", "L", "|", "INC", "INCIDENT", "PROBLEM"):
        return _incident(words[1:], line, places, now)
    if first in ("W", "WAIT", "LINE"):
        return _number(words[1:], places, now, tz, wait=True)
    glued = first[:1] == "W" and first[1:2].isdigit() and not places.precincts.find(first)
    if glued:
        return _number([words[0][1:], *words[1:]], places, now, tz, wait=True)
    return _number(words, places, now, tz, wait=False)


def _words(line: str) -> list[str]:
    """The words; a colon after a place, commas and equals signs part them, a comma of thousands does not."""
    head, space, tail = line.partition(" ")
    tail = re.sub(r"\b(\d{1,2}),(\d{3})\b", r"\1\2", tail)
    text = re.sub(r"(?<=\w{3}):(?=\s|\w)|[,=]", " ", head + space + tail)
    return [word for word in (raw.strip("!.\"'()") for raw in text.split()) if word.strip("-–—:")]


def _number(words: list[str], places: SmsPlaces, now: datetime, tz: ZoneInfo, *, wait: bool) -> Said:
    """A place and a number: a count, or minutes to wait."""
    place, typed, rest = _place(words, places, site_first=wait)
    number = _whole(rest[0]) if rest else None
    if number is None:
        what = "the minutes" if wait else "the count so far"
        raise _NotUnderstood("no_number", f"After {typed} comes {what}. {_how(places)}")
    if number > (MOST_MINUTES if wait else MOST_COUNT):
        raise _NotUnderstood("bad_count", f"{number:,} is too many. {_how(places)}")
    at = _when(rest[1:], now, tz, places)
    if wait:
        site = place[1] or places.site_of.get(place[0] or "", "")
        if not site:
            raise _NotUnderstood("no_place", f"{typed} has no poll site here. Write the site's id.")
        return Said(kind="wait", site=site, number=number, at=at, as_typed=_typed(typed, place))
    return Said(kind="checkins", precinct=place[0], site=place[1], number=number, at=at, as_typed=_typed(typed, place))


def _incident(words: list[str], line: str, places: SmsPlaces, now: datetime) -> Said:
    (precinct, site), typed, rest = _place(words, places, site_first=True)
    if not rest:
        raise _NotUnderstood("no_text", f"Say what is wrong: I {places.example_site} machine down")
    text = " ".join(rest)
    return Said(
        kind="incident", precinct=precinct, site=site or places.site_of.get(precinct or "") or None, at=now, text=text,
        category=category_of(text), severity="high" if _URGENT.search(line) else "medium",
        as_typed=_typed(typed, (precinct, site)),
    )  # fmt: skip


def _fix(words: list[str], places: SmsPlaces) -> Said:
    """`X` forget my last count, `X 75` it was 75, `X 65012 75` for that precinct, `NO 57 -> 75` if it was 57."""
    words = [word for part in words for word in re.split(r"-*>|→", part) if word and word.lower() != "to"]
    if not words:
        return Said(kind="fix")
    numbers = [_whole(word) for word in words]
    if len(words) <= 2 and None not in numbers and not (len(words) == 2 and places.precincts.find(words[0])):
        return Said(kind="fix", number=numbers[-1], old=numbers[0] if len(words) == 2 else None)
    (precinct, site), typed, rest = _place(words, places, site_first=False)
    counts = [_whole(word) for word in rest]
    if not 1 <= len(counts) <= 2 or None in counts:
        raise _NotUnderstood("no_number", f"Write X {typed} and the right count.")
    old = counts[0] if len(counts) == 2 else None
    return Said(kind="fix", precinct=precinct, site=site, number=counts[-1], old=old)


Place = tuple[str | None, str | None]  # (precinct id, site id), one of them None


def _place(words: list[str], places: SmsPlaces, *, site_first: bool) -> tuple[Place, str, list[str]]:
    """The place, as it was typed, and the words behind it. An id may be typed in two words, or after the count."""
    if not words:
        raise _NotUnderstood("no_place", f"Which precinct? {_how(places)}")
    ways: list[tuple[str, list[str]]] = [(words[0], words[1:])]
    if len(words) >= 2 and _whole(words[0]) is not None:
        ways.append((words[0] + words[1], words[2:]))
        if not site_first:
            ways.append((words[1], [words[0], *words[2:]]))
    for typed, rest in ways:
        found = _find(typed, places, site_first=site_first)
        if found is not None:
            return found, typed, rest
    kind = "site" if site_first else "precinct"
    raise _NotUnderstood(f"unknown_{kind}", f"There is no {kind} {words[0][:20]} here. {_how(places)}")


def _find(typed: str, places: SmsPlaces, *, site_first: bool) -> Place | None:
    tries: list[tuple[Callable[[str], list[str]], bool]] = [(places.precincts.find, False), (places.sites.find, True)]
    order = tries[::-1] if site_first else tries
    for find, is_site in sorted(order, key=lambda way: way[0](typed) != [typed]):  # what is typed in full comes first
        found = find(typed)
        if len(found) > 1:
            raise _NotUnderstood("two_places", f"{typed[:20]} may be {' or '.join(found[:3])}: write it in full.")
        if found:
            return (None, found[0]) if is_site else (found[0], None)
    return None


def _when(words: list[str], now: datetime, tz: ZoneInfo, places: SmsPlaces) -> datetime:
    """The time that is said, or now. Raises _NotUnderstood for words that are neither a time nor padding."""
    left = [word for word in words if word.lower() not in _FILLERS]
    if len(left) == 2 and left[1].lower().replace(".", "") in ("a", "p", "am", "pm"):
        left = [left[0] + left[1].lower()[0]]
    if not left:
        return now
    try:
        at = moment_of(left[0], now, tz) if len(left) == 1 else None
    except NotYet as error:
        raise _NotUnderstood("not_yet", f"{error} has not come yet: it is {clock(now.astimezone(tz))}.") from error
    if at is None:
        raise _NotUnderstood("not_understood", f"I do not understand {' '.join(left)[:30]!r}. {_how(places)}")
    return min(at, now)


def _whole(word: str) -> int | None:
    """A whole number of at most five digits, O as 0 and l or I as 1; None where it is none.

    >>> _whole("5O"), _whole("l7"), _whole("O"), _whole("Il")
    (50, 17, 0, None)
    """
    if not _NUMBER.fullmatch(word) or not (any(sign.isdigit() for sign in word) or word in "Oo"):
        return None
    return int(word.translate(str.maketrans("OolI|", "00111"))) if word.isascii() else None


def _typed(typed: str, place: Place) -> str:
    return "" if typed in place else typed


def _how(places: SmsPlaces) -> str:
    return f"Write precinct and count so far, like {places.example} 57. ? for help."
