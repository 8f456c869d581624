"""The folder is the registry: every module of `feeds` whose name has no underscore in front is a feed.

A feed module declares SCHEMES (its URL schemes), ABOUT (one line) and open_feed(url, options) -> Feed.
"""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

import feeds
from feeds._feed import Feed
from feeds._url import FeedURLError


def feed_modules() -> dict[str, ModuleType]:
    """{module name: module} of every feed, by name."""
    names = sorted(info.name for info in pkgutil.iter_modules(feeds.__path__))
    own_name = __name__.rpartition(".")[2]
    return {
        name: import_module(f"{feeds.__name__}.{name}")
        for name in names
        if not name.startswith("_") and name != own_name
    }


def schemes() -> dict[str, str]:
    """{scheme: one line about the feed that reads it}."""
    return {scheme: module.ABOUT for module in feed_modules().values() for scheme in module.SCHEMES}


def open_feed(url: str, options: Mapping[str, Any] | None = None) -> Feed:
    """The feed that reads this URL, not yet running. `options` override those in the URL's query.

    Raises FeedURLError for a scheme that no feed reads, and for wrong options.
    """
    scheme = url.partition(":")[0].lower() if ":" in url else ""
    for module in feed_modules().values():
        if scheme in module.SCHEMES:
            feed: Feed = module.open_feed(url, dict(options or {}))
            return feed
    known = "; ".join(f"{name}: {about}" for name, about in sorted(schemes().items()))
    raise FeedURLError(f"{url!r}: no feed reads the scheme {scheme!r}. Known are {known}")
