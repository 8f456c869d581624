"""What a folder's feed remembers from run to run: files, series, and the last count of each unit. No voters."""

import base64
import zlib
from typing import Any

import msgspec


class SeenFile(msgspec.Struct):
    """One version of one file, and what became of it: `outcome` is read, duplicate or refused."""

    size: int
    mtime_ns: int
    outcome: str
    note: str = ""
    digest: str = ""
    series: str = ""


class Series(msgspec.Struct):
    """The newest file of a cumulative series that was taken."""

    file: str
    digest: str
    header: list[str]
    as_of_ms: int
    rows: int
    voted: int  # voters, or ballots of a file of counts
    has_voters: bool
    match: str  # the match rate, in words


class UnitPast(msgspec.Struct, array_like=True):
    """The last count of a unit, its time, the series it came with, and the events that reported it.

    `series` is a place in the order of `Ledger.series`, `events` are places in `Ledger.events`.
    """

    count: int
    at_ms: int
    series: int
    events: list[int]


class Ledger(msgspec.Struct):
    """Everything remembered. `units` is {"method precinct": past}; `events` are the keys of report ids.

    `terms` is a digest of the crosswalk and the options under which the files were read.
    """

    terms: str = ""
    files: dict[str, SeenFile] = {}
    series: dict[str, Series] = {}
    events: list[str] = []
    units: dict[str, UnitPast] = {}


def write_ledger(ledger: Ledger) -> str:
    """As a feed's position: readable, except for the units, which are packed."""
    plain = msgspec.to_builtins(ledger)
    packed = zlib.compress(msgspec.json.encode([plain.pop("events"), plain.pop("units")]), 6)
    return msgspec.json.encode(plain | {"packed": base64.b85encode(packed).decode()}).decode()


def read_ledger(position: str | None) -> Ledger:
    """The ledger in a position; an empty one where there is none, or none that can be read."""
    if position is None:
        return Ledger()
    try:
        plain: dict[str, Any] = msgspec.json.decode(position)
        events, units = msgspec.json.decode(zlib.decompress(base64.b85decode(plain.pop("packed"))))
        return msgspec.convert(plain | {"events": events, "units": units}, Ledger)
    except (msgspec.MsgspecError, KeyError, ValueError, TypeError, AttributeError, zlib.error):
        return Ledger()  # of another version: all is read again, and changes nothing
