"""Reads the objects of a JSON file: a list, an answer of an API with its `data`, or one object to a line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from feeds._export_rows import Record
from feeds._faults import TOO_LONG, Refusal, explain
from feeds._feed import FeedError
from feeds._table import text_of

WHOLE_LIMIT_BYTES = 256 * 1024 * 1024  # a list is held whole; one object to a line is not
LINE_LIMIT_CHARS = 1024 * 1024
_ERRORS = (msgspec.MsgspecError, ValueError, RecursionError)


def read_objects(path: Path) -> Iterator[Record]:
    """Every object of the file. Raises OSError, and FeedError for a list that is too long to be held."""
    with path.open("rb") as file:
        text = text_of(file)
        first = text.readline(LINE_LIMIT_CHARS)
        if isinstance(_decoded(first), dict):
            text.seek(0)
            yield from _by_line(text)
            return
    if path.stat().st_size > WHOLE_LIMIT_BYTES:
        raise FeedError(f"{path} is longer than 256 MiB: save it with one object to a line.")
    with path.open("rb") as file:
        yield from _listed(_decoded(text_of(file).read()))


def _by_line(text: Any) -> Iterator[Record]:
    number = 0
    while line := text.readline(LINE_LIMIT_CHARS):
        number += 1
        if len(line) == LINE_LIMIT_CHARS and not line.endswith("\n"):
            while line and not line.endswith("\n"):
                line = text.readline(LINE_LIMIT_CHARS)
            yield Record(number, TOO_LONG)
        elif line.strip():
            found = _decoded(line)
            inside = found.get("data") if isinstance(found, dict) else None
            if isinstance(inside, list):
                yield from _listed(inside)
            else:
                yield _record(number, found)


def _listed(found: Any) -> Iterator[Record]:
    if isinstance(found, dict) and isinstance(found.get("data"), list):
        found = found["data"]
    for number, one in enumerate(found if isinstance(found, list) else [found], start=1):
        yield _record(number, one)


def _record(number: int, found: Any) -> Record:
    if isinstance(found, Refusal | dict):
        return Record(number, found)
    return Record(number, Refusal("not_an_object", "", "Give one JSON object { ... } for each record."))


def _decoded(text: str) -> Any:
    """The JSON value, or the refusal; the message of the decoder names a place, not the text."""
    try:
        return msgspec.json.decode(text.encode("utf-8", "replace"))
    except _ERRORS as error:
        return explain(error)
