"""A watched folder: half-written, repeated and replaced files, and voters in several of them."""

import io
import os
import subprocess
import sys
import threading
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from dropped import MONDAY, TUESDAY, WEDNESDAY, last_counts
from early_files import nc, put, table

from feeds._drop.how import How
from feeds._drop.names import series_of
from feeds._drop.watch import Look, Settling, candidates, changes, on_network
from feeds.drop import DropFeed
from feeds.registry import open_feed
from warroom.domain.reports import Checkins, EarlyVote


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


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("absentee_20241105 (1).csv", "absentee_20241106.csv", True),
        ("early 2024-11-05 0930.csv", "early 2024-11-06T10:15.csv", True),
        ("11-05-2024 5pm county_7.csv", "11-6-2024 county_7.csv", True),
        ("March 5, 2024.csv", "march 12 2024.csv", True),
        ("ev_10-27.csv", "ev_10-28.csv", True),
        ("ev110524.csv", "ev110624.csv", True),
        ("early_site_12_20241105.csv", "early_site_14_20241105.csv", False),
        ("site_12_11_05_2024.csv", "site_10_11_06_2024.csv", False),
        ("site_12_20.csv", "site_14_20.csv", False),
        ("0412.csv", "0413.csv", False),
        ("Marion 12.csv", "Marion 13.csv", False),
    ],
)
def test_a_series_is_told_by_the_name_without_its_dates(one, other, same):
    assert (series_of(one, "NC", []) == series_of(other, "NC", [])) == same


def test_files_of_two_sites_of_one_day_both_count(look, tmp_path):
    put(tmp_path / "early_site_12_20250620.csv", table([nc("AA1")]), MONDAY)
    put(tmp_path / "early_site_14_20250620.csv", table([nc("BB1", "0413"), nc("BB2", "0413")]), TUESDAY)
    assert last_counts(look()) == {("0412", "in_person"): 1, ("0413", "in_person"): 2}


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


def test_after_the_crosswalk_was_mended_the_newest_files_are_counted_anew(turns, tmp_path, intake):
    crosswalk = tmp_path / "map.csv"

    def mend(meant):
        put(crosswalk, f"precinct,precinct_id\nONE,{meant}\n".encode(), MONDAY + timedelta(seconds=len(intake.frames)))
        return 3.0

    put(tmp_path / "absentee_20250620.csv", table([nc("AA1", "ONE")]), MONDAY)
    put(tmp_path / "absentee_20250621.csv", table([nc("AA1", "ONE"), nc("AA2", "TWO")]), TUESDAY)
    put(crosswalk, b"precinct,precinct_id\nONE,0413\n")
    turns(lambda: 0.0, lambda: 3.0, lambda: mend("0412"), lambda: 3.0, lambda: 3.0, precincts=crosswalk)
    assert last_counts(intake) == {("0412", "in_person"): 1, ("0413", "in_person"): 0}
    assert [reject.reason for reject in intake.rejects] == ["unknown_precinct"] * 2
    assert not any("older" in trouble for trouble in intake.troubles)


def test_reports_of_the_wire_format_are_read_beside_them(look, tmp_path, line):
    put(tmp_path / "reports.jsonl", (line("r1") + "{broken\n" + line("r2")).encode())
    put(
        tmp_path / "reports.csv", b"id,kind,at,source,precinct,count\nr3,checkins,2025-06-24T09:15:00-04:00,w,0412,58\n"
    )
    intake = look()
    assert [report.id for report in intake.reports if isinstance(report, Checkins)] == ["r3", "r1", "r2"]
    assert [reject.where for reject in intake.rejects] == ["reports.jsonl:2"]


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
