"""The rates reached on real files: what docs/import.md says, held here."""

import csv
import json

import pandas as pd
import pytest
from made_county import ZONE

from warroom.dayfolder import load_day
from warroom.dayimport.boundaries import read_areas
from warroom.dayimport.carry import carry, identity
from warroom.dayimport.crosswalk import area_shares, dissolved
from warroom.dayimport.dayanswers import DayAnswers
from warroom.dayimport.elections import election_of
from warroom.dayimport.findings import Findings
from warroom.dayimport.results import read_results
from warroom.dayimport.source import Source

pytestmark = pytest.mark.realdata
JUNE = DayAnswers("June primary", "2025-06-24", ZONE, "06:00-21:00", "primary", "DEM")
NOVEMBER = DayAnswers("General", "2018-11-06", ZONE, "07:00-20:00", "general")


@pytest.fixture(scope="module")
def nyc(shared_data):
    """{2020|2025: {ED: shape}}, and a reader of one election's {ED: ballots}."""
    findings = Findings()
    maps = {}
    for year in (2020, 2025):
        areas = read_areas(Source(shared_data / "nyc_ed_geometry" / f"nyc_ed_{year}.geojson"), ZONE, findings)
        maps[year] = dissolved([row["ed"] for row in areas.properties], areas.shapes, areas.file)

    def ballots(label: str) -> pd.Series:
        source = Source(shared_data / "nyc_ed_results" / "ed_results.csv", label)
        found = read_results(source, election_of(source, findings), findings)
        return pd.Series(found.ballots, index=[row.keys["ed"] for row in found.rows])

    return maps, ballots


@pytest.fixture(scope="module")
def shares_2020(nyc):
    maps, _ = nyc
    return area_shares(maps[2020], maps[2025], "nyc_ed_2020.geojson")


def rank_correlation(one: pd.Series, other: pd.Series) -> float:
    both = pd.concat([one, other], axis=1).dropna()
    return both.corr("spearman").iloc[0, 1]


def test_the_area_crosswalk_doubles_what_june_2021_says_of_june_2025(nyc, shares_2020):
    """The publisher of the data gives 0.86 through the crosswalk and 0.39 by number."""
    maps, ballots = nyc
    old, new = ballots("2021-06-22_primary_dem"), ballots("2025-06-24_primary_dem")
    carried, figures, _ = carry(old.index, old.index, old, shares_2020)
    by_number, _, _ = carry(old.index, old.index, old, identity(list(maps[2025])))
    assert rank_correlation(carried, new) == pytest.approx(0.863, abs=0.002)
    assert rank_correlation(by_number, new) == pytest.approx(0.394, abs=0.002)
    assert carried.sum() == pytest.approx(944_261, abs=1)
    assert figures["whole"] / 944_261 == pytest.approx(0.355, abs=0.005)
    assert figures["lost"] == pytest.approx(0, abs=1)


def test_our_shares_agree_with_the_crosswalk_that_the_city_data_came_with(shared_data, shares_2020):
    published = pd.read_csv(shared_data / "nyc_ed_geometry" / "crosswalk_2020_to_2025.csv", dtype=str)
    theirs = published.set_index(["ed_from", "ed_to"])["share_of_from"].astype(float)
    ours = shares_2020.set_index(["from", "to"])["share"].rename_axis(["ed_from", "ed_to"])
    apart = theirs.sub(ours, fill_value=0).abs()
    assert apart.groupby("ed_from").sum().median() < 0.03
    assert (apart < 0.05).mean() > 0.97


def test_new_york_in_one_go_passes_the_check(shared_data, do_import, day_dir):
    results, maps = shared_data / "nyc_ed_results" / "ed_results.csv", shared_data / "nyc_ed_geometry"
    options = {"precinct": "ed", "registered": "dem", "where": "as_of:2025-11,status:active"}
    report = do_import(
        answers=JUNE,
        precincts=Source(maps / "nyc_ed_2025.geojson"),
        registered=Source(shared_data / "nyc_ed_registration" / "enrollment_by_ed.csv", options=options),
        history=(Source(results, "2024-11-05_general"),),
        crosswalks=(Source(maps / "nyc_ed_2024.geojson", "2024"),),
    )
    assert report.ok
    outlines, registered = report.joins
    assert (outlines.rate, registered.rate, registered.precincts_met) == (1.0, 1.0, 1_066)
    [carried] = report.history
    assert (carried.lost_share, carried.lower_bound_precincts) == (0.0, 4_419)
    assert carried.whole_share == pytest.approx(0.89, abs=0.005)
    day = load_day(day_dir)
    assert day.precincts["region"].nunique() == 5
    assert len(day.geometry) == 4_264
    assert json.loads((day_dir / "import-report.json").read_text())["joins"][0]["precincts"] == 4_264


