"""A made-up county of four square precincts, in every format that the import reads."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from warroom.dayimport.dayanswers import DayAnswers
from warroom.dayimport.findings import Findings
from warroom.dayimport.report import ImportReport
from warroom.dayimport.run import ImportRequest, run_import
from warroom.dayimport.source import Source

ZONE = "America/New_York"
ANSWERS = DayAnswers("Test day", "2026-11-03", ZONE, "06:00-21:00", "general")


def square(west: float, south: float, size: float = 0.01) -> list[list[float]]:
    """A ring, in degrees."""
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(properties: dict, *rings: list[list[float]]) -> dict:
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": list(rings)}}


def collection(*features: dict) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def row_of_squares(prefix: str = "", n: int = 4, west: float = -74.0) -> str:
    """Squares 0101, 0102 and so on, side by side from west to east."""
    return collection(
        *(
            feature(
                {"PRECINCT": f"{prefix}010{at + 1}", "ward": "01", "borough": "North"}, square(west + 0.01 * at, 40.7)
            )
            for at in range(n)
        )
    )


@pytest.fixture
def findings() -> Findings:
    return Findings()


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, str | bytes], Source]:
    """put("name.csv", text) writes a file and gives its Source; further words are options."""

    def write(name: str, text: str | bytes, label: str = "", **options: str) -> Source:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return Source(file, label, options)

    return write


@pytest.fixture
def do_import(tmp_path: Path) -> Callable[..., ImportReport]:
    """do_import(precincts=source, ...) imports into the folder `day`; answers may be replaced."""

    def run(**parts) -> ImportReport:
        return run_import(ImportRequest(tmp_path / "day", parts.pop("answers", ANSWERS), **parts))

    return run


@pytest.fixture
def day_dir(tmp_path: Path) -> Path:
    return tmp_path / "day"
