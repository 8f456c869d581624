"""Sessions: a signed cookie in the browser, and what it stands for in the store, where it can be ended at once."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Iterator

import msgspec

from warroom.access.roles import Grant
from warroom.store import keys
from warroom.store.client import Client, as_text

LASTS_MS = 36 * 3_600_000  # sign in the evening before, and nobody is asked again until the last count is in
IDLE_MS = 14 * 3_600_000  # a laptop that was left over night asks again; a phone in a pocket for a shift does not
WALL_LASTS_MS = 7 * 24 * 3_600_000
SEEN_EVERY_MS = 60_000

# KEYS: sessions. ARGV: session, JSON. A session that was ended meanwhile stays ended.
_SEEN = "if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One browser that signed in. Either an `account`, a `wall` screen, or neither with `grants` of its own.

    Times are epoch ms. `name` is who used a break-glass code.
    """

    door: str
    started_ms: int
    ends_ms: int
    seen_ms: int
    account: str = ""
    wall: str = ""
    name: str = ""
    grants: tuple[Grant, ...] = ()

    def over(self, now_ms: int) -> bool:
        """Whether it ended: at its time, or because nobody used it."""
        return now_ms >= self.ends_ms or (not self.wall and now_ms >= self.seen_ms + IDLE_MS)


def hidden(secret: str) -> str:
    """What the store keeps of a secret with 128 random bits or more: its SHA-256."""
    return hashlib.sha256(secret.encode()).hexdigest()


def seal(key: bytes, account: str, session_id: str, until_ms: int) -> str:
    """A cookie's value: s.<session id>.<end, epoch ms>.<account or ->.<signature>."""
    told = f"s.{session_id}.{until_ms}.{account or '-'}"
    return f"{told}.{_sign(key, told)}"


def unseal(key: bytes, cookie: str, now_ms: int) -> tuple[str, str] | None:
    """(account, session id) of a cookie; None where it is forged, changed, of another room, or over."""
    told, _, signature = cookie.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _sign(key, told).encode()):
        return None
    parts = told.split(".", 3)
    if len(parts) != 4 or parts[0] != "s" or not parts[2].isdecimal() or int(parts[2]) <= now_ms:
        return None
    return ("" if parts[3] == "-" else parts[3]), parts[1]


def _sign(key: bytes, told: str) -> str:
    return hmac.new(key, told.encode(), hashlib.sha256).hexdigest()


def now() -> int:
    """The wall clock, epoch ms: sessions and grants end by it, also while a day is replayed."""
    return int(time.time() * 1000)


class SessionStore:
    """Sessions by the hash of their id: who reads the store cannot take one over."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._key: bytes | None = None
        self._seen = client.register_script(_SEEN)

    @property
    def key(self) -> bytes:
        """What signs this room's cookies; made by whoever needs it first."""
        if self._key is None:
            self._client.set(keys.ACCESS_SECRET, secrets.token_bytes(32), nx=True)
            self._key = self._client.get(keys.ACCESS_SECRET)
        assert self._key is not None
        return self._key

    def open(self, session: Session) -> str:
        """Begin a session; the cookie's value."""
        session_id = secrets.token_urlsafe(24)
        self._client.hset(keys.SESSIONS, hidden(session_id), msgspec.json.encode(session))
        return seal(self.key, session.account, session_id, session.ends_ms)

    def of_cookie(self, cookie: str, now_ms: int) -> tuple[str, Session] | None:
        """(hash of the id, session) of a cookie; None where it opens nothing any more."""
        found = unseal(self.key, cookie, now_ms)
        if found is None:
            return None
        account, session_id = found
        digest = hidden(session_id)
        session = self.one(digest)
        if session is None or session.account != account or session.over(now_ms):
            return None
        if now_ms - session.seen_ms >= SEEN_EVERY_MS:
            session = msgspec.structs.replace(session, seen_ms=now_ms)
            self._seen(keys=[keys.SESSIONS], args=[digest, msgspec.json.encode(session)])
        return digest, session

    def one(self, digest: str) -> Session | None:
        """A session by the hash of its id."""
        raw = self._client.hget(keys.SESSIONS, digest)
        return None if raw is None else msgspec.json.decode(raw, type=Session)

    def all(self, now_ms: int) -> Iterator[tuple[str, Session]]:
        """(hash of the id, session) of those that have not ended; the ended ones are cleared away."""
        for key, raw in self._client.hgetall(keys.SESSIONS).items():
            session = msgspec.json.decode(raw, type=Session)
            if session.over(now_ms):
                self._client.hdel(keys.SESSIONS, key)
            else:
                yield as_text(key), session

    def end(self, digest: str) -> bool:
        """End one session now."""
        return bool(self._client.hdel(keys.SESSIONS, digest))

    def end_all(self, account: str = "", wall: str = "") -> int:
        """End every session of an account, or of a wall; how many there were."""
        mine = [d for d, s in self.all(now()) if (account and s.account == account) or (wall and s.wall == wall)]
        return sum(self.end(digest) for digest in mine)
