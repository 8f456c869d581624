"""Replicas of the store: whether one follows, so that what is acknowledged can be asked to be there too."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import redis

from warroom.store.client import Client

LOOK_S = 5.0  # a replica that comes is waited for from then on; without one this look is all it costs
LAGGING_S = 5  # a replica that has said nothing for so long does not follow
WAIT_MS = 2_000  # a replica that has just come says so for the first time within a second


class NotReplicatedError(redis.RedisError):
    """No replica has acknowledged what was written: put it again."""

    def __init__(self) -> None:
        super().__init__(f"no replica of the store has it after {WAIT_MS / 1000:g} s")


def following(info: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The replicas that follow, as `INFO replication` tells them.

    >>> following({"connected_slaves": 2, "slave0": {"state": "online", "lag": 1}, "slave1": {"state": "wait_bgsave"}})
    [{'state': 'online', 'lag': 1}]
    """
    told = [info.get(f"slave{n}", {}) for n in range(int(info.get("connected_slaves", 0)))]
    return [one for one in told if one.get("state") == "online" and int(one.get("lag", 0)) <= LAGGING_S]


class Replicas:
    """Adds a WAIT behind a pipeline's writes while a replica follows, and judges its answer."""

    def __init__(self, client: Client, now_s: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._now_s = now_s
        self._looked_s = float("-inf")
        self._follow = False

    def wait(self, pipe: Client) -> bool:
        """Let the pipeline end when a replica has it; False where none follows, as known LOOK_S ago at most."""
        if self._now_s() - self._looked_s >= LOOK_S:
            try:
                self._follow = bool(following(self._client.info("replication")))
            except redis.ResponseError:  # a managed store that does not tell keeps its own copies
                self._follow = False
            self._looked_s = self._now_s()
        if self._follow:
            pipe.wait(1, WAIT_MS)
        return self._follow

    def judge(self, acknowledged: int) -> None:
        """Raises NotReplicatedError where no replica acknowledged; the next `wait` then looks anew."""
        if acknowledged < 1:
            self._looked_s = float("-inf")
            raise NotReplicatedError
