"""A feed's URL and options: one dict of options, checked, and the path."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# Options that the composition root may give to any feed.
COMMON = ("name", "raw_dir")
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class FeedURLError(ValueError):
    """The URL or its options cannot be used; the message says what to write instead."""


def merge_options(url: str, options: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    """Options of the URL's query, overridden by `options`. Raises FeedURLError for an unknown one."""
    merged = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)) | dict(options)
    allowed = (*known, *COMMON)
    for name in merged:
        if name not in allowed:
            raise FeedURLError(f"{url}: unknown option {name!r}; known are {', '.join(allowed)}.")
    return merged


def local_path(url: str) -> Path:
    """The path of file:///path or file:path. Raises FeedURLError where it names a host or no path."""
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        right = f"{parts.scheme}:///{parts.netloc}{parts.path}"
        raise FeedURLError(f"{url}: names the host {parts.netloc!r}; for a local path write {right}.")
    if not parts.path:
        raise FeedURLError(f"{url}: names no path; write {parts.scheme}:///path.")
    return Path(unquote(parts.path)).absolute()


def yes_no(url: str, options: Mapping[str, Any], name: str, default: bool) -> bool:
    """An option that is on or off. Raises FeedURLError for anything else."""
    value = str(options.get(name, default)).lower()
    if value not in _YES + _NO:
        raise FeedURLError(f"{url}: {name}={value} is neither 1 nor 0.")
    return value in _YES


def number(url: str, options: Mapping[str, Any], name: str, default: float) -> float:
    """An option that is a number above 0. Raises FeedURLError for anything else."""
    try:
        value = float(options.get(name, default))
    except (TypeError, ValueError):
        value = 0.0
    if not 0 < value < float("inf"):
        raise FeedURLError(f"{url}: {name}={options[name]} is not a number above 0.")
    return value


def choice(url: str, options: Mapping[str, Any], name: str, choices: Collection[str], default: str) -> str:
    """An option with few values. Raises FeedURLError for anything else."""
    value = str(options.get(name, default))
    if value not in choices:
        raise FeedURLError(f"{url}: {name}={value} is none of {', '.join(choices)}.")
    return value
