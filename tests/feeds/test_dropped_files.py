"""A watched folder: half-written, repeated, shrunk, replaced and damaged files, and voters in several of them."""

import io
import os
import subprocess
import sys
import threading
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from early_files import NC_HEADER, nc, put, table

from feeds._drop.how import How
from feeds._drop.watch import Look, Settling, candidates, changes, on_network
from feeds.drop import DropFeed
from feeds.registry import open_feed
from warroom.domain.reports import Checkins, Correction, EarlyVote
from warroom.store.ports import DONE

MONDAY = datetime(2025, 6, 22, 12, tzinfo=UTC)
TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)


def last_counts(intake):
    """{(precinct, method): the last count that no correction voids}."""
    voided = {report.corrects for report in intake.reports if isinstance(report, Correction)}
    early = [report for report in intake.reports if isinstance(report, EarlyVote) and report.id not in voided]
    return {(r.precinct, r.method): r.count for r in sorted(early, key=lambda r: r.at)}


@pytest.fixture
def look(tmp_path, intake):
    """look() reads the folder as it is now, as a feed does that was started anew."""

    def do(**options):
        open_feed(f"drop://{tmp_path}?once=1", {"name": "drop"} | options).run(intake, threading.Event())
        return intake

    return do


@pytest.fixture
def turns(tmp_path, intake):
    """turns(step, step, ...) runs a feed that goes on; before each look at the folder the next step happens."""

    def run(*steps, **how):
        clock = [0.0]
        stop = threading.Event()

        def changes(_folder, _stop, _polling):
            for step in steps:
                clock[0] += step() or 0.0
                yield None
            stop.set()

        feed = DropFeed(tmp_path, name="drop", how=How(settle_s=2.0, **how), changes=changes, now_s=lambda: clock[0])
        feed.run(intake, stop)
        return intake

    return run


def test_a_file_is_read_when_it_has_stood_still(turns, tmp_path, intake):
    whole = table([nc("AA1"), nc("AA2")])
    seen = []
    turns(
        lambda: (tmp_path / "a.csv").write_bytes(whole[:900]) * 0.0,
        lambda: 1.0,
        lambda: seen.append(len(intake.reports)) or (tmp_path / "a.csv").write_bytes(whole) * 0.0,
        lambda: 1.9,
        lambda: seen.append(len(intake.reports)) or 0.2,
        as_of=MONDAY,
    )
    assert seen == [0, 0]
    assert last_counts(intake) == {("0412", "in_person"): 2}


def test_a_table_that_ends_within_a_line_is_waited_for_longer(tmp_path):
    settling, path = Settling(2.0), tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,")
    look = Look(6, 1)
    assert [settling.ready(path, look, now_s) for now_s in (0.0, 2.5, 9.9, 10.0)] == [False, False, False, True]


def test_a_zip_is_whole_once_its_directory_is_there(tmp_path):
    settling, path, packed = Settling(2.0), tmp_path / "a.zip", io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", table([nc("AA1")]))
    path.write_bytes(packed.getvalue()[:200])
    assert [settling.ready(path, Look(200, 1), now_s) for now_s in (0.0, 3.0)] == [False, False]
    path.write_bytes(packed.getvalue())
    assert [settling.ready(path, Look(999, 2), now_s) for now_s in (4.0, 7.0)] == [False, True]


def test_unfinished_names_are_left_alone(tmp_path):
    for name in ("a.csv.part", "b.csv.tmp", ".hidden.csv", "~$book.xlsx", "c.csv.accept", "d.txt", "e.csv"):
        (tmp_path / name).write_bytes(b"x")
    assert [path.name for path, _ in candidates(tmp_path, "*.csv*")] == ["e.csv"]


def test_a_writer_that_pauses_in_the_middle_is_waited_for(tmp_path, intake):
    """A real process writes half a file, pauses, and finishes only once the feed has looked twenty times."""
    path, half_seen = tmp_path / "absentee.csv", tmp_path / ".go-on"
    whole = tmp_path / ".whole"
    whole.write_bytes(table([nc(f"AA{i}") for i in range(500)]))
    script = (
        "import sys,time,pathlib as p; w,t,g=map(p.Path,sys.argv[1:]); b=w.read_bytes(); f=t.open('wb')\n"
        "f.write(b[:len(b)//2]); f.flush()\n"
        "while not g.exists(): time.sleep(0.01)\n"
        "f.write(b[len(b)//2:]); f.close()"
    )
    writer = subprocess.Popen([sys.executable, "-c", script, str(whole), str(path), str(half_seen)])
    stop, looks = threading.Event(), []

    def changes(folder, stop, polling):
        while not stop.is_set():
            if path.exists():
                looks.append(path.stat().st_size)
            if len(looks) == 20:
                half_seen.touch()
                writer.wait(90)
            yield None
            stop.wait(0.005)

    intake.on_put = stop.set
    feed = DropFeed(tmp_path, name="drop", how=How(settle_s=0.2, as_of=MONDAY), changes=changes)
    feed.run(intake, stop)
    assert writer.wait(90) == 0
    assert len(looks) >= 20 and looks[0] < whole.stat().st_size
    assert last_counts(intake) == {("0412", "in_person"): 500}


