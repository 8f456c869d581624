"""A consumer with our ways, and what goes wrong between it and the brokers, in words."""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer
from kafka.errors import KafkaConfigurationError, KafkaError, KafkaTimeoutError

ANSWER_MS = 1_500
POLL_MESSAGES = 2_000
STALLED_S = 15.0

_SETTINGS: dict[str, Any] = {
    "enable_auto_commit": False,
    "isolation_level": "read_committed",
    "allow_auto_create_topics": False,
    "max_poll_records": POLL_MESSAGES,
    "metadata_max_age_ms": 10_000,  # a topic that is made later is found
    "reconnect_backoff_max_ms": 1_000,  # the default, 30 s, keeps a restarted broker waiting
    "request_timeout_ms": 15_000,
    "bootstrap_timeout_ms": 5_000,
    "metrics_enabled": False,
}


class Stalled(KafkaError):
    """Messages wait, nobody reads them, and nothing is said to be wrong."""


@contextmanager
def connected(settings: dict[str, Any]) -> Iterator[KafkaConsumer]:
    """A consumer with our ways. Raises KafkaError where no broker answers within five seconds."""
    consumer = KafkaConsumer(**(_SETTINGS | settings))
    try:
        yield consumer
    finally:
        consumer.close(timeout_ms=ANSWER_MS)


def explained(error: Exception, brokers: Sequence[str]) -> str | None:
    """What holds the feed up, in words; None for an error that is not the brokers'."""
    where = ", ".join(brokers)
    if isinstance(error, KafkaConfigurationError):
        return None
    if isinstance(error, Stalled):
        return f"messages at {where} had waited for {STALLED_S:.0f} s; joining the group anew"
    if isinstance(error, KafkaTimeoutError):
        return f"no broker answers at {where}, or none that takes our password or certificate"
    if isinstance(error, KafkaError | ssl.SSLError | OSError):
        return f"the broker at {where} refuses ({type(error).__name__}: {error})"
    return None
