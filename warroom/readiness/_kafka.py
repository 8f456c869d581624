"""Whether a feed's Kafka brokers answer, and have its topics."""

import contextlib
import logging
from collections.abc import Collection, Mapping
from typing import Any

from feeds._kafka.connect import connected, explained
from feeds._kafka.options import SECURITY, Source, client_settings, source_of
from feeds._url import FeedURLError


def broker_trouble(url: str, options: Mapping[str, Any]) -> tuple[str, str]:
    """(what is missing, what to do); empty where brokers and topics are there."""
    try:
        source = source_of(url)
        wanted = {name: value for name, value in options.items() if name in SECURITY}
        settings = client_settings(url, source, _query(url) | wanted)
    except FeedURLError as error:
        return str(error), "mend its entry in feeds.toml as it says"
    try:
        with _quiet(), connected(settings) as consumer:
            return topics_trouble(source, consumer.topics())
    except Exception as error:
        said = explained(error, source.brokers)
        if said is None:
            raise
        return said, "start the broker, open its port to this machine, or mend the feed's url in feeds.toml"


def topics_trouble(source: Source, there: Collection[str]) -> tuple[str, str]:
    """What to say where topics are missing. Pure."""
    lacking = [topic for topic in source.topics if topic not in there]
    if not lacking:
        return "", ""
    brokers = ",".join(source.brokers)
    make = "; ".join(
        f"`kafka-topics.sh --bootstrap-server {brokers} --create --topic {topic}`" for topic in lacking
    )  # fmt: skip
    return f"the broker at {brokers} has no topic {', '.join(lacking)}", f"create it: {make}; or mend the feed's url"


def _query(url: str) -> dict[str, Any]:
    from urllib.parse import parse_qsl, urlsplit

    return {name: value for name, value in parse_qsl(urlsplit(url).query) if name in SECURITY}


@contextlib.contextmanager
def _quiet() -> Any:
    """kafka-python logs each try; the finding says it once."""
    log = logging.getLogger("kafka")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)
