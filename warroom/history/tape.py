"""Everything that was received, in the order of its arrival: the same from the store and from a recorded day.

Both give the items that the tally keeps (`warroom/store/wire.py`), and both end here, so that a
minute of the day looks the same whichever of them it is drawn from.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from anomaly.arrays import Floats
from anomaly.ledger import ReadingBatch
from warroom.domain.reports import Reject, Report
from warroom.domain.sources import is_held
from warroom.store import keys
from warroom.store.client import Client
from warroom.store.day import read_shards
from warroom.store.holds import held_in
from warroom.store.wire import CORRECTION, EVENT, READING, Item, frames

SCAN_ROWS = 2_000
_unpack = msgspec.msgpack.decode


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A report that is no count: a wait, an incident, a shift … Times in epoch ms; `body` is the report."""

    kind: str
    place: str
    at_ms: int
    received_ms: int
    body: dict[str, Any]


@dataclass(frozen=True)
class Tape:
    """What came, ordered by arrival. Minutes count from the opening of the polls.

    readings: counts of precincts and their corrections, as the model takes them; told: the other
    kinds; refused_min: when each refused input came; refused: the reject list, oldest first, as
    the API gives it.
    """

    readings: ReadingBatch
    told: tuple[Told, ...]
    refused_min: Floats
    refused: tuple[dict[str, Any], ...]

    def heard_by(self, minute: float) -> int:
        """How many of `readings` had been received by `minute`."""
        return int(np.searchsorted(self.readings.received_min, minute, side="right"))

    def part(self, start: int, stop: int) -> ReadingBatch:
        """Readings number `start` to `stop`, in the order of arrival."""
        r = self.readings
        cut = slice(start, stop)
        return ReadingBatch(r.precinct[cut], r.at_min[cut], r.received_min[cut], r.count[cut],
                            r.source[cut], r.key[cut], r.revision[cut])  # fmt: skip


def tape_from_store(client: Client, place: Mapping[str, int], opens_ms: int) -> Tape:
    """The tape of everything that the tally has taken in. `place` is {precinct id: index}."""
    items: list[Item] = []
    refused: list[tuple[int, dict[str, Any]]] = []
    for number in range(read_shards(client)):
        shard = keys.Shard(number)
        held = held_in(client, shard)
        for _, raw in client.hscan_iter(shard.seen, count=SCAN_ROWS):
            item = _unpack(raw)
            if item[0] in (READING, CORRECTION) and is_held(item[1], held):
                continue  # a source that is held now: the day is told without its counts
            if item[0] != CORRECTION or item[9]:  # a correction goes to every shard, and is at home in one
                items.append(item)
        for _, raw in client.hscan_iter(shard.rejects, count=SCAN_ROWS):
            received_ms, _, payload = _unpack(raw)
            refused.append((received_ms, msgspec.json.decode(payload)))
    return _tape(items, refused, place, opens_ms)


def tape_of_reports(
    reports: Iterable[Report], rejects: Iterable[Reject], place: Mapping[str, int], opens_ms: int
) -> Tape:
    """The tape of recorded reports, in any order; of two with one id the first to arrive counts, as in the store."""
    rows = list(rejects)
    packed = frames(reports, rows, 1).get(0, b"\x90")
    first: dict[tuple[str, str], Item] = {}
    for item in _unpack(packed):
        if item[0] not in (READING, CORRECTION, EVENT):
            continue
        held = first.get((item[1], item[2]))
        if held is None or (item[6], item[4]) < (held[6], held[4]):
            first[item[1], item[2]] = item
    refused = [(round(r.received.timestamp() * 1000), msgspec.to_builtins(r)) for r in rows]
    return _tape(list(first.values()), refused, place, opens_ms)


def _tape(
    items: list[Item], refused: list[tuple[int, dict[str, Any]]], place: Mapping[str, int], opens_ms: int
) -> Tape:
    items.sort(key=lambda item: (item[6], item[1], item[2]))
    refused.sort(key=lambda row: (row[0], row[1].get("digest", "")))
    told = tuple(
        Told(kind=i[7], place=i[8], at_ms=i[5], received_ms=i[6], body=msgspec.json.decode(i[11]))
        for i in items
        if i[0] == EVENT
    )
    minutes = np.array([(ms - opens_ms) / 60_000 for ms, _ in refused], dtype=np.float64)
    return Tape(_readings(items, place, opens_ms), told, minutes, tuple(row for _, row in refused))


def _readings(items: list[Item], place: Mapping[str, int], opens_ms: int) -> ReadingBatch:
    """Codes are given in the order of arrival, so that a longer tape begins as the shorter one did."""
    number: dict[str, int] = {}
    sources: dict[str, int] = {}
    revision = _revisions(items)
    rows: list[tuple[int, float, float, int, int, int, int]] = []
    for item in items:
        at_min, received_min = (item[5] - opens_ms) / 60_000, (item[6] - opens_ms) / 60_000
        if item[0] == READING and item[7].startswith("p:") and item[7][2:] in place:
            key = number.setdefault(f"{item[1]}\x1f{item[2]}", len(number))
            source = sources.setdefault(item[1], len(sources))
            rows.append((place[item[7][2:]], at_min, received_min, item[8], source, key, 0))
        elif item[0] == CORRECTION:
            key = number.setdefault(item[7], len(number))
            rows.append((-1, at_min, received_min, item[8], 0, key, revision[item[1], item[2]]))
    columns = list(zip(*rows, strict=True)) or [()] * 7
    kinds = (np.int32, np.float64, np.float64, np.int64, np.int64, np.int64, np.int64)
    return ReadingBatch(*(np.array(c, dtype=k) for c, k in zip(columns, kinds, strict=True)))


def _revisions(items: list[Item]) -> dict[tuple[str, str], int]:
    """Rank of each correction among those of the same report: the latest observed counts."""
    found: dict[tuple[str, str], int] = {}
    count: dict[str, int] = {}
    for item in sorted((i for i in items if i[0] == CORRECTION), key=lambda i: (i[7], i[5], i[3])):
        count[item[7]] = count.get(item[7], 0) + 1
        found[item[1], item[2]] = count[item[7]]
    return found
