"""Feeds of feeds.toml: each can be opened, its file or folder is there, its broker answers, its secrets are set."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from feeds._feed import FeedError
from feeds._mobilize_api import KEY_VARIABLE
from feeds._salt import VARIABLE, read_salt
from feeds._url import FeedURLError, local_path
from feeds.canvass import makes_ids
from feeds.registry import open_feed
from warroom.dayfolder import FeedConfig
from warroom.readiness._finding import Finding, green
from warroom.readiness._kafka import broker_trouble
from warroom.readiness._place import Place
from warroom.store.client import Client
from warroom.store.feeds import FeedStore
from warroom.store.ports import DONE, NOTE

ORDER, TITLE = 50, "Feeds"


@dataclass(frozen=True)
class Feed:
    """One feed. `wrong` is what keeps it from being opened, `gone` what is missing where it reads.

    `trouble` and `seen_ms` (epoch) are what the running feed last told of itself; `running` says that it did.
    """

    name: str
    url: str
    wrong: str = ""
    gone: str = ""
    remedy: str = ""
    running: bool = False
    trouble: str = ""
    seen_ms: int | None = None


@dataclass(frozen=True)
class Facts:
    """Every feed, whether a room runs, and the wall clock (feeds tell of themselves by it)."""

    feeds: list[Feed]
    room: bool
    now: datetime
    start: str
    recordings: int = 0


def look(place: Place) -> Facts:
    """Open each feed without running it, and look where it reads."""
    live = [config for config in place.folder.feeds if not config.url.startswith("replay:")]
    told = _told(place.client)
    feeds = [_feed(config, place.environ, told) for config in live]
    recordings = len(place.folder.feeds) - len(live)
    return Facts(feeds, place.client is not None, datetime.now(UTC), place.start, recordings)


def judge(facts: Facts) -> list[Finding]:
    """One finding a feed."""
    if not facts.feeds:
        played = f"; {facts.recordings} recording, played by `warroom replay` only" if facts.recordings else ""
        return [green("feeds.toml", f"names no feed that runs by itself{played}")]
    return [_judge(feed, facts) for feed in facts.feeds]


def _judge(feed: Feed, facts: Facts) -> Finding:
    if feed.wrong:
        return Finding(feed.name, "red", feed.wrong, feed.remedy or "mend its entry in feeds.toml as it says")
    if feed.gone:
        return Finding(feed.name, "red", feed.gone, feed.remedy)
    if not facts.room:
        return Finding(feed.name, "unknown", "can be opened; not looked at: no room runs", facts.start)
    if not feed.running:
        remedy = "stop the room and start it with this day folder: `warroom up` starts every feed of feeds.toml"
        return Finding(feed.name, "amber", "can be opened, but the room has not started it", remedy)
    if feed.trouble and feed.trouble != DONE and not feed.trouble.startswith(NOTE):
        remedy = "mend what it says; the feed goes on by itself, and /feeds shows it"
        return Finding(feed.name, "red", f"stopped: {feed.trouble}", remedy)
    if feed.seen_ms is None:
        return green(feed.name, "runs; nothing has come yet")
    minutes = max(0, round(facts.now.timestamp() - feed.seen_ms / 1000) // 60)
    return green(feed.name, f"runs; silent for {minutes:,} min")


def _feed(config: FeedConfig, environ: Mapping[str, str], told: Mapping[str, tuple[str, int | None]]) -> Feed:
    shown = config.name or config.url
    options = config.options | ({"name": config.name} if config.name else {})
    try:
        opened = open_feed(config.url, options)
    except (FeedURLError, FeedError) as error:
        return Feed(shown, config.url, wrong=str(error))
    except OSError as error:
        return Feed(shown, config.url, wrong=f"{error.filename or config.url}: {error.strerror or error}")
    gone, remedy = _gone(config, environ)
    running = opened.name in told
    trouble, seen_ms = told.get(opened.name, ("", None))
    return Feed(shown, config.url, gone=gone, remedy=remedy, running=running, trouble=trouble, seen_ms=seen_ms)


def _gone(config: FeedConfig, environ: Mapping[str, str]) -> tuple[str, str]:
    """(what is missing where this feed reads, what to do); empty where nothing is."""
    scheme, parts = config.url.partition(":")[0].lower(), urlsplit(config.url)
    if scheme == "kafka":
        return broker_trouble(config.url, config.options)
    found = "", ""
    if not parts.netloc or parts.netloc == "localhost":
        found = _path_trouble(local_path(config.url), scheme)
    elif scheme == "mobilize" and not environ.get(KEY_VARIABLE):
        found = f"{KEY_VARIABLE} is not set", f"set it where the room starts: `export {KEY_VARIABLE}=…`"
    given = dict(parse_qsl(parts.query)) | config.options
    if not any(found):
        found = _file_trouble(config.url, scheme, given)
    return found if any(found) else _salt_trouble(scheme, given, environ)


def _file_trouble(url: str, scheme: str, given: Mapping[str, Any]) -> tuple[str, str]:
    """The same for files that options name and the feed reads as it starts; layout and mapping were read by now."""
    folder = local_path(url).parent if scheme == "van" else Path()
    for option in ("precincts", "volunteers", "sites"):
        file = (folder / str(given.get(option) or "")).absolute()
        if given.get(option) and not (file.is_file() and os.access(file, os.R_OK)):
            what = f"the file {file} of the option {option} is not there, or may not be read"
            return what, f"put it there, or mend {option} in feeds.toml"
    return "", ""


def _salt_trouble(scheme: str, given: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[str, str]:
    """The same for the salt: a VAN export needs it, and contacts whose ids are made of columns."""
    if scheme == "van" or (scheme == "canvass" and makes_ids(given)) or (scheme == "drop" and VARIABLE in environ):
        try:
            read_salt(environ)
        except FeedError as error:
            return str(error), f"where the room starts, `export {VARIABLE}=$(openssl rand -hex 16)`; the same all day"
    return "", ""


def _path_trouble(path: Path, scheme: str) -> tuple[str, str]:
    if not path.exists():
        if scheme == "drop":
            return f"the folder {path} is not there", f"make it: `mkdir -p {quote(str(path))}`"
        if path.parent.is_dir():
            return (
                f"the file {path} is not there",
                f"have its sender put it there, or begin it: `touch {quote(str(path))}`",
            )
        make = f"mkdir -p {quote(str(path.parent))} && touch {quote(str(path))}"
        return f"the folder {path.parent} is not there", f"make it: `{make}`"
    need = os.R_OK | os.X_OK if path.is_dir() else os.R_OK
    if not os.access(path, need):
        return f"{path} may not be read by who runs this check", f"let it be read: `chmod -R u+rX {quote(str(path))}`"
    return "", ""


def _told(client: Client | None) -> dict[str, tuple[str, int | None]]:
    """{feed: (its trouble, when it was last heard, epoch ms)} of the feeds that have ever run in this room."""
    if client is None:
        return {}
    store = FeedStore(client)
    troubles, seen = store.troubles(), store.seen_ms()
    return {name: (troubles.get(name, ""), seen.get(name)) for name in {*troubles, *seen, *store.kinds()}}
