"""The day folders made from real elections load whole. They stand beside the repository, if anywhere."""

from pathlib import Path

import pytest

from warroom.dayfolder import load_day

DAYS = Path(__file__).resolve().parents[3] / "days" / "days"
NAMES = sorted(path.name for path in DAYS.iterdir()) if DAYS.is_dir() else []


@pytest.mark.realdata
@pytest.mark.skipif(not NAMES, reason="no day folders beside this checkout (../days/days)")
@pytest.mark.parametrize("name", NAMES)
def test_a_real_day_loads_with_every_precinct_drawn_and_known_to_history(name):
    day = load_day(DAYS / name)
    assert len(day.precincts) > 1_000 and day.reports is not None
    assert set(day.geometry) == day.precinct_ids
    assert set(day.history["precinct_id"]) <= day.precinct_ids
    assert {fault.column for fault in day.warnings} <= {"registered", "site_id"}
