"""Raw input is kept as it came, in files that only grow."""

import errno
import os

import pytest

from feeds._rawlog import RawLog


def contents(folder):
    return [path.read_bytes() for path in sorted(folder.glob("*.raw"))]


def test_lines_are_kept_unedited_and_an_idle_log_goes_on_in_its_file(tmp_path):
    log = RawLog(tmp_path, "file:/x.jsonl")
    for part in (b"one \xff", b"two"):
        log.append([part])
        log.close()
    assert contents(tmp_path) == [b"one \xff\ntwo\n"]


def test_a_full_file_is_followed_by_the_next_number(tmp_path):
    log = RawLog(tmp_path, "f", rotate_bytes=8)
    for part in (b"12345678", b"second", b"third"):
        log.append([part])
    log.close()
    RawLog(tmp_path, "f", rotate_bytes=8).append([b"fourth"])
    assert contents(tmp_path) == [b"12345678\n", b"second\nthird\n", b"fourth\n"]


def test_feeds_with_names_that_look_alike_have_files_of_their_own(tmp_path):
    RawLog(tmp_path, "file:/a/b").append([b"1"])
    RawLog(tmp_path, "file:/a_b").append([b"2"])
    assert sorted(contents(tmp_path)) == [b"1\n", b"2\n"]


def test_a_write_that_breaks_off_leaves_no_half_line_and_takes_none_of_another_process_of_the_feed(
    tmp_path, monkeypatch
):
    log, other = RawLog(tmp_path, "f"), RawLog(tmp_path, "f")
    log.append([b"whole"])
    other.append([b"theirs"])
    real_write = os.write

    def disk_fills_up(fd, block):
        if len(block) > 3:
            return real_write(fd, bytes(block[:3]))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", disk_fills_up)
    with pytest.raises(OSError, match="No space"):
        log.append([b"123"])
    monkeypatch.undo()
    log.append([b"after"])
    log.close()
    assert contents(tmp_path) == [b"whole\nafter\n", b"theirs\n"]


def test_the_disk_is_asked_at_most_once_a_second_and_when_idle(tmp_path, monkeypatch):
    clock, synced = [0.0], []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(clock[0]))
    log = RawLog(tmp_path, "f", now_s=lambda: clock[0])
    for second in (0.0, 0.5, 1.0, 1.2):
        clock[0] = second
        log.append([b"x"])
    for second in (1.5, 2.0, 3.0):
        clock[0] = second
        log.sync()
    assert synced == [1.0, 2.0]
