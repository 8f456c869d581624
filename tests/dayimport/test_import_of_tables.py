"""CSV as the field publishes it: encodings, broken rows, formulas; results, polling places, registered voters."""

import io
import json

import pytest
from made_county import ZONE

from warroom.dayimport.elections import Election, election_of
from warroom.dayimport.findings import Findings, ImportProblem
from warroom.dayimport.rawtext import read_rows
from warroom.dayimport.results import read_results
from warroom.dayimport.rolls import polling_places, registered_voters
from warroom.dayimport.source import parse_source

GENERAL = Election("2024", "2024-11-05", "general")
PRIMARY = Election("2022p", "2022-06-28", "primary", "DEM")


def rows(raw: bytes, findings: Findings) -> list[tuple[int, dict[str, str]]]:
    return list(read_rows(io.BytesIO(raw), "file.csv", findings))


TABLE = "precinct,name\n0412,Señor\n0413,\n"


@pytest.mark.parametrize(
    "raw",
    [
        TABLE.encode(),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("utf-16"),
        TABLE.encode("utf-16-le"),
        TABLE.encode("utf-16-be"),
        TABLE.encode("utf-32"),
        TABLE.encode("cp1252"),
        TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace("\n", "\r").encode(),
        TABLE.replace(",", "\t").encode("utf-16"),
        TABLE.replace(",", ";").encode(),
        ("\n\n" + TABLE).encode(),
        TABLE.replace("0412", '"=""0412"""').encode(),
        TABLE.replace("Se", "S\0e").encode(),
    ],
)
def test_whatever_the_encoding_the_cells_are_the_same(findings, raw):
    assert [row for _, row in rows(raw, findings)] == [
        {"precinct": "0412", "name": "Señor"},
        {"precinct": "0413", "name": ""},
    ]
    assert findings.fault_count == 0


def test_broken_rows_are_named_and_the_others_count(findings):
    raw = b'precinct,votes\n0101,5\n0102\n0103,6,7\n\n"0104\nx",8\n0105,9\n'
    assert [(line, row["votes"]) for line, row in rows(raw, findings)] == [(2, "5"), (6, "8"), (8, "9")]
    assert [fault.line for fault in findings.faults] == [3, 4]


def test_a_quote_that_never_closes_costs_its_own_row_and_no_other(findings):
    raw = b'precinct,votes\n0101,"5\n' + b"0102,6\n" * 40_000 + b'0103,"7\n0104,"8"\n0105,"a "b" c"\n0106,"9'
    found = rows(raw, findings)
    assert [fault.line for fault in findings.faults] == [2, 40_003, 40_006]
    assert [row["votes"] for _, row in found] == ["6"] * 40_000 + ["8", 'a b" c"']
    assert found[-1][0] == 40_005


OPEN = (
    "county,precinct,office,district,party,candidate,votes\n"
    "Small,0101,Registered Voters,,,,885\n"
    "Small,0101,Ballots Cast,,,,514\n"
    "Small,0101,Ballots Cast - Blank,,,,3\n"
    "Small,0101,President,,DEM,A,217\n"
    "Small,0101,President,,REP,B,289\n"
    "Small,0102,President,,DEM,A,100\n"
    "Small,0102,President,,REP,B,20\n"
    "Small,0102,School Board (vote for 3),,,C,900\n"
    "Small,Total,President,,DEM,A,317\n"
)


def test_ballots_cast_count_and_without_them_the_top_contest_is_a_lower_bound(put, findings):
    found = read_results(put("r.csv", "\ufeff" + OPEN), GENERAL, findings)
    assert found.format == "OpenElections"
    assert dict(zip([row.keys["precinct"] for row in found.rows], found.ballots, strict=True)) == {
        "0101": 514,
        "0102": 120,
    }
    assert found.lower_bound == 1
    assert "lower bound" in "\n".join(map(str, findings.notes))


