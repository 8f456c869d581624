"""Turns the lines of one file into reports: JSON Lines or CSV."""

import csv
from datetime import datetime
from typing import Protocol

from feeds._faults import NOT_UTF8, TOO_LONG, Refusal
from feeds._lines import Line
from feeds._parse import Parser, reject
from warroom.domain.reports import Reject, Report

CSV_NEEDED = ("id", "kind", "at", "source")
_BOM = b"\xef\xbb\xbf"


class Rows(Protocol):
    """A format of files. `header` is what must be known to read on from the middle; None where nothing."""

    header: list[str] | None

    def item(self, line: Line, where: str, received: datetime) -> Report | Reject | None:
        """What this line holds; None where it is blank or a header."""


class JsonLines:
    """One JSON object to a line."""

    header: list[str] | None = None

    def __init__(self, parser: Parser) -> None:
        self._parser = parser

    def item(self, line: Line, where: str, received: datetime) -> Report | Reject | None:
        """The report of this line, a reject, or None for a blank line."""
        if line.digest:
            return reject(line.raw, TOO_LONG, where, received, line.digest)
        raw = line.raw.removeprefix(_BOM) if line.number == 1 else line.raw
        return self._parser.line(raw, where, received) if raw.strip() else None


class CsvRows:
    """A header with the field names of wire format v1, then one report to a line.

    A quoted line break is refused: it cannot be told from a quote that was never closed, and that must
    not swallow the good rows after it.
    """

    def __init__(self, parser: Parser, header: list[str] | None) -> None:
        self._parser = parser
        self.header = header

    def item(self, line: Line, where: str, received: datetime) -> Report | Reject | None:
        """The report of this row, a reject, or None for a blank line and for the header."""
        if line.digest:
            return reject(line.raw, TOO_LONG, where, received, line.digest)
        raw = line.raw.removeprefix(_BOM) if line.number == 1 else line.raw
        if not raw.strip():
            return None
        cells = _cells(raw)
        if isinstance(cells, Refusal):
            return reject(raw, cells, where, received)
        if self.header is None:
            self.header = [cell.lower() for cell in cells]
            missing = [name for name in CSV_NEEDED if name not in self.header]
            return reject(raw, _bad_header(missing), where, received) if missing else None
        if len(cells) != len(self.header):
            remedy = f"The row has {len(cells)} fields, the header {len(self.header)}: quote commas in a field."
            return reject(raw, Refusal("bad_csv", "", remedy), where, received)
        fields = {name: cell for name, cell in zip(self.header, cells, strict=True) if name and cell}
        return self._parser.fields(fields, raw, where, received)


def _bad_header(missing: list[str]) -> Refusal:
    remedy = f"Name the fields in the first line; it lacks {', '.join(missing)}."
    return Refusal("bad_header", missing[0], remedy)


def _cells(raw: bytes) -> list[str] | Refusal:
    if b"\x00" in raw:
        return NOT_UTF8
    try:
        return [cell.strip() for cell in next(csv.reader([raw.decode("utf-8")], strict=True))]
    except UnicodeDecodeError:
        return NOT_UTF8
    except csv.Error as error:
        return Refusal("bad_csv", "", f"Close and double quotes on the same line ({error}).")
