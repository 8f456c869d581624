"""Reads the rows of a table that another program exported: CSV or tab-separated, UTF-8 or UTF-16. Streams.

Spreadsheet exports come as UTF-16 with a byte-order mark, under the name .xls, and may break lines inside
quotes. A quote that is never closed costs its own line, not the rows after it.
"""

import csv
import io
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

from feeds._export_rows import Record
from feeds._faults import NOT_UTF8, TOO_LONG, Refusal

LINE_LIMIT_CHARS = 64 * 1024
_RECORD_LINES = 50  # line breaks inside one quoted cell; more is a quote that was never closed
_PROBE_BYTES = 4


def read_table(path: Path) -> Iterator[Record]:
    """Every row of a file whose first line names the columns; blank lines are no rows. Raises OSError."""
    with path.open("rb") as file:
        yield from _records(_Lines(text_of(file)))


def text_of(file: BinaryIO) -> TextIO:
    """The file as text by its byte-order mark, or by where its NUL bytes stand; bytes that fit nothing as U+FFFD.

    >>> text_of(io.BytesIO("\\ufeffA\\tB".encode("utf-16-le"))).read()
    'A\\tB'
    """
    head = file.read(_PROBE_BYTES)
    file.seek(0)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif len(head) >= 2 and (head[0] == 0) != (head[1] == 0):
        encoding = "utf-16-be" if head[0] == 0 else "utf-16-le"
    else:
        encoding = "utf-8-sig"
    return io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")


class _Line(NamedTuple):
    number: int
    text: str | None  # None: too long, and never held whole


class _Lines:
    """The lines of a text that are not blank, without their line breaks; some can be put back."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._back: deque[_Line] = deque()
        self._number = 0

    def next(self) -> _Line | None:
        """The next line; None at the end."""
        if self._back:
            return self._back.popleft()
        while line := self._text.readline(LINE_LIMIT_CHARS + 1):
            self._number += 1
            if len(line) > LINE_LIMIT_CHARS and not line.endswith("\n"):
                while line and not line.endswith("\n"):
                    line = self._text.readline(LINE_LIMIT_CHARS)
                return _Line(self._number, None)
            if line.strip():
                return _Line(self._number, line.rstrip("\r\n"))
        return None

    def put_back(self, lines: list[_Line]) -> None:
        """They come again, in this order."""
        self._back.extendleft(reversed(lines))


def _records(lines: _Lines) -> Iterator[Record]:
    first = lines.next()
    if first is None:
        return
    cells_of = _tab_cells if "\t" in (first.text or "") else _csv_cells
    header = cells_of(first, lines)
    if isinstance(header, Refusal):
        yield Record(first.number, header)
        return
    while line := lines.next():
        yield Record(line.number, _named(header, cells_of(line, lines)))


def _tab_cells(line: _Line, _lines: _Lines) -> list[str] | Refusal:
    """Tab-separated exports break no lines, and a quote in them is a letter unless it encloses the cell."""
    if line.text is None:
        return TOO_LONG
    return NOT_UTF8 if "\x00" in line.text else [_unquoted(cell.strip()) for cell in line.text.split("\t")]


def _csv_cells(line: _Line, lines: _Lines) -> list[str] | Refusal:
    """The cells of this line, and of those that its quotes go on over."""
    if line.text is None:
        return TOO_LONG
    text = "\n".join([line.text, *_rest_of(line.text, lines)])
    if "\x00" in text:
        return NOT_UTF8
    try:
        return [cell.strip() for cell in next(csv.reader(io.StringIO(text), strict=True))]
    except csv.Error:
        return Refusal("bad_csv", "", "Close and double the quotes of this row.")


def _rest_of(text: str, lines: _Lines) -> list[str]:
    """The lines that a quoted cell goes on over; none, and none lost, where the quote is never closed."""
    quotes, length, more = text.count('"'), len(text), list[_Line]()
    while quotes % 2 and len(more) < _RECORD_LINES and length < LINE_LIMIT_CHARS:
        following = lines.next()
        if following is None:
            break
        more.append(following)
        if following.text is None:
            break
        quotes += following.text.count('"')
        length += len(following.text)
    if quotes % 2:
        lines.put_back(more)
        return []
    return [one.text or "" for one in more]


def _unquoted(cell: str) -> str:
    return cell[1:-1].replace('""', '"').strip() if len(cell) > 1 and cell[0] == cell[-1] == '"' else cell


def _named(header: list[str], cells: list[str] | Refusal) -> dict[str, str] | Refusal:
    if isinstance(cells, Refusal):
        return cells
    if len(cells) != len(header):
        remedy = f"The row has {len(cells)} columns, the header {len(header)}: export the file again."
        return Refusal("bad_csv", "", remedy)
    return dict(zip(header, cells, strict=True))
