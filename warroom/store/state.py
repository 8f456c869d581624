"""Reading the tally's state: who starts late takes a snapshot, then follows the changes."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from warroom.domain.readings import Reading
from warroom.domain.sources import is_held
from warroom.store import keys
from warroom.store.client import Client, as_text
from warroom.store.day import read_shards
from warroom.store.holds import held_in
from warroom.store.wire import report_key


class UnitState(msgspec.Struct, frozen=True, array_like=True):
    """Folded state of one counter. `count` is -1 where no reading is believed; times in epoch ms."""

    count: int
    at_ms: int
    accepted: int
    suspect: int
    last_at_ms: int
    last_received_ms: int
    tail: int


class Changes(msgspec.Struct, frozen=True):
    """What changed since the last look.

    `stamp_ms` is the newest frame's wall time; `decided` says that somebody acted; `looks`
    are precincts that somebody looks at.
    """

    units: frozenset[str]
    places: frozenset[str]
    stamp_ms: int
    decided: bool
    looks: frozenset[str]


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Where every report went. `repeated` is the same report again: received minus all others."""

    received: int
    accepted: int
    suspect: int
    rejected: int

    @property
    def repeated(self) -> int:
        """Reports that had been received before."""
        return self.received - self.accepted - self.suspect - self.rejected


@dataclass
class FeedTotals:
    """Where one feed's reports went. `reasons` is {reason: rejects}.

    A later report can change how an earlier one is judged: `accepted` and `suspect` are then counted
    for the feed that brought the later one. Over all feeds they add up to the totals.
    """

    received: int = 0
    accepted: int = 0
    suspect: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def rejected(self) -> int:
        """Inputs on the reject list that this feed brought first."""
        return sum(self.reasons.values())

    @property
    def repeated(self) -> int:
        """Reports that had been received before, by this feed or another."""
        return self.received - self.accepted - self.suspect - self.rejected

    def add(self, outcome: str, count: int) -> None:
        """Count one entry of a shard's traffic: "received", "accepted", "suspect" or "rejected:REASON"."""
        kind, _, reason = outcome.partition(":")
        if kind == "rejected":
            self.reasons[reason] = self.reasons.get(reason, 0) + count
        else:
            setattr(self, kind, getattr(self, kind) + count)


_unit_state = msgspec.json.Decoder(UnitState)
_unpack = msgspec.msgpack.decode


