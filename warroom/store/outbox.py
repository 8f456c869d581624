"""The queue of a request's messages and the state of each. Counts and states change in one step.

A message is marked `sending` before the provider is asked, once and for ever: whoever dies between
the two leaves it `sending`, it is then told as unknown and never sent again.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Literal

import msgspec

from warroom.store import keys
from warroom.store.client import Client, as_text

State = Literal[
    "queued", "sending", "sent", "delivered", "failed", "unknown", "kept_back", "replied", "opted_out",
]  # fmt: skip
# A state never goes back: a callback that comes twice or late changes nothing.
RANK: dict[State, int] = {
    "queued": 0, "sending": 1, "kept_back": 2, "unknown": 2, "sent": 3, "failed": 4, "delivered": 4, "replied": 5,
    "opted_out": 6,
}  # fmt: skip
GONE: tuple[State, ...] = ("sent", "delivered", "failed", "unknown", "replied", "opted_out")  # out of our hands
SEPARATOR = "\x1f"

# Every script counts by wording too. KEYS: messages, tally, wordings begun, tally by wording, then its own
_COUNT = """
local function count(state, n)
  redis.call('HINCRBY', KEYS[2], state, n)
  local wording = redis.call('HGET', KEYS[3], ARGV[1])
  if wording then redis.call('HINCRBY', KEYS[4], wording .. '\\31' .. state, n) end
end
"""
# ARGV: ref, new state, its rank, only this old state or '', then all states and ranks
_MOVE = f"""{_COUNT}
local held = redis.call('HGET', KEYS[1], ARGV[1])
local ranks = {{}}
for i = 5, #ARGV, 2 do ranks[ARGV[i]] = tonumber(ARGV[i + 1]) end
if ARGV[4] ~= '' and held ~= ARGV[4] then return 0 end
if held and ranks[held] >= tonumber(ARGV[3]) then return 0 end
if held then count(held, -1) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
count(ARGV[2], 1)
return 1
"""
# and: newest, had. ARGV: ref, wording, digest of the number, request\x1fref
_BEGIN = f"""{_COUNT}
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held and held ~= 'queued' then return 0 end
if held then count(held, -1) end
redis.call('HSET', KEYS[1], ARGV[1], 'sending')
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[5], ARGV[3], ARGV[4])
redis.call('HINCRBY', KEYS[6], ARGV[3], 1)
count('sending', 1)
return 1
"""
# and: queue. ARGV: ref, payload
_PUT_BACK = f"""{_COUNT}
if redis.call('HGET', KEYS[1], ARGV[1]) ~= 'sending' then return 0 end
count('sending', -1)
redis.call('HDEL', KEYS[3], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], 'queued')
count('queued', 1)
redis.call('RPUSH', KEYS[5], ARGV[2])
return 1
"""
# KEYS: messages, tally, queue. ARGV: ref, payload. Known people are left alone, save those not yet begun.
_FILL = """
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held and held ~= 'queued' then return 0 end
if not held then
  redis.call('HSET', KEYS[1], ARGV[1], 'queued')
  redis.call('HINCRBY', KEYS[2], 'queued', 1)
