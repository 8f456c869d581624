"""A bad folder is refused with every fault, each with its file, line and column."""

import json

import pandas as pd
import pytest

from warroom.dayfolder import DayFolderError, Fault, frame_checks, load_day

PRECINCTS = "precinct_id,name,region,site_id,registered,lat,lon\n"
HISTORY = "election_id,date,type,party,precinct_id,ballots\n"


def faults_of(path):
    with pytest.raises(DayFolderError) as refused:
        load_day(path)
    return refused.value


def day_toml(sound, old, new):
    assert old in sound["day.toml"]
    return {"day.toml": sound["day.toml"].replace(old, new)}


@pytest.mark.parametrize(
    ("old", "new", "line", "column"),
    [
        ('"2025-06-24"', '"24/06/2025"', 2, "date"),
        ('date = "2025-06-24"\n', "", None, "date"),
        ('"America/New_York"', '"Eastern"', 3, "timezone"),
        ('"America/New_York"', '"America"', 3, "timezone"),
        ('"America/New_York"', '"../etc/passwd"', 3, "timezone"),
        ('"06:00"', '"6 am"', 4, "polls_open"),
        ('"06:00"', "6", 4, "polls_open"),
        ('"21:00"', '"06:00"', 5, "polls_close"),
        ('"primary"', '"runoff"', 6, "type"),
        ('"primary"', '["primary"]', 6, "type"),
        ('"June primary"', '""', 1, "name"),
        ('"06:00"', '"06:00', 4, ""),
    ],
)
def test_a_bad_setting_is_named_with_its_line(folder, sound, old, new, line, column):
    (fault,) = faults_of(folder(day_toml(sound, old, new))).faults
    assert (fault.file, fault.line, fault.column) == ("day.toml", line, column)


@pytest.mark.parametrize("close", ["00:00", "24:00", "01:00"])
def test_a_close_after_midnight_is_told_what_to_write(folder, sound, close):
    (fault,) = faults_of(folder(day_toml(sound, '"21:00"', f'"{close}"'))).faults
    assert (fault.column, "write 23:59" in fault.remedy) == ("polls_close", True)


