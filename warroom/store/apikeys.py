"""API keys in the store: digests, never a key."""

import os
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from warroom.domain.apikeys import PER_MINUTE, ApiKey, digest_of
from warroom.store import keys
from warroom.store.client import Client, as_text

_SHORTEST = 16
_key = msgspec.json.Decoder(ApiKey)


def room_secret(url: str, environ: Mapping[str, str] = os.environ) -> bytes | None:
    """What webhook secrets are derived from: WARROOM_WEBHOOK_KEY, else the embedded store's own password.

    None where there is neither, or where it is shorter than 16 characters: then no signature is accepted.
    """
    secret = environ.get("WARROOM_WEBHOOK_KEY", "") or (urlsplit(url).password or "")
    return secret.encode() if len(secret) >= _SHORTEST else None


def feed_of(source: str) -> str:
    """The feed that the reports of a source's keys count for."""
    return f"http:{source}"


class KeyStore:
    """Every API key of the room; they outlive the day's reload."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def make(
        self, source: str, kinds: tuple[str, ...], now_ms: int, expires_ms: int | None = None,
        per_minute: int = PER_MINUTE,
    ) -> tuple[ApiKey, str]:  # fmt: skip
        """A new key, and the token that is shown once."""
        key_id, secret = secrets.token_hex(5), secrets.token_urlsafe(32)
        key = ApiKey(id=key_id, source=source, kinds=kinds, digest=digest_of(secret), created_ms=now_ms,
                     per_minute=per_minute, expires_ms=expires_ms)  # fmt: skip
        self._client.hset(keys.API_KEYS, key_id, msgspec.json.encode(key))
        self._client.hsetnx(keys.FEED_STATE, feed_of(source), "")  # the board shows that it is awaited
        return key, f"wr_{key_id}_{secret}"

    def all(self) -> dict[str, ApiKey]:
        """{key id: key}, revoked and expired ones included."""
        rows = self._client.hgetall(keys.API_KEYS)
        return {as_text(key_id): _key.decode(raw) for key_id, raw in rows.items()}

    def revoke(self, key_id: str, now_ms: int) -> ApiKey | None:
        """Close a key for ever; None where there is none of this id. Doors notice within a second or two."""
        raw = self._client.hget(keys.API_KEYS, key_id)
        if raw is None:
            return None
        key = _key.decode(raw)
        if key.revoked_ms is None:
            key = msgspec.structs.replace(key, revoked_ms=now_ms)
            self._client.hset(keys.API_KEYS, key_id, msgspec.json.encode(key))
        return key
