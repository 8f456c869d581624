"""Rows of a separated file as the field publishes it: any encoding, any line end, NUL bytes, broken quoting.

Streams: a state's file is never held whole. What the day folder itself demands (UTF-8, commas) is stricter; see
`warroom.dayfolder.table`.
"""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

from warroom.dayfolder.faults import quoted
from warroom.dayimport.findings import Findings, ImportProblem

_LINE_LONGEST = 1 << 20  # characters; a file without line ends is cut here, not read whole
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")  # 5,0 may be a European half: refused, not read as 50
_RECORD_LINES = 50  # line breaks inside one quoted cell; more is a quote that was never closed
_QUOTES = "Double every quote inside a quoted field and close each quoted field."


def open_text(raw: BinaryIO, file: str, findings: Findings) -> io.TextIOWrapper:
    """The bytes as text. Bytes that are not of the encoding come through as surrogates; `mended` settles them."""
    buffered = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(raw)  # type: ignore[type-var]
    head = buffered.peek(4096)[:4096]
    encoding = next((name for mark, name in _BOMS if head.startswith(mark)), "")
    if not encoding and len(head) >= 4:  # UTF-16 without its mark: every other byte of plain letters is NUL
        odd, even = head[1::2].count(0), head[0::2].count(0)
        half = len(head) // 2
        encoding = "utf-16-le" if odd > 0.4 * half > even else "utf-16-be" if even > 0.4 * half > odd else ""
    if encoding.startswith(("utf-16", "utf-32")):
        findings.note(file, f"read as {encoding.upper()}")
    wide = encoding.startswith(("utf-16", "utf-32"))
    return io.TextIOWrapper(
        buffered, encoding=encoding or "utf-8", errors="replace" if wide else "surrogateescape", newline=""
    )


def mended(text: str, file: str, line: int, findings: Findings) -> str:
    """The cell stripped, without NUL bytes, bytes that are not UTF-8 read as Windows-1252, ="0412" as 0412."""
    if "\x00" in text:
        text = text.replace("\x00", "")
        findings.note(file, "NUL bytes taken out", f"line {line}")
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raw = text.encode("utf-8", "surrogateescape") if all(
            not "\ud800" <= c <= "\udfff" or "\udc80" <= c <= "\udcff" for c in text
        ) else text.encode("utf-8", "replace")  # fmt: skip
        text = raw.decode("cp1252", "replace")
        findings.note(file, "bytes that are not UTF-8 read as Windows-1252", f"line {line}")
    text = text.strip()
    if len(text) > 3 and text.startswith('="') and text.endswith('"'):
        findings.note(file, 'spreadsheet formulas of the form ="0412" read as their text', f"line {line}")
        text = text[2:-1].strip()
    return text


def read_rows(raw: BinaryIO, file: str, findings: Findings) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, {column in lower case: cell}) of each row. Rows of the wrong length are faults and are left out.

    Raises ImportProblem where there is no header. Separated by commas, tabs, semicolons or bars, as the
    header shows.
    """
    stream = open_text(raw, file, findings)
    first = stream.readline(_LINE_LONGEST)
    while first and not first.strip("\ufeff\x00 \r\n,"):
        first = stream.readline(_LINE_LONGEST)
    if not first:
        raise ImportProblem(file, "an empty file", "a header line and rows", "Check that the download is complete.")
    delimiter = max(",\t;|", key=first.count)
    header: list[str] = []
    place: dict[str, int] = {}
    for line, cells in _records(_Lines(first, stream), delimiter, file, findings):
        if not header:
            header = [mended(cell, file, line, findings).lstrip("\ufeff").lower() for cell in cells]
            place = {name: at for at, name in reversed(list(enumerate(header)))}  # the first of two alike counts
            place = dict(sorted(place.items(), key=lambda pair: pair[1]))
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) < len(header) or any(cell.strip() for cell in cells[len(header) :]):
            found, expected = f"{len(cells)} fields", f"{len(header)} fields, as in the header"
            findings.fault(file, line, "", found, expected, "Quote fields that hold the separator; complete the row.")
            continue
        joined = "".join(cells)
        if joined.isascii() and "\x00" not in joined and '="' not in joined:  # nearly every row: nothing to mend
            clean = [cell.strip() for cell in cells]
        else:
            clean = [mended(cell, file, line, findings) for cell in cells]
        yield line, {name: clean[at] for name, at in place.items()}


class _Lines:
    """Lines for csv.reader, at most 50 to a record; those of a record that breaks off come again, but its first."""

    def __init__(self, first: str, stream: io.TextIOWrapper) -> None:
        self._again = deque([first])
        self._stream = stream
        self._taken: list[str] = []
        self._line = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        piece = self._again.popleft() if self._again else self._stream.readline(_LINE_LONGEST)
        if not piece:
            raise StopIteration
        if len(self._taken) == _RECORD_LINES:
            self._again.appendleft(piece)
            raise StopIteration
        self._taken.append(piece)
        return piece

    def begin(self) -> int:
        """The line at which the next record begins."""
        self._line += len(self._taken)
        self._taken = []
        return self._line

    def broken(self) -> str:
        """The first line of this record; the others are read again."""
        self._again.extendleft(reversed(self._taken[1:]))
        del self._taken[1:]
        return self._taken[0]


def _records(lines: _Lines, delimiter: str, file: str, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each record. A quote that is never closed costs its own line, not the rows after it."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = lines.begin()
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            alone = lines.broken()
            try:
                if alone.count('"') % 2:
                    raise
                yield line, next(csv.reader([alone], delimiter=delimiter))  # "Jo "Ann" Hall" and the like
            except csv.Error:
                if line == 1:
                    expected = "column names"
                    raise ImportProblem(file, f"a header that breaks off ({error})", expected, _QUOTES) from None
                found = f"a row that cannot be read ({error})"
                findings.fault(file, line, "", found, "a well-formed row", _QUOTES)


def require(row: dict[str, str], names: tuple[str, ...], file: str) -> None:
    """Raise ImportProblem where the header lacks one of these columns."""
    missing = [name for name in names if name not in row]
    if missing:
        found = f"no column {missing[0]!r} among {quoted(', '.join(row), 200)}"
        remedy = "Name the column with an option behind the file, such as FILE?precinct=ed&ballots=total."
        raise ImportProblem(file, found, "that column", remedy, line=1, column=missing[0])


def number(text: str, row_file: str, line: int, column: str, findings: Findings) -> float | None:
    """A count of 0 to ten million, thousands separators allowed; None where blank or refused (a fault).

    >>> number("1,057", "f", 2, "votes", Findings())
    1057.0
    """
    plain = text.strip()
    if not plain or plain in {"-", "*", "N/A", "n/a"}:
        return None
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    try:
        value = float(plain)
    except ValueError:
        value = -1.0
    if plain[0] in "=+@" or "_" in plain or not 0 <= value <= 10_000_000:
        expected = "a number from 0 to 10,000,000"
        findings.fault(row_file, line, column, quoted(text), expected, "Write a plain number, or leave the cell blank.")
        return None
    return value
