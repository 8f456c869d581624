"""One made-up day, written once for all tests of the demo."""

import csv
import json

import pytest
from demo_told import Told

from warroom.demo import write_demo_day


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("demo") / "day"
    story = write_demo_day(folder)
    reports = [json.loads(line) for line in (folder / "reports.jsonl").read_text().splitlines()]
    with (folder / "precincts.csv").open(encoding="utf-8", newline="") as lines:
        precincts = {row["precinct_id"]: row for row in csv.DictReader(lines)}
    return Told(folder, story, reports, precincts)
