"""Checks the cells of one file: every fault of every row, and the typed frame."""

import pandas as pd

from warroom.dayfolder.cells import parse_column
from warroom.dayfolder.faults import Fault, quoted
from warroom.dayfolder.schema import BY_FILE, Column, TableSchema
from warroom.domain.election import ElectionDay


def frame_checks(file: str, frame: pd.DataFrame, day: ElectionDay | None = None) -> list[Fault]:
    """Every fault in the rows of one file of the day folder, before it is written or after it was read.

    `file` is the file's name, such as "precincts.csv"; `frame` holds texts ('' where blank), indexed by
    line number; columns that are not of the contract are ignored. Raises KeyError for a file that is
    not a table of the contract.
    """
    schema = BY_FILE[file]
    missing = [column for column in schema.columns if column.name not in frame.columns]
    faults = [
        Fault(file, 1, column.name, "no such column", "a required column", f"Add the column {column.name}.")
        for column in missing
        if column.required
    ]
    if faults:
        return faults
    texts = frame.assign(**{column.name: "" for column in missing}).astype(str).rename_axis(index="line")
    return typed_frame(schema, texts, day)[1]


def typed_frame(schema: TableSchema, texts: pd.DataFrame, day: ElectionDay | None) -> tuple[pd.DataFrame, list[Fault]]:
    """The file's values (ids str, numbers float, moments UTC) and every fault in its cells.

    The index stays the line number of each row.
    """
    columns: dict[str, pd.Series] = {}
    faults: list[Fault] = []
    for column in schema.columns:
        cells = texts[column.name]
        parsed = parse_column(column.kind, cells, day)
        columns[column.name] = parsed.values
        if column.required:
            faults += _blanks(schema.file, column, cells)
        faults += [
            Fault(schema.file, int(line), column.name, quoted(text), parsed.expected, parsed.remedy)
            for line, text in cells[parsed.refused].items()
        ]
    faults += _repeated(schema, texts)
    if not len(texts) and not schema.may_be_empty:
        expected = "one row for each precinct"
        faults.append(Fault(schema.file, None, "", "no rows", expected, "Add the rows below the header."))
    return pd.DataFrame(columns), faults


def _blanks(file: str, column: Column, cells: pd.Series) -> list[Fault]:
    remedy = f"Fill in {column.name}, or remove the row."
    return [Fault(file, int(line), column.name, "a blank cell", "a value", remedy) for line in cells.index[cells == ""]]


def _repeated(schema: TableSchema, texts: pd.DataFrame) -> list[Fault]:
    """Rows whose key was seen before; blank keys are reported as blank, not as repeated."""
    if not schema.key:
        return []
    key = schema.key
    cells = texts[key]
    again = cells.duplicated() & (cells != "")
    if not again.any():
        return []
    first_line = cells[~cells.duplicated()].reset_index().set_index(key)["line"]
    remedy = "Remove one of the rows, or give it its own identifier."
    found = {line: f"{quoted(text)}, seen on line {first_line[text]}" for line, text in cells[again].items()}
    return [Fault(schema.file, int(line), key, what, "each one once", remedy) for line, what in found.items()]
