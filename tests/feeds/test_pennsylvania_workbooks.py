"""The state's own workbooks, untouched: every county, the stated time, and the match rate they reach."""

import csv
import threading
from datetime import UTC, datetime, time

import pytest

from feeds.registry import open_feed
from warroom.domain.election import ElectionDay

pytestmark = pytest.mark.realdata
ELECTION_DAY = datetime(2024, 11, 5, 17, tzinfo=UTC)


@pytest.fixture
def workbooks(request):
    folder = request.config.rootpath.parent / "shared" / "data" / "pa_mail_ballots_2024"
    if not folder.is_dir():
        pytest.skip("the Pennsylvania workbooks are not here: put them at ../shared/data/pa_mail_ballots_2024")
    return folder


@pytest.fixture
def pennsylvania(intake, workbooks, monkeypatch):
    """The day of 5 November 2024 with the counties of the flattened file as its precincts."""
    with (workbooks / "mail_ballots_by_county.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["sheet"] == "Total"]
    day = ElectionDay(
        name="Pennsylvania", date=ELECTION_DAY.date(), timezone="America/New_York", polls_open=time(7),
        polls_close=time(20), type="general",
    )  # fmt: skip
    monkeypatch.setattr(intake, "day", lambda: day)
    monkeypatch.setattr(intake, "precinct_ids", lambda: frozenset(row["county"].title() for row in rows))
    intake.clock = ELECTION_DAY
    return rows


def test_every_county_of_both_workbooks_is_read_as_the_flattened_file_has_it(intake, workbooks, pennsylvania):
    """Match rate 67 of 67 counties and 100 % of the ballots, in either workbook."""
    open_feed(f"drop://{workbooks}?glob=*.xlsx&once=1").run(intake, threading.Event())
    stated = {
        (row["county"].title(), row["as_of_local"]): int(row["returned_total"])
        for row in pennsylvania
        if row["as_of_local"] in ("2024-10-25T08:00", "2024-11-05T08:00")
    }
    zone = intake.day().tz
    read = {(r.precinct, r.at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")): r.count for r in intake.reports}
    assert len(read) == 134 and read == stated
    assert {report.method for report in intake.reports} == {"mail"} and intake.rejects == []
    (position,) = intake.positions.values()
    assert "67 of 67 precincts matched (100.0%), 1,877,992 of 1,877,992 ballots (100.0%)" in position


def test_on_a_day_of_precincts_no_county_matches_and_the_rate_says_so(intake, workbooks, pennsylvania, monkeypatch):
    """Philadelphia's precincts are wards and divisions: a county's total belongs to none of them."""
    monkeypatch.setattr(intake, "precinct_ids", lambda: frozenset({"0101", "0102"}))
    open_feed(f"drop://{workbooks}?glob=*11-05.xlsx&once=1").run(intake, threading.Event())
    assert intake.reports == [] and len(intake.rejects) == 67
    (position,) = intake.positions.values()
    assert "0 of 67 precincts matched (0.0%), 0 of 1,877,992 ballots (0.0%)" in position
