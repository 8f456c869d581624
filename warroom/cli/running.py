"""Runs one feed as its own process: known by its kind, and with an ear for a director's wish to read again."""

import threading
from pathlib import Path

from feeds._feed import Feed
from feeds._mender import Mender
from warroom.store.client import Client
from warroom.store.feeds import FeedStore
from warroom.store.intake import RedisIntake
from warroom.store.rejects import RejectList


def mender_of(feed: Feed, client: Client, raw_dir: Path | None) -> Mender:
    """What replays this feed's rejected input; `raw_dir` holds the raw copies of this machine."""
    return Mender(feed, FeedStore(client), RejectList(client).may_be_read_again, lambda: RedisIntake(client), raw_dir)


def run_feed(feed: Feed, kind: str, client: Client, raw_dir: Path | None, stop: threading.Event) -> None:
    """Run until the source ends or `stop` is set. Raises FeedError."""
    FeedStore(client).announce(feed.name, kind)
    mender = mender_of(feed, client, raw_dir)
    mender.look()  # a feed that ends at once, and is started again and again, hears it here
    threading.Thread(target=mender.watch, args=(stop,), daemon=True).start()
    feed.run(RedisIntake(client), stop)