end
redis.call('RPUSH', KEYS[3], ARGV[2])
return 1
"""
_RANKS = [str(part) for pair in RANK.items() for part in pair]


class Queued(msgspec.Struct, frozen=True, array_like=True):
    """One message that waits: whom by reference, on which precinct's list, in which variant."""

    ref: str
    digest: str
    precinct: str
    language: str
    variant: str
    timezone: str = ""
    held_out: bool = False
    asked: int = 0  # how often the provider said "later"


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What is held of one person's message: its state, the wording that was begun, and the provider's ids of it."""

    state: str
    variant: str = ""
    provider_ids: tuple[str, ...] = ()


_queued = msgspec.json.Decoder(Queued)


class Outbox:
    """Queues and states by request."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._move = client.register_script(_MOVE)
        self._fill = client.register_script(_FILL)
        self._begin = client.register_script(_BEGIN)
        self._put_back = client.register_script(_PUT_BACK)

    def fill(self, request_id: str, messages: Iterable[Queued]) -> int:
        """Make the queue anew of all messages that were not begun; returns how many wait."""
        self.drop(request_id)
        found = [keys.TEXT_MESSAGES + request_id, keys.TEXT_TALLY + request_id, keys.TEXT_QUEUE + request_id]
        for many in _batches(messages):
            with self._client.pipeline(transaction=False) as pipe:
                for message in many:
                    self._fill(keys=found, args=[message.ref, msgspec.json.encode(message)], client=pipe)
                pipe.execute()
        return self.waiting(request_id)

    def waiting(self, request_id: str) -> int:
        """Messages still in the queue."""
        return int(self._client.llen(keys.TEXT_QUEUE + request_id))

    def take(self, request_id: str) -> Queued | None:
        """The next message, out of the queue; None where there is none."""
        raw = self._client.lpop(keys.TEXT_QUEUE + request_id)
        return _queued.decode(raw) if raw is not None else None

    def begin(self, request_id: str, message: Queued, variant: str) -> bool:
        """Mark a message as begun, once and for ever; False where somebody began it before.

        It counts for the number's cap in the same step, before the provider is asked: it holds whatever happens.
        """
        newest = f"{request_id}{SEPARATOR}{message.ref}"
        found = [*_counted(request_id), keys.TEXT_NEWEST, keys.TEXT_HAD]
        return bool(self._begin(keys=found, args=[message.ref, variant, message.digest, newest]))

    def put_back(self, request_id: str, message: Queued) -> bool:
        """A begun message that the provider certainly did not take, to the end of the queue."""
        again = msgspec.structs.replace(message, asked=message.asked + 1)
        found = [*_counted(request_id), keys.TEXT_QUEUE + request_id]
        return bool(self._put_back(keys=found, args=[message.ref, msgspec.json.encode(again)]))

    def drop(self, request_id: str) -> None:
        """Empty the queue: what was not begun is never sent."""
        self._client.delete(keys.TEXT_QUEUE + request_id)

    def move(self, request_id: str, ref: str, state: State, only_from: State | Literal[""] = "") -> bool:
        """Move one message on; False where it is there already or further."""
        args = [ref, state, RANK[state], only_from, *_RANKS]
        return bool(self._move(keys=_counted(request_id), args=args))

    def tally(self, request_id: str) -> dict[str, int]:
        """{state: messages}, none of them 0."""
        found = self._client.hgetall(keys.TEXT_TALLY + request_id)
        return {as_text(state): int(n) for state, n in found.items() if int(n)}

    def by_variant(self, request_id: str) -> dict[str, dict[str, int]]:
        """{wording: {state: messages}} of those begun."""
        found: dict[str, dict[str, int]] = {}
        for name, n in self._client.hgetall(keys.TEXT_BY_VARIANT + request_id).items():
            variant, _, state = as_text(name).partition(SEPARATOR)
            found.setdefault(variant, {})[state] = int(n)
        return found

    def note(self, request_id: str, why: str) -> None:
        """Count one message that was kept back or failed, by its reason."""
        self._client.hincrby(keys.TEXT_WHY + request_id, why, 1)

    def reasons(self, request_id: str) -> dict[str, int]:
        """{reason: messages kept back or failed for it}."""
        return {as_text(why): int(n) for why, n in self._client.hgetall(keys.TEXT_WHY + request_id).items()}

    def sums(self, request_ids: Sequence[str]) -> list[tuple[dict[str, int], dict[str, int]]]:
        """(tally, reasons) of each of these requests, in one round trip."""
        with self._client.pipeline(transaction=False) as pipe:
            for request_id in request_ids:
                pipe.hgetall(keys.TEXT_TALLY + request_id)
                pipe.hgetall(keys.TEXT_WHY + request_id)
            found = [{as_text(name): int(n) for name, n in counts.items() if int(n)} for counts in pipe.execute()]
        return list(zip(found[::2], found[1::2], strict=True))

    def states(self, request_id: str) -> dict[str, str]:
        """{ref: state}."""
        return {as_text(r): as_text(s) for r, s in self._client.hgetall(keys.TEXT_MESSAGES + request_id).items()}

    def of_person(self, ref: str, request_ids: Sequence[str]) -> dict[str, Held]:
        """{request: what is held of this person's message}, for those of these requests that have one."""
        with self._client.pipeline(transaction=False) as pipe:
            for request_id in request_ids:
                pipe.hget(keys.TEXT_MESSAGES + request_id, ref)
                pipe.hget(keys.TEXT_VARIANT + request_id, ref)
            found = pipe.execute()
        ids: dict[str, list[str]] = {}
        for provider_id, held in self._client.hscan_iter(keys.TEXT_PROVIDER, count=1_000):
            request_id, _, whose = as_text(held).partition(SEPARATOR)
            if whose == ref:
                ids.setdefault(request_id, []).append(as_text(provider_id))
        return {
            request_id: Held(
                state=as_text(state),
                variant=as_text(variant or b""),
                provider_ids=tuple(sorted(ids.get(request_id, ()))),
            )
            for request_id, state, variant in zip(request_ids, found[::2], found[1::2], strict=True)
            if state is not None
        }

    # -- what providers tell afterwards

    def receipt(self, request_id: str, ref: str, state: State, provider_id: str = "") -> None:
        """What the provider said to one message; with its id, as `know`. One round trip, one write to the disk."""
        with self._client.pipeline(transaction=False) as pipe:
            self._move(keys=_counted(request_id), args=[ref, state, RANK[state], "", *_RANKS], client=pipe)
            if provider_id:
                pipe.hset(keys.TEXT_PROVIDER, provider_id, f"{request_id}{SEPARATOR}{ref}")
                pipe.hget(keys.TEXT_EARLY, provider_id)
            found = pipe.execute()
        if provider_id:
            self._take_early(request_id, ref, provider_id, found[-1])

    def know(self, provider_id: str, request_id: str, ref: str) -> None:
        """Remember the provider's id, and take what a callback told before it was known."""
        self._client.hset(keys.TEXT_PROVIDER, provider_id, f"{request_id}{SEPARATOR}{ref}")
        self._take_early(request_id, ref, provider_id, self._client.hget(keys.TEXT_EARLY, provider_id))

    def _take_early(self, request_id: str, ref: str, provider_id: str, early: bytes | None) -> None:
        if early is not None and as_text(early) in RANK:
            self.move(request_id, ref, as_text(early))  # type: ignore[arg-type]
            self._client.hdel(keys.TEXT_EARLY, provider_id)

    def told(self, provider_id: str, state: State, key: str = "") -> bool:
        """A provider's callback. True where it changed a state.

        One for an id that is not yet known is kept for it, unless `key` (request:person, as it was sent with the
        message) says whose it is: that also finds a message whose answer was lost.
        """
        held = self._client.hget(keys.TEXT_PROVIDER, provider_id)
        if held is None and key:
            request_id, _, ref = key.rpartition(":")
            if request_id and self._client.hexists(keys.TEXT_MESSAGES + request_id, ref):
                self.know(provider_id, request_id, ref)
                return self.move(request_id, ref, state)
        if held is None:
            before = self._client.hget(keys.TEXT_EARLY, provider_id)
            if before is None or RANK.get(as_text(before), -1) < RANK[state]:  # type: ignore[call-overload]
                self._client.hset(keys.TEXT_EARLY, provider_id, state)
            if (held := self._client.hget(keys.TEXT_PROVIDER, provider_id)) is None:  # it may have come meanwhile
                return False
        request_id, _, ref = as_text(held).partition(SEPARATOR)
        return self.move(request_id, ref, state)

    def was_texted(self, digest: str) -> bool:
        """Whether a message to this number was begun."""
        return bool(self._client.hexists(keys.TEXT_NEWEST, digest))

    def answered(self, digest: str, state: Literal["replied", "opted_out"]) -> bool:
        """Somebody answered: their newest message becomes that. False where they had none, or had answered so."""
        held = self._client.hget(keys.TEXT_NEWEST, digest)
        if held is None:
            return False
        request_id, _, ref = as_text(held).partition(SEPARATOR)
        return self.move(request_id, ref, state)


def _counted(request_id: str) -> list[str]:
    prefixes = (keys.TEXT_MESSAGES, keys.TEXT_TALLY, keys.TEXT_VARIANT, keys.TEXT_BY_VARIANT)
    return [prefix + request_id for prefix in prefixes]


def _batches(messages: Iterable[Queued], size: int = 500) -> Iterator[tuple[Queued, ...]]:
    rest = iter(messages)
    while many := tuple(islice(rest, size)):
        yield many
