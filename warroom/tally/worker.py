"""One tally worker: takes frames from a shard's intake and applies each in one atomic step."""

import logging
import threading
import time
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import redis

from warroom.store import keys
from warroom.store.client import BLOCK_MS, Client, trouble

logger = logging.getLogger(__name__)

SCRIPT = ("reach", "judge", "apply")
CLAIM_AFTER_MS = 5_000  # a worker that holds a frame this long is dead: applying one takes milliseconds
TEND_S = 1.0  # abandoned frames and the length of the intake are looked at this often, whatever arrives
BATCH_FRAMES = 20
SENT_TOGETHER = 4  # frames; applying one of 200 reports takes the store 5 to 8 ms
KEEP_FRAMES = 50_000  # applied frames kept for a look back; the raw log keeps everything


class TallyWorker:
    """A member of the consumer group on one shard.

    Frames a dead worker left unacknowledged are claimed and applied; applying a frame twice
    changes nothing.
    """

    def __init__(self, client: Client, shard: int, name: str, now_s: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._now_s = now_s
        self._tended_s = float("-inf")
        self._keys = keys.Shard(shard)
        self._name = name
        self._apply = client.register_script(script_text())

    def run(self, stop: threading.Event) -> None:
        """Apply frames until `stop`; a store that is away is waited for."""
        while not stop.is_set():
            try:
                self._join_group()
                while not stop.is_set():
                    self._tend()
                    self.step(BLOCK_MS)
            except redis.RedisError as error:
                logger.warning("tally: %s; trying again", trouble(error))
                self._joined = False  # an emptied store has no group
                stop.wait(0.5)

    def step(self, block_ms: int | None = None) -> int:
        """Apply the frames that are waiting, at most 20; returns how many."""
        self._join_group()
        reply = self._client.xreadgroup(
            keys.TALLY_GROUP, self._name, {self._keys.intake: ">"}, count=BATCH_FRAMES, block=block_ms
        )
        entries = reply[0][1] if reply else []
        self._apply_all(entries)
        return len(entries)

    def claim_abandoned(self, idle_ms: int = CLAIM_AFTER_MS) -> int:
        """Take over frames that a dead worker read but never applied; returns how many."""
        claimed, start = 0, b"0-0"
        while True:
            start, entries, *_ = self._client.xautoclaim(
                self._keys.intake, keys.TALLY_GROUP, self._name, idle_ms, start, count=BATCH_FRAMES
            )
            self._apply_all(entries)
            claimed += len(entries)
            if start == b"0-0":
                return claimed

    def _apply_all(self, entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
        # A few at a time: they share one way to the disk, and nobody else waits long for the store meanwhile.
        for start in range(0, len(entries), SENT_TOGETHER):
            with self._client.pipeline(transaction=False) as pipe:
                for entry_id, fields in entries[start : start + SENT_TOGETHER]:
                    args = script_args(self._keys, entry_id, fields[b"feed"], fields[b"frame"])
                    self._apply(keys=script_keys(self._keys), args=args, client=pipe)
                pipe.execute()

    _joined = False

    def _join_group(self) -> None:
        if self._joined:
            return
        try:
            self._client.xgroup_create(self._keys.intake, keys.TALLY_GROUP, id="0", mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise
        self._joined = True

    def _tend(self) -> None:
        """Claim and trim by the clock: in a day's rush no read comes back empty."""
        if self._now_s() - self._tended_s >= TEND_S:
            self._tended_s = self._now_s()  # first: a frame that cannot be claimed holds up no other
            self.claim_abandoned()
            self._trim()

    def _trim(self) -> None:
        """Drop old applied frames, never one that waits to be read or is still pending."""
        excess = self._client.xlen(self._keys.intake) - KEEP_FRAMES
        if excess <= 0:
            return
        # In this order: what is read between the two is pending, and later than what was read before.
        [group] = self._client.xinfo_groups(self._keys.intake)
        pending = self._client.xpending(self._keys.intake, keys.TALLY_GROUP)
        first = min(group["last-delivered-id"], pending["min"] or group["last-delivered-id"], key=_entry_order)
        self._client.xtrim(self._keys.intake, minid=first, approximate=True, limit=excess)


def script_text() -> str:
    """The script that applies one frame: three files, one after the other."""
    folder = files("warroom.tally")
    return "\n".join(folder.joinpath(f"{part}.lua").read_text(encoding="utf-8") for part in SCRIPT)


def script_keys(k: keys.Shard) -> list[Any]:
    """Its KEYS, in its order."""
    return [
        k.intake, k.changes, k.seen, k.units, k.corrections, k.events, k.latest, k.sums, k.rejects,
        k.totals, k.limits, k.traffic, k.origins, k.held,
    ]  # fmt: skip


def script_args(k: keys.Shard, entry_id: bytes | str, feed: bytes | str, frame: bytes) -> list[Any]:
    """Its ARGV for one frame of the intake."""
    return [k.readings, keys.TALLY_GROUP, entry_id, feed, frame]


def _entry_order(entry_id: bytes) -> tuple[int, int]:
    ms, _, number = entry_id.partition(b"-")
    return int(ms), int(number)
