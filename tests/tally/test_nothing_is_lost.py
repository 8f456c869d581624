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
from warroom.tally.worker import TallyWorker


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