def test_pennsylvania_polling_places_meet_philadelphia(shared_data, do_import, day_dir):
    """The whole state's file against one county's map: only that county may meet, though others share its numbers."""
    report = do_import(
        answers=NOVEMBER,
        precincts=Source(shared_data / "philadelphia_live_reports" / "divisions.geojson"),
        sites=Source(shared_data / "polling_places_pa_2018" / "pennsylvania_2018-11-06.csv"),
        history=(Source(
            shared_data / "philadelphia_live_reports" / "division_turnout.csv", "2016-11-08_general",
            {"precinct": "precinct", "ballots": "2016_general"},
        ),),
    )  # fmt: skip
    outlines, places = report.joins
    assert "'precinct' names the precinct" in "\n".join(map(str, report.notes))
    assert (outlines.rate, places.matched, places.precinct_rate) == (1.0, 1_692, 0.9935)
    assert report.history[0].whole_share == 1.0
    assert len(load_day(day_dir).sites) == 993


def test_all_of_pennsylvania_gets_its_counties_in_front(shared_data, do_import, day_dir):
    do_import(
        answers=NOVEMBER, sites=Source(shared_data / "polling_places_pa_2018" / "pennsylvania_2018-11-06.csv")
    )  # fmt: skip
    day = load_day(day_dir)
    assert (len(day.precincts), day.precincts["site_id"].ne("").all()) == (9_156, True)
    assert "PHILADELPHIA 0101" in day.precinct_ids


@pytest.mark.parametrize(
    ("feed", "zone", "polls", "in_person", "located", "placed"),
    [
        ("sample_feed_v5.xml", ZONE, "", 31, 0.9677, 0.6452),
        ("vipfeed_maricopa_2020_v6.xml", "America/Phoenix", "", 748, 0.0, 0.0),
        ("csv_v3_examples", ZONE, "06:30-19:30", 10, 0.9, 0.0),
    ],
)
def test_vip_feeds_as_published(shared_data, do_import, feed, zone, polls, in_person, located, placed):
    """Share of precincts that name an election-day location, and one with usable coordinates."""
    report = do_import(
        answers=DayAnswers(timezone=zone, polls=polls), vip=Source(shared_data / "vip_sample_feed" / feed)
    )  # fmt: skip
    assert report.ok
    assert report.vip.precincts - report.vip.mail_only == in_person
    assert (report.vip.with_location_share, report.vip.with_coordinates_share) == (located, placed)


def test_maricopa_shows_its_vote_centres_though_no_precinct_names_one(shared_data, do_import, day_dir):
    report = do_import(
        answers=DayAnswers(timezone="America/Phoenix"),
        vip=Source(shared_data / "vip_sample_feed" / "vipfeed_maricopa_2020_v6.xml"),
    )
    day = load_day(day_dir)
    assert (len(day.precincts), len(day.sites)) == (748, 175)
    assert (day.day.date.isoformat(), f"{day.day.polls_open:%H:%M}") == ("2020-11-03", "06:00")
    assert "localities list 560" in "\n".join(map(str, report.notes))


def test_an_openelections_file_made_of_real_results_gives_the_same_ballots(shared_data, put, findings):
    """No OpenElections file is among the data: New York's real counts are written in its documented form."""
    with (shared_data / "nyc_ed_results" / "ed_results.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["election_id"] == "2021-06-22_primary_dem"]
    text = "county,precinct,office,district,party,candidate,votes\n" + "".join(
        f"{row['county']},{row['ed']},Ballots Cast,,,,{row['ballots_total']}\n"
        f"{row['county']},{row['ed']},Mayor,,DEM,A,{row['votes_total']}\n"
        for row in rows
    )
    source = put("20210622__ny__primary__precinct.csv", "\ufeff" + text, "2021-06-22_primary_dem")
    found = read_results(source, election_of(source, findings), findings)
    assert sum(found.ballots) == 944_261
    assert len(found.rows) == 5_623
