"""From files to a day folder that `warroom check` accepts, and what happens when files are given again."""

import json

import pytest
from click.testing import Result
from made_county import ANSWERS, ZONE, collection, feature, row_of_squares, square
from typer.testing import CliRunner

from warroom.cli import app
from warroom.dayfolder import DayFolderError, load_day, write_template
from warroom.dayimport.dayanswers import DayAnswers
from warroom.dayimport.findings import ImportProblem

RESULTS = "precinct,ballots\n101,100\n102,50\n0103,10\n0199,40\n"
SITES = (
    "precinct_id,precinct_name,name,address,lat,lon\n"
    "0101,One,School,1 Main St,40.705,-73.995\n0102,Two,School,1 Main St,40.705,-73.995\n"
    '0103,Three,"=HYPERLINK(""http://x"")",3 Main St,40.705,73.975\n0777,Nowhere,Hall,9 Far St,,\n'
)


@pytest.fixture
def squares(put):
    return put("eds.geojson", row_of_squares())


def test_the_folder_is_sound_and_holds_what_the_sources_say(do_import, put, squares, day_dir):
    report = do_import(
        precincts=squares,
        sites=put("sites.csv", SITES),
        registered=put("reg.csv", "precinct,registered\n0101,900\n0102,\n"),
        history=(put("r.csv", RESULTS, "2024-11-05_general", ballots="ballots"),),
    )
    assert report.check_faults == []
    day = load_day(day_dir)
    assert day.day.date.isoformat() == "2026-11-03"
    assert list(day.precincts["precinct_id"]) == ["0101", "0102", "0103", "0104"]
    assert day.precincts["registered"].fillna(0).tolist() == [900, 0, 0, 0]
    assert len(day.sites) == 2, "two precincts vote in one building"
    assert day.sites["lon"].max() < 0
    assert len(day.geometry) == 4
    assert day.history.set_index("precinct_id")["ballots"].to_dict() == {"0101": 100, "0102": 50, "0103": 10}
    assert day.sites["name"].tolist()[1].startswith("'="), "a spreadsheet must not run it"


def test_the_report_states_each_rate_with_examples_and_a_remedy(do_import, put, squares, day_dir):
    report = do_import(
        precincts=squares, sites=put("sites.csv", SITES),
        history=(put("r.csv", RESULTS, "2024-11-05_general", ballots="ballots"),),
    )  # fmt: skip
    outlines, sites = report.joins
    assert (outlines.rate, sites.rate, sites.precinct_rate) == (1.0, 0.75, 0.75)
    assert sites.unmatched == ["0777"]
    assert sites.unmet == ["0104"]
    assert sites.remedy
    [carried] = report.history
    assert (carried.whole_share, carried.split_share, carried.lost_share) == (0.8, 0.0, 0.2)
    assert carried.lost == ["0199"]
    assert "--crosswalk" in carried.remedy
    saved = json.loads((day_dir / "import-report.json").read_text())
    assert saved["joins"][1]["rate"] == 0.75
    assert "0777" in (day_dir / "import-report.md").read_text()


def test_history_of_another_map_is_carried_by_area(do_import, put, squares):
    old = put("old.geojson", collection(feature({"ed": "1"}, square(-74.0, 40.69, 0.02)),
                                        feature({"ed": "2"}, square(-73.98, 40.7, 0.01))), "2024")  # fmt: skip
    results = put("r.csv", "ed,total\n1,100\n2,50\n3,7\n", "2024", precinct="ed", ballots="total")
    report = do_import(precincts=squares, history=(results,), crosswalks=(old,))
    [carried] = report.history
    # old 1 covers twice the area of 0101 and 0102 together: half of it lies outside, and 3 is on no map
    assert carried.whole_share == pytest.approx(50 / 157, abs=0.01)
    assert carried.split_share == pytest.approx(50 / 157, abs=0.01)
    assert carried.lost_share == pytest.approx(57 / 157, abs=0.01)
    assert carried.lost == ["3"]
    assert carried.method.startswith("by area")


def test_a_crosswalk_table_needs_no_outlines(do_import, put):
    report = do_import(
        registered=put("reg.csv", "precinct,registered\n0101,900\n0102,800\n"),
        history=(put("r.csv", "ed,total\n1,100\n", "2024", precinct="ed", ballots="total"),),
        crosswalks=(put("x.csv", "from,to,share\n1,0101,0.25\n1,0102,0.75\n", "2024"),),
    )
    assert report.history[0].split_share == 1.0


