"""What is odd but harmless is said, with counts, and the day goes on."""

import json

from warroom.dayfolder import load_day


def warnings_of(path):
    return {(fault.file, fault.column): fault.found for fault in load_day(path).warnings}


def test_a_sound_folder_only_warns_of_the_blank_registration(folder):
    assert warnings_of(folder()) == {("precincts.csv", "registered"): "1 of 2 rows blank"}


def test_ids_that_another_file_does_not_know_are_counted(folder, sound):
    found = warnings_of(
        folder(
            {
                "sites.csv": "site_id\nS2\n",
                "history.csv": sound["history.csv"] + "2021p,2021-06-22,primary,DEM,9999,5\n",
                "early_vote.csv": "precinct_id,as_of,count\n8888,2025-06-20,1\n",
                "volunteers.csv": "volunteer_id\nv1\n",
                "shifts.csv": "volunteer_id,site_id,precinct_id,start,end\nv2,S9,7777,06:00,12:00\n",
            }
        )
    )
    assert found["precincts.csv", "site_id"] == "1 of 1 not in sites.csv: 'S1'"
    assert found["history.csv", "precinct_id"] == "1 of 3 not in precincts.csv: '9999'"
    assert found["early_vote.csv", "precinct_id"] == "1 of 1 not in precincts.csv: '8888'"
    assert {("shifts.csv", name) for name in ("site_id", "precinct_id", "volunteer_id")} < set(found)


def test_leading_zeros_lost_in_a_spreadsheet_are_recognised(folder, sound):
    text = sound["history.csv"].replace(",0412,", ",412,").replace(",0413,", ",413,")
    (warning,) = [fault for fault in load_day(folder({"history.csv": text})).warnings if fault.file == "history.csv"]
    assert "412 may be 0412" in warning.remedy


def test_features_that_are_not_of_the_day_or_have_no_area_are_counted(folder):
    features = [
        {"properties": {"precinct_id": "9999"}, "geometry": {"type": "Polygon", "coordinates": [[[0, 0]] * 4]}},
        {"properties": {"precinct_id": "0412"}, "geometry": None},
        {"properties": {}, "geometry": None},
    ]
    found = warnings_of(folder({"precincts.geojson": json.dumps({"features": features})}))
    assert found["precincts.geojson", "precinct_id"].startswith("1 of 1 not in precincts.csv")
    assert found["precincts.geojson", "geometry"] == "1 features without an area"


def test_repeated_history_counts_once_and_parts_are_added_up(folder, sound):
    twice = sound["history.csv"] + "2021p,2021-06-22,primary,DEM,0413,90\n2021p,2021-06-22,primary,DEM,0412,16.3\n"
    day = load_day(folder({"history.csv": twice}))
    assert dict(zip(day.history["precinct_id"], day.history["ballots"], strict=True)) == {"0412": 200, "0413": 90}
    assert any("1 repeated rows and 1 further" in fault.found for fault in day.warnings)


def test_history_of_the_day_itself_or_of_no_kind_is_pointed_out(folder, sound):
    rows = "x,2025-06-24,municipal,,0412,5\ny,2020-06-23,primary,,0412,5\ny,2020-06-24,primary,,0413,5\n"
    found = warnings_of(folder({"history.csv": sound["history.csv"] + rows}))
    assert {("history.csv", name) for name in ("date", "type", "election_id")} <= set(found)


def test_no_history_at_all_is_possible_but_said(folder, sound):
    day = load_day(folder({"history.csv": sound["history.csv"].splitlines()[0] + "\n"}))
    assert day.history.empty and any(fault.file == "history.csv" for fault in day.warnings)


def test_a_place_far_from_all_others_and_a_wrong_sign_are_pointed_out(folder, sound):
    swapped = sound["precincts.csv"] + "0414,,,S1,5,40.55,-73.9\n0415,,,S1,5,-73.9,40.55\n0416,,,S1,5,40.5,\n"
    found = [fault.found for fault in load_day(folder({"precincts.csv": swapped})).warnings]
    assert any("1 rows over 300 km from the middle (line 5)" in text for text in found)
    assert any("only one of lat and lon (first: line 6)" in text for text in found)
    positive = sound["precincts.csv"].replace("-73", "73")
    found = [fault.found for fault in load_day(folder({"precincts.csv": positive})).warnings]
    assert any("longitudes around +73.9" in text for text in found)


def test_misspelt_columns_and_keys_are_pointed_out(folder, sound):
    found = warnings_of(
        folder(
            {
                "day.toml": sound["day.toml"] + 'polls_opne = "07:00"\n',
                "sites.csv": "site_id,latitude\nS1,40.5\n",
            }
        )
    )
    assert ("day.toml", "polls_opne") in found
    assert found["sites.csv", ""] == "columns that are not used: 'latitude'"
