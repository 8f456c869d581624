"""Text requests in the store: changed by comparing versions, as alerts' handlings are, and one big stop."""

from collections.abc import Iterable

import msgspec

from warroom.domain.texts import TextCase, TextDecision, TextRequest, decide_text
from warroom.store import keys
from warroom.store.client import Client, as_text

KEEP_DECISIONS = 100_000

# KEYS: cases, decisions. ARGV: request, version expected (-1: must be new), case after, most decisions, field, ...
_PUT = """
local held = redis.call('HGET', KEYS[1], ARGV[1])
local version = -1
if held then version = cjson.decode(held).version end
if version ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], '*', unpack(ARGV, 5))
return 1
"""

_case = msgspec.json.Decoder(TextCase)


class TextStop(msgspec.Struct, frozen=True, kw_only=True):
    """Who stopped all texting, when (epoch ms) and why."""

    by: str
    at_ms: int
    reason: str


class TextStore:
    """Requests with their decisions. Opens no connection of its own."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._put = client.register_script(_PUT)

    def mark(self) -> str:
        """Id of the newest decision; another id means that something changed."""
        last = self._client.xrevrange(keys.TEXT_DECISIONS, count=1)
        return as_text(last[0][0]) if last else ""

    def cases(self) -> list[TextCase]:
        """Every request, newest first."""
        found = [_case.decode(raw) for raw in self._client.hvals(keys.TEXT_CASES)]
        return sorted(found, key=lambda case: (-case.request.proposed_ms, case.request.id))

    def one(self, request_id: str) -> TextCase | None:
        """One request; None where nothing of that id was proposed."""
        raw = self._client.hget(keys.TEXT_CASES, request_id)
        return _case.decode(raw) if raw is not None else None

    def propose(self, requests: Iterable[TextRequest]) -> list[TextRequest]:
        """Keep requests that are new; an alert proposes by a rule once. Returns those that were new."""
        return [
            r for r in requests if self._swap(-1, TextCase(request=r), _told("propose", "rule", r.proposed_ms, r.id))
        ]

    def decide(self, request_id: str, decision: TextDecision) -> TextCase:
        """Take a decision. Raises TextNotAllowed, also where somebody was faster; KeyError for an unknown id."""
        while True:  # a lost race is decided again: its version is old by then, so decide_text says who won
            held = self.one(request_id)
            if held is None:
                raise KeyError(request_id)
            after = decide_text(held, decision)
            told = _told(decision.what, decision.by, decision.at_ms, request_id, decision.reason)
            if self._swap(held.version, after, told):
                return after

    def stopped(self) -> TextStop | None:
        """The stop that stands; None where texts may go."""
        raw = self._client.get(keys.TEXT_STOP)
        return msgspec.json.decode(raw, type=TextStop) if raw else None

    def may_go(self, request_id: str) -> bool:
        """Whether this request's next message may be sent at this moment: not stopped, not cancelled."""
        with self._client.pipeline(transaction=False) as pipe:
            pipe.exists(keys.TEXT_STOP)
            pipe.hget(keys.TEXT_CASES, request_id)
            stopped, raw = pipe.execute()
        return not stopped and raw is not None and _case.decode(raw).status == "sending"

    def stop(self, stop: TextStop) -> None:
        """Stop everything, now: a sender looks before every message."""
        self._switch(msgspec.json.encode(stop), _told("stop", stop.by, stop.at_ms, "", stop.reason))

    def go_on(self, by: str, at_ms: int, reason: str) -> None:
        """Take the stop away."""
        self._switch(None, _told("go_on", by, at_ms, "", reason))

    def _switch(self, value: bytes | None, told: list[str]) -> None:
        with self._client.pipeline(transaction=True) as pipe:
            if value is None:
                pipe.delete(keys.TEXT_STOP)
            else:
                pipe.set(keys.TEXT_STOP, value)
            fields = dict(zip(told[::2], told[1::2], strict=True))
            pipe.xadd(keys.TEXT_DECISIONS, fields, maxlen=KEEP_DECISIONS, approximate=True)
            pipe.execute()

    def _swap(self, version: int, after: TextCase, told: list[str]) -> bool:
        args = [after.request.id, version, msgspec.json.encode(after), KEEP_DECISIONS, *told]
        return bool(self._put(keys=[keys.TEXT_CASES, keys.TEXT_DECISIONS], args=args))


def _told(what: str, by: str, at_ms: int, request_id: str, reason: str = "") -> list[str]:
    """One entry of the stream: field, value, field, value ..."""
    return ["what", what, "by", by, "at_ms", str(at_ms), "request", request_id, "reason", reason]
