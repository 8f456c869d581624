"""Whatever stands in a day folder's files, loading it gives a folder or one message of faults, never a traceback."""

import resource
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warroom.dayfolder import DayFolder, DayFolderError, load_day

# a load takes a tenth of a second: raise max_examples to search longer
QUICK = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
OPTIONAL = {
    "early_vote.csv": "precinct_id,as_of,count\n0412,2025-06-22T18:00:00-04:00,72\n",
    "volunteers.csv": "volunteer_id,name,phone,skills,languages,has_car,home_lat,home_lon\n"
    "V1,Ann,,door,es,1,40.5,-73.9\n",
    "shifts.csv": "volunteer_id,site_id,precinct_id,role,start,end\n"
    "V1,S1,,watcher,2025-06-24T06:00:00-04:00,2025-06-24T12:00:00-04:00\n",
    "feeds.toml": '[[feed]]\nurl = "file:in.jsonl?follow=1"\n',
    "precincts.geojson": '{"type":"FeatureCollection","features":[{"type":"Feature",'
    '"properties":{"precinct_id":"0412"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}}]}',
}
FILES = ["day.toml", "precincts.csv", "sites.csv", "history.csv", *OPTIONAL]
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["", "0412", "S1", "-1", "1e999", "nan", "inf", "1,057", "=1+1", "2025-06-24", "9" * 400, "24:00"]),
)


def load(sound: dict[str, str], changes: dict[str, bytes]) -> None:
    """Load a sound folder with these files changed; anything but a folder or named faults is a defect."""
    with TemporaryDirectory() as at:
        for name, text in (sound | OPTIONAL).items():
            (Path(at) / name).write_bytes(changes.get(name, text.encode()))
        try:
            assert isinstance(load_day(Path(at)), DayFolder)
        except DayFolderError as error:
            assert error.faults and all(fault.file for fault in error.faults) and str(error)


@QUICK
@given(st.sampled_from(FILES), st.binary(max_size=200))
def test_any_bytes_in_any_file(sound, name, content):
    load(sound, {name: content})


@QUICK
@given(st.sampled_from(FILES), st.data())
def test_a_sound_file_with_bytes_changed_and_cut(sound, name, data):
    content = bytearray((sound | OPTIONAL)[name].encode())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    load(sound, {name: bytes(content[: data.draw(st.integers(0, len(content)))])})


@QUICK
@given(st.sampled_from([name for name in FILES if name.endswith(".csv")]), st.data())
def test_any_cells_below_the_right_header(sound, name, data):
    header = (sound | OPTIONAL)[name].split("\n", 1)[0]
    width = header.count(",") + 1
    rows = data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=4))
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    load(sound, {name: "\n".join([header, *lines]).encode("utf-8", "surrogatepass")})


def test_thirty_thousand_broken_rows_are_one_message_of_bounded_size(sound):
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows = b"0412,ED 12,Queens,S1,many,north,-999\n" * 30_000
    with TemporaryDirectory() as at:
        for name, text in sound.items():
            (Path(at) / name).write_bytes(text.encode())
        (Path(at) / "precincts.csv").write_bytes(b"precinct_id,name,region,site_id,registered,lat,lon\n" + rows)
        with pytest.raises(DayFolderError) as refused:
            load_day(Path(at))
    assert len(str(refused.value)) < 20_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 800_000
