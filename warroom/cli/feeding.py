"""The feeds of feeds.toml as parts of the room, each checked before anything starts."""

import json
from collections.abc import Sequence
from pathlib import Path

from feeds.registry import open_feed
from warroom.dayfolder import FeedConfig
from warroom.supervisor import Part


def feed_parts(feeds: Sequence[FeedConfig], raw: Path) -> list[Part]:
    """One part for each feed; raises FeedURLError for one that cannot be opened.

    A recording is played by `warroom replay`, never unasked.
    """
    parts: list[Part] = []
    for config in feeds:
        if config.url.startswith("replay:"):
            continue
        options = config.options | ({"name": config.name} if config.name else {})
        open_feed(config.url, options)
        command = ["feed", config.url, "--raw", str(raw)]
        if options:
            command += ["--options", json.dumps(options, default=str)]
        parts.append(Part(config.name or config.url, command))
    return parts
