"""Doors, calls and texts: a table of contact events from any field tool, as contacts by precinct.

`canvass:///path/events.csv`. Columns: `id,time,precinct,channel,result,volunteer`; other names by a mapping.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from feeds._contact_words import channel_of, result_of
from feeds._export import OPTIONS as COMMON
from feeds._export import ExportFeed, export_options
from feeds._faults import Refusal
from feeds._feed import Feed
from feeds._mapped import Finish, MappedRows
from feeds._mapping_options import MappingOptions, read_options
from feeds._salt import read_salt, salted
from feeds._table import read_table
from feeds._url import FeedURLError, merge_options
from warroom.domain.election import ElectionDay

SCHEMES = ("canvass",)
ABOUT = "doors, calls and texts from a table of a field tool, as contacts by precinct"
OPTIONS = (*COMMON, "channel", "mapping")

CHANNELS = ("door", "phone", "text")
COLUMNS = {
    "id": "id", "at": "time", "precinct": "precinct", "channel": "channel", "result": "result",
    "volunteer": "volunteer",
}  # fmt: skip
MAPPING = {"kind": "contact", "source": "canvass", "fields": COLUMNS}


def open_feed(url: str, options: dict[str, Any]) -> Feed:
    """The feed of this table. Raises FeedURLError for wrong options.

    Options: `channel` (door, phone or text) where no column names it; `mapping`, a table in feeds.toml or the
    path of a TOML file; `follow` and `poll_ms` as everywhere. A mapping must say which columns tell one event
    from another (`id`, or a field `id`): the rest of two events may well be the same.
    """
    given = merge_options(url, options, OPTIONS)
    path, common = export_options(url, given, "canvass")
    channel = str(given.get("channel") or "")
    if channel and channel not in CHANNELS:
        raise FeedURLError(f"{url}: channel={channel} is none of {', '.join(CHANNELS)}.")
    mapping = given.get("mapping") or MAPPING
    read = read_options(_with_channel(mapping, channel))
    if not read.id and "id" not in read.fields:
        raise FeedURLError(f"{url}: mapping.id is missing: name the columns that tell one event from another.")
    needs = () if given.get("mapping") else tuple(n for n in COLUMNS.values() if n not in ("channel", "volunteer"))
    return ExportFeed(path, partial(_translator, read, channel, needs), read_table, **common)


def makes_ids(given: Mapping[str, Any]) -> bool:
    """Whether these options have ids made of columns, for which the salt is needed. Raises FeedURLError."""
    mapping = _with_channel(given.get("mapping") or MAPPING, str(given.get("channel") or ""))
    return "id" not in read_options(mapping).fields


def _with_channel(mapping: object, channel: str) -> object:
    """The mapping, complete for the check: a channel that the URL gives needs no column."""
    if not channel or not isinstance(mapping, Mapping):
        return mapping
    return {**mapping, "constants": {**mapping.get("constants", {}), "channel": channel}}


def _translator(mapping: MappingOptions, channel: str, needs: tuple[str, ...], day: ElectionDay) -> MappedRows:
    """Ids made of columns may be made of people's numbers: they are salted."""
    salt = b"" if "id" in mapping.fields else read_salt()
    return MappedRows(day, mapping, contact_finish(channel, salt), needs)


def contact_finish(channel: str, salt: bytes) -> Finish:
    """Brings channel and result into the words of the wire format."""

    def finish(made: dict[str, Any], _row: Mapping[str, Any]) -> list[dict[str, Any]] | Refusal:
        if channel:
            made["channel"] = channel
        elif made.get("channel") not in CHANNELS and (found := channel_of(str(made.get("channel", "")))):
            made["channel"] = found
        if "result" in made:
            made["result"] = result_of(str(made["result"]))
        if salt and "id" in made:
            made["id"] = salted(salt, str(made["id"]))
        return [made]

    return finish
