"""What breaks between a sender and the store, with the real parts: real gunicorn, real store, real disk."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from http.client import HTTPException

import pytest
from cutting_proxy import bad_line
from doors_served import answers, counting, known, new_key, report, socket_to, start, tallied

from bench.running import until
from warroom.store import keys
from warroom.store.client import connect
from warroom.store.day import DayClock, put_day
from warroom.store.feeds import FeedStore
from warroom.store.server import EmbeddedServer


def persist(served, batch, token, port=None, limit_s=120.0):
    """Send until it is accepted, as a good sender does; the number of tries."""
    deadline, tries = time.monotonic() + limit_s, 0
    while time.monotonic() < deadline:
        tries += 1
        try:
            answer = served.post(batch, token, port, timeout_s=30)
        except (OSError, HTTPException, ValueError):  # half an answer is none
            continue
        if answer.status == 200:
            return tries
        assert answer.status == 503, answer
        time.sleep(0.05)
    raise AssertionError("never accepted")


def test_a_line_that_breaks_in_mid_post_loses_and_doubles_nothing(served, live, token, at):
    batches = [counting(at(1), 200)[n : n + 5] for n in range(0, 200, 5)]
    rng = random.Random(5)
    cuts = [("up", rng.randrange(1, 900)) if n % 2 else ("down", rng.randrange(1, 200)) for n in range(60)]
    with bad_line(served.port, cuts) as line:
        tries = [persist(served, batch, token, line.port) for batch in batches]
        assert line.dropped >= 50
    state = tallied(live)
    totals = state.totals()
    assert (totals.accepted, totals.suspect, totals.rejected) == (200, 0, 0)
    assert sum(tries) > len(batches)
    assert totals.repeated > 0  # some answers were lost after the reports were in


@pytest.fixture(scope="module")
def own_store(tmp_path_factory):
    """A store that these tests may kill."""
    embedded = EmbeddedServer(tmp_path_factory.mktemp("own"))
    embedded.ensure()
    yield embedded
    embedded.stop()


@pytest.fixture(scope="module")
def own_served(own_store):
    running = start(own_store.url)
    yield running
    running.stop()


@pytest.fixture
def own(own_store, small_day, at):
    """A client of that store, an hour after the polls opened."""
    own_store.ensure()
    client = connect(own_store.url)
    client.flushdb()
    put_day(client, small_day)
    DayClock(client).set(at(60), 1)
    return client


def test_a_store_killed_during_posts_keeps_every_report_it_acknowledged(own_served, own_store, own, at):
    client, served = own, own_served
    token = known(served, new_key(client))
    reports, kept, refused, stop = counting(at(1), 2_000), [], [], threading.Event()

    def send(share):
        for one in share:
            while not stop.is_set():
                answer = served.post(one, token)
                if answer.status == 200:
                    kept.append(one["id"])
                    break
                refused.append((answer.status, answer.headers.get("Retry-After"), answer.body["detail"]))

    senders = [threading.Thread(target=send, args=(reports[n::4],)) for n in range(4)]
    for sender in senders:
        sender.start()
    for kill in (1, 2):
        until("reports", lambda kill=kill: len(kept) >= 50 * kill)
        os.kill(own_store.pid, signal.SIGKILL)
        own_store._process.wait()
        if kill == 2:
            until("a refusal", lambda: refused)
        own_store.ensure()
    until("more", lambda: len(kept) >= 200)
    stop.set()
    for sender in senders:
        sender.join()
    tallied(client)
    inside = {key.decode().partition("\x1f")[2] for key in client.hkeys(keys.Shard(0).seen)}
    assert set(kept) <= inside  # lost: 0
    assert {status for status, _, _ in refused} == {503}
    assert all(int(wait_s) > 0 and "send it again" in words for _, wait_s, words in refused)


def test_while_the_store_is_away_messages_of_a_socket_stay_the_senders(own_served, own_store, own, at):
    token = known(own_served, new_key(own))
    with socket_to(own_served, token) as socket:
        socket.recv(timeout=60)
        socket.send(json.dumps(report("a", at(30))))
        assert answers(socket, 1)[0]["status"] == "accepted"
        os.kill(own_store.pid, signal.SIGKILL)
        own_store._process.wait()
        socket.send(json.dumps(report("b", at(31), 21)))
        [held] = answers(socket, 1)
        assert (held["n"], held["status"]) == (2, "again")
        assert held["retry_after_s"] > 0
        own_store.ensure()
        socket.send(json.dumps(report("b", at(31), 21)))
        [taken] = answers(socket, 1)
        assert (taken["n"], taken["id"], taken["status"]) == (3, "b", "accepted")
    assert tallied(own).totals().accepted == 2


def test_a_clock_an_hour_ahead_is_kept_marked_and_named(served, live, token, at):
    sent = [report(f"fast{n}", at(60 + 64 + n), 30 + n) for n in range(3)] + [report("true", at(59), 25)]
    answer = served.post(sent, token)
    assert (answer.status, answer.body["accepted"]) == (200, 4)
    state = tallied(live)
    totals = state.totals()
    assert (totals.accepted, totals.suspect, totals.received) == (1, 3, 4)
    assert state.unit_states(["p:P1"])["p:P1"].count == 25
    note = FeedStore(live).troubles()["http:vendor"]
    assert note.startswith("note: the clock of vendor is 6") and note.endswith("held as suspect")


def test_a_clock_an_hour_behind_is_kept_and_named(served, live, at):
    clock, token = DayClock(live), known(served, new_key(live, "slow"))
    clock.set(at(240), 600)  # ten minutes a second
    sent = []

    def named():
        seen_at = clock.now() - timedelta(minutes=60)
        one = report(f"slow{len(sent)}", seen_at, 40, precinct=f"P{len(sent) % 4}", source="slow")
        sent.append(served.post(one, token).status)
        note = FeedStore(live).troubles().get("http:slow", "")
        return note.startswith("note: reports of slow come 6") and note.endswith("its clock is slow")

    until("the note", named)
    assert set(sent) == {200}
    assert tallied(live).totals().received == len(sent)


def test_a_flooding_source_does_not_keep_another_one_out(served, live, at):
    flood, calm = (known(served, new_key(live, who, per_minute=2_000)) for who in ("flood", "calm"))
    stop, told = threading.Event(), []

    def pour():
        n = 0
        while not stop.is_set():
            n += 1
            batch = [report(f"{threading.get_ident()}-{n}-{i}", at(30), 10, source="flood") for i in range(200)]
            answer = served.post(batch, flood)
            told.append((answer.status, answer.headers.get("Retry-After")))

    pouring = [threading.Thread(target=pour) for _ in range(3)]
    for thread in pouring:
        thread.start()
    until("the flood is told", lambda: any(status == 429 for status, _ in told))
    answers = [served.post(report(f"c{n}", at(30 + n / 10), n, source="calm"), calm).status for n in range(30)]
    stop.set()
    for thread in pouring:
        thread.join()
    assert answers == [200] * 30
    assert {status for status, _ in told} == {200, 429}
    assert all(int(wait_s) > 0 for status, wait_s in told if status == 429)
    by_feed = tallied(live).received_by_feed()
    assert by_feed["http:calm"] == 30
    assert by_feed["http:flood"] == 200 * sum(status == 200 for status, _ in told) <= 4_000


LIMITED = (
    sys.executable, "-c",
    "import os,resource,sys;"
    "resource.setrlimit(resource.RLIMIT_FSIZE,(4096,resource.RLIM_INFINITY));os.execv(sys.argv[1],sys.argv[1:])",
)  # fmt: skip


def test_a_full_disk_under_the_raw_log_takes_nothing_says_so_and_goes_on(serve, server, live, at, tmp_path):
    token = new_key(live)
    served = serve(server.url, raw=tmp_path / "raw", wrap=LIMITED)  # no file of it can exceed 4 KiB
    statuses, batches = [], [counting(at(1), 100)[n : n + 5] for n in range(0, 100, 5)]
    for batch in batches:
        statuses.append(served.post(batch, token))
    assert {answer.status for answer in statuses} == {200, 503}
    full = statuses[-1]
    assert "free some disk space" in full.body["detail"] and int(full.headers["Retry-After"]) > 0
    assert FeedStore(live).troubles()["http:vendor"].startswith("raw input cannot be kept")
    for pid in [served.process.pid, *_children(served.process.pid)]:  # somebody makes room
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    for batch in batches:
        assert served.post(batch, token).status == 200
    assert tallied(live).totals().accepted == 100
    assert FeedStore(live).troubles()["http:vendor"] == ""
    lines = b"".join(path.read_bytes() for path in sorted((tmp_path / "raw").glob("*.raw"))).splitlines()
    assert all(line.startswith(b"{") and line.endswith(b"}") for line in lines)  # no half line stays
    assert len(lines) == 100 + 5 * sum(answer.status == 200 for answer in statuses)


@pytest.fixture
def tiny_disk(tmp_path):
    """A real disk of 8 MB."""
    mount = shutil.which("mount")
    folder = tmp_path / "disk"
    folder.mkdir()
    if mount is None or subprocess.run([mount, "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder]).returncode != 0:
        pytest.skip("needs to mount a small disk (Linux, root)")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_under_the_store_takes_nothing_more_and_loses_nothing(serve, tiny_disk, small_day, at):
    store = EmbeddedServer(tiny_disk / "store")
    store.ensure()
    try:
        client = connect(store.url)
        put_day(client, small_day)
        DayClock(client).set(at(60), 1)
        token, served = new_key(client, per_minute=1_000_000), serve(store.url)
        filler = tiny_disk / "filler"
        left = shutil.disk_usage(tiny_disk).free
        filler.write_bytes(b"x" * (left - 300_000))  # something else fills the disk
        kept, refusal, batches = [], None, [counting(at(1), 20_000)[n : n + 500] for n in range(0, 20_000, 500)]
        for batch in batches:
            answer = served.post(batch, token)
            if answer.status != 200:
                refusal = answer
                break
            kept += [one["id"] for one in batch]
        assert refusal is not None and kept
        assert refusal.status == 503 and "send it again" in refusal.body["detail"]
        until("its end", lambda: store.pid is None)  # rather than acknowledge what it cannot write down
        filler.unlink()
        store.ensure()  # as the supervisor does
        persist(served, batches[len(kept) // 500], token)
        tallied(client)
        inside = {key.decode().partition("\x1f")[2] for key in client.hkeys(keys.Shard(0).seen)}
        assert set(kept) <= inside  # lost: 0
    finally:
        store.stop()


def _children(pid):
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True)
    return [int(child) for child in found.stdout.split()]
