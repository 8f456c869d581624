"""What people told the feeds, and what the feeds told about themselves, in the store."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

from warroom.store import keys
from warroom.store.client import Client, as_text
from warroom.store.handling import KEEP_DECISIONS

Row = TypeVar("Row")


class Pause(msgspec.Struct, frozen=True):
    """Who told a feed to wait, and when (epoch ms of the day's clock)."""

    by: str
    at_ms: int


class Lag(msgspec.Struct, frozen=True):
    """How many items a feed is behind its source, at a wall time in epoch ms; `detail` in words or by part."""

    lag: int
    at_ms: int
    detail: str | dict[str, int] = ""


class Asked(msgspec.Struct, frozen=True):
    """Who wants a feed's rejected input read again, and since when (epoch ms of the day's clock)."""

    by: str
    at_ms: int


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a replay of the rejected. `missing` could not be found again, `note` says why.

    looked: rejects that were open; accepted: good now; still: refused again.
    """

    by: str
    at_ms: int
    looked: int
    accepted: int = 0
    still: int = 0
    missing: int = 0
    note: str = ""


class Mended(msgspec.Struct, frozen=True):
    """A reject that was accepted since: whose replay it was, when, and why it had been refused."""

    feed: str
    reason: str
    by: str
    at_ms: int


class Pulse(msgspec.Struct, kw_only=True):
    """A feed's recent hour, for the sparkline and for telling when it has fallen silent. Wall time throughout.

    counts: reports of the last 60 minutes, oldest first, the last of them `minute` (epoch minutes) and still
    running; gaps_ms: its newest silences that ended by themselves; steady_ms: for how long it has spoken
    without one; limit_ms: silence that is too long, None while its ways are not known.
    """

    minute: int
    counts: list[int]
    seen_ms: int = 0
    gaps_ms: list[int] = []
    steady_ms: int = 0
    limit_ms: int | None = None
    per_minute: float = 0.0


class FeedStore:
    """Control and self-report of the feeds. Every decision is an event in the stream of decisions."""

    def __init__(self, client: Client) -> None:
        self._client = client

    # -- pause and resume

    def pause(self, feed: str, by: str, at_ms: int) -> bool:
        """Tell a feed to wait; False where it does already."""
        if not self._client.hsetnx(keys.FEED_CONTROL, feed, msgspec.json.encode(Pause(by, at_ms))):
            return False
        self._decided("pause_feed", feed, by, at_ms)
        return True

    def resume(self, feed: str, by: str, at_ms: int) -> bool:
        """Let a feed go on; False where it was not paused."""
        if not self._client.hdel(keys.FEED_CONTROL, feed):
            return False
        self._decided("resume_feed", feed, by, at_ms)
        return True

    def pauses(self) -> dict[str, Pause]:
        """{feed: who paused it} of the feeds that wait."""
        return self._all(keys.FEED_CONTROL, Pause)

    # -- what feeds tell

    def announce(self, feed: str, kind: str) -> None:
        """A feed of this kind (its URL's scheme) runs under this name."""
        self._client.hset(keys.FEED_KINDS, feed, kind)

    def kinds(self) -> dict[str, str]:
        """{feed: scheme} of every feed that has been started."""
        return self._texts(keys.FEED_KINDS)

    def troubles(self) -> dict[str, str]:
        """{feed: trouble in words, "" when well, DONE when ended}."""
        return self._texts(keys.FEED_STATE)

    def positions(self) -> dict[str, str]:
        """{feed: where it stopped reading, as the feed wrote it}."""
        return self._texts(keys.POSITIONS)

    def seen_ms(self) -> dict[str, int]:
        """{feed: wall time of its last frame, epoch ms}."""
        return {feed: int(value) for feed, value in self._texts(keys.PULSE).items()}

    def lags(self) -> dict[str, Lag]:
        """{feed: lag} of the feeds that know it."""
        return self._all(keys.FEED_LAG, Lag)

    # -- what the watch learned

    def put_pulses(self, pulses: Mapping[str, Pulse]) -> None:
        """Keep the feeds' recent hour."""
        if pulses:
            self._client.hset(keys.FEED_PULSE, mapping={f: msgspec.json.encode(p) for f, p in pulses.items()})

    def pulses(self) -> dict[str, Pulse]:
        """{feed: its recent hour}."""
        return self._all(keys.FEED_PULSE, Pulse)

    # -- the rejected, read again

    def ask(self, feed: str, by: str, at_ms: int) -> None:
        """Ask the feed, wherever it runs, to read its rejected input again."""
        self._client.hset(keys.FEED_ASKED, feed, msgspec.json.encode(Asked(by, at_ms)))
        self._decided("replay_rejected", feed, by, at_ms)

    def asked(self) -> dict[str, Asked]:
        """{feed: request} of the replays that no feed has taken on yet."""
        return self._all(keys.FEED_ASKED, Asked)

    def take_asked(self, feed: str) -> Asked | None:
        """Take on the request for a feed; of several processes of one feed only one gets it."""
        raw = self._client.hget(keys.FEED_ASKED, feed)
        if raw is None or not self._client.hdel(keys.FEED_ASKED, feed):
            return None
        return msgspec.json.decode(raw, type=Asked)

    def put_mended(self, mended: Mapping[str, Mended]) -> None:
        """Mark rejects, by digest, as accepted since. The reject itself stays in its list."""
        if mended:
            self._client.hset(keys.MENDED, mapping={d: msgspec.json.encode(m) for d, m in mended.items()})

    def mended(self) -> dict[str, Mended]:
        """{digest: when and by whom it was mended}."""
        return self._all(keys.MENDED, Mended)

    def put_outcome(self, feed: str, outcome: Outcome) -> None:
        """Say what the last replay of a feed's rejected input came to."""
        self._client.hset(keys.FEED_MENDED, feed, msgspec.json.encode(outcome))

    def outcomes(self) -> dict[str, Outcome]:
        """{feed: what its last replay came to}."""
        return self._all(keys.FEED_MENDED, Outcome)

    def origins(self, shards: Iterable[keys.Shard]) -> dict[str, str]:
        """{digest of a reject: feed that brought it first}."""
        found: dict[str, str] = {}
        for shard in shards:
            found.update(self._texts(shard.origins))
        return found

    def _all(self, key: str, row: type[Row]) -> dict[str, Row]:
        return {f: msgspec.json.decode(raw, type=row) for f, raw in self._texts(key).items()}

    def _texts(self, key: str) -> dict[str, str]:
        return {as_text(field): as_text(value) for field, value in self._client.hgetall(key).items()}

    def _decided(self, what: str, feed: str, by: str, at_ms: int) -> None:
        told = {"what": what, "feed": feed, "by": by, "at_ms": at_ms}
        self._client.xadd(keys.DECISIONS, told, maxlen=KEEP_DECISIONS, approximate=True)
