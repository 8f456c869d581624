"""Early and absentee files as published: what is counted, once, and what leaves the reader."""

import io
import logging
import threading
import zipfile
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from early_files import GA_HEADER, GA_OLD_HEADER, NC_HEADER, PERSON, ga, nc, put, table

from feeds._url import FeedURLError
from feeds.registry import open_feed
from warroom.domain.reports import EarlyVote
from warroom.store.ports import DONE

ENDED = threading.Event


def counts(intake):
    """{(precinct, method): the last count}; asserts that nothing else was reported."""
    assert all(isinstance(report, EarlyVote) for report in intake.reports)
    return {(report.precinct, report.method): report.count for report in intake.reports}


@pytest.fixture
def read(tmp_path, intake):
    """read(content, name) puts the file in a folder and reads the folder once."""

    def do(content, name="absentee_20250624.csv", **options):
        put(tmp_path / name, content)
        open_feed(f"drop://{tmp_path}?once=1", options).run(intake, ENDED())
        return intake

    return do


def test_north_carolina_counts_accepted_and_cured_ballots_by_precinct_and_method(read):
    rows = [
        nc("AA1"), nc("AA2"), nc("AA3", ballot_req_type="MAIL", ballot_rtn_status="ACCEPTED - CURED"),
        nc("AA4", "0413", ballot_req_type="EARLY VOTING"), nc("AA5", ballot_rtn_status="SPOILED"),
        nc("AA6", ballot_rtn_status="PENDING CURE"), nc("AA7", ballot_rtn_status=""),
    ]  # fmt: skip
    intake = read(table(rows))
    assert counts(intake) == {("0412", "in_person"): 2, ("0412", "mail"): 1, ("0413", "in_person"): 1}
    assert intake.rejects == []
    assert {report.at for report in intake.reports} == {datetime(2025, 6, 22, 12, tzinfo=UTC)}


def test_a_voter_with_several_rows_is_counted_once_whatever_the_order(read, intake):
    rows = [nc("AA1", ballot_rtn_status="SPOILED"), nc("AA1", ballot_req_type="MAIL"), nc(" aa1 "), nc("AA2")]
    read(table(rows))
    once = counts(intake)
    assert sum(once.values()) == 2
    intake.positions.clear()
    read(table(rows[::-1]), "other_20250624.csv")
    assert counts(intake) == once


@pytest.mark.parametrize("header", [GA_HEADER, GA_OLD_HEADER], ids=["now", "with Post #"])
def test_georgia_with_and_without_the_post_column(read, header):
    rows = [
        ga("1"), ga("2", **{"Ballot Style": "MAILED"}), ga("3", **{"Ballot Status": "R"}),
        ga("4", **{"Ballot Status": ""}), ga("5", **{"Ballot Style": "ELECTRONIC BALLOT DELIVERY"}), ga("1"),
    ]  # fmt: skip
    intake = read(table(rows, header), "STATEWIDE.csv")
    assert counts(intake) == {("0412", "in_person"): 1, ("0412", "mail"): 2}


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_gives_the_same(read, tmp_path, encoding):
    crosswalk = tmp_path / ".places.csv"
    crosswalk.write_text("county,precinct,precinct_id\nDOÑA ANA,ÉTÉ 1,0413\n")
    rows = [nc("AA1", "ÉTÉ 1", county_desc="DOÑA ANA"), nc("AA2")]
    intake = read(table(rows, encoding=encoding), precincts=str(crosswalk), county="")
    assert counts(intake)["0413", "in_person"] == 1


def test_a_zip_is_read_as_its_table(read):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("absentee_20250624.csv", table([nc("AA1")]))
    assert counts(read(packed.getvalue(), "absentee_20250624.zip")) == {("0412", "in_person"): 1}


def test_of_georgias_zip_the_whole_state_counts_not_the_counties_in_it(read):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("FULTON.csv", table([ga("1")], GA_HEADER))
        archive.writestr("STATEWIDE.csv", table([ga("1"), ga("2")], GA_HEADER))
    assert counts(read(packed.getvalue(), "32629.zip")) == {("0412", "in_person"): 2}


def test_unknown_precincts_are_one_reject_each_with_their_ballots(read):
    rows = [nc(f"AA{i}", "NOWHERE") for i in range(7)] + [nc(f"BB{i}", "0413") for i in range(3)]
    intake = read(table(rows))
    assert counts(intake) == {("0413", "in_person"): 3}
    (reject,) = intake.rejects
    assert (reject.reason, reject.sample) == ("unknown_precinct", "7 ballots in WAKE / NOWHERE")
    assert "crosswalk" in reject.remedy


