"""Holds: a director says that a source does not count for now, and later that it does again.

A hold is an item in every shard's intake, like a correction, and the tally folds it with the reports: the newest
decision on a source counts, in whatever order and however often they come. Nothing is rewritten, so what arrives
while the hold stands is kept and does not count, and a release brings all of it back.
"""

from collections.abc import Iterable

import msgspec

from warroom.store import keys
from warroom.store.client import Client, as_text
from warroom.store.day import read_shards
from warroom.store.handling import KEEP_DECISIONS
from warroom.store.wire import hold_frame

_unpack = msgspec.msgpack.decode


class Hold(msgspec.Struct, frozen=True):
    """Who held a source, when (epoch ms of the day's clock) and why."""

    by: str
    at_ms: int
    reason: str = ""


class HoldStore:
    """Decisions on sources. Every decision is an event in the stream of decisions, too."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def put(self, source: str, held: bool, note: Hold) -> None:
        """Hold or release a source and all below it; the tally applies it at its place in each shard's intake.

        Cut off in between, some shards have it and others not: the source is then not told as held, and the
        same decision again mends it.
        """
        order: int = self._client.incr(keys.HOLD_ORDER)
        frame = hold_frame(order, source, held, msgspec.json.encode(note).decode())
        told = {"what": "hold_source" if held else "release_source", "source": source, "by": note.by,
                "at_ms": note.at_ms, "reason": note.reason}  # fmt: skip
        with self._client.pipeline(transaction=False) as pipe:
            for number in range(read_shards(self._client)):
                pipe.xadd(keys.Shard(number).intake, {"feed": "", "frame": frame})
            pipe.xadd(keys.DECISIONS, told, maxlen=KEEP_DECISIONS, approximate=True)
            pipe.execute()

    def put_judged(self, rows: bytes) -> None:
        """Keep what the watch makes of the sources: JSON."""
        self._client.set(keys.SOURCES, rows)

    def judged(self) -> bytes | None:
        """What the watch made of the sources; None before it looked."""
        held: bytes | None = self._client.get(keys.SOURCES)
        return held

    def all(self) -> dict[str, Hold]:
        """{source: its hold} of the sources that no shard counts."""
        found = [held_in(self._client, keys.Shard(n)) for n in range(read_shards(self._client))]
        return {source: hold for source, hold in found[0].items() if all(source in other for other in found)}


def held_in(client: Client, shard: keys.Shard) -> dict[str, Hold]:
    """{source: its hold} as one shard has applied them."""
    rows: Iterable[tuple[bytes, bytes]] = client.hgetall(shard.held).items()
    read = {as_text(source): _unpack(raw) for source, raw in rows}
    return {source: msgspec.json.decode(note, type=Hold) for source, (_, held, note) in read.items() if held}
