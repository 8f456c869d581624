"""Spending on advertising: a table of ad events, as money spent by campaign.

`ads:///path/spend.csv`. Columns: `id,time,campaign,amount` with the amount in dollars; other names by a mapping.
"""

from functools import partial
from typing import Any

from feeds._export import OPTIONS as COMMON
from feeds._export import ExportFeed, export_options
from feeds._feed import Feed
from feeds._mapped import MappedRows
from feeds._mapping_options import read_options
from feeds._table import read_table
from feeds._url import merge_options

SCHEMES = ("ads",)
ABOUT = "spending on advertising from a table, in cents by campaign"
OPTIONS = (*COMMON, "mapping")

COLUMNS = {"id": "id", "at": "time", "campaign": "campaign", "amount": "amount"}
MAPPING = {"kind": "ad", "source": "ads", "fields": COLUMNS, "multiply": {"amount": 100}}


def open_feed(url: str, options: dict[str, Any]) -> Feed:
    """The feed of this table. Raises FeedURLError for wrong options.

    Options: `mapping`, a table in feeds.toml or the path of a TOML file; `follow` and `poll_ms`.
    """
    given = merge_options(url, options, OPTIONS)
    path, common = export_options(url, given, "ads")
    needs = () if given.get("mapping") else tuple(COLUMNS.values())
    mapping = read_options(given.get("mapping") or MAPPING)  # a wrong one is refused now, not when the file comes
    return ExportFeed(path, partial(MappedRows, mapping=mapping, needs=needs), read_table, **common)