def test_votes_are_summed_over_the_ways_of_voting_where_the_total_is_blank(put, findings):
    text = (
        "county,precinct,office,district,party,candidate,votes,early_voting,election_day,mail\n"
        "Small,0101,Ballots Cast,,,,,10,20,5\nSmall,0102,Ballots Cast,,,,9,1,1,1\n"
    )
    assert read_results(put("r.csv", text), GENERAL, findings).ballots == [35, 9]


def test_a_primary_counts_its_own_party_and_never_the_total_twice(put, findings):
    head = "county,precinct,office,district,party,candidate,votes\n"
    split = "".join(f"B,0101,Ballots Cast,,{party},,{n}\n" for party, n in (("", 99), ("DEM", 68), ("REP", 31)))
    contest = "B,0101,Governor,,DEM,A,60\nB,0101,Governor,,REP,C,31\n"
    assert read_results(put("r.csv", head + split + contest), PRIMARY, findings).ballots == [68]
    assert read_results(put("r.csv", head + split + contest), GENERAL, findings).ballots == [99]
    everybody = head + "B,0101,Ballots Cast,,,,99\n" + contest
    assert read_results(put("r.csv", everybody), PRIMARY, findings).ballots == [60], "99 are both parties' ballots"
    alone = head + "B,0101,Ballots Cast,,,,66\nB,0101,Governor,,DEM,A,60\n"
    assert read_results(put("r.csv", alone), PRIMARY, findings).ballots == [66]


@pytest.mark.parametrize("cell", ["=1+1", "-5", "1e9", "5,0x", "5,0", "1_000", "nan", "inf"])
def test_a_cell_that_is_no_count_names_its_place(put, findings, cell):
    text = f'precinct,ballots\n0101,7\n0102,"{cell}"\n'
    found = read_results(put("r.csv", text, ballots="ballots"), GENERAL, findings)
    assert found.ballots == [7]
    [fault] = findings.faults
    assert (fault.file, fault.line, fault.column) == ("r.csv", 3, "ballots")
    assert fault.remedy


def test_unknown_columns_say_how_to_name_them(put, findings):
    with pytest.raises(ImportProblem, match=r"\?precinct=COLUMN&ballots=COLUMN"):
        read_results(put("r.csv", "ward,total\n1,2\n"), GENERAL, findings)
    with pytest.raises(ImportProblem, match="turnout"):
        read_results(put("r.csv", "ward,total\n1,2\n", precinct="ward", ballots="turnout"), GENERAL, findings)


def nist(**changes) -> str:
    report = {
        "@type": "ElectionResults.ElectionReport",
        "GpUnit": [
            {"@id": "u1", "Type": "precinct", "Name": {"Text": [{"Content": "0101"}]}, "VotersParticipated": 57},
            {"@id": "u2", "Type": "precinct", "Name": "0102"},
            {"@id": "u3", "Type": "county", "Name": "Small", "VotersParticipated": 99},
            {"@id": "u4", "Type": "precinct", "Name": "0103"},
        ],
        "Election": [{"Contest": [
            {"VotesAllowed": 1, "ContestSelection": [
                {"VoteCounts": [{"GpUnitId": "u2", "Type": "election-day", "Count": 30},
                                {"GpUnitId": "u2", "Type": "early", "Count": 4}]},
                {"VoteCounts": [{"GpUnitId": "u2", "Type": "election-day", "Count": 6}]}]},
            {"VotesAllowed": 3, "ContestSelection": [{"VoteCounts": [{"GpUnitId": "u2", "Count": 900}]}]},
        ]}],
    }  # fmt: skip
    return json.dumps(report | changes)


def test_a_nist_report_gives_voters_participated_else_votes_as_a_lower_bound(put, findings):
    found = read_results(put("results.json", nist()), GENERAL, findings)
    assert (found.ballots, found.lower_bound) == ([57, 40], 1)
    assert "0103" in "\n".join(map(str, findings.notes))