@pytest.mark.parametrize(
    ("file", "text", "line", "column"),
    [
        ("precincts.csv", "name,region\nA,B\n", 1, "precinct_id"),
        ("precincts.csv", "precinct_id;name\n0412;A\n", 1, "precinct_id"),
        ("precincts.csv", "precinct_id,lat,lat\n0412,1,1\n", 1, "lat"),
        ("precincts.csv", PRECINCTS, None, ""),
        ("precincts.csv", "", None, ""),
        ("precincts.csv", None, None, ""),
        ("precincts.csv", PRECINCTS + "0412,,,,,,\n0413,,,,,,\n0412,,,,,,\n", 4, "precinct_id"),
        ("precincts.csv", PRECINCTS + "0412,,,,,,\n,x,,,,,\n", 3, "precinct_id"),
        ("precincts.csv", PRECINCTS + "0412,,,,,91.2,\n", 2, "lat"),
        ("precincts.csv", PRECINCTS + "0412,,,,,,-181\n", 2, "lon"),
        ("precincts.csv", PRECINCTS + "0412,,,,,nan,\n", 2, "lat"),
        ("precincts.csv", PRECINCTS + "0412,,,,-5,,\n", 2, "registered"),
        ("precincts.csv", PRECINCTS + '0412,,,,"1,234",,\n', 2, "registered"),
        ("precincts.csv", PRECINCTS + "0412,,,,1e999,,\n", 2, "registered"),
        ("precincts.csv", PRECINCTS + "0412,a,b\n0413,,,,,,\n", 2, ""),
        ("precincts.csv", PRECINCTS + "0412,a,b,,,,,extra\n0413,,,,,,\n", 2, ""),
        ("precincts.csv", PRECINCTS + '0412,"line\nbreak",,,,,\n0413,,,,,95,\n', 4, "lat"),
        ("precincts.csv", PRECINCTS + '0412,,,,,,\n0413,"never closed,,,,,\n', 3, ""),
        ("precincts.csv", (PRECINCTS + "0412,Caf").encode() + b"\xe9,,,,,\n", 2, ""),
        ("precincts.csv", PRECINCTS.encode("utf-16"), None, ""),
        ("precincts.csv", PRECINCTS + "x" * 65 + ",,,,,,\n", 2, "precinct_id"),
        ("sites.csv", "site_id,name\nS1,a\nS1,b\n", 3, "site_id"),
        ("history.csv", None, None, ""),
        ("history.csv", HISTORY + "e,2021-06-22,primary,,0412,-1\n", 2, "ballots"),
        ("history.csv", HISTORY + "e,2021-06-22,primary,,0412,\n", 2, "ballots"),
        ("history.csv", HISTORY + "e,22.6.2021,primary,,0412,1\n", 2, "date"),
        ("early_vote.csv", "precinct_id,as_of,count\n0412,soon,1\n", 2, "as_of"),
        ("early_vote.csv", "precinct_id,as_of,count\n0412,2025-06-20,1.5\n", 2, "count"),
        ("volunteers.csv", "volunteer_id,has_car\nv1,maybe\n", 2, "has_car"),
        ("shifts.csv", "volunteer_id,start,end\nv1,18:00,02:00\n", 2, "end"),
        ("precincts.geojson", '{"type": "FeatureCollection",\n "features": [', 2, "character 15"),
        ("precincts.geojson", '{"type": "Topology"}', None, ""),
        ("precincts.geojson", "[" * 100_000, None, ""),
        ("feeds.toml", "[[feed]]\npoll_ms = 5\n", None, "url"),
        ("feeds.toml", "[[feed]\n", 1, ""),
        ("feeds.toml", 'speed = "fast"\n', None, "speed"),
    ],
)
def test_a_bad_file_is_named_with_line_and_column(folder, file, text, line, column):
    error = faults_of(folder({file: text}))
    assert [(fault.file, fault.line, fault.column) for fault in error.faults] == [(file, line, column)]
    assert all((fault.found, fault.expected, fault.remedy) for fault in error.faults)


def test_outlines_in_feet_are_refused(folder):
    ring = [[1_000_000, 200_000], [1_000_500, 200_000], [1_000_500, 200_500], [1_000_000, 200_000]]
    feature = {"properties": {"precinct_id": "0412"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    (fault,) = faults_of(folder({"precincts.geojson": text})).faults
    assert "WGS 84" in fault.expected


def test_one_message_holds_every_fault_of_every_file_and_caps_those_alike(folder, sound):
    rows = "".join(f"P{n},,,,,95,\n" for n in range(317)) + "P0,,,,many,,\n"
    error = faults_of(folder({"precincts.csv": PRECINCTS + rows, "day.toml": "nonsense", "sites.csv": b"\xff\xfe"}))
    text = str(error)
    assert len(error.faults) == 317 + 2 + 1 + 1
    assert "... and 312 more like it" in text
    assert all(file in text for file in ("precincts.csv", "day.toml", "sites.csv"))
    assert "line 2, lat: found '95'; expected a latitude from -90 to 90" in text
    assert "line 319, registered: found 'many'" in text and "seen on line 2" in text
    assert "Traceback" not in text and len(text.splitlines()) < 20


@pytest.mark.parametrize("name", ["nowhere", "file.txt"])
def test_what_is_no_folder_is_refused_in_the_same_way(tmp_path, name):
    (tmp_path / "file.txt").write_text("x")
    assert "warroom day new" in str(faults_of(tmp_path / name))


def test_an_empty_folder_names_every_file_that_is_needed(tmp_path):
    assert {fault.file for fault in faults_of(tmp_path).faults} == {"day.toml", "precincts.csv", "history.csv"}


def test_rows_can_be_checked_before_they_are_written():
    frame = pd.DataFrame({"precinct_id": ["0412", "0412"], "lat": ["40.5", "400"]}, index=[2, 3])
    faults = frame_checks("precincts.csv", frame)
    assert {(fault.line, fault.column) for fault in faults} == {(3, "precinct_id"), (3, "lat")}
    assert isinstance(frame_checks("precincts.csv", frame[["lat"]])[0], Fault)
