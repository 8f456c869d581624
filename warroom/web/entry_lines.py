"""One typed line of the entry page: read by the grammar of the text messages, judged, made a report. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from warroom.domain.readings import REASON_TEXT, Limits, Reading, fold, tie_of
from warroom.domain.sms import Said, Unclear, read_sms
from warroom.domain.sms_places import SmsPlaces
from warroom.store.keys import precinct_unit, site_unit
from warroom.store.wire import epoch_ms

KINDS = ("checkins", "wait", "incident", "correction")
INITIALS = re.compile(r"[A-Z]{1,4}")
_HELP = "Write precinct and count: 0412 57, 0412 57 915; W 0412 35 a wait; I 0412 and words a problem; ? all keys."
_FIX = "Ctrl+Z on an empty line takes your last line back; then type it right."


def source_of(initials: str) -> str:
    """The source of a typist's reports. Raises ValueError for anything but one to four letters.

    >>> source_of("kb")
    'entry/KB'
    """
    plain = initials.strip().upper()
    if not INITIALS.fullmatch(plain):
        raise ValueError("initials are one to four letters, and no name")
    return f"entry/{plain}"


def read_line(line: str, sheet_time: str, places: SmsPlaces, typed: datetime, tz: ZoneInfo) -> Said | Unclear:
    """What one line says. Without a time of its own it was seen at the sheet's time, or when it was typed."""
    said = _one(line, places, typed, tz)
    if sheet_time and isinstance(said, Said) and said.kind in ("checkins", "wait") and said.at == typed:
        return _one(f"{line} {sheet_time}", places, typed, tz)
    return said


def _one(line: str, places: SmsPlaces, typed: datetime, tz: ZoneInfo) -> Said | Unclear:
    said, *more = read_sms(line, places, typed, tz)
    if more:
        return Unclear(reason="too_many_lines", line=line, remedy="Type one report to a line, without a semicolon.")
    if isinstance(said, Said) and said.kind == "fix":
        return Unclear(reason="not_understood", line=line, remedy=_FIX)
    if isinstance(said, Said) and said.kind == "help":
        return Unclear(reason="empty_line", line=line, remedy=_HELP)
    if isinstance(said, Unclear):
        return Unclear(reason=said.reason, line=line, remedy=said.remedy.replace(" ? for help.", ""))
    return said


def unit_of(said: Said) -> str | None:
    """The counter that a count is of; None for a wait or a problem."""
    if said.kind != "checkins":
        return None
    return precinct_unit(said.precinct) if said.precinct else site_unit(said.site or "")


def wire(said: Said, report_id: str, source: str) -> bytes:
    """The line as a report in wire format v1. `said.at` is set, as `read_line` gives it."""
    report: dict[str, Any] = {"id": report_id, "kind": said.kind, "source": source, "at": said.at}
    if said.precinct:
        report["precinct"] = said.precinct
    if said.site:
        report["site"] = said.site
    if said.kind == "incident":
        report |= {"category": said.category or "other", "severity": said.severity, "text": said.text}
    else:
        report["count" if said.kind == "checkins" else "minutes"] = said.number
    return msgspec.json.encode(report)


def void(report_id: str, corrects: str, source: str, typed: datetime) -> bytes:
    """Takes a count back: it is shown as voided and counts no more."""
    return msgspec.json.encode(
        {"id": report_id, "kind": "correction", "source": source, "at": typed, "corrects": corrects, "void": True}
    )


class Judged(msgspec.Struct, frozen=True):
    """What stands for a counter, and what a new count would be: `doubt` is '' where it is plausible."""

    last: int | None
    last_ms: int | None
    doubt: str


def judge(said: Said, readings: Sequence[Reading], limits: Limits, now: datetime, mine: str = "") -> Judged:
    """The tally's own judgement of this count beside all others of its counter; `mine` is a key to leave out."""
    others = [r for r in readings if f"{r.source}\x1f{r.id}" != mine]
    believed = [j.reading for j in fold(others, limits) if j.status == "accepted"]
    last = believed[-1] if believed else None
    new = Reading(source="\x00", id="\x00", tie=tie_of("entry"), at_ms=epoch_ms(said.at or now),
                  received_ms=epoch_ms(now), count=said.number or 0)  # fmt: skip
    own = next(j for j in fold([*others, new], limits) if j.reading is new)
    doubt = REASON_TEXT[own.reason] if own.status == "suspect" else ""
    if not doubt and (said.number or 0) > limits.ceiling:
        doubt = f"more than can have voted here today ({limits.ceiling:,})"
    if not doubt and last and new.at_ms < last.at_ms and new.count > last.count:
        doubt = "more than a later reading"
    return Judged(last.count if last else None, last.at_ms if last else None, doubt)


def shown(said: Said, places: SmsPlaces) -> dict[str, Any]:
    """A line as the page shows it: what was understood, with names."""
    site = said.site or places.site_of.get(said.precinct or "", "")
    return {
        "kind": said.kind,
        "place": said.precinct or said.site,
        "is_site": said.precinct is None,
        "name": places.names.get(said.precinct or said.site or "", ""),
        "site": places.names.get(site, site) if said.precinct else "",
        "number": said.number,
        "at_ms": epoch_ms(said.at) if said.at else None,
        "text": said.text,
        "as_typed": said.as_typed,
    }
