"""Values read from the store and kept for a moment, so that a flood of requests is not a flood of reads."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")
LIST_FRESH_S, LIST_SHARE = 2.0, 10  # a long list is read seldom: ten times as long as reading it took
STALE_S = 10.0  # while one request reads anew, the others go on with a value of at most this age


class Held(Generic[Value]):
    """What `read` gave, at most `fresh_s` old where the store answers; one thread reads at a time."""

    def __init__(self, read: Callable[[], Value], fresh_s: float, now_s: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._fresh_s = fresh_s
        self._now_s = now_s
        self._lock = threading.Lock()
        self._value: tuple[Value, float] | None = None  # with the second at which it was read

    async def get(self, fresh_s: float | None = None) -> Value:
        """The value, read in a thread where it is older than `fresh_s`. Raises what `read` raises."""
        fresh_s = self._fresh_s if fresh_s is None else fresh_s
        held = self._value
        if held is not None:
            age_s = self._now_s() - held[1]
            if age_s < fresh_s or (age_s < STALE_S and self._lock.locked()):
                return held[0]
        return await asyncio.to_thread(self._refresh, fresh_s)

    def now(self) -> Value:
        """The value, for a handler that runs in a thread of its own. Raises what `read` raises."""
        return self._refresh(self._fresh_s)

    def forget(self) -> None:
        """Read anew at the next call."""
        self._value = None

    def _refresh(self, fresh_s: float) -> Value:
        with self._lock:
            held, now_s = self._value, self._now_s()
            if held is None or now_s - held[1] >= fresh_s:
                held = (self._read(), now_s)
                self._value = held
            return held[0]


class Sparing(Generic[Value]):
    """What `read` gave, for the handlers of one thread pool: the longer reading takes, the longer it is kept."""

    def __init__(self, read: Callable[[], Value], now_s: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._now_s = now_s
        self._held: tuple[Value, float] | None = None  # with the second until which it is good

    def get(self) -> Value:
        """The value. Raises what `read` raises."""
        held, began_s = self._held, self._now_s()
        if held is None or began_s >= held[1]:
            value, ended_s = self._read(), self._now_s()
            held = self._held = (value, ended_s + max(LIST_FRESH_S, LIST_SHARE * (ended_s - began_s)))
        return held[0]

    def forget(self) -> None:
        """Read anew at the next call."""
        self._held = None
