"""What is wrong with a day folder, said so that the person who made the file can put it right."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

import msgspec

SHOWN_PER_KIND = 5


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong in one place.

    `line` counts from 1, the header being line 1; None where the whole file is meant.
    `column` is the name of the CSV column or the TOML key, or "character 17" in JSON; empty
    where no column is meant. `found`, `expected` and `remedy` are plain words.
    """

    file: str
    line: int | None
    column: str
    found: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}: {self._sentence()}"

    def _sentence(self) -> str:
        where = ", ".join(filter(None, (f"line {self.line}" if self.line else "", self.column)))
        return f"{where + ': ' if where else ''}found {self.found}; expected {self.expected}. {self.remedy}"


class DayFolderError(ValueError):
    """The folder cannot be used. `faults` holds every fault of every file, `path` the folder."""

    def __init__(self, path: Path, faults: Sequence[Fault]) -> None:
        self.path = path
        self.faults = list(faults)
        super().__init__(path, self.faults)

    def __str__(self) -> str:
        n_files = len({fault.file for fault in self.faults})
        counts = f"{_counted(len(self.faults), 'fault')} in {_counted(n_files, 'file')}"
        return "\n".join([f"{self.path} cannot be used: {counts}.", *describe(self.faults)])


def describe(faults: Iterable[Fault]) -> list[str]:
    """Lines of text for a list of faults, by file; at most SHOWN_PER_KIND of one kind, then their number.

    A kind is one column and one expectation of one file.
    """
    lines: list[str] = []
    by_file = sorted(faults, key=lambda fault: fault.file)
    for file, of_file in groupby(by_file, key=lambda fault: fault.file):
        lines.append(f"  {file}")
        kinds: dict[tuple[str, str], list[Fault]] = {}  # {(column, expected): faults}
        for fault in of_file:
            kinds.setdefault((fault.column, fault.expected), []).append(fault)
        for alike in kinds.values():
            lines += [f"    {fault._sentence()}" for fault in alike[:SHOWN_PER_KIND]]
            if len(alike) > SHOWN_PER_KIND:
                lines.append(f"    ... and {len(alike) - SHOWN_PER_KIND:,} more like it")
    return lines


def quoted(value: object, limit: int = 60) -> str:
    """The value as found, quoted and cut to `limit` characters."""
    text = str(value)
    return repr(text if len(text) <= limit else text[: limit - 3] + "...")


def listed(values: Sequence[object], limit: int = 5) -> str:
    """The first few values, and how many more there are."""
    head = ", ".join(quoted(value) for value in values[:limit])
    return head if len(values) <= limit else f"{head} and {len(values) - limit:,} more"


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
