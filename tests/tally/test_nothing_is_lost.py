"""Faults with the real server: a killed tally and a killed store lose nothing that was acknowledged."""

import os
import signal
import threading

import pytest

from bench.running import until
from warroom.domain.reports import Checkins
from warroom.store import keys
from warroom.store.client import connect
from warroom.store.day import put_day
from warroom.store.intake import RedisIntake
from warroom.store.server import EmbeddedServer
from warroom.store.state import StateReader
from warroom.tally import worker
from warroom.tally.worker import CLAIM_AFTER_MS, TallyWorker


@pytest.fixture
def reports(at):
    return [
        Checkins(id=f"r{n}", source="test", at=at(10 + n), received=at(11 + n), precinct=f"P{n % 4}", count=n)
        for n in range(80)
    ]


def send(intake, reports, size=10):
    for start in range(0, len(reports), size):
        intake.put_frame("test", reports[start : start + size], position=str(start + size))


def drain(worker):
    while worker.step():
        pass


def test_frames_of_a_killed_tally_are_taken_over(loaded, reports):
    send(RedisIntake(loaded), reports)
    loaded.xgroup_create(keys.Shard(0).intake, keys.TALLY_GROUP, id="0")
    loaded.xreadgroup(keys.TALLY_GROUP, "dead", {keys.Shard(0).intake: ">"}, count=5)  # read, never applied
    survivor = TallyWorker(loaded, 0, "survivor")
    drain(survivor)
    assert StateReader(loaded).totals().received == 30
    assert survivor.claim_abandoned(idle_ms=0) == 5
    after = StateReader(loaded).totals()
    assert after.accepted + after.suspect == len(reports)
    assert loaded.xpending(keys.Shard(0).intake, keys.TALLY_GROUP)["pending"] == 0
    assert after.received == len(reports)


class Busy(TallyWorker):
    """A worker that never waits: something arrives before each of its reads, four of which take a second."""

    def __init__(self, client, arrive, reads):
        self.reads, self._arrive, self._last, self._stop = 0, arrive, reads, threading.Event()
        super().__init__(client, 0, "survivor", lambda: self.reads / 4)

    def step(self, block_ms=None):
        self._arrive(self.reads)
        self.reads += 1
        if self.reads == self._last:
            self._stop.set()
        applied = super().step(block_ms)
        assert applied
        return applied

    def go(self):
        self.run(self._stop)


def test_a_dead_workers_frames_are_taken_over_while_reports_keep_coming(loaded, reports):
    intake, stream = RedisIntake(loaded), keys.Shard(0).intake

    def arrive(read):
        send(intake, reports[read : read + 1])
        if read == 2:  # another worker reads this frame and dies; five seconds pass
            [[_, [(entry, _)]]] = loaded.xreadgroup(keys.TALLY_GROUP, "dead", {stream: ">"}, count=1)
            loaded.xclaim(stream, keys.TALLY_GROUP, "dead", 0, [entry], idle=CLAIM_AFTER_MS, justid=True)
            send(intake, reports[:1])

    Busy(loaded, arrive, 6).go()
    assert loaded.xpending(stream, keys.TALLY_GROUP)["pending"] == 0
    assert StateReader(loaded).totals().received == 7


def test_the_intake_is_trimmed_while_reports_keep_coming_and_never_of_what_is_not_applied(loaded, reports, monkeypatch):
    monkeypatch.setattr(worker, "KEEP_FRAMES", 20)
    intake, stream = RedisIntake(loaded), keys.Shard(0).intake
    loaded.config_set("stream-node-max-entries", 10)  # whole nodes are dropped, or none
    try:
        send(intake, reports, size=1)
        loaded.xgroup_create(stream, keys.TALLY_GROUP, id="0")
        loaded.xreadgroup(keys.TALLY_GROUP, "dead", {stream: ">"}, count=15)
        busy = Busy(loaded, lambda _: send(intake, reports[:5], size=1), 8)
        busy.go()
        assert loaded.xlen(stream) == 80 + 8 * 5  # the dead worker holds the oldest
        assert busy.claim_abandoned(idle_ms=0) == 15
        Busy(loaded, lambda _: send(intake, reports[:5], size=1), 8).go()
        assert 20 <= loaded.xlen(stream) < 60
    finally:
        loaded.config_set("stream-node-max-entries", 100)
    assert StateReader(loaded).totals().received == 80 + 8 * 5 + 8 * 5


def test_a_killed_store_comes_back_with_everything_it_acknowledged(tmp_path, small_day, reports):
    server = EmbeddedServer(tmp_path / "store")
    server.ensure()
    try:
        client = connect(server.url)
        put_day(client, small_day)
        intake, worker = RedisIntake(client), TallyWorker(client, 0, "w")
        send(intake, reports[:40])
        worker.step()
        send(intake, reports[40:])
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        server._process.wait()
        assert server.ensure()
        drain(worker)  # the same connection object finds the server again
        assert intake.position("test") == "40"
        totals = StateReader(client).totals()
        assert totals.accepted + totals.suspect == len(reports)
        assert totals.received == len(reports)
    finally:
        server.stop()


def test_a_store_cut_off_in_mid_write_still_starts(tmp_path, small_day, reports):
    server = EmbeddedServer(tmp_path / "store")
    server.ensure()
    client = connect(server.url)
    put_day(client, small_day)
    send(RedisIntake(client), reports)
    server.stop()
    [log] = sorted((tmp_path / "store" / "appendonlydir").glob("*.incr.aof"))
    with log.open("r+b") as half:
        half.truncate(log.stat().st_size - 7)  # the disk filled, or the power went, inside the last write
    try:
        server.ensure()
        assert client.xlen(keys.Shard(0).intake) >= 7
    finally:
        server.stop()


def test_a_store_that_was_emptied_and_loaded_again_is_tallied_again(loaded, small_day, reports):
    stop = threading.Event()
    tally = threading.Thread(target=TallyWorker(loaded, 0, "w").run, args=(stop,))
    tally.start()
    try:
        for _ in range(2):
            send(RedisIntake(loaded), reports)
            until("the tally", lambda: StateReader(loaded).totals().received == len(reports))
            loaded.flushdb()
            put_day(loaded, small_day)
    finally:
        stop.set()
        tally.join()


def test_a_store_without_memory_is_said_to_refuse_and_all_counts_when_it_has_some(loaded, reports, caplog):
    send(RedisIntake(loaded), reports)
    stop = threading.Event()
    tally = threading.Thread(target=TallyWorker(loaded, 0, "w").run, args=(stop,))
    loaded.config_set("maxmemory", 1)
    try:
        tally.start()
        until("the refusal", lambda: "the store refuses" in caplog.text)
        loaded.config_set("maxmemory", 0)
        until("the tally", lambda: StateReader(loaded).totals().received == len(reports))
    finally:
        loaded.config_set("maxmemory", 0)
        stop.set()
        tally.join()
