"""Loads a day folder: reads every file, collects every fault, and only then gives the day or refuses it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from warroom.dayfolder import daytoml, feedstoml, geometry, relations, schema
from warroom.dayfolder.across import across_files
from warroom.dayfolder.checks import typed_frame
from warroom.dayfolder.faults import DayFolderError, Fault
from warroom.dayfolder.feedstoml import FeedConfig
from warroom.dayfolder.folder import DayFolder
from warroom.dayfolder.table import read_table
from warroom.domain.election import ElectionDay


class _Findings:
    """Faults and warnings met so far; small helper that lets every file be read before anything is said."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    def add(self, faults: list[Fault], warnings: list[Fault] | None = None) -> None:
        self.faults += faults
        self.warnings += warnings or []


def load_day(path: Path) -> DayFolder:
    """The day in this folder. Raises DayFolderError with every fault of every file.

    What is odd but harmless (an id that another file does not know, a blank registration) is in `warnings`.
    """
    path = Path(path)
    if not path.is_dir():
        found = "a file" if path.exists() else "nothing"
        remedy = "Make one with: warroom day new DAY_DIR."
        raise DayFolderError(path, [Fault(path.name, None, "", found, "a folder with day.toml", remedy)])
    findings = _Findings()
    day = _read_day(path, findings)
    tables = {table.file: _read_table(path, table, day, findings) for table in schema.TABLES}
    areas = _read_geometry(path, findings)
    feeds = _read_feeds(path, findings)
    if findings.faults or day is None:
        raise DayFolderError(path, findings.faults)
    history = tables["history.csv"]
    history, history_warnings = relations.history_rows(_or_empty(history, schema.HISTORY), day)
    folder = DayFolder(
        path=path,
        day=day,
        precincts=_or_empty(tables["precincts.csv"], schema.PRECINCTS),
        sites=_or_empty(tables["sites.csv"], schema.SITES),
        history=history,
        early_vote=tables["early_vote.csv"],
        volunteers=tables["volunteers.csv"],
        shifts=tables["shifts.csv"],
        geometry=areas,
        feeds=feeds,
        reports=path / "reports.jsonl" if (path / "reports.jsonl").is_file() else None,
    )
    warnings = findings.warnings + history_warnings + across_files(folder)
    return _plain_index(replace(folder, warnings=warnings))


def _read_day(path: Path, findings: _Findings) -> ElectionDay | None:
    file = path / daytoml.FILE
    if not file.is_file():
        remedy = "A day folder holds day.toml; make one with: warroom day new DAY_DIR."
        findings.add([Fault(file.name, None, "", "no such file", "the file that names the day", remedy)])
        return None
    day, faults, warnings = daytoml.read_day(file)
    findings.add(faults, warnings)
    return day


def _read_table(
    path: Path, table: schema.TableSchema, day: ElectionDay | None, findings: _Findings
) -> pd.DataFrame | None:
    file = path / table.file
    if not file.is_file():
        if table.required:
            remedy = "Add the file; the header line alone will do." if table.may_be_empty else "Add the file."
            findings.add([Fault(table.file, None, "", "no such file", table.about.rstrip("."), remedy)])
        return None
    read, faults = read_table(file, table)
    findings.add(faults)
    if read is None:
        return None
    frame, faults = typed_frame(table, read.frame, day)
    findings.add(faults, read.warnings)
    if table is schema.SHIFTS:
        findings.add(_ends_before_start(frame))
    return frame


def _ends_before_start(shifts: pd.DataFrame) -> list[Fault]:
    remedy = "For a shift past midnight write date and time, such as 2025-06-25T01:00."
    lines = shifts.index[shifts["end"] <= shifts["start"]]
    found, expected = "an end not later than start", "an end after start"
    return [Fault("shifts.csv", int(line), "end", found, expected, remedy) for line in lines]


def _read_geometry(path: Path, findings: _Findings) -> dict[str, Any]:
    file = path / geometry.FILE
    if not file.is_file():
        return {}
    areas, faults, warnings = geometry.read_geometry(file)
    findings.add(faults, warnings)
    return areas


def _read_feeds(path: Path, findings: _Findings) -> list[FeedConfig]:
    file = path / feedstoml.FILE
    if not file.is_file():
        return []
    feeds, faults = feedstoml.read_feeds(file)
    findings.add(faults)
    return feeds


def _or_empty(frame: pd.DataFrame | None, table: schema.TableSchema) -> pd.DataFrame:
    if frame is not None:
        return frame
    return typed_frame(table, pd.DataFrame({name: pd.Series(dtype=str) for name in table.names}), None)[0]


def _plain_index(folder: DayFolder) -> DayFolder:
    """The same folder with frames indexed from 0: line numbers are of use only while checking."""
    frames = {name: value.reset_index(drop=True) for name, value in vars(folder).items()
              if isinstance(value, pd.DataFrame)}  # fmt: skip
    return replace(folder, **frames)
