"""The audit log: written in one order, and no change to it goes unseen."""

import json
import os
import re
import subprocess
import sys
import threading

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warroom.access.audit import Event, Line, chained, faults
from warroom.access.audit_log import AuditLog
from warroom.store import keys
from warroom.store.client import connect


def written(log, count, **more):
    return [
        log.write(Event(action="decide: acknowledge", object=f"alert {n}", account="ana", **more)) for n in range(count)
    ]


def chain(count):
    lines, prev = [], ""
    for n in range(1, count + 1):
        line = chained(Event(action="decide", object=f"alert {n}"), n, 1_000 + n, prev)
        prev = line.hash
        lines.append(line.text())
    return lines, (count, prev)


def test_an_untouched_log_is_whole():
    lines, head = chain(40)
    assert faults(lines, head) == []
    assert faults([], (0, "")) == []


@given(st.integers(0, 39), st.sampled_from(["object", "account", "action", "reason", "at_ms", "outcome", "said", "n"]))
@settings(max_examples=60, deadline=None)
def test_a_changed_line_is_found(place, field):
    lines, head = chain(40)
    told = json.loads(lines[place])
    told[field] = told[field] + 1 if isinstance(told[field], int) else "somebody else"
    lines[place] = json.dumps(told).encode()
    assert any(f"line {place + 1} " in fault and "changed" in fault for fault in faults(lines, head))


@given(st.integers(0, 39))
def test_a_changed_line_with_a_new_hash_is_found(place):
    lines, head = chain(40)
    line = msgspec.json.decode(lines[place], type=Line)
    lines[place] = msgspec.structs.replace(line, account="somebody else").sealed().text()
    assert faults(lines, head) != []


@given(st.integers(0, 39))
def test_a_removed_line_is_found_and_named(place):
    lines, head = chain(40)
    del lines[place]
    found = " ".join(faults(lines, head))
    assert f"entry {place + 1}" in found


@given(st.integers(0, 38), st.integers(1, 39))
def test_a_moved_line_is_found(place, by):
    lines, head = chain(40)
    line = lines.pop(place)
    to = (place + by) % 40
    lines.insert(to, line)
    found = faults(lines, head)
    assert found == [] if to == place else any("moved" in fault for fault in found)


def test_a_doubled_line_a_foreign_line_and_a_torn_line_are_found():
    lines, head = chain(9)
    assert "entry 4: stands more than once" in faults([*lines[:4], lines[3], *lines[4:]], head)
    assert faults([*lines, b"hello"], head) == ["line 10: not a line of an audit log"]
    assert faults([*lines[:-1], lines[-1][:50]], head)[0] == "line 9: not a line of an audit log"


def test_lines_cut_off_the_end_are_found_by_what_is_anchored_elsewhere():
    lines, head = chain(9)
    assert faults(lines[:6]) == []  # nothing in the lines themselves tells
    assert "entry 9 is missing" in faults(lines[:6], head)[0]


def test_a_log_that_was_written_anew_is_found_by_its_anchor():
    _, head = chain(9)
    others, prev = [], ""
    for n in range(1, 10):
        line = chained(Event(action="nothing"), n, 5, prev)
        prev = line.hash
        others.append(line.text())
    assert faults(others) == []
    assert faults(others, head) == ["entry 9: not the one that was anchored; the log was written anew"]


def test_no_telephone_number_and_no_line_break_gets_into_a_line():
    line = chained(Event(action="a", reason="call 215-555-0199\nnow", said="+12155550199"), 1, 1, "")
    assert b"0199" not in line.text()
    assert line.text().count(b"\n") == 0
    assert "call" in line.reason


def test_a_bulk_decision_names_all_its_alerts():
    ids = " ".join(f"low_turnout:{n:05d}:1750766400000" for n in range(200))
    assert chained(Event(action="decide", object=ids), 1, 1, "").object == ids


def test_store_and_file_hold_the_same_lines(store, tmp_path):
    log = AuditLog(store, tmp_path / "a" / "audit.jsonl")
    written(log, 12)
    file = (tmp_path / "a" / "audit.jsonl").read_bytes().splitlines()
    assert file == list(log.lines())
    assert faults(file, log.head()) == []
    assert [line.n for line in log.newest()] == list(range(12, 0, -1))


def test_many_writers_make_one_chain_in_one_order(server, store, tmp_path):
    def work():
        written(AuditLog(connect(server.url), tmp_path / "audit.jsonl"), 15)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log = AuditLog(store)
    lines = list(log.lines())
    assert len(lines) == 90
    assert faults(lines, log.head()) == []
    assert (tmp_path / "audit.jsonl").read_bytes().splitlines() == lines


def test_a_file_that_lagged_catches_up(store, tmp_path):
    path = tmp_path / "audit.jsonl"
    written(AuditLog(store), 5)  # a process without the file, or with a full disk
    log = AuditLog(store, path)
    written(log, 1)
    assert path.read_bytes().splitlines() == list(log.lines())
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])  # died in the middle of a line
    written(log, 1)
    assert path.read_bytes().splitlines() == list(log.lines())


def test_a_file_of_another_chain_is_kept_aside(store, tmp_path):
    path = tmp_path / "audit.jsonl"
    written(AuditLog(store, path), 4)
    before = path.read_bytes()
    store.flushdb()
    log = AuditLog(store, path)
    written(log, 2)
    assert path.read_bytes().splitlines() == list(log.lines())
    [aside] = tmp_path.glob("audit-until-4-*.jsonl")
    assert aside.read_bytes() == before


def test_only_its_owner_reads_the_file(store, tmp_path):
    written(AuditLog(store, tmp_path / "audit.jsonl"), 1)
    assert (tmp_path / "audit.jsonl").stat().st_mode & 0o077 == 0


def test_the_head_is_said_aloud_once_an_hour(store, caplog):
    log = AuditLog(store)
    hour_ms = 3_600_000
    for at_ms in (hour_ms, hour_ms + 5, 2 * hour_ms - 1, 2 * hour_ms):
        log.write(Event(action="decide"), at_ms)
    said = [re.search(r"audit anchor (\d+):", r.getMessage()) for r in caplog.records]
    assert [found[1] for found in said if found] == ["1", "4"]


def test_nobody_trims_the_stream(store):
    log = AuditLog(store)
    written(log, 2_100)
    assert store.xlen(keys.AUDIT) == 2_100
    assert len(list(log.lines())) == len(list(log.newest())) == 2_100


@pytest.mark.parametrize("spoil", ["change", "remove", "move", "cut"])
def test_the_command_finds_what_was_done_to_the_file(server, store, tmp_path, spoil):
    path = tmp_path / "audit.jsonl"
    written(AuditLog(store, path), 8)
    lines = path.read_bytes().splitlines(keepends=True)
    spoiled = {
        "change": [lines[0].replace(b"alert 0", b"alert 7"), *lines[1:]],
        "remove": [*lines[:3], *lines[4:]],
        "move": [*lines[:3], lines[4], lines[3], *lines[5:]],
        "cut": lines[:-2],
    }[spoil]

    def verify():
        command = [sys.executable, "-m", "warroom", "audit", "verify", str(path), "--json"]
        env = {**os.environ, "REDIS_URL": server.url}
        return subprocess.run(command, capture_output=True, text=True, env=env, timeout=200)

    if spoil == "change":
        whole = verify()
        assert whole.returncode == 0
        assert json.loads(whole.stdout)["lines"] == 8
    path.write_bytes(b"".join(spoiled))
    found = verify()
    assert found.returncode == 1
    assert json.loads(found.stdout)["faults"]
