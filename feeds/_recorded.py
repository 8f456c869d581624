"""Reads a recorded day: its reports in the order in which they arrived."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from feeds._lines import Line, LineCutter
from feeds._parse import Parser
from feeds._rows import JsonLines
from warroom.domain.election import ElectionDay
from warroom.domain.reports import Reject, Report

_CHUNK_BYTES = 1024 * 1024


class Arrival(NamedTuple):
    """One line of a recorded file, and when it arrived (UTC)."""

    received: datetime
    item: Report | Reject


def read_recorded(path: Path, day: ElectionDay, precincts: frozenset[str], sites: frozenset[str]) -> list[Arrival]:
    """Every report and reject of a reports.jsonl in the order of `received` (where absent: `at`).

    Equal times keep the order of the file. A refused line arrives at the time it states, if that can be
    read, or else with the line before it. Raises OSError where the file cannot be read.
    """
    rows = JsonLines(Parser(day, precincts, sites, recorded=True))
    arrivals: list[Arrival] = []
    latest = day.opens_at
    for line in _lines(path):
        item = rows.item(line, f"{path.name}:{line.number}", latest)
        if isinstance(item, Reject):
            item = msgspec.structs.replace(item, received=_stated(line.raw, day) or latest)
        if item is not None:
            latest = item.received or latest
            arrivals.append(Arrival(latest, item))
    return sorted(arrivals, key=lambda arrival: arrival.received)


class _Times(msgspec.Struct):
    at: str = ""
    received: str = ""


def _stated(raw: bytes, day: ElectionDay) -> datetime | None:
    """The arrival that a refused line states, where it can be read and is of the day."""
    try:
        times = msgspec.json.decode(raw, type=_Times)
        moment = datetime.fromisoformat(times.received or times.at)
    except (ValueError, RecursionError):
        return None
    if moment.tzinfo is None or not day.begins_at <= moment <= day.ends_at:
        return None
    return moment.astimezone(UTC)


def _lines(path: Path) -> Iterator[Line]:
    cutter = LineCutter()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield from cutter.feed(chunk)
    if last := cutter.finish():
        yield last
