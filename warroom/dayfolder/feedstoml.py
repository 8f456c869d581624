"""Reads feeds.toml: which feeds run on the day, each a URL and its options."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import msgspec

from warroom.dayfolder.daytoml import read_toml
from warroom.dayfolder.faults import Fault, quoted
from warroom.dayfolder.table import read_text

FILE = "feeds.toml"
_PATHS = ("file", "drop", "replay", "van", "canvass", "mobilize", "actblue", "ads")  # schemes that name a path
_FILES = ("precincts", "mapping", "layout", "volunteers", "sites")  # options that may name a file of the folder


class FeedConfig(msgspec.Struct, frozen=True):
    """One feed of the day. `name` is '' where the feed names itself."""

    url: str
    options: dict[str, Any]
    name: str = ""


def read_feeds(path: Path) -> tuple[list[FeedConfig], list[Fault]]:
    """The feeds in the order of the file.

    Each is a `[[feed]]` table with a `url`; every other key is an option, and so is every key of an
    `options` table. `[feed.NAME]` tables and the plural `feeds` are read as well. A URL with a relative
    path (`file:inbox.jsonl`) is taken from the folder.
    """
    text, faults = read_text(path)
    if text is None:
        return [], faults
    table, faults = read_toml(path.name, text)
    if table is None:
        return [], faults
    feeds: list[FeedConfig] = []
    for key, value in table.items():
        if key not in ("feed", "feeds"):
            remedy = "Put it below [[feed]]."
            faults.append(Fault(FILE, None, key, "a key that is not known", "[[feed]] tables only", remedy))
            continue
        for name, entry in _entries(value):
            feed = _feed(name, entry, path.parent)
            if isinstance(feed, Fault):
                faults.append(feed)
            else:
                feeds.append(feed)
    return feeds, faults


def _entries(value: object) -> list[tuple[str, object]]:
    """(name or '', table) for each feed, whether listed or named."""
    if isinstance(value, list):
        return [("", entry) for entry in value]
    if isinstance(value, dict) and "url" not in value:
        return list(value.items())
    return [("", value)]


def _feed(name: str, entry: object, folder: Path) -> FeedConfig | Fault:
    remedy = 'For example url = "file:inbox.jsonl?follow=1".'
    if isinstance(entry, str):
        entry = {"url": entry}
    if not isinstance(entry, dict):
        return Fault(FILE, None, name or "feed", quoted(entry), "a table with a url", remedy)
    url = entry.get("url")
    if not isinstance(url, str) or not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:.", url):
        found = "no url" if url is None else quoted(url)
        return Fault(FILE, None, name or "url", found, "a URL with a scheme", remedy)
    inner = entry.get("options", {})
    if not isinstance(inner, dict):
        return Fault(FILE, None, "options", quoted(inner), "a table of options", "Write [feed.options].")
    loose = {key: value for key, value in entry.items() if key not in ("url", "name", "options")}
    options = {key: _file_of(key, value, folder) for key, value in {**loose, **inner}.items()}
    return FeedConfig(_from_folder(url, folder), options, str(entry.get("name", name)))


def _file_of(option: str, value: object, folder: Path) -> object:
    """`precincts = "map.csv"` is the file of that name in the folder, where there is one."""
    if option in _FILES and isinstance(value, str) and (folder / value).is_file():
        return (folder / value).resolve().as_posix()
    return value


def _from_folder(url: str, folder: Path) -> str:
    """`file:inbox.jsonl` becomes `file:///…/inbox.jsonl` in the folder; any other URL stays as it is."""
    scheme, rest = url.split(":", 1)
    if rest.startswith("/") or scheme not in _PATHS:
        return url
    path, mark, query = rest.partition("?")
    return f"{scheme}://{quote((folder / unquote(path)).resolve().as_posix())}{mark}{query}"