def test_the_real_notices_bring_a_new_file_and_its_next_version(tmp_path, intake):
    got = threading.Event()
    intake.on_put = got.set
    stop = threading.Event()
    feed = open_feed(f"drop://{tmp_path}?settle_ms=50", {"as_of": MONDAY})
    running = threading.Thread(target=feed.run, args=(intake, stop))
    running.start()
    try:
        for voters in (3, 5):
            got.clear()
            put(
                tmp_path / "absentee.csv",
                table([nc(f"AA{i}") for i in range(voters)]),
                MONDAY + timedelta(hours=voters),
            )
            assert got.wait(90)
    finally:
        stop.set()
        running.join(90)
    assert not running.is_alive()
    assert [report.count for report in intake.reports if isinstance(report, EarlyVote)] == [3, 5]


def test_a_cumulative_file_sent_daily_counts_up(look, tmp_path):
    put(tmp_path / "absentee_20250620.csv", table([nc("AA1")]), MONDAY)
    look()
    put(tmp_path / "absentee_20250621.csv", table([nc("AA1"), nc("AA2"), nc("AA3", "0413")]), TUESDAY)
    intake = look()
    assert last_counts(intake) == {("0412", "in_person"): 2, ("0413", "in_person"): 1}
    assert [report.at for report in intake.reports] == [MONDAY, TUESDAY, TUESDAY]


def test_what_was_read_is_not_read_again_after_a_restart(look, tmp_path):
    put(tmp_path / "absentee.csv", table([nc("AA1")]))
    look()
    assert len(look().frames) == 1


def test_a_duplicate_under_another_name_is_noted_and_skipped(look, tmp_path):
    put(tmp_path / "absentee.csv", table([nc("AA1")]), MONDAY)
    put(tmp_path / "absentee (1).csv", table([nc("AA1")]), TUESDAY)
    put(tmp_path / "copy of absentee.csv", table([nc("AA1")]), WEDNESDAY - timedelta(hours=1))
    put(tmp_path / "z.csv", table([nc("BB1")]), WEDNESDAY)
    intake = look()
    assert last_counts(intake) == {("0412", "in_person"): 2}
    position = intake.positions["drop"]
    assert position.count('"outcome":"duplicate"') == 2
    assert "the same as absentee.csv" in position and intake.rejects == []


def test_a_voter_in_two_files_is_counted_once(look, tmp_path):
    put(tmp_path / "wake.csv", table([nc("AA1"), nc("AA2")]), MONDAY)
    put(tmp_path / "state.csv", table([nc("AA2"), nc("AA3")]), TUESDAY)
    assert last_counts(look()) == {("0412", "in_person"): 3}


@pytest.mark.parametrize("turn", [1, -1])
def test_a_voter_in_two_files_is_counted_once_in_whatever_order_and_after_a_restart(look, tmp_path, turn):
    files = [("wake.csv", [nc("AA1"), nc("AA2")]), ("state.csv", [nc("AA2", "0413"), nc("AA3", "0413")])][::turn]
    put(tmp_path / files[0][0], table(files[0][1]), MONDAY)
    look()  # the process ends, and with it all it knows of voters
    put(tmp_path / files[1][0], table(files[1][1]), TUESDAY)
    assert last_counts(look()) == {("0412", "in_person"): 2, ("0413", "in_person"): 1}


def test_two_files_of_one_moment_add_up_without_contradiction(look, tmp_path):
    put(tmp_path / "a.csv", table([nc("AA1")]), MONDAY)
    put(tmp_path / "b.csv", table([nc("AA2"), nc("AA3")]), MONDAY)
    assert last_counts(look()) == {("0412", "in_person"): 3}


def test_a_file_that_shrank_is_refused_shown_and_can_be_accepted(look, tmp_path):
    put(tmp_path / "absentee_1.csv", table([nc(f"AA{i}") for i in range(9)] + [nc("BB1", "0413")]), MONDAY)
    look()
    put(tmp_path / "absentee_2.csv", table([nc(f"AA{i}") for i in range(4)]), TUESDAY)
    intake = look()
    assert last_counts(intake) == {("0412", "in_person"): 9, ("0413", "in_person"): 1}
    (reject,) = intake.rejects
    assert reject.reason == "file_shrank"
    assert "4 voters in 4 rows; absentee_1.csv had 10 in 10" in reject.remedy
    assert intake.troubles[-1].startswith("absentee_2.csv refused: 4 voters")
    assert "absentee_2.csv.accept" in intake.troubles[-1]
    (tmp_path / "absentee_2.csv.accept").touch()
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
    put(tmp_path / "absentee_2.csv", table([nc("AA1"), nc("AA2")], NC_HEADER[::-1]), TUESDAY)
    assert look().rejects == []


