"""Sheets that two people type blind, joined with the store: who is to type next, what differs, what was settled."""

import time
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from warroom.domain.sms import Said
from warroom.store.sheets import Sheet, SheetIsFullError
from warroom.web.entry_check import Difference, Kept, compare
from warroom.web.entry_desk import EntryDesk
from warroom.web.entry_lines import wire

__all__ = ["EntrySheets", "NotThatDifference", "SheetIsFullError", "kept"]

FRESH_S = 1.0  # twenty pages ask every four seconds: one reading serves them


class NotThatDifference(Exception):
    """This sheet has no open difference for this place; the text says so."""


class EntrySheets:
    """Typed sheets. Before the second person is done nobody is told what the first one typed."""

    def __init__(self, desk: EntryDesk) -> None:
        self._store = desk.sheets
        self._rows: dict[str, tuple[str, dict[str, Any]]] = {}  # {sheet: mark of its last change, how it stands}
        self._open: tuple[float, list[dict[str, Any]]] | None = None  # with the second at which it was read

    def typed(self, sheet: str, by: str, lines: list[Kept], at_ms: int) -> tuple[dict[str, Any], list[Kept]]:
        """Keep lines of a typing; gives how the sheet stands, and the lines that two people now agree on.

        Handed in again they change nothing; more of the sheet is added. Raises SheetIsFullError for a third person.
        """
        now = self._store.put(sheet, by, at_ms, [(line.id, msgspec.json.encode(line)) for line in lines])
        self._open = None
        agreed, differ = _compared(now)
        return _told(sheet, now, differ), agreed

    def open(self) -> list[dict[str, Any]]:
        """Every sheet that still asks for somebody, oldest first; at most FRESH_S old.

        Sheets that have not changed since the last time are not read again.
        """
        if self._open is None or time.monotonic() - self._open[0] > FRESH_S:
            marks, rows = self._store.marks(), self._rows
            changed = [sheet for sheet, mark in marks.items() if sheet not in rows or rows[sheet][0] != mark]
            new = {s: (marks[s], _told(s, now, _compared(now)[1])) for s, now in self._store.some(changed).items()}
            self._rows = {s: row for s, row in (rows | new).items() if s in marks}
            asking = [row for _, row in self._rows.values() if row["state"] == "waits" or row["differ"]]
            self._open = (time.monotonic(), sorted(asking, key=lambda row: row["at_ms"]))
        return self._open[1]

    def find(self, sheet: str, what: str) -> Difference:
        """The open difference of this place. Raises NotThatDifference."""
        now = self._store.some([sheet]).get(sheet)
        differ = _compared(now)[1] if now else []
        found = next((d for d in differ if d.what == what), None)
        if found is None:
            raise NotThatDifference(f"sheet {sheet} has no open difference for {what}")
        return found

    def drop(self, sheet: str, what: str, by: str) -> None:
        """Settle it: the right line was sent, or the paper has none. Raises NotThatDifference."""
        self.find(sheet, what)
        self._store.settle(sheet, what, by)
        self._open = None


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


def _compared(sheet: Sheet) -> tuple[list[Kept], list[Difference]]:
    """Lines to send, and differences that nobody has settled; nothing before the second person has typed."""
    if sheet.second is None:
        return [], []
    one, other = ([msgspec.json.decode(raw, type=Kept) for raw in sheet.of(p)] for p in (sheet.first, sheet.second))
    agreed, differ = compare(one, other)
    return agreed, [d for d in differ if d.what not in sheet.settled]


def _told(number: str, sheet: Sheet, differ: list[Difference]) -> dict[str, Any]:
    return {
        "sheet": number,
        "state": "compared" if sheet.second else "waits",
        "first": sheet.first.by,
        "second": sheet.second.by if sheet.second else "",
        "at_ms": sheet.first.at_ms,
        "differ": [msgspec.structs.asdict(d) for d in differ],
    }
