"""Files in a watched folder that are refused: shrunk, changed, older, damaged or dangerous; each is told why."""

import io
import zipfile
from datetime import timedelta

import pytest
from dropped import MONDAY, TUESDAY, WEDNESDAY, last_counts
from early_files import NC_HEADER, nc, put, table

from warroom.store.ports import DONE


def test_a_file_that_shrank_is_refused_shown_and_can_be_accepted(look, tmp_path):
    put(tmp_path / "absentee_20250620.csv", table([nc(f"AA{i}") for i in range(9)] + [nc("BB1", "0413")]), MONDAY)
    look()
    put(tmp_path / "absentee_20250621.csv", table([nc(f"AA{i}") for i in range(4)]), TUESDAY)
    intake = look()
    assert last_counts(intake) == {("0412", "in_person"): 9, ("0413", "in_person"): 1}
    (reject,) = intake.rejects
    assert reject.reason == "file_shrank"
    assert "4 voters in 4 rows; absentee_20250620.csv had 10 in 10" in reject.remedy
    assert intake.troubles[-1].startswith("absentee_20250621.csv refused: 4 voters")
    assert "absentee_20250621.csv.accept" in intake.troubles[-1]
    (tmp_path / "absentee_20250621.csv.accept").touch()
    assert last_counts(look()) == {("0412", "in_person"): 4, ("0413", "in_person"): 0}
    assert intake.troubles[-1] == DONE


def test_an_acceptance_is_for_the_version_that_was_there(look, tmp_path):
    put(tmp_path / "absentee.csv.accept", b"", MONDAY)
    put(tmp_path / "absentee.csv", table([nc("AA1"), nc("AA2")]), TUESDAY)
    look()
    put(tmp_path / "absentee.csv", table([nc("AA1")]), WEDNESDAY)
    assert [reject.reason for reject in look().rejects] == ["file_shrank"]


def test_a_changed_header_is_refused_with_what_changed(look, tmp_path):
    put(tmp_path / "absentee.csv", table([nc("AA1")]), MONDAY)
    look()
    renamed = ["voter_party" if name == "voter_party_code" else name for name in NC_HEADER]
    rows = [row | {"voter_party": "DEM"} for row in (nc("AA1"), nc("AA2"))]
    put(tmp_path / "absentee.csv", table(rows, renamed), TUESDAY)
    intake = look()
    (reject,) = intake.rejects
    assert reject.reason == "header_changed" and "gone voter_party_code; new voter_party" in reject.remedy
    assert last_counts(intake) == {("0412", "in_person"): 1}


def test_columns_in_another_order_are_the_same_header(look, tmp_path):
    put(tmp_path / "absentee.csv", table([nc("AA1")]), MONDAY)
    put(tmp_path / "absentee_20250621.csv", table([nc("AA1"), nc("AA2")], NC_HEADER[::-1]), TUESDAY)
    assert look().rejects == []


def test_an_older_file_that_comes_late_adds_nothing_and_says_so(look, tmp_path):
    put(tmp_path / "absentee_20250621.csv", table([nc("AA1"), nc("AA2")]), TUESDAY)
    look()
    put(tmp_path / "absentee_20250620.csv", table([nc("AA1")]), MONDAY)
    intake = look()
    assert [reject.reason for reject in intake.rejects] == ["older_file"]
    assert last_counts(intake) == {("0412", "in_person"): 2}


def test_a_refused_file_that_is_replaced_by_a_good_one_is_no_trouble_any_more(look, tmp_path):
    put(tmp_path / "absentee.csv", b"name,street\nx,y\n", MONDAY)
    assert "refused" in look().troubles[-1]
    put(tmp_path / "absentee.csv", table([nc("AA1")]), TUESDAY)
    assert look().troubles[-1] == DONE


def test_a_refused_file_that_is_taken_away_is_no_trouble_any_more(look, tmp_path):
    put(tmp_path / "notes.txt", b"name,street\nx,y\n", MONDAY)
    assert "refused" in look().troubles[-1]
    (tmp_path / "notes.txt").unlink()
    assert look().troubles[-1] == DONE