def test_an_older_file_that_comes_late_adds_nothing_and_says_so(look, tmp_path):
    put(tmp_path / "absentee_2.csv", table([nc("AA1"), nc("AA2")]), TUESDAY)
    look()
    put(tmp_path / "absentee_1.csv", table([nc("AA1")]), MONDAY)
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


def test_after_the_crosswalk_was_mended_the_newest_files_are_counted_anew(turns, tmp_path, intake):
    crosswalk = tmp_path / "map.csv"

    def mend(meant):
        put(crosswalk, f"precinct,precinct_id\nONE,{meant}\n".encode(), MONDAY + timedelta(seconds=len(intake.frames)))
        return 3.0

    put(tmp_path / "absentee_1.csv", table([nc("AA1", "ONE")]), MONDAY)
    put(tmp_path / "absentee_2.csv", table([nc("AA1", "ONE"), nc("AA2", "TWO")]), TUESDAY)
    put(crosswalk, b"precinct,precinct_id\nONE,0413\n")
    turns(lambda: 0.0, lambda: 3.0, lambda: mend("0412"), lambda: 3.0, lambda: 3.0, precincts=crosswalk)
    assert last_counts(intake) == {("0412", "in_person"): 1, ("0413", "in_person"): 0}
    assert [reject.reason for reject in intake.rejects] == ["unknown_precinct"] * 2
    assert not any("older" in trouble for trouble in intake.troubles)


def test_what_was_refused_is_read_again_under_other_options(look, tmp_path):
    put(tmp_path / "absentee.csv", table([nc("AA1", ballot_rtn_dt="")]), MONDAY - timedelta(days=365))
    assert [reject.reason for reject in look().rejects] == ["wrong_day"]
    assert last_counts(look(as_of=MONDAY.isoformat())) == {("0412", "in_person"): 1}


def test_a_crosswalk_that_was_broken_by_the_mending_is_said_and_the_old_one_goes_on(turns, tmp_path, intake):
    crosswalk = tmp_path / ".map.csv"
    crosswalk.write_text("precinct,precinct_id\nONE,0413\n")
    put(tmp_path / "absentee_1.csv", table([nc("AA1", "ONE")]), MONDAY)
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


def test_reports_of_the_wire_format_are_read_beside_them(look, tmp_path, line):
    put(tmp_path / "reports.jsonl", (line("r1") + "{broken\n" + line("r2")).encode())
    put(
        tmp_path / "reports.csv", b"id,kind,at,source,precinct,count\nr3,checkins,2025-06-24T09:15:00-04:00,w,0412,58\n"
    )
    intake = look()
    assert [report.id for report in intake.reports if isinstance(report, Checkins)] == ["r3", "r1", "r2"]
    assert [reject.where for reject in intake.rejects] == ["reports.jsonl:2"]


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


def test_the_store_away_in_the_middle_of_a_file_loses_nothing(look, tmp_path, intake):
    intake.failures = [ConnectionError("gone"), ConnectionError("gone")]
    put(tmp_path / "absentee.csv", table([nc("AA1")]))
    assert last_counts(look()) == {("0412", "in_person"): 1}


def test_a_folder_that_is_missing_is_waited_for_and_said(tmp_path, intake):
    stop = threading.Event()
    feed = open_feed(f"drop://{tmp_path}/later")
    seen = threading.Event()
    intake.put_trouble = lambda _feed, text: (intake.troubles.append(text), seen.set())
    running = threading.Thread(target=feed.run, args=(intake, stop))
    running.start()
    assert seen.wait(90)
    stop.set()
    running.join(90)
    assert not running.is_alive() and "later cannot be read" in intake.troubles[0]


def test_network_shares_are_told_from_disks(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/sda / ext4 rw 0 0\nhost:/x /mnt/share nfs4 rw 0 0\n//h/y /mnt/two\\040words cifs rw 0 0\n")
    folders = ["/mnt/share/drop", "/mnt/two words", "/srv/drop"]
    assert [on_network(Path(folder), mounts) for folder in folders] == [True, True, False]


def test_the_salt_may_come_from_the_environment_and_changes_nothing_that_is_put(look, tmp_path, intake, monkeypatch):
    put(tmp_path / "absentee.csv", table([nc("AA1"), nc("AA2")]))
    look()
    intake.positions.clear()
    monkeypatch.setenv("WARROOM_SALT", "a salt of sixteen letters or more")
    look()
    assert intake.reports[0] == intake.reports[1]
    assert os.environ["WARROOM_SALT"] not in repr(intake.positions)


def test_where_the_system_gives_no_notices_the_folder_is_looked_at_all_the_same(tmp_path, monkeypatch):
    def no_more_watches(*_args, **_options):
        raise RuntimeError("OS file watch limit reached")

    monkeypatch.setattr("watchfiles.watch", no_more_watches)
    assert next(changes(tmp_path, threading.Event(), False, look_ms=1)) is None


def test_a_feed_that_reads_no_tables_loads_no_table_reader():
    """Every command imports every feed: pyarrow and numpy would cost each of them a third of a second."""
    script = "import sys, feeds.registry as r; r.feed_modules(); sys.exit('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], timeout=200).returncode == 0
