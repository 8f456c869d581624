"""What people decided, in the store: written by comparing versions, so that nobody overwrites anybody.

Every change appends to the stream of decisions in the same step; the watch wakes on it, and
the stream's last id tells a reader whether what it holds is still true.
"""

from collections.abc import Iterable

import msgspec

from warroom.domain.alerts import Alert
from warroom.domain.handling import (
    HELD,
    Deadlines,
    Decision,
    Handling,
    NotAllowed,
    Shelf,
    as_handled,
    decide,
    put_away,
    steps_from,
)
from warroom.store import keys
from warroom.store.client import Client, as_text

KEEP_DECISIONS = 100_000
LOOK_BACK = 2_000  # decisions read to see who is at work
TIMED = ("acknowledge", "take_over", "extend", "dispatch", "arrive")

# KEYS: handlings, decisions. ARGV: alert, version expected, handling after, most decisions, field, value, ...
_PUT = """
local held = redis.call('HGET', KEYS[1], ARGV[1])
local version = 0
if held then version = cjson.decode(held).version end
if version ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], '*', unpack(ARGV, 5))
return 1
"""

_handling = msgspec.json.Decoder(Handling)
_shelf = msgspec.json.Decoder(Shelf)


class HandlingStore:
    """Handlings by alert, and shelved sites."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._put = client.register_script(_PUT)
        self._read: tuple[str, dict[str, Handling], dict[str, Shelf]] | None = None

    def mark(self) -> str:
        """Id of the newest decision; another id means that somebody decided something."""
        last = self._client.xrevrange(keys.DECISIONS, count=1)
        return as_text(last[0][0]) if last else ""

    def one(self, alert_id: str) -> Handling:
        """The handling of one alert; version 0 where nobody has touched it."""
        raw = self._client.hget(keys.HANDLINGS, alert_id)
        return _handling.decode(raw) if raw is not None else Handling(alert=alert_id)

    def all(self) -> dict[str, Handling]:
        """{alert id: handling} of every alert that somebody has touched."""
        return self._fresh()[1]

    def decide(self, alert: Alert, decision: Decision, deadlines: Deadlines) -> Handling:
        """Take a decision; the alert gives severity and deadline where the decision names none.

        Raises NotAllowed, with the current handling, also where somebody else was faster.
        """
        minutes = decision.deadline_minutes
        if minutes is None and decision.what in TIMED:
            minutes = deadlines.minutes(alert.severity)
        decision = msgspec.structs.replace(decision, deadline_minutes=minutes, severity=alert.severity)
        while True:  # a lost race is decided again: its version is old by then, so decide() says who won
            held = self.one(alert.id)
            after = decide(held, decision)
            closed = alert.status == "closed"
            if closed and decision.what != "undo" and decision.what not in steps_from(held, closed=True):
                raise NotAllowed("over", "it closed by itself", held)
            if self._swap(held.version, after, decision):
                return after

    def acknowledge(self, alert: Alert, by: str, at_ms: int, deadlines: Deadlines) -> Handling:
        """Take an alert whatever version one saw; pressed twice by its owner changes nothing. Raises NotAllowed."""
        while True:
            held = self.one(alert.id)
            if held.stage.owner == by and held.stage.status in HELD:
                return held
            try:
                wish = Decision(what="acknowledge", by=by, at_ms=at_ms, version=held.version)
                return self.decide(alert, wish, deadlines)
            except NotAllowed as refused:
                if refused.reason != "stale":
                    raise

    def in_room(self, alerts: Iterable[Alert], now_ms: int) -> list[Alert]:
        """The alerts that ask for the room's attention, as people have handled them.

        Left out: those that people resolved or dismissed, and those of shelved sites.
        """
        _, handlings, shelves = self._fresh()
        shelved = {site for site, shelf in shelves.items() if shelf.until_ms > now_ms}
        return [
            as_handled(alert, handlings.get(alert.id))
            for alert in alerts
            if not put_away(alert, handlings.get(alert.id)) and alert.site not in shelved
        ]

    def shelves(self, now_ms: int) -> dict[str, Shelf]:
        """{site: shelf} of the sites that are shelved now."""
        return {site: shelf for site, shelf in self._fresh()[2].items() if shelf.until_ms > now_ms}

    def shelve(self, shelf: Shelf) -> None:
        """Put a site's alerts out of sight until its end; they come back by themselves."""
        told = {"what": "shelve", "site": shelf.site, "by": shelf.by, "at_ms": shelf.at_ms,
                "until_ms": shelf.until_ms, "reason": shelf.reason}  # fmt: skip
        with self._client.pipeline(transaction=True) as pipe:
            pipe.hset(keys.SHELVES, shelf.site, msgspec.json.encode(shelf))
            pipe.xadd(keys.DECISIONS, told, maxlen=KEEP_DECISIONS, approximate=True)
            pipe.execute()

    def unshelve(self, site: str, by: str, at_ms: int) -> bool:
        """Bring a site's alerts back now; False where it was not shelved."""
        told = {"what": "unshelve", "site": site, "by": by, "at_ms": at_ms}
        with self._client.pipeline(transaction=True) as pipe:
            pipe.hdel(keys.SHELVES, site)
            pipe.xadd(keys.DECISIONS, told, maxlen=KEEP_DECISIONS, approximate=True)
            removed: int = pipe.execute()[0]
        return bool(removed)

    def at_work(self, since_ms: int) -> set[str]:
        """Who decided anything since a moment."""
        found = set()
        for _, fields in self._client.xrevrange(keys.DECISIONS, count=LOOK_BACK):
            if b"at_ms" not in fields:
                continue
            if int(fields[b"at_ms"]) < since_ms:
                break
            found.add(as_text(fields.get(b"by", b"")))
        return found - {""}

    def _fresh(self) -> tuple[str, dict[str, Handling], dict[str, Shelf]]:
        mark = self.mark()  # read first: what is read after it is at least as new
        held = self._read
        if held is None or held[0] != mark or not mark:
            handlings = {as_text(k): _handling.decode(v) for k, v in self._client.hgetall(keys.HANDLINGS).items()}
            shelves = {as_text(k): _shelf.decode(v) for k, v in self._client.hgetall(keys.SHELVES).items()}
            held = self._read = (mark, handlings, shelves)
        return held

    def _swap(self, version: int, after: Handling, decision: Decision) -> bool:
        told = {"what": decision.what, "alert": after.alert, "by": decision.by, "at_ms": decision.at_ms,
                "version": after.version, "status": after.stage.status, "reason": decision.reason,
                "volunteer": decision.volunteer or "", "move": decision.move,
                "to_precinct": decision.to_precinct}  # fmt: skip
        fields = [part for pair in told.items() for part in pair]
        arguments = [after.alert, version, msgspec.json.encode(after), KEEP_DECISIONS, *fields]
        return bool(self._put(keys=[keys.HANDLINGS, keys.DECISIONS], args=arguments))