def test_sources_given_later_add_and_nothing_is_overwritten(do_import, put, squares, day_dir):
    do_import(precincts=squares, registered=put("reg.csv", "precinct,registered\n0101,900\n"))
    precincts = (day_dir / "precincts.csv").read_text().replace("0101,,,", "0101,My name,,")
    assert "My name" in precincts
    precincts = "".join(f"{line},{'captain' if not at else 'Ann'}\n" for at, line in enumerate(precincts.splitlines()))
    (day_dir / "precincts.csv").write_text(precincts)
    day_toml = "# our day\n" + (day_dir / "day.toml").read_text()
    (day_dir / "day.toml").write_text(day_toml)
    outlines = (day_dir / "precincts.geojson").read_text()
    (day_dir / "volunteers.csv").write_text("volunteer_id,name\nv1,Ann\n")
    report = do_import(
        answers=DayAnswers(name="Other name"),
        registered=put("reg2.csv", "precinct,registered\n0101,1\n0102,800\n"),
        history=(put("r.csv", RESULTS, "2024-11-05_general", ballots="ballots"),),
    )
    day = load_day(day_dir)
    assert day.day.name == "Test day"
    assert "'Test day' is kept" in "\n".join(map(str, report.notes))
    assert day.precincts["registered"].fillna(0).tolist() == [900, 800, 0, 0]
    assert day.precincts["name"][0] == "My name"
    assert (day_dir / "precincts.geojson").read_text() == outlines
    assert day.volunteers is not None
    assert (day_dir / "day.toml").read_text() == day_toml, "a file that says the same keeps its comments"
    assert "captain" in (day_dir / "precincts.csv").read_text(), "columns of the user's own are kept"
    again = do_import(history=(put("r.csv", "precinct,ballots\n0101,1\n", "2024-11-05_general", ballots="ballots"),))
    assert again.history == []
    assert again.written == []
    assert load_day(day_dir).history["ballots"].tolist() == [100, 50, 10]


def test_force_replaces_what_the_sources_say_and_keeps_the_rest(do_import, put, squares, day_dir):
    do_import(precincts=squares, registered=put("reg.csv", "precinct,registered\n0101,900\n0102,50\n"),
              history=(put("r.csv", RESULTS, "2024-11-05_general", ballots="ballots"),))  # fmt: skip
    new = put("r.csv", "precinct,ballots\n0101,1\n", "2024-11-05_general", ballots="ballots")
    registered = put("reg.csv", "precinct,registered\n0101,7\n")
    do_import(answers=DayAnswers(name="Other"), registered=registered, force=True, history=(new,))
    day = load_day(day_dir)
    assert day.day.name == "Other"
    assert day.precincts["registered"].fillna(0).tolist() == [7, 50, 0, 0]
    assert day.history["ballots"].tolist() == [1]
    assert len(day.geometry) == 4


def test_a_template_is_filled_in(do_import, squares, day_dir):
    write_template(day_dir)
    do_import(precincts=squares)
    assert load_day(day_dir).day.date.isoformat() == "2026-11-03"


def test_a_folder_that_cannot_be_read_is_left_as_it_is(do_import, squares, day_dir):
    day_dir.mkdir()
    (day_dir / "precincts.csv").write_text("name\nx\n")
    with pytest.raises(DayFolderError):
        do_import(precincts=squares)
    assert [file.name for file in day_dir.iterdir()] == ["precincts.csv"]


def test_one_bad_source_does_not_stop_the_others(do_import, put, squares, day_dir):
    report = do_import(precincts=squares, sites=put("sites.csv", "a,b\n1,2\n"), vip=put("feed.xml", "<x>"))
    assert load_day(day_dir).precinct_ids
    assert {fault.file for fault in report.faults} == {"sites.csv", "feed.xml"}
    assert all(fault.remedy for fault in report.faults)
    assert not report.ok


def test_nothing_is_written_where_no_precinct_is_known(do_import, put, day_dir):
    with pytest.raises(ImportProblem, match="the day's precincts"):
        do_import(registered=put("reg.csv", "a\n1\n"))
    assert not day_dir.exists()


@pytest.mark.parametrize(
    ("answers", "names"),
    [
        (DayAnswers(date="2026-11-03", polls="06:00-21:00"), "--timezone"),
        (DayAnswers(date="2026-11-03", polls="06:00-21:00", timezone="America"), "--timezone"),
        (DayAnswers(date="2026-11-03", polls="06:00-21:00", timezone="../x"), "--timezone"),
        (DayAnswers(date="3 November", polls="06:00-21:00", timezone=ZONE), "--date"),
        (DayAnswers(polls="06:00-21:00", timezone=ZONE), "--date"),
        (DayAnswers(date="2026-11-03", polls="6am-9pm", timezone=ZONE), "--polls"),
        (DayAnswers(date="2026-11-03", polls="18:00-24:00", timezone=ZONE), "write 23:59"),
        (DayAnswers(date="2026-11-03", timezone=ZONE), "--polls"),
        (DayAnswers(date="2026-11-03", polls="06:00-21:00", timezone=ZONE, type="runoff"), "--type"),
    ],
)
def test_an_answer_that_is_missing_or_wrong_is_named(do_import, squares, day_dir, answers, names):
    with pytest.raises(ImportProblem) as refused:
        do_import(answers=answers, precincts=squares)
    assert names in str(refused.value)
    assert not day_dir.exists()


