"""One line in, one Report or one Reject out, whatever the line."""

import json
import re
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds._parse import LINE_LIMIT_BYTES, Parser
from warroom.domain.election import ElectionDay
from warroom.domain.reports import Checkins, EarlyVote, Reject, Report, Shift

RECEIVED = datetime(2025, 6, 24, 13, 20, tzinfo=UTC)
DAY = msgspec.convert(
    {
        "name": "June primary", "date": "2025-06-24", "timezone": "America/New_York",
        "polls_open": "06:00:00", "polls_close": "21:00:00", "type": "primary",
    },
    ElectionDay,
)  # fmt: skip
GOOD = {
    "id": "r1", "kind": "checkins", "precinct": "0412", "at": "2025-06-24T09:15:00-04:00",
    "count": 57, "source": "watcher",
}  # fmt: skip


def parse(raw: bytes, recorded: bool = False, received: datetime = RECEIVED) -> Report | Reject:
    parser = Parser(DAY, frozenset({"0412", "0413"}), frozenset({"S1"}), recorded)
    return parser.line(raw, "reports.jsonl:12", received)


def changed(**fields: object) -> bytes:
    """The good report with these fields; `...` takes a field away."""
    merged = GOOD | fields
    return json.dumps({name: value for name, value in merged.items() if value is not ...}).encode()


def test_a_good_line_becomes_a_report_in_utc_with_the_servers_arrival():
    report = parse(changed(received="2025-06-24T09:16:00-04:00"))
    assert isinstance(report, Checkins)
    assert (report.count, report.precinct) == (57, "0412")
    assert report.at == datetime(2025, 6, 24, 13, 15, tzinfo=UTC) and report.at.tzinfo is UTC
    assert report.received == RECEIVED


def test_a_recorded_line_arrives_when_it_says_or_else_when_it_was_observed():
    told = parse(changed(received="2025-06-24T09:16:00-04:00"), recorded=True)
    silent = parse(changed(), recorded=True)
    assert told.received == datetime(2025, 6, 24, 13, 16, tzinfo=UTC)
    assert silent.received == datetime(2025, 6, 24, 13, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "reason", "field"),
    [
        (b"", "not_json", ""),
        (b"hello", "not_json", ""),
        (changed()[:-5], "not_json", ""),
        (changed().replace(b"57", b"1e999"), "bad_count", "count"),
        (changed().replace(b"57", b"NaN"), "not_json", ""),
        (b"[1, 2]", "not_an_object", ""),
        (b"null", "not_an_object", ""),
        (b"[" * 60_000, "not_an_object", ""),
        (changed().replace(b"57", b"57," + b'"x":' + b"[" * 50_000), "not_json", ""),
        (changed(source="x").replace(b'"x"', b'"\xff"'), "not_utf8", ""),
        (changed(source="x").replace(b'"x"', b'"\\ud800"'), "not_json", ""),
        (changed().decode().encode("utf-16"), "not_utf8", ""),
        (changed().decode().encode("utf-16-le"), "not_utf8", ""),
        (b"\x00" * 100, "not_utf8", ""),
        (changed(source="x" * LINE_LIMIT_BYTES), "too_long", ""),
        (changed(kind="poem"), "unknown_kind", "kind"),
        (changed(kind=...), "missing_field", "kind"),
        (changed(id=...), "missing_field", "id"),
        (changed(id=""), "bad_text", "id"),
        (changed(source="a\nb"), "bad_text", "source"),
        (changed(count=...), "missing_field", "count"),
        (changed(count=-3), "bad_count", "count"),
        (changed(count=None), "bad_count", "count"),
        (changed(count=5.5), "bad_count", "count"),
        (changed(count="57"), "bad_count", "count"),
        (changed(count=10**9), "bad_count", "count"),
        (changed(count=True), "bad_count", "count"),
        (changed(at="2025-06-24T09:15:00"), "no_offset", "at"),
        (changed(at="2025-06-24"), "no_offset", "at"),
        (changed(at="quarter past nine"), "bad_time", "at"),
        (changed(at=1750770900), "bad_time", "at"),
        (changed(at="2025-06-25T09:15:00-04:00"), "wrong_day", "at"),
        (changed(at="2025-06-25T00:30:00-04:00"), "wrong_day", "at"),
        (changed(at="2025-06-23T23:59:00-04:00"), "wrong_day", "at"),
        (changed(at="0001-01-01T00:00:00+14:00"), "wrong_day", "at"),
        (changed(precinct="9999"), "unknown_precinct", "precinct"),
        (changed(precinct=412), "bad_text", "precinct"),
        (changed(site="S9"), "unknown_site", "site"),
        (changed(precinct=...), "no_place", "precinct"),
        (changed(v=2), "bad_version", "v"),
        (changed(kind="correction", count=..., corrects="r0"), "empty_correction", "count"),
        (changed(kind="correction", corrects="r0", void=True), "two_corrections", "void"),
        (changed(kind="wait", site="S1", minutes=-1), "bad_count", "minutes"),
        (changed(kind="incident", category="machine", severity="awful"), "bad_choice", "severity"),
        (changed(kind="shift", volunteer="v1", status="on_site", lat=91), "bad_position", "lat"),
        (changed(kind="early_vote", method="mail", at="2024-06-23T18:00:00-04:00"), "wrong_day", "at"),
    ],
)  # fmt: skip
def test_a_fault_becomes_a_reject_with_its_reason_its_field_and_a_remedy(raw, reason, field):
    reject = parse(raw)
    assert isinstance(reject, Reject)
    assert (reject.reason, reject.field) == (reason, field)
    assert reject.remedy and reject.where == "reports.jsonl:12" and reject.received == RECEIVED
    assert re.fullmatch(r"[0-9a-f]{32}", reject.digest) and len(reject.sample) <= 200


