"""Live push: one reader on the board's stream per web worker, one server-sent event stream per screen."""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator
from uuid import uuid4

import msgspec
import redis
import redis.asyncio

from warroom.store import keys
from warroom.store.client import as_text, trouble
from warroom.store.screens import TOLD_EVERY_S, told
from warroom.web.agents import browser_of

logger = logging.getLogger(__name__)

BEAT_S = 2.0  # the browser's watchdog allows 8 s of silence
QUEUE_EVENTS = 40  # 10 s of updates; a screen further behind gets a fresh snapshot
UNREADABLE = "the board's stream holds what cannot be read"
RETRY_MS = 1_000  # how long a browser waits before it connects again


class Beat(msgspec.Struct, frozen=True):
    """What a screen needs when nothing else happens: the day's clock, and whether the store answers."""

    now_ms: int
    rate: float
    store: str


def event(name: str, data: bytes, seq: int | None = None) -> bytes:
    """One server-sent event; `data` is JSON on one line."""
    head = f"id: {seq}\n" if seq is not None else ""
    return f"{head}event: {name}\ndata: ".encode() + data + b"\n\n"


class Hub:
    """Fans the board out to every open screen of this worker.

    Serialises nothing itself: the watch writes JSON once, the hub frames it once, and each
    screen gets the same bytes. A slow screen never holds up another.
    """

    def __init__(self, url: str) -> None:
        self._redis = redis.asyncio.Redis.from_url(url, protocol=2, socket_timeout=15)
        self._screens: set[asyncio.Queue[bytes | None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._snapshot: bytes | None = None
        self._anchor: tuple[int, int, float] | None = None
        self._store = "ok"
        self._name = uuid4().hex[:12]
        self._browsers: Counter[str] = Counter()
        self._told_s = 0.0

    @property
    def screens(self) -> int:
        """How many screens are open on this worker."""
        return len(self._screens)

    async def subscribe(self, agent: str = "") -> AsyncIterator[bytes]:
        """Everything one screen is sent: a snapshot, then deltas and beats, for as long as it listens."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._read())
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUE_EVENTS)
        browser = browser_of(agent)
        self._browsers[browser] += 1
        self._screens.add(queue)  # before the snapshot is read: no delta falls between the two
        try:
            yield f"retry: {RETRY_MS}\n\n".encode()
            yield await self._fresh()
            while True:
                try:
                    part = await asyncio.wait_for(queue.get(), BEAT_S)
                except TimeoutError:
                    part = self._beat()
                yield part if part is not None else await self._fresh()
        finally:
            self._screens.discard(queue)
            self._browsers[browser] -= 1

    async def _fresh(self) -> bytes:
        with contextlib.suppress(redis.RedisError):
            self._snapshot = await self._redis.get(keys.BOARD) or self._snapshot
        if self._snapshot is None:
            return self._beat()
        return event("snapshot", self._snapshot)

    def _beat(self) -> bytes:
        day_ms, wall_ms, rate = self._anchor or (0, 0, 1.0)
        beat = Beat(round(day_ms + (time.time() * 1000 - wall_ms) * rate), rate, self._store)
        return event("beat", msgspec.json.encode(beat))

    async def _read(self) -> None:
        last = ""
        while True:
            try:
                if not last:  # by its id: "$" would mean another moment at each read
                    last = await self._newest()
                    self._resync()  # what came before that moment is in the snapshot
                await self._read_anchor()
                await self._tell_browsers()
                reply = await self._redis.xread({keys.BOARD_STREAM: last}, block=1_000, count=50)
                if self._store != "ok":
                    self._store = "ok"
                    self._resync()  # what happened while the store was away is in the snapshot
                for entry_id, fields in reply[0][1] if reply else []:
                    last = as_text(entry_id)
                    self._send(fields)
            except Exception as error:  # whatever it is, the screens are told and the reader goes on
                if self._store != "down":
                    known = isinstance(error, redis.RedisError)
                    logger.warning("push: %s", trouble(error) if known else UNREADABLE, exc_info=not known)
                self._store = "down"
                await asyncio.sleep(0.3)

    async def _newest(self) -> str:
        entries = await self._redis.xrevrange(keys.BOARD_STREAM, count=1)
        return as_text(entries[0][0]) if entries else "0-0"

    async def _tell_browsers(self) -> None:
        if time.monotonic() - self._told_s >= TOLD_EVERY_S:
            self._told_s = time.monotonic()
            await self._redis.hset(keys.SCREENS, self._name, told(self._browsers))

    async def _read_anchor(self) -> None:
        day_ms, wall_ms, rate = await self._redis.hmget(keys.CLOCK, ["day_ms", "wall_ms", "rate"])
        self._anchor = (int(day_ms), int(wall_ms), float(rate)) if day_ms is not None else None

    def _send(self, fields: dict[bytes, bytes]) -> None:
        if fields[b"delta"] == b"":  # the watch started anew: a delta would have no past
            self._resync()
            return
        part = event("delta", fields[b"delta"], int(fields[b"seq"]))
        for queue in self._screens:
            if queue.full():
                self._start_over(queue)
            else:
                queue.put_nowait(part)

    def _resync(self) -> None:
        for queue in self._screens:
            self._start_over(queue)

    @staticmethod
    def _start_over(queue: asyncio.Queue[bytes | None]) -> None:
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)