def test_counties_that_share_names_are_not_mixed(do_import, put, squares):
    head = "precinct_id,precinct_name,name,address,county_name\n"
    own = "".join(f"010{n},x,School {n},{n} Main St,SMALL\n" for n in range(1, 5))
    other = "".join(f"{100 + n},x,Hall {n},{n} Far St,OTHER\n" for n in range(1, 3))
    report = do_import(precincts=squares, sites=put("sites.csv", head + other + own))
    assert "SMALL alone" in report.joins[1].how
    assert report.joins[1].matched == 4
    alike = "".join(f"010{n},x,Hall {n},{n} Far St,OTHER\n" for n in range(1, 5))
    report = do_import(precincts=squares, sites=put("sites.csv", head + alike + own))
    assert report.joins[1].matched == 0
    assert "where=" in report.joins[1].remedy
    assert not report.ok


def test_a_state_of_counties_with_the_same_numbers_gets_the_county_in_front(do_import, put, day_dir):
    head = "precinct_id,precinct_name,name,address,county_name\n"
    do_import(sites=put("sites.csv", head + "01,x,School,1 Main St,ADAMS\n01,y,Hall,2 Main St,BEAVER\n"))
    assert list(load_day(day_dir).precincts["precinct_id"]) == ["ADAMS 01", "BEAVER 01"]
    results = "county,precinct,office,votes\nAdams,01,Ballots Cast,5\nBeaver,01,Ballots Cast,7\n"
    report = do_import(history=(put("r.csv", results, "2024"),))
    assert report.history[0].whole_share == 1.0


def warroom(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["day", "import", *arguments])


def test_the_command_in_one_go(put, squares, day_dir):
    base = [str(day_dir), "--date", ANSWERS.date, "--timezone", ZONE, "--polls", ANSWERS.polls]
    done = warroom(*base, "--precincts", str(squares.path), "--precinct-property", "PRECINCT", "--json",
                   "--history", f"2024={put('r.csv', RESULTS).path}?precinct=precinct&ballots=ballots")  # fmt: skip
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["ok"] is True
    faulty = warroom(str(day_dir), "--registered", str(put("reg.csv", "precinct,registered\n0101,many\n0102,5\n").path))
    assert faulty.exit_code == 2
    assert "reg.csv" in faulty.stderr
    assert "line 2, registered" in faulty.stderr
    assert load_day(day_dir).precincts["registered"].fillna(0).tolist() == [0, 5, 0, 0], "the good row counts"
    absent = warroom(*base, "--precincts", "nowhere.geojson", "--json")
    assert absent.exit_code == 2
    assert json.loads(absent.stdout)["faults"][0]["remedy"]


def test_a_folder_that_cannot_be_written_is_said(put, squares, tmp_path):
    (tmp_path / "file").write_text("x")
    done = warroom(
        str(tmp_path / "file" / "day"), "--date", ANSWERS.date, "--timezone", ZONE, "--polls", ANSWERS.polls,
        "--precincts", str(squares.path),
    )  # fmt: skip
    assert done.exit_code == 2
    assert "permissions" in done.stderr


def test_one_election_may_come_in_a_file_for_each_county(do_import, put, squares, day_dir):
    head = "county,precinct,office,votes\n"
    east = put("east.csv", head + "East,0101,Ballots Cast,5\nEast,0102,Ballots Cast,6\n", "2024")
    west = put("west.csv", head + "West,0102,Ballots Cast,1\nWest,0103,Ballots Cast,7\n", "2024")
    do_import(precincts=squares, history=(east, west))
    assert load_day(day_dir).history["ballots"].tolist() == [5, 7, 7]


def test_a_join_that_may_be_chance_is_a_fault_and_its_rows_still_count(do_import, put, squares, day_dir):
    rows = "".join(f"9{n},School {n},{n} Main St\n" for n in range(20))
    text = "precinct_id,name,address\n0101,School,1 High St\n" + rows
    report = do_import(precincts=squares, sites=put("sites.csv", text))
    [fault] = report.faults
    assert (fault.file, fault.column) == ("sites.csv", "precinct_id")
    assert "1 of 21 rows" in fault.found
    assert load_day(day_dir).precincts["site_id"].ne("").sum() == 1


def test_history_that_is_mostly_lost_is_a_fault(do_import, put, squares):
    results = put("r.csv", "precinct,ballots\n0101,10\n0901,90\n", "2024-11-05_general", ballots="ballots")
    [fault] = do_import(precincts=squares, history=(results,)).faults
    assert "90% of the ballots lost" in fault.found
    assert "--crosswalk" in fault.remedy


def test_points_carry_ballots_to_where_the_voters_live(do_import, put, squares):
    old = put("old.geojson", collection(feature({"ed": "1"}, square(-74.0, 40.69, 0.02))), "2024")
    results = put("r.csv", "ed,total\n1,100\n", "2024", precinct="ed", ballots="total")
    points = put("points.csv", "lat,lon,weight\n40.705,-73.995,90\n40.705,-73.985,10\n")
    report = do_import(precincts=squares, history=(results,), crosswalks=(old,), points=points)
    assert report.history[0].method.startswith("by points")
    assert report.history[0].lost_share == 0.0
