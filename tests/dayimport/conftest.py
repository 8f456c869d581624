"""Fixtures of the day import: files to read, and an import into an empty folder."""

from collections.abc import Callable
from pathlib import Path

import pytest
from made_county import ANSWERS

from warroom.dayimport.findings import Findings
from warroom.dayimport.report import ImportReport
from warroom.dayimport.request import ImportRequest
from warroom.dayimport.run import run_import
from warroom.dayimport.source import Source


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
