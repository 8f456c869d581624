"""Reads the wanted columns of a table of millions of rows, a block at a time, as bytes.

pyarrow, because it streams from any file object (so a zip is never unpacked to disk, and the digest is taken in
passing), gives columns as bytes (so Latin-1 costs nothing), and keeps a block in memory, not a table. It stops at
the first row that does not fit the header: one open quote swallows all up to the next quote. Then the
file is read again line by line, slower, and the bad line costs only itself.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.csv as arrow_csv

from feeds._early.source import Header, Source
from feeds._lines import Line, LineCutter

BLOCK_BYTES = 1 << 20  # larger ones are no faster, and the parser holds a dozen
_BLOCKS_TO_A_BATCH = 16  # counting looks every word up once a batch
_CHUNK_BYTES = 1 << 20
_LINES_TO_A_BATCH = 20_000

Batch = Mapping[str, pa.Array]  # {role: one value a row, bytes}


class NotStraight(Exception):
    """The table has rows that do not fit its header: read it line by line."""


class Wanted(NamedTuple):
    """Which columns to read: {role: place of the column}, of a table with `width` columns."""

    places: dict[str, int]
    width: int
    separator: str


def fast_batches(source: Source, wanted: Wanted) -> Iterator[Batch]:
    """The rows behind the header. Raises NotStraight at the first that does not fit, BadTable."""
    names = [str(place) for place in range(wanted.width)]  # ours: the file's own may repeat or be no UTF-8
    read = sorted({names[place] for place in wanted.places.values()}, key=int)
    try:
        reader = arrow_csv.open_csv(
            source,
            # one thread: the second core is the store's and the tally's, and two would not be twice as fast
            read_options=arrow_csv.ReadOptions(
                block_size=BLOCK_BYTES, column_names=names, skip_rows=1, use_threads=False
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=wanted.separator),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=read, column_types=dict.fromkeys(read, pa.binary()), strings_can_be_null=False
            ),
        )
        while blocks := list(islice(reader, _BLOCKS_TO_A_BATCH)):
            columns = pa.Table.from_batches(blocks).combine_chunks()
            yield {role: _one(columns.column(str(place))) for role, place in wanted.places.items()}
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return
        raise NotStraight(str(error)) from None


def slow_batches(source: Source, wanted: Wanted, bad: Counter[str]) -> Iterator[Batch]:
    """The same, line by line. `bad` counts the lines that cannot be read, by reason; none is kept."""
    rows: list[list[str]] = []
    for line in _lines(source):
        if line.number == 1 or not line.raw.strip():
            continue
        cells = _cells(line, wanted)
        if isinstance(cells, str):
            bad[cells] += 1
            continue
        rows.append(cells)
        if len(rows) == _LINES_TO_A_BATCH:
            yield _batch(rows, wanted)
            rows = []
    if rows:
        yield _batch(rows, wanted)


def wanted_of(header: Header, columns: Mapping[str, str], same: Callable[[str], str]) -> Wanted:
    """Where the columns stand in this header; names are compared as `same` writes them."""
    places = {same(name): place for place, name in reversed(list(enumerate(header.columns)))}
    return Wanted({role: places[same(column)] for role, column in columns.items()}, len(header.columns),
                  header.separator)  # fmt: skip


def listed_batch(rows: Sequence[Mapping[str, str]]) -> Batch:
    """Rows of a workbook, already as {role: text}."""
    return {role: pa.array([row[role].encode() for row in rows], pa.binary()) for role in (rows[0] if rows else {})}


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks else pa.array([], pa.binary())


def _lines(source: Source) -> Iterator[Line]:
    cutter = LineCutter()
    while chunk := source.read(_CHUNK_BYTES):
        yield from cutter.feed(chunk)
    if last := cutter.finish():
        yield last


def _cells(line: Line, wanted: Wanted) -> list[str] | str:
    """The cells, or the reason why there are none. Latin-1 gives every byte back as it was."""
    if line.digest:
        return "too_long"
    try:
        cells = next(csv.reader([line.raw.decode("latin-1")], delimiter=wanted.separator, strict=True))
    except csv.Error:
        return "bad_csv"
    return cells if len(cells) == wanted.width else "bad_csv"


def _batch(rows: list[list[str]], wanted: Wanted) -> dict[str, Any]:
    return {
        role: pa.array([row[place].encode("latin-1") for row in rows], pa.binary())
        for role, place in wanted.places.items()
    }
