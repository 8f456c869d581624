"""How a feed is called where people read it."""

from urllib.parse import unquote


def named(feed: str) -> str:
    """A feed's name without the folders of its path: short enough for a wall, and no business of a wall's.

    >>> named("file:/srv/campaign/drop/reports.jsonl")
    'reports.jsonl'
    >>> named("http:vendor/north"), named("replay")
    ('http:vendor/north', 'replay')
    """
    scheme, _, path = feed.partition(":/")
    return unquote(path.rstrip("/").rpartition("/")[2]) or feed if path and scheme.isalnum() else feed
