"""One way to connect to the store, with patience: a restarting store is an ordinary fault."""

from typing import Any

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from warroom.store.server import StoreUnavailable

Client = Any  # a redis.Redis: its stubs mix replies of sync and async, of bytes and str
BLOCK_MS = 1_000  # how long a stream read waits; a stop is noticed within this


def connect(url: str, patience: int = 12) -> Client:
    """A client of the store at `url` that retries with backoff, about 10 s at the default `patience`.

    No connection is opened before the first command. RESP2 keeps stream replies one shape
    on Redis and Valkey.
    """
    try:
        return redis.Redis.from_url(
            url,
            protocol=2,
            socket_timeout=15,
            socket_connect_timeout=5,
            retry=Retry(ExponentialBackoff(cap=1.0, base=0.02), patience),
            retry_on_error=[redis.BusyLoadingError, redis.ConnectionError, redis.TimeoutError],
        )
    except ValueError as error:
        raise StoreUnavailable(f"REDIS_URL is not an address of a store: {error}") from error


def trouble(error: redis.RedisError) -> str:
    """What is wrong with the store, in words: that it does not answer, or what it answered."""
    if isinstance(error, redis.ResponseError):
        return f"the store refuses: {error}"
    return f"the store does not answer ({type(error).__name__})"


def as_text(value: bytes | str) -> str:
    """Text of a value that the store keeps as bytes."""
    return value.decode() if isinstance(value, bytes) else value
