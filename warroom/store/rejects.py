"""The reject list by feed: what could not be counted, what was mended since, what may be read again."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from warroom.domain.reports import Reject
from warroom.store import keys
from warroom.store.client import Client, as_text
from warroom.store.day import read_shards
from warroom.store.feeds import FeedStore, Mended

_unpack = msgspec.msgpack.decode
_SCAN = 1_000
MOST_LISTED = 5_000  # for pages: a longer list is shown in part
# Refused for who sent it or for an id used twice, not for what it says: reading it again must not let it in.
NOT_AGAIN = frozenset({"id_reused", "wrong_source", "kind_not_allowed"})


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the reject list. `received_ms` is 0 where its arrival was not kept (an id used twice)."""

    digest: str
    feed: str
    reason: str
    field: str
    remedy: str
    where: str
    sample: str
    received_ms: int
    mended: Mended | None


class RejectList:
    """The lists of all shards."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._feeds = FeedStore(client)

    def rows(self, most: int) -> list[Refused]:
        """Newest first. Of a list longer than `most` an arbitrary part of that length: it is never held whole."""
        shards = [keys.Shard(n) for n in range(read_shards(self._client))]
        origins, mended = self._feeds.origins(shards), self._feeds.mended()
        found: list[Refused] = []
        for digest, received_ms, row in self._walk(shards):
            if len(found) >= most:
                break
            found.append(
                Refused(
                    digest=digest, feed=origins.get(digest, ""), received_ms=received_ms, mended=mended.get(digest),
                    **{name: str(row.get(name, "")) for name in ("reason", "field", "remedy", "where", "sample")},
                )
            )  # fmt: skip
        return sorted(found, key=lambda refused: -refused.received_ms)

    def may_be_read_again(self, feed: str) -> dict[str, Reject]:
        """{digest: reject} of one feed, newest first: those not mended yet that reading again could let in."""
        shards = [keys.Shard(n) for n in range(read_shards(self._client))]
        origins, mended = self._feeds.origins(shards), self._feeds.mended()
        rows = [
            (received_ms, row)
            for digest, received_ms, row in self._walk(shards)
            if origins.get(digest) == feed and digest not in mended and row["reason"] not in NOT_AGAIN
        ]
        rows.sort(key=lambda pair: -pair[0])
        return {row["digest"]: _reject(row, received_ms) for received_ms, row in rows}

    def _walk(self, shards: list[keys.Shard]) -> Iterator[tuple[str, int, dict[str, Any]]]:
        for shard in shards:
            for field, raw in self._client.hscan_iter(shard.rejects, count=_SCAN):
                received_ms, _, payload = _unpack(raw)
                yield as_text(field), received_ms, msgspec.json.decode(payload)


def _reject(row: dict[str, Any], received_ms: int) -> Reject:
    row = {**row, "received": datetime.fromtimestamp(received_ms / 1000, UTC)}
    return msgspec.convert(row, Reject)
