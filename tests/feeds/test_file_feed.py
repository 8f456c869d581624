"""A file of reports, read once or followed: every complete line counts once, whatever happens to the file."""

import shutil
import threading

import pytest

from feeds._feed import FeedError
from feeds.file import FileFeed, open_feed


@pytest.fixture
def path(tmp_path):
    return tmp_path / "reports.jsonl"


@pytest.fixture
def read(path, intake):
    """Read the file once, as it is now."""

    def run(**options):
        FileFeed(path, name="f", **options).run(intake, threading.Event())

    return run


@pytest.fixture
def follow(path, intake, scripted):
    """Follow the file while these steps happen, one after each look at the file."""

    def run(*steps, **options):
        feed = FileFeed(path, name="f", follow=True, wait=scripted(*steps), **options)
        feed.run(intake, threading.Event())

    return run


def test_a_file_is_read_once_and_not_again_after_a_restart(path, read, intake, line, append):
    path.write_text(line("a") + "\n" + line("b"))
    read()
    assert intake.ids == ["a", "b"]
    append(path, line("c"))
    read()
    assert intake.ids == ["a", "b", "c"]


def test_a_bad_line_in_the_middle_is_one_reject_and_the_good_ones_count(path, read, intake, line):
    path.write_text(line("a") + "{broken\n" + line("b"))
    read()
    assert intake.ids == ["a", "b"]
    (reject,) = intake.rejects
    assert (reject.reason, reject.where) == ("not_json", "reports.jsonl:2")


def test_a_last_line_without_a_line_break_counts_in_a_file_that_is_read_once(path, read, intake, line, append):
    path.write_text(line("a") + line("b").strip())
    read()
    assert intake.ids == ["a", "b"]
    append(path, "\n" + line("c"))
    read()
    assert set(intake.ids) == {"a", "b", "c"} and not intake.rejects


def test_a_half_written_line_is_waited_for(path, follow, intake, line, append):
    path.write_text(line("a") + line("b")[:20])
    follow(lambda: append(path, line("b")[20:60]), lambda: append(path, line("b")[60:]))
    assert intake.ids == ["a", "b"] and not intake.rejects


def test_a_followed_file_may_come_later(path, follow, intake, line):
    follow(lambda: None, lambda: path.write_text(line("a")))
    assert intake.ids == ["a"]
    assert "cannot be read" in intake.troubles[0] and intake.troubles[-1] == ""


def test_a_missing_file_that_is_to_be_read_once_is_an_error(read):
    with pytest.raises(FeedError, match="Check the path"):
        read()


def test_a_folder_is_no_file(path, follow):
    path.mkdir()
    with pytest.raises(FeedError, match="not a regular file"):
        follow()


def test_rotation_by_rename_loses_nothing_and_waits_for_the_writer(path, follow, intake, line, append):
    old = path.with_name("reports.jsonl.1")
    path.write_text(line("a"))
    follow(
        lambda: path.rename(old),
        lambda: append(old, line("b")),  # the writer still holds the old file
        lambda: path.touch(),
        lambda: append(old, line("c")),
        lambda: (append(old, line("d").strip()), append(path, line("e"))),
        lambda: append(path, line("f")),
    )
    assert intake.ids == ["a", "b", "c", "d", "e", "f"] and not intake.rejects


def test_rotation_by_copy_and_truncate_loses_nothing_that_is_in_the_copy(path, follow, intake, line, append):
    def rotate():
        append(path, line("b") + line("c")[:30])
        shutil.copy(path, path.with_name("reports.jsonl.1"))
        path.write_text(line("d"))

    path.write_text(line("a"))
    follow(rotate, lambda: append(path, line("e")))
    assert intake.ids == ["a", "b", "d", "e"]
    assert [reject.where for reject in intake.rejects] == ["reports.jsonl.1:3"]


def test_a_file_truncated_and_grown_past_its_old_length_is_read_from_the_start(path, follow, intake, line):
    path.write_text(line("a"))
    follow(lambda: path.write_text(line("long-one") + line("c")))
    assert intake.ids == ["a", "long-one", "c"]


def test_a_file_rotated_while_the_feed_was_down_is_read_to_its_end_first(path, read, intake, line, append):
    path.write_text(line("a"))
    read()
    append(path, line("b"))
    path.rename(path.with_name("reports.jsonl.2"))
    path.with_name("reports.jsonl.1").write_text(line("c"))
    path.write_text(line("d"))
    read()
    assert intake.ids == ["a", "b", "c", "d"]
    append(path, line("e"))
    read()
    assert intake.ids == ["a", "b", "c", "d", "e"]


