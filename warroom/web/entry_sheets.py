"""Sheets that two people type blind, joined with the store: who is to type next, what differs, what was settled."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from warroom.domain.sms import Said
from warroom.store.sheets import SheetIsFullError, Typed
from warroom.web.entry_check import Difference, Kept, compare
from warroom.web.entry_desk import EntryDesk
from warroom.web.entry_lines import wire

__all__ = ["EntrySheets", "NotThatDifference", "SheetIsFullError", "kept"]


class NotThatDifference(Exception):
    """This sheet has no open difference for this place; the text says so."""


class EntrySheets:
    """Typed sheets. Before the second person is done nobody is told what the first one typed."""

    def __init__(self, desk: EntryDesk) -> None:
        self._desk = desk

    def typed(self, sheet: str, by: str, lines: list[Kept], at_ms: int) -> tuple[dict[str, Any], list[Kept]]:
        """Keep a typing; gives how the sheet stands, and the lines to send now that two people agree on them.

        Typing it in again changes nothing and gives the same lines. Raises SheetIsFullError for a third person.
        """
        first, second = self._desk.sheets.put(sheet, Typed(by, at_ms, msgspec.json.encode(lines)))
        if second is None:
            return {"state": "waits", "first": first.by, "second": "", "differ": []}, []
        agreed, differ = _compared(first, second)
        settled = self._desk.sheets.all()[sheet][2]
        left = [msgspec.structs.asdict(d) for d in differ if d.what not in settled]
        return {"state": "compared", "first": first.by, "second": second.by, "differ": left}, agreed

    def open(self) -> list[dict[str, Any]]:
        """Every sheet that still asks for somebody, oldest first."""
        found = []
        for sheet, (first, second, settled) in self._desk.sheets.all().items():
            differ = [d for d in _compared(first, second)[1] if d.what not in settled] if second else []
            if second is None or differ:
                found.append({
                    "sheet": sheet, "state": "compared" if second else "waits", "first": first.by,
                    "second": second.by if second else "", "at_ms": first.at_ms,
                    "differ": [msgspec.structs.asdict(d) for d in differ],
                })  # fmt: skip
        return sorted(found, key=lambda row: row["at_ms"])

    def find(self, sheet: str, what: str) -> Difference:
        """The open difference of this place. Raises NotThatDifference."""
        first, second, settled = self._desk.sheets.all().get(sheet, (None, None, frozenset[str]()))
        differ = _compared(first, second)[1] if first and second else []
        found = next((d for d in differ if d.what == what and what not in settled), None)
        if found is None:
            raise NotThatDifference(f"sheet {sheet} has no open difference for {what}")
        return found

    def drop(self, sheet: str, what: str, by: str) -> None:
        """Settle it: the right line was sent, or the paper has none. Raises NotThatDifference."""
        self.find(sheet, what)
        self._desk.sheets.settle(sheet, what, by)


def kept(report_id: str, said: Said, source: str, typed: datetime, tz: ZoneInfo) -> Kept:
    """A line as it is compared: place and kind, number and stated time; two people's words for a problem may differ."""
    local = said.at.astimezone(tz).strftime("%H:%M") if said.at and said.at != typed else ""
    place = said.precinct or said.site or ""
    if said.kind == "incident":
        value = words = said.category
    else:
        value = f"{said.number} {local}".strip()
        words = f"{said.number:,}{' min' if said.kind == 'wait' else ''}{f' at {local}' if local else ''}"
    return Kept(report_id, f"{said.kind} {place}", value, words, wire(said, report_id, source))


def _compared(first: Typed, second: Typed) -> tuple[list[Kept], list[Difference]]:
    one, other = (msgspec.json.decode(typed.lines, type=list[Kept]) for typed in (first, second))
    return compare(one, other)
