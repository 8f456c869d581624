"""Reads a dropped file of reports: wire format v1 as JSON Lines or CSV, or any table by the mapping given."""

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from feeds._early.layout import folded
from feeds._early.source import BadTable, header_of
from feeds._faults import Refusal
from feeds._lines import Line, LineCutter
from feeds._mapping import RecordMapping
from feeds._parse import Parser, reject
from feeds._rows import CSV_NEEDED, CsvRows, JsonLines, Rows
from feeds._table import read_table
from warroom.domain.reports import Reject, Report

_HEAD_BYTES = 64 * 1024
_CHUNK_BYTES = 256 * 1024


class Item(NamedTuple):
    """One report or reject, with its line as it came; None where no copy is kept of it."""

    item: Report | Reject
    raw: bytes | None


def is_wire(path: Path) -> bool:
    """Whether the file begins like reports of wire format v1. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return _is_json(head) or _is_csv(head)


def read_wire(path: Path, parser: Parser, received: datetime) -> Iterator[Item]:
    """Every line as a report or a reject. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        file.seek(0)
        rows: Rows = JsonLines(parser) if _is_json(head) else CsvRows(parser, None)
        for line in _lines(file):
            item = rows.item(line, f"{path.name}:{line.number}", received)
            if item is not None:
                yield Item(item, line.raw)


def read_mapped(path: Path, mapping: RecordMapping, parser: Parser, received: datetime) -> Iterator[Item]:
    """Every row of a table as the mapping says. No raw copy is kept: what else stands in the row is unknown.

    Raises OSError.
    """
    for record in read_table(path):
        where = f"{path.name}:{record.number}"
        if isinstance(record.row, Refusal):
            yield Item(reject(b"", record.row, where, received, f"{path.name}:{record.number}"), None)
            continue
        said = mapping.apply(record.row)  # only what the mapping asks for may stand in a sample
        raw = ", ".join(f"{name}={value}" for name, value in sorted(said.items())).encode()
        yield Item(mapping.report(parser, record.row, raw, where, received), None)


def _lines(file) -> Iterator[Line]:  # type: ignore[no-untyped-def]
    cutter = LineCutter()
    while chunk := file.read(_CHUNK_BYTES):
        yield from cutter.feed(chunk)
    if last := cutter.finish():
        yield last


def _is_json(head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def _is_csv(head: bytes) -> bool:
    try:
        names = {folded(name) for name in header_of(head).columns}
    except (BadTable, csv.Error):
        return False
    return names.issuperset(CSV_NEEDED)
