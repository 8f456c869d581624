"""Whatever stands in an exported file, its feed ends, crashes at nothing and lets no name out."""

import csv
import json
import threading

import pytest
from field_specimens import STARTS, VAN_HEADER, attendance
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds import registry
from feeds._contact_words import channel_of, result_of
from feeds._table import read_table

NAME = "Zyxwvut"
FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
cells = st.one_of(
    st.sampled_from(
        ["", NAME, "6/24/2025", "Walk", "Canvassed", "1001", "0412", '"', '""', '"\n', "\t", "\x00", "25.00"]
    ),
    st.text(max_size=12),
)
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)
URLS = {
    "van": "van://{}/f?precincts=homes.csv", "canvass": "canvass://{}/f", "ads": "ads://{}/f",
    "actblue": "actblue://{}/f", "actblue json": "actblue://{}/f?format=json", "mobilize": "mobilize://{}/f",
}  # fmt: skip


@pytest.fixture(params=URLS)
def feed_on(request, tmp_path, intake, monkeypatch):
    monkeypatch.setenv("WARROOM_SALT", "a salt for the tests only")
    (tmp_path / "homes.csv").write_text("VANID,precinct\n1001,0412\n")

    def run(content):
        (tmp_path / "f").write_bytes(content)
        intake.positions.clear()
        intake.frames.clear()
        registry.open_feed(URLS[request.param].format(tmp_path)).run(intake, threading.Event())

    run.intake = intake
    return run


@FUZZ
@given(content=st.binary(max_size=300))
def test_any_bytes_are_read_to_their_end(feed_on, content):
    feed_on(content)


@FUZZ
@given(rows=st.lists(st.lists(cells, min_size=1, max_size=11), max_size=6), comma=st.booleans())
def test_any_rows_below_a_header_are_reports_or_rejects_and_no_sample_shows_a_name(feed_on, rows, comma):
    mark = "," if comma else "\t"
    lines = [mark.join(row) for row in [list(VAN_HEADER), *rows]]
    feed_on("\n".join(lines).encode("utf-16", "surrogatepass"))
    assert all(NAME not in reject.sample + reject.remedy for reject in feed_on.intake.rejects)


@FUZZ
@given(values=st.lists(json_values, max_size=4), whole=st.booleans())
def test_any_json_is_read_to_its_end(feed_on, values, whole):
    feed_on((json.dumps(values) if whole else "\n".join(map(json.dumps, values))).encode())


@FUZZ
@given(field=st.sampled_from(sorted(attendance(1))), value=json_values)
def test_an_attendance_with_anything_in_a_field_is_a_shift_or_a_reject(feed_on, field, value):
    feed_on(json.dumps(attendance(1, **{field: value})).encode())
    samples = [reject.sample for reject in feed_on.intake.rejects if reject.reason != "not_json"]
    assert all(sample == "" or sample.startswith("a row of") for sample in samples)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'id,time,campaign,amount\n"' + b"x" * 3_000_000,
        b"id,time,campaign,amount\n" + b'"\n' * 20_000,
        b"\xff\xfe" + b"\x00\xd8" * 1_000,
        ("\t".join(VAN_HEADER) + "\n" + "\t" * 200_000).encode(),
        json.dumps([attendance(1, modified_date=10**400, timeslot={"start_date": -(10**30)})]).encode(),
        json.dumps(attendance(1, modified_date=float(STARTS) + 0.5)).encode(),
    ],
    ids=["deep list", "deep object", "long quote", "many quotes", "half letters", "wide", "far away", "half second"],
)
def test_what_was_made_to_hurt_ends_too(feed_on, content):
    feed_on(content)
    assert len(feed_on.intake.rejects) <= 20_001


@given(text=st.text(max_size=200))
def test_results_and_channels_are_words_that_a_report_can_hold(text):
    result = result_of(text)
    assert len(result) <= 128 and not any(ord(letter) < 32 or ord(letter) == 127 for letter in result)
    assert channel_of(text) in (None, "door", "phone", "text")


@FUZZ
@given(rows=st.lists(st.tuples(words, words), max_size=5))
def test_every_row_of_a_well_formed_table_comes_back(tmp_path, rows):
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    found = [list(record.row.values()) for record in read_table(tmp_path / "t.csv")]
    assert found == [[cell.strip() for cell in row] for row in rows]
