"""Other people's records become reports by a mapping; a wrong mapping is refused by name."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds._mapping import MappingError, RecordMapping
from feeds._parse import Parser
from warroom.dayfolder.feedstoml import read_feeds
from warroom.domain.reports import Checkins, Money, Reject, Shift

NOON = datetime(2025, 6, 24, 16, tzinfo=UTC)
COUNTY = {
    "kind": "checkins",
    "source": "county",
    "timezone": "America/New_York",
    "fields": {"precinct": "ed", "count": "totals.checked_in", "at": "time"},
    "id": ["ed", "time"],
}
ROW = {"ed": "0412", "time": "2025-06-24 09:15", "totals": {"checked_in": 57}}


@pytest.fixture
def judged(intake):
    parser = Parser(intake.day(), intake.precinct_ids(), intake.site_ids())

    def judge(options, row):
        return RecordMapping(options).report(parser, row, msgspec.json.encode(row, enc_hook=str), "t/0/9", NOON)

    return judge


def test_a_record_of_another_shape_is_a_report(judged):
    report = judged(COUNTY, ROW)
    assert isinstance(report, Checkins)
    assert (report.precinct, report.count, report.source) == ("0412", 57, "county")
    assert report.at == datetime(2025, 6, 24, 13, 15, tzinfo=UTC)


def test_the_made_id_names_the_same_columns_alike_and_others_not(judged):
    again = judged(COUNTY, ROW | {"totals": {"checked_in": 60}})
    other = judged(COUNTY, ROW | {"time": "2025-06-24 09:16"})
    assert judged(COUNTY, ROW).id == again.id != other.id


def test_without_id_columns_the_id_is_made_of_all_that_the_report_says(judged):
    options = {name: value for name, value in COUNTY.items() if name != "id"}
    other = judged(options, ROW | {"totals": {"checked_in": 60}})
    assert judged(options, ROW).id == judged(options, ROW | {"unread": 1}).id != other.id


def test_numbers_written_for_people_and_lost_zeros_are_read(judged):
    options = COUNTY | {"pad": {"precinct": 4}}
    for ed in (412, 412.0, "412"):
        report = judged(options, ROW | {"ed": ed, "totals": {"checked_in": " 1,057 "}})
        assert (report.precinct, report.count) == ("0412", 1057)
    for unclear in ("12,50", "1,05", "1,0577"):
        assert judged(options, ROW | {"totals": {"checked_in": unclear}}).field == "count"


def test_words_are_translated_whatever_their_case_and_the_rest_is_refused(judged):
    options = {
        "kind": "shift", "source": "app", "id": ["who", "t"],
        "fields": {"volunteer": "who", "status": "state", "at": "t"},
        "values": {"status": {"On the way": "en_route"}}, "time_format": "unix",
    }  # fmt: skip
    row = {"who": "v7", "state": "ON THE WAY ", "t": 1750770900}
    report = judged(options, row)
    assert isinstance(report, Shift)
    assert (report.status, report.at) == ("en_route", datetime(2025, 6, 24, 13, 15, tzinfo=UTC))
    assert judged(options, row | {"state": "lost"}).reason == "bad_choice"
    options["values"]["status"]["*"] = "scheduled"
    assert judged(options, row | {"state": "lost"}).status == "scheduled"


def test_dollars_become_cents_and_two_columns_one_time(judged):
    options = {
        "kind": "money", "source": "actblue", "constants": {"campaign": "main"}, "timezone": "America/New_York",
        "fields": {"id": "receipt", "amount": "Amount", "at": ["Date", "Time"]}, "multiply": {"amount": 100},
        "time_format": "%m/%d/%Y %I:%M %p",
    }  # fmt: skip
    row = {"receipt": 9, "Amount": "$1,025.10", "Date": "06/24/2025", "Time": "1:15 PM"}
    report = judged(options, row)
    assert isinstance(report, Money)
    assert (report.amount, report.at) == (102510, datetime(2025, 6, 24, 17, 15, tzinfo=UTC))


def test_a_kind_may_come_from_a_column(judged):
    options = COUNTY | {"kind": "", "fields": COUNTY["fields"] | {"kind": "event"},
                        "values": {"kind": {"CHECKIN_TOTAL": "checkins"}}}  # fmt: skip
    assert isinstance(judged(options, ROW | {"event": "checkin_total"}), Checkins)
    assert judged(options, ROW | {"event": "printer_jam"}).reason == "unknown_kind"


def test_a_refused_record_names_the_column_it_was_read_from(judged):
    found = judged(COUNTY, {"ed": "0412", "time": "2025-06-24 09:15", "totals": {"voters": 57}})
    assert isinstance(found, Reject)
    assert (found.reason, found.field, found.where) == ("missing_field", "count", "t/0/9")
    assert "Read from 'totals.checked_in', which is empty or not among ed, time, totals" in found.remedy
    unknown = judged(COUNTY, ROW | {"ed": "9999"})
    assert unknown.reason == "unknown_precinct" and unknown.remedy.endswith("Read from 'ed' (mapping).")
    assert judged(COUNTY, ROW | {"time": "9ish"}).reason == "bad_time"
    assert judged(COUNTY, ROW | {"totals": {"checked_in": "many"}}).reason == "bad_count"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"feilds": {}}, "mapping.feilds: no such option; known are fields, constants"),
        ({"kind": ""}, "mapping.kind: missing; write kind ="),
        ({"kind": "votes"}, "mapping.kind = 'votes': not one of checkins"),
        ({"source": ""}, "mapping.source: missing"),
        ({"fields": {"precinct": "ed", "count": "n"}}, "mapping.fields.at: missing"),
        ({"fields": {"precinct": "ed", "at": "t"}}, "mapping.fields.count: missing; a report of kind checkins"),
        ({"fields": {"count": "n", "at": "t"}}, "mapping.fields.precinct: missing"),
        ({"fields": {"precint": "ed", "at": "t"}}, "mapping.fields.precint: no field of a report; known are"),
        ({"fields": {"precinct": 5, "at": "t"}}, r"mapping.fields\[...\]: Expected `str \| array`, got `int`"),
        ({"timezone": "New York"}, "mapping.timezone = 'New York': no IANA zone"),
        ({"time_format": "US"}, "mapping.time_format = 'US': write \"iso\""),
        ({"time_format": "%H:%Q"}, "mapping.time_format = '%H:%Q': 'Q' is a bad directive"),
        ({"time_format": "%H:%M", "timezone": ""}, "mapping.timezone: missing; the time_format has no offset"),
        ({"id": "ed"}, "mapping.id: Expected `array`, got `str`"),
    ],
)
def test_a_wrong_mapping_is_refused_by_option_and_remedy(change, says):
    with pytest.raises(MappingError, match=says):
        RecordMapping(COUNTY | change)


def test_a_mapping_may_stand_in_a_file_of_its_own(tmp_path, judged):
    file = tmp_path / "county.toml"
    file.write_text(
        'kind = "checkins"\nsource = "county"\ntimezone = "America/New_York"\nid = ["ed", "time"]\n'
        '[fields]\nprecinct = "ed"\ncount = "totals.checked_in"\nat = "time"\n'
    )
    assert judged(str(file), ROW) == judged(COUNTY, ROW)
    for wrong in (tmp_path / "absent.toml", tmp_path):
        with pytest.raises(MappingError, match="no TOML file that can be read"):
            RecordMapping(str(wrong))


def test_feeds_toml_carries_a_mapping_through(tmp_path):
    (tmp_path / "feeds.toml").write_text(
        '[[feed]]\nurl = "file:county.jsonl"\n[feed.mapping]\nkind = "checkins"\nsource = "county"\n'
        'fields = {precinct = "ed", count = "n", at = "t"}\n[[feed]]\nurl = "file:other.jsonl"\n'
    )
    [feed, other], faults = read_feeds(tmp_path / "feeds.toml")
    assert not faults and "mapping" not in other.options
    assert RecordMapping(feed.options["mapping"]).apply({"ed": 1, "n": 2, "t": "x"})["precinct"] == "1"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.datetimes() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(row=st.dictionaries(st.sampled_from(["ed", "time", "totals", "totals.checked_in", "x"]), ANYTHING))
@pytest.mark.parametrize("form", ["iso", "unix", "unix_ms", "%H:%M"])
def test_no_record_makes_it_raise(intake, form, row):
    mapping = RecordMapping(COUNTY | {"time_format": form})
    parser = Parser(intake.day(), intake.precinct_ids(), intake.site_ids())
    assert mapping.report(parser, row, b"", "t/0/1", NOON) is not None