def test_what_was_refused_is_read_again_under_other_options(look, tmp_path):
    put(tmp_path / "absentee.csv", table([nc("AA1", ballot_rtn_dt="")]), MONDAY - timedelta(days=365))
    assert [reject.reason for reject in look().rejects] == ["wrong_day"]
    assert last_counts(look(as_of=MONDAY.isoformat())) == {("0412", "in_person"): 1}


def test_a_crosswalk_that_was_broken_by_the_mending_is_said_and_the_old_one_goes_on(turns, tmp_path, intake):
    crosswalk = tmp_path / ".map.csv"
    crosswalk.write_text("precinct,precinct_id\nONE,0413\n")
    put(tmp_path / "absentee_20250620.csv", table([nc("AA1", "ONE")]), MONDAY)
    turns(
        lambda: 0.0,
        lambda: 3.0,
        lambda: crosswalk.write_text("precinct\nONE\n") * 0.0,
        lambda: 3.0,
        precincts=crosswalk,
    )
    assert last_counts(intake) == {("0413", "in_person"): 1}
    assert "lacks the column precinct_id" in intake.troubles[-1]


def test_a_defect_of_a_reader_stops_no_other_file_and_tells_no_cell(look, tmp_path, monkeypatch, caplog):
    from feeds._drop import early

    def fail(path, *rest, real=early.read_early):
        if path.name == "a.csv":
            raise ValueError("invalid literal: MUSTERMANN")
        return real(path, *rest)

    monkeypatch.setattr(early, "read_early", fail)
    put(tmp_path / "a.csv", table([nc("AA1")]), MONDAY)
    put(tmp_path / "b.csv", table([nc("AA2")]), MONDAY)
    intake = look()
    assert last_counts(intake) == {("0412", "in_person"): 1}
    assert [reject.reason for reject in intake.rejects] == ["not_read"]
    assert "MUSTERMANN" not in repr((intake.rejects, intake.troubles, intake.positions)) + caplog.text


def _bomb():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.csv", "w") as member:
        member.write(table([nc("AA1")]))
        for _ in range(80):
            member.write(b"\n" * (1 << 20))
    return packed.getvalue()


def _workbook_bomb():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as member:
            for _ in range(70):
                member.write(b" " * (1 << 20))
    return packed.getvalue()


def _lying_workbook():
    """The same, but its directory says that the sheet has a thousand bytes."""
    return _workbook_bomb().replace((70 << 20).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("bomb.zip", _bomb, "bomb"),
        ("bomb.xlsx", _workbook_bomb, "bomb"),
        ("cut.zip", lambda: _bomb()[:500], "bad_archive"),
        ("empty.zip", lambda: b"PK\x05\x06" + bytes(18), "bad_header"),
        ("nonsense.xlsx", lambda: b"PK\x03\x04" + b"x" * 400, "bad_archive"),
        ("binary.csv", lambda: bytes(range(256)) * 20, "unknown_file"),
        ("notes.txt", lambda: b"Remember to call the county\n", "unknown_file"),
    ],
)
def test_bombs_and_broken_files_are_refused_by_name(look, tmp_path, name, content, reason):
    put(tmp_path / name, content())
    (reject,) = look().rejects
    assert (reject.reason, reject.where) == (reason, f"file {name}") and reject.remedy


def test_a_workbook_that_lies_about_its_size_is_found_out_before_it_is_opened(look, tmp_path):
    put(tmp_path / "lies.xlsx", _lying_workbook())
    (reject,) = look().rejects
    assert (reject.reason, reject.remedy[:23]) == ("bad_archive", "The workbook is damaged")


def test_a_formula_in_a_cell_begins_no_cell_of_ours(look, tmp_path):
    put(tmp_path / "absentee.csv", table([nc("AA1", "=cmd|'/C calc'!A0", county_desc="")]))
    (reject,) = look().rejects
    assert "=cmd" in reject.sample
    exported = (reject.sample, reject.where, reject.remedy, reject.field, reject.reason)
    assert not any(text.startswith(("=", "+", "-", "@", "\t", "\r")) for text in exported)
