"""What a day folder holds already: it is kept, and an import adds to it."""

import csv
import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from warroom.dayfolder import DayFolderError
from warroom.dayfolder.geometry import FILE as GEOJSON
from warroom.dayfolder.geometry import read_geometry
from warroom.dayfolder.schema import HISTORY, PRECINCTS, SITES
from warroom.dayfolder.table import read_table

Row = dict[str, str]


@dataclass
class Existing:
    """Texts of a folder's files; everything is empty where the folder is new."""

    day: dict[str, Any] = field(default_factory=dict)
    precincts: dict[str, Row] = field(default_factory=dict)
    sites: dict[str, Row] = field(default_factory=dict)
    history: list[Row] = field(default_factory=list)
    outlines: dict[str, Any] = field(default_factory=dict)  # {precinct: GeoJSON geometry}


def read_existing(folder: Path) -> Existing:
    """The folder's own rows. Raises DayFolderError where they cannot be read: nothing is overwritten blindly."""
    found = Existing()
    if not folder.exists():
        return found
    faults = []
    tables = {}
    for schema in (PRECINCTS, SITES, HISTORY):
        if (folder / schema.file).is_file():
            table, wrong = read_table(folder / schema.file, schema)
            faults += wrong
            tables[schema.file] = _rows(folder / schema.file) if table and not wrong else []
    if (folder / GEOJSON).is_file():
        found.outlines, wrong, _ = read_geometry(folder / GEOJSON)
        faults += wrong
    if faults:
        raise DayFolderError(folder, faults)
    if (folder / "day.toml").is_file():
        try:
            found.day = tomllib.loads((folder / "day.toml").read_text(encoding="utf-8-sig"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            found.day = {}  # load_day says what is wrong with it, after the import
    found.precincts = {row["precinct_id"]: row for row in tables.get(PRECINCTS.file, [])}
    found.sites = {row["site_id"]: row for row in tables.get(SITES.file, [])}
    found.history = tables.get(HISTORY.file, [])
    return found


def _rows(file: Path) -> list[Row]:
    """Rows of a file that `read_table` found sound, with the columns that are not of the contract too."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream)
        header = [name.strip().lower() for name in next(row for row in rows if any(row))]
        return [
            {name: cell.strip() for name, cell in zip(header, row, strict=False) if name} for row in rows if any(row)
        ]


def geometry_text(outlines: dict[str, Any]) -> str:
    """A FeatureCollection, one feature to a line."""
    lines = [
        json.dumps(
            {"type": "Feature", "properties": {"precinct_id": name}, "geometry": geometry}, separators=(",", ":")
        )
        for name, geometry in outlines.items()
    ]
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