def test_another_file_under_the_same_name_is_read_from_its_start(path, read, intake, line):
    path.write_text(line("a"))
    read()
    path.write_text(line("other-1") + line("other-2"))
    read()
    assert intake.ids == ["a", "other-1", "other-2"]


def test_a_restart_in_the_middle_goes_on_behind_the_last_frame(path, intake, line):
    path.write_text("".join(line(f"r{n}") for n in range(450)))
    stop = threading.Event()
    intake.on_put = stop.set
    FileFeed(path, name="f").run(intake, stop)
    first = len(intake.ids)
    assert 0 < first <= 450
    intake.on_put = lambda: None
    FileFeed(path, name="f").run(intake, threading.Event())
    assert list(dict.fromkeys(intake.ids)) == [f"r{n}" for n in range(450)]


def test_a_fifty_megabyte_line_is_one_reject_and_the_next_line_counts(path, read, intake, line):
    with path.open("wb") as file:
        file.write(line("a").encode())
        for _ in range(50):
            file.write(b"9" * 1_000_000)
        file.write(b"\n" + line("b").encode())
    read()
    assert intake.ids == ["a", "b"]
    (reject,) = intake.rejects
    assert (reject.reason, reject.where, len(reject.sample)) == ("too_long", "reports.jsonl:2", 200)


def test_a_utf_16_file_is_refused_line_by_line(path, read, intake, line):
    path.write_bytes((line("a") + line("b")).encode("utf-16"))
    read()
    assert not intake.reports and {reject.reason for reject in intake.rejects} == {"not_utf8"}


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(path, read, intake, line):
    path.write_bytes(b"\xef\xbb\xbf" + (line("a") + line("b")).replace("\n", "\r\n").encode())
    read()
    assert intake.ids == ["a", "b"]


CSV = "id,kind,precinct,at,count,source,void\n"
ROW = "{},checkins,0412,2025-06-24T09:15:00-04:00,{},web form,\n"


def test_csv_rows_are_reports_and_the_header_survives_a_restart(path, read, intake, append):
    path.write_text("\ufeff" + CSV + ROW.format("a", 5) + ROW.format("b", '"6"'))
    read(csv=True)
    append(path, ROW.format("c", "7.0"))
    read(csv=True)
    assert [(report.id, report.count) for report in intake.reports] == [("a", 5), ("b", 6), ("c", 7)]


def test_a_bad_csv_row_does_not_swallow_the_next(path, read, intake):
    path.write_text(CSV + ROW.format("a", 5) + '"open\n' + "x,y\n" + ROW.format("b", -3) + ROW.format("c", 7))
    read(csv=True)
    assert intake.ids == ["a", "c"]
    assert [(reject.reason, reject.where) for reject in intake.rejects] == [
        ("bad_csv", "reports.jsonl:3"), ("bad_csv", "reports.jsonl:4"), ("bad_count", "reports.jsonl:5"),
    ]  # fmt: skip


def test_a_csv_file_without_a_header_says_so(path, read, intake):
    path.write_text(ROW.format("a", 5) + ROW.format("b", 6))
    read(csv=True)
    assert [reject.reason for reject in intake.rejects] == ["bad_header", "missing_field"]


def test_each_rotated_csv_file_has_a_header_of_its_own(path, follow, intake):
    def rotate():
        path.rename(path.with_name("reports.jsonl.1"))
        path.write_text("kind,id,count,precinct,at,source\ncheckins,b,6,0412,2025-06-24T09:15:00-04:00,s\n")

    path.write_text(CSV + ROW.format("a", 5))
    follow(rotate, csv=True)
    assert intake.ids == ["a", "b"]


def test_raw_input_is_kept_and_can_be_read_again(path, read, intake, tmp_path):
    path.write_text(CSV + ROW.format("a", 5) + "x,y\n")
    read(csv=True, raw_dir=tmp_path / "raw")
    (kept,) = (tmp_path / "raw").iterdir()
    assert kept.read_text() == path.read_text()


def test_the_servers_clock_wins_in_a_followed_file_and_the_report_in_a_recorded_one(path, intake, line):
    path.write_text(line("a", received="2025-06-24T09:20:00-04:00"))
    for follow in (0, 1):
        stop = threading.Event()
        intake.on_put = stop.set
        open_feed(f"file://{path}?follow={follow}&name=f{follow}", {}).run(intake, stop)
    recorded, live = intake.reports
    assert recorded.received.isoformat() == "2025-06-24T13:20:00+00:00"
    assert live.received == intake.now()