def test_in_a_whole_state_a_precincts_number_alone_says_nothing(read):
    rows = [nc("AA1"), nc("AA2", county_desc="DURHAM")]
    assert [reject.reason for reject in read(table(rows)).rejects] == ["unknown_precinct"] * 2


def test_one_county_of_a_state_can_be_read(read):
    rows = [nc("AA1"), nc("AA2", county_desc="DURHAM")]
    intake = read(table(rows), county="Wake")
    assert counts(intake) == {("0412", "in_person"): 1} and not intake.rejects


def test_the_match_rate_stands_in_the_state_and_in_the_log(read, caplog):
    caplog.set_level(logging.INFO)
    intake = read(table([nc("AA1"), nc("AA2", "NOWHERE"), nc("AA3")]))
    (position,) = intake.positions.values()
    said = "1 of 2 precincts matched (50.0%), 2 of 3 ballots (66.7%)"
    assert said in position and said in caplog.text


def test_nothing_of_a_person_is_put_kept_or_logged(read, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    rows = [nc("AA1", "NOWHERE"), nc("AA2", ballot_req_type="?"), nc("", "0412"), nc("AA4")]
    broken = table(rows) + b'"WAKE","AA9","' + PERSON.encode() + b"\n"
    intake = read(broken, raw_dir=str(tmp_path / "raw"))
    assert {reject.reason for reject in intake.rejects} == {
        "unknown_precinct", "bad_choice", "missing_field", "bad_csv",
    }  # fmt: skip
    told = repr((intake.reports, intake.rejects, intake.positions, intake.troubles)) + caplog.text
    kept = b"".join(path.read_bytes() for path in (tmp_path / "raw").rglob("*") if path.is_file())
    for secret in (PERSON, "AA1", "AA2", "AA4", "AA9", "MÜHLE"):
        assert secret not in told and secret.encode() not in kept


def test_the_same_file_gives_the_same_reports_again(read, intake):
    read(table([nc("AA1"), nc("AA2", "0413")]))
    first = list(intake.reports)
    intake.positions.clear()
    read(table([nc("AA1"), nc("AA2", "0413")]))
    assert intake.reports == first + first


def test_a_ballot_from_after_the_file_is_not_counted_and_says_why(read):
    intake = read(table([nc("AA1"), nc("AA2", ballot_rtn_dt="06/23/2025"), nc("AA3", ballot_rtn_dt="someday")]))
    assert counts(intake) == {("0412", "in_person"): 2}
    assert [(reject.reason, reject.sample) for reject in intake.rejects] == [("after_as_of", "1 ballots")]


def test_an_open_quote_costs_its_own_line_only(read):
    rows = [nc(f"AA{i}") for i in range(50)]
    lines = table(rows).splitlines(keepends=True)
    lines.insert(10, b'"WAKE","17,"\n')
    intake = read(b"".join(lines))
    assert counts(intake) == {("0412", "in_person"): 50}
    assert [(reject.reason, reject.sample) for reject in intake.rejects] == [("bad_csv", "1 rows")]


def test_a_header_that_is_nearly_known_is_refused_with_what_it_lacks(read):
    header = [name for name in NC_HEADER if name != "ballot_rtn_status"]
    intake = read(table([nc("AA1")], header))
    (reject,) = intake.rejects
    assert reject.reason == "bad_header" and "North Carolina absentee, but lacks ballot_rtn_status" in reject.remedy
    assert intake.troubles[-1].startswith("absentee_20250624.csv refused: This looks like")


def test_any_other_file_of_voters_by_a_layout(read):
    layout = {
        "voter": "VoterID", "precinct": "Pct", "method": "How", "in_person": ["booth"], "mail": ["post"],
        "status": "Counted", "accepted": ["yes"], "date": "Day", "date_format": "%Y-%m-%d",
    }  # fmt: skip
    text = (
        "VoterID\tPct\tHow\tCounted\tDay\n1\t412\tBooth\tYES\t2025-06-20\n1\t412\tBooth\tyes\t2025-06-21\n"
        "2\t0413\tpost\tyes\t\n3\t0413\tpost\tno\t2025-06-20\n4\t0413\tpost\tyes\t2025-06-30\n"
    )
    intake = read(text.encode(), "florida.txt", layout=layout)
    assert counts(intake) == {("0413", "mail"): 1}
    assert sorted(reject.reason for reject in intake.rejects) == ["after_as_of", "unknown_precinct"]


def test_any_other_file_of_counts_by_a_layout_each_row_adds(read):
    layout = {"count": "Votes", "precinct": "ED", "always": "in_person"}
    intake = read(b'ED,Site,Votes\n0412,A,"1,057"\n0412,B,3\n0413,A,-4\n', "checkins.csv", layout=layout)
    assert counts(intake) == {("0412", "in_person"): 1060}
    assert [reject.reason for reject in intake.rejects] == ["bad_count"]


def test_rows_by_a_mapping_are_reports_of_their_own(read):
    mapping = {
        "kind": "early_vote", "source": "county", "timezone": "America/New_York", "id": ["ED", "As of"],
        "constants": {"method": "mail"}, "fields": {"precinct": "ED", "count": "Votes", "at": "As of"},
    }  # fmt: skip
    intake = read(b"ED,Votes,As of,Clerk\n0412,57,2025-06-20 18:00,MUSTERMANN\n9999,1,2025-06-20 18:00,MUSTERMANN\n",
                  "county.csv", mapping=mapping)  # fmt: skip
    assert counts(intake) == {("0412", "mail"): 57}
    assert [reject.reason for reject in intake.rejects] == ["unknown_precinct"]
    assert PERSON not in repr(intake.rejects)


def test_the_file_command_reads_such_a_file_too(tmp_path, intake):
    put(tmp_path / "absentee.csv", table([nc("AA1")]))
    feed = open_feed(f"file://{tmp_path}/absentee.csv")
    feed.run(intake, ENDED())
    assert counts(intake) == {("0412", "in_person"): 1}
    assert feed.name == f"file:{tmp_path}/absentee.csv" and intake.troubles[-1] == DONE


def test_the_file_command_follows_such_a_file_from_version_to_version(tmp_path, intake):
    path = put(tmp_path / "absentee [1].csv", table([nc("AA1")]))
    stop = threading.Event()
    feed = open_feed(f"file://{quote(str(path))}?follow=1&poll_ms=20", {"settle_ms": 20})
    running = threading.Thread(target=feed.run, args=(intake, stop))
    put_one = threading.Event()
    intake.on_put = put_one.set
    running.start()
    try:
        assert put_one.wait(90)
        put_one.clear()
        put(path, table([nc("AA1"), nc("AA2")]), datetime(2025, 6, 23, tzinfo=UTC))
        assert put_one.wait(90)
    finally:
        stop.set()
        running.join(90)
    assert [report.count for report in intake.reports] == [1, 2]


def test_an_as_of_that_is_not_of_this_election_is_one_refusal_not_a_thousand(read):
    intake = read(table([nc("AA1")]), as_of="2024-11-05T08:00:00-05:00")
    (reject,) = intake.rejects
    assert reject.reason == "wrong_day" and "2024-11-05T08:00-05:00" in reject.remedy


def test_a_crosswalk_that_contradicts_itself_is_refused_by_line(tmp_path, intake):
    crosswalk = tmp_path / "map.csv"
    crosswalk.write_text("county,precinct,precinct_id\nWAKE,1,0412\nwake,1,0413\n")
    with pytest.raises(Exception, match=r"map\.csv, line 3: 1 is given twice, once as 0412, once as 0413"):
        open_feed(f"drop://{tmp_path}?once=1", {"precincts": str(crosswalk)}).run(intake, ENDED())


@pytest.mark.parametrize(
    ("given", "utc"),
    [("2025-06-22T08:00:00-04:00", 12), ("2025-06-22 08:00:00-04:00", 12), ("2025-06-22T08:00:00 02:00", 6)],
)
def test_an_as_of_is_read_from_a_table_and_from_a_url(read, given, utc):
    assert {report.at.hour for report in read(table([nc("AA1")]), as_of=given).reports} == {utc}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"as_of": "2025-06-22T08:00"}, "as_of=2025-06-22T08:00 is no moment"),
        ({"layout": {"precinct": "p", "voter": "v", "colour": "red"}}, "colour"),
        ({"layout": {"precinct": "p", "always": "mail"}}, "column of the voter or that of the count"),
        ({"layout": {"precinct": "p", "voter": "v"}}, "column of the method"),
        ({"layout": {"precinct": "p", "voter": "v", "always": "mail", "status": "s"}}, r"layout\.accepted: missing"),
        ({"layout": "nowhere.toml"}, "no TOML file"),
        ({"settle_ms": 0}, "above 0"),
    ],
)
def test_a_wrong_option_is_refused_with_what_to_write(options, says):
    with pytest.raises(FeedURLError, match=says):
        open_feed("drop:///x", options)


def test_a_crosswalk_of_another_year_is_noticed(read, tmp_path, caplog):
    crosswalk = tmp_path / ".map.csv"
    crosswalk.write_text("precinct,precinct_id\nONE,0412\nTWO,1999-7\n")
    intake = read(table([nc("AA1", "one"), nc("AA2", "two")]), precincts=str(crosswalk))
    assert counts(intake) == {("0412", "in_person"): 1}
    assert "names 1 precincts that the day does not have, such as 1999-7" in caplog.text