@pytest.mark.parametrize(
    "at",
    ["2025-06-24T09:15-04:00", "2025-06-24 09:15:00-04:00", "20250624T131500Z", "2025-06-24T13:15:00.000Z"],
)
def test_every_iso_8601_time_with_an_offset_is_read(at):
    assert parse(changed(at=at)).at == datetime(2025, 6, 24, 13, 15, tzinfo=UTC)


def test_a_whole_number_may_be_written_with_a_decimal_point():
    assert parse(changed(count=57.0)).count == 57


def test_a_missing_pm_is_of_the_day_and_left_to_the_tally():
    assert isinstance(parse(changed(at="2025-06-24T01:30:00-04:00")), Checkins)


def test_a_report_after_midnight_is_of_the_day_once_midnight_has_passed():
    late = datetime(2025, 6, 25, 4, 40, tzinfo=UTC)
    assert isinstance(parse(changed(at="2025-06-25T00:30:00-04:00"), received=late), Checkins)


def test_early_votes_are_counted_before_the_day():
    report = parse(changed(kind="early_vote", method="mail", at="2025-06-22T18:00:00-04:00"))
    assert isinstance(report, EarlyVote)


def test_a_volunteer_may_log_in_and_try_the_phone_weeks_before_the_day():
    shift = changed(
        kind="shift", volunteer="V1", status="scheduled", precinct=..., count=..., at="2025-06-17T18:00:00-04:00"
    )
    assert isinstance(parse(shift), Shift)
    assert parse(changed(at="2025-06-17T18:00:00-04:00")).reason == "wrong_day"  # a count then is none of this day


def test_a_lost_leading_zero_is_named_in_the_remedy():
    assert "Did you mean 0412?" in parse(changed(precinct="412")).remedy


def test_a_sample_masks_telephone_numbers():
    raw = changed(kind="poem", text="call +1 (215) 555-0199 or 2155550199").replace(b'"id": "r1", ', b"")
    sample = parse(raw).sample
    assert "555" not in sample and "2025-06-24T09:15:00" in sample


def test_the_same_input_has_the_same_digest_and_other_input_another():
    assert parse(b"x").digest == parse(b"x").digest != parse(b"y").digest


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_never_raise(raw):
    assert isinstance(parse(raw), Report | Reject)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["checkins", "correction", "wait", "incident", "early_vote", "contact", "shift", "money", "ad"]),
    st.dictionaries(
        st.sampled_from(["at", "received", "count", "precinct", "site", "v", "void", "minutes", "lat", "amount", "id"]),
        json_values | st.datetimes().map(lambda moment: moment.isoformat() + "+14:00"),
    ),
    st.booleans(),
)
def test_arbitrary_values_in_known_fields_never_raise(kind, fields, recorded):
    raw = json.dumps(GOOD | {"kind": kind} | fields).encode()
    result = parse(raw, recorded)
    assert isinstance(result, Reject) or result.received is not None
