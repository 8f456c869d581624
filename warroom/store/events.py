"""Reading events that are not turnout: waits, incidents, shifts, money. The newest, or all of a kind."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from warroom.domain.reports import Ad, Contact, Incident, Money, Shift, Wait
from warroom.store import keys
from warroom.store.client import Client, as_text
from warroom.store.day import read_shards
from warroom.store.keys import shard_of

Event = Contact | Shift | Money | Ad | Wait | Incident

_unpack = msgspec.msgpack.decode
_event = msgspec.json.Decoder(Event)
_PAYLOAD = 11  # place of the report's JSON in an event item (see warroom/tally/apply.lua)
_SCAN = 1_000

# Most events are contacts: they are sorted out beside the data, a slice at a time, so that nobody waits.
_WALK = """
local slice = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local found = {}
for i = 2, #slice[2], 2 do
  if %s then found[#found + 1] = slice[2][i] end
end
return { slice[1], found }
"""
_OF_KINDS = """(function(raw)
  for j = 3, #ARGV do
    if string.find(raw, ARGV[j], 1, true) then return true end
  end
end)(slice[2][i])"""
_BEFORE = "cmsgpack.unpack(slice[2][i])[6] < tonumber(ARGV[3])"


def _walk(client: Client, key: str, test: str, *args: bytes | int) -> Iterator[Any]:
    """Every event item of one shard that passes a test in Lua; one may come twice."""
    script = client.register_script(_WALK % test)
    cursor = b"0"
    while True:
        cursor, found = script(keys=[key], args=[cursor, _SCAN, *args])
        yield from (_unpack(raw) for raw in found)
        if int(cursor) == 0:
            return


class _Test(msgspec.Struct, frozen=True):
    """As much of a refused report as readiness needs."""

    source: str
    at: datetime
    volunteer: str = ""


class EventReader:
    """The tally's events, by kind and place. A place is "kind|site", or "kind|volunteer" for a shift."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._shards = [keys.Shard(n) for n in range(read_shards(client))]

    def newest(self, kinds: Iterable[str]) -> dict[str, Event]:
        """{place: newest event} of some kinds, everywhere."""
        wanted = frozenset(kinds)
        found: dict[str, Event] = {}
        for shard in self._shards:
            for field, raw in self._client.hgetall(shard.latest).items():
                place = as_text(field)
                if place.partition("|")[0] in wanted:
                    found[place] = _event.decode(_unpack(raw)[_PAYLOAD])
        return found

    def newest_at(self, places: Iterable[str]) -> dict[str, Event | None]:
        """{place: newest event} at these places; None where a report was withdrawn."""
        wanted = list(places)
        with self._client.pipeline(transaction=False) as pipe:
            for place in wanted:
                pipe.hget(self._shard(place).latest, place)
            rows = pipe.execute()
        return {
            place: _event.decode(_unpack(raw)[_PAYLOAD]) if raw is not None else None
            for place, raw in zip(wanted, rows, strict=True)
        }

    def every(self, kinds: Iterable[str]) -> list[Event]:
        """All events of some kinds, by time: a walk over everything that happened, so not for every second."""
        wanted = frozenset(kinds)
        marks = [f'"kind":"{kind}"'.encode() for kind in wanted]
        rows: dict[tuple[str, str], tuple[int, int, Event]] = {}
        for shard in self._shards:
            for item in _walk(self._client, shard.events, _OF_KINDS, *marks):
                if item[7] in wanted:  # else the mark stood in somebody's text
                    rows[item[1], item[2]] = (item[5], item[3], _event.decode(item[_PAYLOAD]))
        return [event for _, _, event in sorted(rows.values(), key=lambda row: row[:2])]

    def sum_cents(self, kind: str, campaigns: Iterable[str]) -> int:
        """Money of one kind ("money" or "ad") over some campaigns, in cents."""
        sums = [self._client.hget(self._shard(f"{kind}|{c}").sums, f"{kind}|{c}") for c in campaigns]
        return sum(int(value or 0) for value in sums)

    def _shard(self, place: str) -> keys.Shard:
        return self._shards[shard_of(place.partition("|")[2], len(self._shards))]


def sources_before(client: Client, before_ms: int) -> list[tuple[str, str, int]]:
    """(source, volunteer or "", time in epoch ms) of every event observed before a moment.

    Includes what a feed turned away as of another day: a test report that reached the reject
    list has shown that its sender's path works.
    """
    found: set[tuple[str, str, int]] = set()
    for number in range(read_shards(client)):
        shard = keys.Shard(number)
        for item in _walk(client, shard.events, _BEFORE, before_ms):
            event = _event.decode(item[_PAYLOAD])
            found.add((item[1], getattr(event, "volunteer", None) or "", item[5]))
        for raw in client.hvals(shard.rejects):
            found.update(_turned_away(_unpack(raw)[2], before_ms))
    return sorted(found)


def _turned_away(payload: str, before_ms: int) -> list[tuple[str, str, int]]:
    reject = msgspec.json.decode(payload)
    if reject.get("reason") != "wrong_day":
        return []
    try:
        report = msgspec.json.decode(reject.get("sample", ""), type=_Test)
    except msgspec.MsgspecError:  # a longer report than the sample holds
        return []
    at_ms = round(report.at.timestamp() * 1000)
    return [(report.source, report.volunteer, at_ms)] if at_ms < before_ms else []
