"""Intake on Redis: feeds append frames here; the store's port is `warroom.store.ports.Intake`."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import msgspec
import redis

from warroom.domain.election import ElectionDay
from warroom.domain.reports import Reject, Report
from warroom.store import keys
from warroom.store.client import Client, as_text
from warroom.store.day import DayClock, NoDayError, read_day, read_roster, read_shards
from warroom.store.feeds import Lag
from warroom.store.ports import Position
from warroom.store.replicas import Replicas
from warroom.store.wire import frames

FOLLOW_S = 1.0  # a day that was loaded again is seen within this

FRAME_REPORTS = 200  # the store applies a frame in one step: others wait for it a few ms


class RedisIntake:
    """Implements `Intake`. The day and the roster are those of the newest load that `loaded` has told of."""

    def __init__(self, client: Client, now_s: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = DayClock(client)
        self._now_s = now_s
        self._replicas = Replicas(client, now_s)
        self._shards = read_shards(client)
        self._read()

    def _read(self) -> None:
        """Read the mark first: a load that comes between is then seen at the next look. Raises NoDayError."""
        self._looked_s = self._now_s()
        loaded: bytes | None = self._client.get(keys.LOADED)
        day, roster = read_day(self._client), read_roster(self._client)
        self._loaded, self._day = loaded, day
        self._precincts = frozenset(p.precinct_id for p in roster.precincts)
        self._sites = frozenset(s.site_id for s in roster.sites)

    def loaded(self) -> bytes | None:
        """A mark of the load that day and places are of, looked up FOLLOW_S ago at most.

        A store that does not answer, or was emptied, changes nothing: what was known last holds.
        """
        if self._now_s() - self._looked_s >= FOLLOW_S:
            self._looked_s = self._now_s()
            try:
                if self._client.get(keys.LOADED) not in (None, self._loaded):
                    self._read()
            except (redis.RedisError, NoDayError):
                return self._loaded
        return self._loaded

    def day(self) -> ElectionDay:
        """The loaded day."""
        return self._day

    def precinct_ids(self) -> frozenset[str]:
        """Every precinct of the day."""
        return self._precincts

    def site_ids(self) -> frozenset[str]:
        """Every poll site of the day."""
        return self._sites

    def now(self) -> datetime:
        """The day's clock."""
        return self._clock.now()

    def position(self, feed: str) -> str | None:
        """Where this feed stopped reading."""
        held = self._client.hget(keys.POSITIONS, feed)
        return as_text(held) if held is not None else None

    def places(self, feed: str) -> dict[str, int]:
        """Where each part of the source was left."""
        return {as_text(part): int(place) for part, place in self._client.hgetall(keys.PLACES + feed).items()}

    def put_frame(
        self,
        feed: str,
        reports: Sequence[Report],
        rejects: Sequence[Reject] = (),
        position: Position | None = None,
    ) -> None:
        """Append, then note the position: a crash in between repeats some reports and changes nothing.

        Raises NotReplicatedError where a replica follows the store and none has it in time.
        """
        with self._client.pipeline(transaction=False) as pipe:
            for start in range(0, max(len(reports), 1), FRAME_REPORTS):
                part = reports[start : start + FRAME_REPORTS]
                for shard, frame in frames(part, () if start else rejects, self._shards).items():
                    pipe.xadd(keys.Shard(shard).intake, {"feed": feed, "frame": frame})
            if isinstance(position, str):
                pipe.hset(keys.POSITIONS, feed, position)
            elif position:
                pipe.hset(keys.PLACES + feed, mapping=dict(position))
            pipe.hset(keys.PULSE, feed, int(time.time() * 1000))
            waits = self._replicas.wait(pipe)
            answers = pipe.execute()
        if waits:
            self._replicas.judge(answers[-1])

    def put_trouble(self, feed: str, trouble: str) -> None:
        """Say on the board what is wrong with a feed; an empty text says it is well."""
        self._client.hset(keys.FEED_STATE, feed, trouble)

    def paused(self, feed: str) -> bool:
        """Whether a director has told this feed to wait."""
        return bool(self._client.hexists(keys.FEED_CONTROL, feed))

    def put_lag(self, feed: str, lag: Mapping[str, int]) -> None:
        """Show how many items wait to be read, in all and by part."""
        said = Lag(sum(lag.values()), int(time.time() * 1000), dict(lag))
        self._client.hset(keys.FEED_LAG, feed, msgspec.json.encode(said))
