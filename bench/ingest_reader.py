"""Notes when each report of the bench became readable: when a reader of the change stream could fetch its state."""

import time

import msgspec

from warroom.store import keys
from warroom.store.client import Client

SOURCE = "bench"
_unpack = msgspec.msgpack.Decoder().decode


class ChangeReader:
    """Follows shard 0. `seen` is {number of the report: moment on the monotonic clock}.

    A change entry names the frame that it applied; the frame names its reports. The moment is that at which the
    entry arrived here, so the way to the reader is part of it.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._shard = keys.Shard(0)
        newest = client.xrevrange(self._shard.changes, count=1)
        self._after = newest[0][0] if newest else b"0-0"
        self.seen: dict[int, float] = {}

    def follow(self, count: int, limit_s: float) -> dict[int, float]:
        """Read on until `count` reports were seen. Raises TimeoutError after `limit_s` without that."""
        deadline = time.monotonic() + limit_s
        while len(self.seen) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.seen):,} of {count:,} reports became readable in {limit_s:.0f} s")
            self._read()
        return self.seen

    def _read(self) -> None:
        reply = self._client.xread({self._shard.changes: self._after}, count=200, block=100)
        if not reply:
            return
        now_s = time.monotonic()
        entries = reply[0][1]
        self._after = entries[-1][0]
        with self._client.pipeline(transaction=False) as pipe:
            for _, fields in entries:
                pipe.xrange(self._shard.intake, fields[b"entry"], fields[b"entry"])
            frames = pipe.execute()
        for found in frames:
            for item in _unpack(found[0][1][b"frame"]) if found else ():
                if item[1] == SOURCE:
                    self.seen.setdefault(int(item[2]), now_s)
