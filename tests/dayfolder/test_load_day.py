"""A sound folder is loaded as it stands."""

import json
from datetime import UTC, date, datetime, time

import numpy as np
import pandas as pd
import pytest

from feeds._url import local_path
from warroom.dayfolder import FeedConfig, load_day
from warroom.loading import load_into_store
from warroom.people import put_people
from warroom.store.day import read_roster
from warroom.store.people import PeopleStore


def test_a_sound_folder_gives_the_day_and_typed_frames(folder):
    day = load_day(folder())
    assert (day.day.date, day.day.polls_close, day.day.party) == (date(2025, 6, 24), time(21), "DEM")
    assert day.precincts["precinct_id"].tolist() == ["0412", "0413"]
    assert day.precincts["registered"].tolist()[0] == 519 and np.isnan(day.precincts["registered"][1])
    assert day.history["ballots"].tolist() == [183.7, 90.0] and day.history["date"][0] == "2021-06-22"
    assert (day.early_vote, day.volunteers, day.shifts, day.reports) == (None, None, None, None)
    assert day.geometry == {} and day.feeds == []
    assert day.precinct_ids == {"0412", "0413"} and day.site_ids == {"S1"}


def test_byte_order_mark_windows_line_ends_blank_lines_and_padding_are_accepted(folder, sound):
    text = "\ufeff" + sound["precincts.csv"].replace("0412,", " 0412 ,").replace("\n", "\r\n") + "\r\n,,,,,,\r\n\r\n"
    day = load_day(folder({"precincts.csv": text}))
    assert day.precincts["precinct_id"].tolist() == ["0412", "0413"]


def test_only_the_id_of_a_precinct_is_needed(folder):
    day = load_day(folder({"precincts.csv": "precinct_id\n0412\n0413\n", "sites.csv": None}))
    assert day.precincts["name"].tolist() == ["", ""] and day.precincts["lat"].isna().all()
    assert len(day.sites) == 0 and list(day.sites.columns) == ["site_id", "name", "address", "lat", "lon"]


def test_toml_dates_and_times_may_stand_without_quotes(folder, sound):
    text = sound["day.toml"].replace('"2025-06-24"', "2025-06-24").replace('"06:00"', "06:00:00")
    day = load_day(folder({"day.toml": text.replace('party = "DEM"\n', "")})).day
    assert (day.date, day.polls_open, day.party) == (date(2025, 6, 24), time(6), "")


def test_breaks_of_shifts_reach_the_plan_and_one_outside_its_shift_is_told(folder, store):
    rows = "v1,S1,06:00,14:00,10:30,45\nv2,S1,06:00,14:00,11:00,\nv3,S1,06:00,14:00,,\nv4,S1,06:00,14:00,15:00,\n"
    day = load_day(folder({
        "volunteers.csv": "volunteer_id\nv1\nv2\nv3\nv4\n",
        "shifts.csv": f"volunteer_id,site_id,start,end,break_start,break_minutes\n{rows}",
    }))  # fmt: skip
    put_people(store, day)
    planned = {s.volunteer_id: s for s in PeopleStore(store).shifts()}
    half_past_ten = round(datetime(2025, 6, 24, 14, 30, tzinfo=UTC).timestamp() * 1000)
    assert (planned["v1"].break_ms, planned["v1"].break_minutes) == (half_past_ten, 45)
    assert planned["v2"].break_minutes == 30
    assert planned["v3"].break_ms is None
    (told,) = [w for w in day.warnings if w.column == "break_start"]
    assert "1 breaks outside their shift (first: line 5)" in told.found


def test_the_languages_of_a_precinct_reach_the_room(folder, store):
    load_into_store(store, load_day(folder({"precincts.csv": "precinct_id,languages\n0412,es; zh\n0413,\n"})))
    assert {p.precinct_id: p.languages for p in read_roster(store).precincts} == {"0412": ("es", "zh"), "0413": ()}


def test_times_without_an_offset_are_local(folder):
    day = load_day(
        folder(
            {
                "early_vote.csv": (
                    "precinct_id,as_of,count\n0412,2025-06-22T18:00:00-04:00,72\n0413,2025-06-22T18:00,1\n"
                ),
                "volunteers.csv": "volunteer_id,name,has_car\nv1,Ada,yes\nv2,Ben,\n",
                "shifts.csv": "volunteer_id,site_id,start,end\nv1,S1,6:00,2025-06-25T01:00\n",
            }
        )
    )
    evening = pd.Timestamp(datetime(2025, 6, 22, 22, tzinfo=UTC))
    assert day.early_vote["as_of"].tolist() == [evening, evening]
    assert day.shifts["start"][0] == pd.Timestamp(datetime(2025, 6, 24, 10, tzinfo=UTC))
    assert day.shifts["end"][0] == pd.Timestamp(datetime(2025, 6, 25, 5, tzinfo=UTC))
    assert day.volunteers["has_car"].tolist() == [True, False]


def _square(precinct_id, lon=-73.92):
    ring = [[lon, 40.5], [lon + 0.01, 40.5], [lon + 0.01, 40.6], [lon, 40.5]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"precinct_id": precinct_id}, "geometry": geometry}


def test_outlines_are_by_precinct_and_parts_are_joined(folder):
    features = [_square("0412"), _square("0413"), _square("0413", -73.9)]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    geometry = load_day(folder({"precincts.geojson": text})).geometry
    assert geometry["0412"]["type"] == "Polygon"
    assert geometry["0413"]["type"] == "MultiPolygon" and len(geometry["0413"]["coordinates"]) == 2


@pytest.mark.parametrize(
    "text",
    [
        '[[feed]]\nname = "watchers"\nurl = "file:inbox/r.jsonl?follow=1"\npoll_ms = 20\n',
        '[[feeds]]\nname = "watchers"\nurl = "file:inbox/r.jsonl?follow=1"\n[feeds.options]\npoll_ms = 20\n',
        '[feed.watchers]\nurl = "file:inbox/r.jsonl?follow=1"\npoll_ms = 20\n',
    ],
)
def test_feeds_have_a_url_options_and_paths_from_the_folder(folder, text):
    path = folder({"feeds.toml": text})
    url = f"file://{path}/inbox/r.jsonl?follow=1"
    assert load_day(path).feeds == [FeedConfig(url, {"poll_ms": 20}, "watchers")]


def test_a_folder_with_a_blank_or_a_question_mark_in_its_name_is_found_again(folder):
    path = folder().rename(folder().with_name("what day? 2"))
    (path / "feeds.toml").write_text('[[feed]]\nurl = "file:in.jsonl?follow=1"\n')
    (feed,) = load_day(path).feeds
    assert local_path(feed.url) == path / "in.jsonl" and feed.url.endswith("?follow=1")


def test_a_dropped_files_crosswalk_is_that_of_the_folder(folder):
    path = folder({"feeds.toml": '[[feed]]\nurl = "drop:early?glob=*.csv"\nprecincts = "map.csv"\n', "map.csv": ""})
    (feed,) = load_day(path).feeds
    assert feed.url == f"drop://{path}/early?glob=*.csv" and feed.options == {"precincts": f"{path}/map.csv"}


def test_urls_with_a_host_stay_as_they_are(folder):
    feeds = load_day(folder({"feeds.toml": '[[feed]]\nurl = "kafka://broker:9092/reports"\n'})).feeds
    assert feeds == [FeedConfig("kafka://broker:9092/reports", {}, "")]


def test_recorded_reports_are_found(folder):
    path = folder({"reports.jsonl": "{}\n"})
    assert load_day(path).reports == path / "reports.jsonl"
