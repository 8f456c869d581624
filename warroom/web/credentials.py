"""Who sends: an API key, or a signature made with one key's webhook secret. Asked on every request."""

import time
from collections.abc import Callable, Mapping

import redis
from fastapi import HTTPException
from starlette.datastructures import Headers

from warroom.domain.apikeys import ApiKey, holder, signature_fault, split_token, webhook_secret
from warroom.store.apikeys import KeyStore, room_secret
from warroom.store.client import connect
from warroom.web.committer import NotTaken
from warroom.web.held import Held
from warroom.web.intake import PATIENCE

KEYS_FRESH_S = 1.0  # a revoked key still opens for this long
NEW_FRESH_S = 0.05  # guessed ids cause no more reads than this
SIGNATURE = "x-warroom-signature"
NO_KEY = "send an API key as `Authorization: Bearer KEY`; `warroom key new SOURCE` makes one"


class Doorkeeper:
    """Knows the room's API keys. Opens no connection before the first question."""

    def __init__(self, url: str, now_s: Callable[[], float] = time.time) -> None:
        self._keys = Held(KeyStore(connect(url, patience=PATIENCE)).all, KEYS_FRESH_S)
        self._room_secret = room_secret(url)
        self._now_s = now_s

    async def by_token(self, token: str) -> ApiKey:
        """The key behind a token. Raises HTTPException 401, or NotTaken where the store does not answer."""
        key_id, _ = split_token(token)
        return self._open(holder(await self._known(key_id), token))

    async def by_headers(self, headers: Headers) -> ApiKey:
        """The key of `Authorization: Bearer KEY` or `X-Api-Key: KEY`. Raises as `by_token`."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        token = token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        if not token:
            raise _refused(NO_KEY)
        return await self.by_token(token)

    async def by_signature(self, headers: Headers, query: Mapping[str, str], body: bytes) -> ApiKey:
        """The key whose webhook secret signed this body; its id is X-Warroom-Key or ?key=. Raises as `by_token`."""
        if self._room_secret is None:
            raise _refused("signatures are not set up here: set WARROOM_WEBHOOK_KEY")
        key_id = headers.get("x-warroom-key") or query.get("key", "")
        secret = webhook_secret(self._room_secret, key_id)
        fault = signature_fault(headers.get(SIGNATURE, ""), secret, body, self._now_s())
        if fault:
            raise _refused(fault)
        return self._open((await self._known(key_id)).get(key_id))

    def _open(self, key: ApiKey | None) -> ApiKey:
        fault = "this key opens nothing here" if key is None else key.over(int(self._now_s() * 1000))
        if key is None or fault:
            raise _refused(fault)
        return key

    async def _known(self, key_id: str) -> dict[str, ApiKey]:
        """Every key; one that is not among them may have been made a moment ago."""
        try:
            known = await self._keys.get()
            return known if key_id in known else await self._keys.get(NEW_FRESH_S)
        except redis.RedisError as error:
            raise NotTaken("the store does not answer; nothing of this was taken: send it again") from error


def _refused(text: str) -> HTTPException:
    return HTTPException(401, text, headers={"WWW-Authenticate": "Bearer"})
