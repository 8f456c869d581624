"""Reads a published workbook: the sheet of a layout, wherever its header begins, and what it says of its date."""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from feeds._early.layout import Layout, find_layout, folded
from feeds._early.source import BadTable, is_workbook, read_header

_HEADER_WITHIN_ROWS = 20
_ROWS_LIMIT = 1_048_576  # of an Excel sheet
_AS_OF = re.compile(r"\bas of (\d{1,2}/\d{1,2}/\d{4})(?:\s+(\d{1,2}:\d{2}\s*[AP]M))?", re.IGNORECASE)


class Sheet(NamedTuple):
    """The table of a workbook. `as_of` is a local time without its zone; None where the sheet states none."""

    layout: Layout
    header: list[str]
    rows: list[dict[str, str]]  # {role: text}
    as_of: datetime | None


def read_workbook(path: Path, given: Layout | None) -> Sheet:
    """The first sheet with a known header, or that of the layout. Raises OSError, BadTable."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            for name in _in_order(book.sheet_names, given):
                sheet = book.get_sheet_by_name(name)
                # calamine makes a cell for every place within the sheet's bounds, empty or not
                if sheet.total_height > _ROWS_LIMIT or sheet.total_height * sheet.total_width > 20 * _ROWS_LIMIT:
                    raise BadTable("too_large", f"The sheet {name[:40]!r} is too large: save it as CSV.")
                if found := _found(sheet.to_python(), name, given):
                    return found
    except (CalamineError, ValueError, OverflowError) as error:
        raise BadTable("bad_archive", f"The workbook cannot be read ({type(error).__name__}): save it again.") from None
    raise BadTable("unknown_file", "No sheet has the header of a known file: describe its columns in [feed.layout].")


def layout_of(path: Path, given: Layout | None) -> Layout | None:
    """The layout of this file by its header; None where it is no file of early votes. Raises OSError, BadTable."""
    if is_workbook(path):
        return read_workbook(path, given).layout
    return find_layout(read_header(path).columns, given)


def _in_order(names: Sequence[str], given: Layout | None) -> list[str]:
    """Sheet names; the one that a layout asks for comes first, since `Total` holds the others."""
    wanted = [folded(given.sheet)] if given and given.sheet else ["total"]
    return sorted(names, key=lambda name: folded(name) not in wanted)


def _found(rows: Sequence[Sequence[object]], name: str, given: Layout | None) -> Sheet | None:
    as_of: datetime | None = None
    for place, row in enumerate(rows[:_HEADER_WITHIN_ROWS]):
        texts = [_text(cell) for cell in row]
        as_of = as_of or next((moment for text in texts if (moment := _moment(text))), None)
        layout = find_layout(texts, given)
        if layout is None or (layout.sheet and folded(layout.sheet) != folded(name)):
            continue
        header = [text for text in texts if text]
        places = {folded(text): column for column, text in reversed(list(enumerate(texts)))}
        columns = {role: places[folded(column)] for role, column in layout.columns.items()}
        below = [[_text(cell) for cell in line] for line in rows[place + 1 :]]
        found = [{role: line[column] for role, column in columns.items()} for line in below if any(line)]
        return Sheet(layout, header, found, as_of)
    return None


def _text(cell: object) -> str:
    """Identifiers as text: a workbook's 412.0 is 412."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _moment(text: str) -> datetime | None:
    """`Information as of 11/05/2024 8:00 AM`, as a local time."""
    said = _AS_OF.search(text)
    if not said:
        return None
    clock = re.sub(r"\s+", "", said[2] or "12:00AM").upper()
    try:
        return datetime.strptime(f"{said[1]} {clock}", "%m/%d/%Y %I:%M%p")  # noqa: DTZ007 the day gives the zone
    except ValueError:
        return None