class StateReader:
    """The tally's state on every shard. `follow()` resumes where this reader stopped."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._shards = [keys.Shard(n) for n in range(read_shards(client))]
        self._places: dict[str, str] = {}  # stream -> last id read

    def units(self) -> dict[str, UnitState]:
        """Every counter's folded state, and from here on `follow()` tells what changes after it."""
        for stream in (*(shard.changes for shard in self._shards), keys.DECISIONS, keys.LOOKS):
            last = self._client.xrevrange(stream, count=1)
            self._places[stream] = as_text(last[0][0]) if last else "0-0"
        found: dict[str, UnitState] = {}
        for shard in self._shards:
            for unit, raw in self._client.hgetall(shard.units).items():
                found[as_text(unit)] = _unit_state.decode(raw)
        return found

    def unit_states(self, units: Iterable[str]) -> dict[str, UnitState]:
        """Folded state of some counters; those without a reading are left out."""
        wanted = list(units)
        with self._client.pipeline(transaction=False) as pipe:
            for unit in wanted:
                pipe.hget(self._shard(unit).units, unit)
            rows = pipe.execute()
        return {unit: _unit_state.decode(raw) for unit, raw in zip(wanted, rows, strict=True) if raw is not None}

    def follow(self, block_ms: int) -> Changes | None:
        """What changed since the last call; None where nothing did within `block_ms`."""
        reply: Any = self._client.xread(dict(self._places), count=500, block=block_ms)
        if not reply:
            return None
        units: set[str] = set()
        places: set[str] = set()
        looks: set[str] = set()
        stamp_ms, decided = 0, False
        for stream, entries in reply:
            for _, fields in entries:
                if b"look" in fields:
                    looks.add(as_text(fields[b"look"]))
                elif b"what" in fields:
                    decided = True
                else:
                    units.update(_unpack(fields[b"units"], type=list[str]))
                    places.update(_unpack(fields[b"places"], type=list[str]))
                    stamp_ms = max(stamp_ms, int(as_text(fields[b"entry"]).partition("-")[0]))
            self._places[as_text(stream)] = as_text(entries[-1][0])
        return Changes(frozenset(units), frozenset(places), stamp_ms, decided, frozenset(looks))

    def readings(self, units: Iterable[str]) -> dict[str, list[Reading]]:
        """Every reading of some counters, corrections applied and held sources marked, in no order."""
        wanted = list(units)
        with self._client.pipeline(transaction=False) as pipe:
            for unit in wanted:
                pipe.hgetall(self._shard(unit).readings + unit)
            rows = pipe.execute()
        held = [held_in(self._client, shard) for shard in self._shards]
        corrected = self._corrections(held)
        return {
            unit: [
                _reading(as_text(key), _unpack(raw), corrected, held[self._number(unit)]) for key, raw in row.items()
            ]
            for unit, row in zip(wanted, rows, strict=True)
        }

    def totals(self) -> Totals:
        """Where every report went, over all shards."""
        sums = {"received": 0, "accepted": 0, "suspect": 0, "rejected": 0}
        for shard in self._shards:
            for name, value in self._client.hgetall(shard.totals).items():
                sums[as_text(name)] += int(value)
            sums["rejected"] += self._client.hlen(shard.rejects)
        sums["received"] = sum(feed.received for feed in self.by_feed().values())
        return Totals(**sums)

    def by_feed(self) -> dict[str, FeedTotals]:
        """{feed: where its reports went}, over all shards; "" is no feed but what a hold or a release moved."""
        found: dict[str, FeedTotals] = {}
        for shard in self._shards:
            for entry, value in self._client.hgetall(shard.traffic).items():
                feed, _, outcome = as_text(entry).rpartition("|")
                found.setdefault(feed, FeedTotals()).add(outcome, int(value))
        return found

    def received_by_feed(self) -> dict[str, int]:
        """Reports received by feed, repeats included."""
        return {feed: told.received for feed, told in self.by_feed().items() if feed}

    def rejects(self, limit: int = 100) -> list[dict[str, Any]]:
        """The reject list, newest first, at most `limit`."""
        rows: list[tuple[int, bytes]] = []
        for shard in self._shards:
            for raw in self._client.hvals(shard.rejects):
                received_ms, _, payload = _unpack(raw)
                rows.append((received_ms, payload))
        rows.sort(key=lambda row: row[0], reverse=True)
        return [msgspec.json.decode(payload) for _, payload in rows[:limit]]

    def fingerprint(self) -> dict[str, dict[bytes, bytes]]:
        """The whole state, for comparing two passes over the same reports byte by byte."""
        state: dict[str, dict[bytes, bytes]] = {}
        for shard in self._shards:
            for key in shard.state_keys:
                state[key] = self._client.hgetall(key)
            for unit in self._client.hkeys(shard.units):
                key = shard.readings + as_text(unit)
                state[key] = self._client.hgetall(key)
        return state

    def _shard(self, unit: str) -> keys.Shard:
        return self._shards[self._number(unit)]

    def _number(self, unit: str) -> int:
        return keys.shard_of(unit, len(self._shards))

    def _corrections(self, held: Sequence[Collection[str]]) -> dict[str, int]:
        found: dict[str, int] = {}
        for shard, silenced in zip(self._shards, held, strict=True):
            for key, raw in self._client.hgetall(shard.corrections).items():
                count = _latest(_unpack(raw), silenced)
                if count is not None:
                    found[as_text(key)] = count
        return found


def _latest(corrections: Sequence[Sequence[Any]], held: Collection[str]) -> int | None:
    """The count of the latest correction that no held source said."""
    said = (count for _, _, count, *by in reversed(corrections) if not (by and is_held(by[0], held)))
    return next(said, None)


def _reading(key: str, row: list[Any], corrected: dict[str, int], held: Collection[str]) -> Reading:
    source, _, report_id = key.partition("\x1f")
    at_ms, received_ms, count, tie = row
    count = corrected.get(report_key(source, report_id), count)
    return Reading(source=source, id=report_id, tie=tie, at_ms=at_ms, received_ms=received_ms,
                   count=max(count, 0), void=count < 0, held=is_held(source, held))  # fmt: skip
