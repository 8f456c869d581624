"""Reading the sums of contacts that the tally keeps: how many tries at a precinct, and what became of them."""

import re

import msgspec

from warroom.domain.reports import Contact
from warroom.store import keys
from warroom.store.client import Client, as_text
from warroom.store.day import read_shards
from warroom.store.wire import epoch_ms

_GLOB = re.compile(r"([*?\[\]\\])")
_SCAN = 5_000
_PAYLOAD = 11  # place of the report's JSON in an event item (see warroom/tally/apply.lua)


class ContactSum(msgspec.Struct, frozen=True, kw_only=True):
    """Contacts of one day at one precinct by one channel (door, phone, text) with one result."""

    channel: str
    result: str
    count: int


class Contacts(msgspec.Struct, frozen=True, kw_only=True):
    """Contacts today at one precinct, the most frequent kind first; `last_ms`: when the newest was made."""

    total: int
    sums: tuple[ContactSum, ...]
    last_ms: int | None


def contacts_at(client: Client, precinct_id: str) -> Contacts:
    """The contacts of the day at a precinct."""
    shard = keys.Shard(keys.shard_of(precinct_id, read_shards(client)))
    begin = f"contact|{precinct_id}|"
    found: dict[str, int] = {}
    for field, value in client.hscan_iter(shard.sums, match=_GLOB.sub(r"\\\1", begin) + "*", count=_SCAN):
        found[as_text(field).removeprefix(begin)] = int(value)
    rows = []
    for rest, count in found.items():
        channel, _, result = rest.partition("|")
        rows.append(ContactSum(channel=channel, result=result, count=count))
    raw = client.hget(shard.latest, begin.rstrip("|"))
    newest = None if raw is None else msgspec.json.decode(msgspec.msgpack.decode(raw)[_PAYLOAD], type=Contact)
    return Contacts(
        total=sum(found.values()), sums=tuple(sorted(rows, key=lambda r: (-r.count, r.channel, r.result))),
        last_ms=None if newest is None else epoch_ms(newest.at),
    )  # fmt: skip
