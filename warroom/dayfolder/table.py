"""Reads one CSV file as texts, with the true line number of every row."""

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from warroom.dayfolder.faults import Fault, listed, quoted
from warroom.dayfolder.schema import TableSchema

_SAVE_AS = "Save the file as 'CSV UTF-8' (comma separated)."


@dataclass(frozen=True)
class Table:
    """A file's cells as stripped texts, '' where blank; one column per column of the contract.

    The frame's index is the line on which each row begins, so that a fault can name it.
    `warnings` tells of columns that are not used.
    """

    frame: pd.DataFrame
    warnings: list[Fault]


def read_table(path: Path, schema: TableSchema) -> tuple[Table | None, list[Fault]]:
    """The file's rows, and what is wrong with its form. No table where there is no usable header.

    A byte-order mark, CRLF and blank lines are accepted, and line breaks inside quotes.
    """
    text, faults = read_text(path)
    if text is None:
        return None, faults
    header, rows, lines, faults = _split(path.name, text)
    header_faults = _check_header(schema, header) if header else faults or [_empty(path.name)]
    if header_faults:
        return None, header_faults
    cells = list(zip(*rows, strict=True)) or [() for _ in header]
    blank = ("",) * len(rows)
    columns = {name: cells[header.index(name)] if name in header else blank for name in schema.names}
    frame = pd.DataFrame(
        {name: pd.Series([cell.strip() for cell in column], dtype=str) for name, column in columns.items()}
    )
    frame.index = pd.Index(lines, dtype="int64", name="line")
    return Table(frame, _unused(schema, header)), faults


def read_text(path: Path) -> tuple[str | None, list[Fault]]:
    """The file's text without its byte-order mark; a fault where it cannot be read as UTF-8."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return None, [Fault(path.name, None, "", reason, "a readable file", "Check its permissions.")]
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in raw[:4096]:
        return None, [Fault(path.name, None, "", "UTF-16 or binary data", "UTF-8 text", _SAVE_AS)]
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{raw[error.start]:02x}, which is not UTF-8"
        return None, [Fault(path.name, line, "", found, "UTF-8 text", _SAVE_AS)]
    if not text.strip():
        return None, [_empty(path.name)]
    return text, []


def _empty(file: str) -> Fault:
    return Fault(file, None, "", "an empty file", "at least a header line", "Fill it in, or delete it if optional.")


def _split(file: str, text: str) -> tuple[list[str], list[list[str]], list[int], list[Fault]]:
    """Header, rows, the first line of each row, and the rows that have too few or too many fields."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    faults: list[Fault] = []
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return header, rows, lines, faults
        except csv.Error as error:
            expected = "a well-formed CSV row"
            remedy = "Double every quote inside a quoted field and close each quoted field."
            faults.append(Fault(file, line, "", f"broken quoting ({error})", expected, remedy))
            continue
        if not any(cell.strip() for cell in row):
            continue
        if not header:
            header = [cell.strip().lower() for cell in row]
        elif len(row) < len(header) or any(cell.strip() for cell in row[len(header) :]):
            found, expected = f"{len(row)} fields", f"{len(header)} fields, as in the header"
            faults.append(Fault(file, line, "", found, expected, "Quote fields that contain a comma."))
        else:
            rows.append(row[: len(header)])
            lines.append(line)


def _check_header(schema: TableSchema, header: list[str]) -> list[Fault]:
    missing = [column.name for column in schema.columns if column.required and column.name not in header]
    found = f"no such column in {quoted(','.join(header))}"
    remedy = f"Name the columns {','.join(schema.names)}, separated by commas."
    faults = [Fault(schema.file, 1, name, found, "a required column", remedy) for name in missing]
    twice = [name for name in schema.names if header.count(name) > 1]
    faults += [Fault(schema.file, 1, name, "the column twice", "it once", "Remove one.") for name in twice]
    return faults


def _unused(schema: TableSchema, header: list[str]) -> list[Fault]:
    extra = [name for name in header if name and name not in schema.names]
    if not extra:
        return []
    expected = f"columns among {', '.join(schema.names)}"
    return [Fault(schema.file, 1, "", f"columns that are not used: {listed(extra)}", expected, "Check the spelling.")]