@pytest.mark.parametrize("text", [nist(IsTest=True), "[]", "{}", "{", '"x"', "[" * 100_000])
def test_a_nist_test_report_and_other_json_are_refused_in_words(put, findings, text):
    with pytest.raises(ImportProblem):
        read_results(put("results.json", text), GENERAL, findings)


@pytest.mark.parametrize(
    ("label", "name", "options", "expected"),
    [
        ("2021-06-22_primary_dem", "r.csv", {}, ("2021-06-22", "primary", "DEM")),
        ("2024", "r.csv", {}, ("2024-11-05", "general", "")),
        ("last", "20201103__pa__general__blair__precinct.csv", {}, ("2020-11-03", "general", "")),
        ("last", "20200114__pa__special__general__state_senate__48.csv", {}, ("2020-01-14", "special", "")),
        ("x", "r.csv", {"date": "2019-05-21", "type": "primary", "party": "rep"}, ("2019-05-21", "primary", "REP")),
        ("2019-05-21_runoff", "r.csv", {}, ("2019-05-21", "special", "")),
    ],
)
def test_which_election_a_file_is_about(put, findings, label, name, options, expected):
    found = election_of(put(name, "x", label, **options), findings)
    assert (found.date, found.type, found.party) == expected


def test_a_label_without_a_date_says_how_to_write_one(put, findings):
    with pytest.raises(ImportProblem, match="DATE_TYPE"):
        election_of(put("r.csv", "x", "last"), findings)


PLACES = (
    "election_date,state,county_name,jurisdiction,jurisdiction_type,precinct_id,precinct_name,polling_place_id,"
    "location_type,name,address,notes,source,source_date,source_notes\n"
    '2018-11-06,PA,SMALL,SMALL,county,0101,ONE,,,01/01 CHURCH,"1 MAIN ST, TOWN",,ORR,2019-10-21,\n'
    '2018-11-06,PA,SMALL,SMALL,county,0102,TWO,,,01/02 CHURCH,"1 MAIN ST, TOWN",,ORR,2019-10-21,\n'
    '2018-11-06,PA,OTHER,OTHER,county,0101,ONE,,,HALL,"9 FAR ST",,ORR,2019-10-21,\n'
    "2018-11-06,PA,SMALL,SMALL,county,,NONE,,,HALL,9 FAR ST,,ORR,2019-10-21,\n"
)


def test_polling_places_by_precinct_are_read_and_a_blank_precinct_is_named(put, findings):
    roll = polling_places(put("p.csv", PLACES, where="county_name:small"), ZONE, findings)
    assert [(row.named.keys["precinct_id"], row.site.name) for row in roll.rows] == [
        ("0101", "CHURCH"),
        ("0102", "CHURCH"),
    ]
    assert [fault.line for fault in findings.faults] == [5]


def test_registered_voters_come_from_a_table_or_from_openelections(put, findings):
    table = registered_voters(put("reg.csv", "precinct,registered\n0101,885\n0102,\n"), findings)
    assert [row.registered for row in table.rows] == [885]
    long_form = registered_voters(put("open.csv", OPEN), findings)
    assert [(row.named.keys["precinct"], row.registered) for row in long_form.rows] == [("0101", 885)]


def test_a_condition_on_no_column_is_refused(put, findings):
    with pytest.raises(ImportProblem, match="countyname"):
        registered_voters(put("reg.csv", "precinct,registered\n0101,885\n", where="countyname:x"), findings)


@pytest.mark.parametrize(
    ("text", "found"),
    [("2024=absent.csv", "no such file"), ("results.csv", "no label"), ("2024={file}?ballot=x", "the option 'ballot'")],
)
def test_a_source_that_cannot_be_read_is_said_before_anything_starts(put, text, found):
    file = put("results.csv", "x").path
    with pytest.raises(ImportProblem, match=found):
        parse_source(text.format(file=file), ("ballots",), labelled=True)
