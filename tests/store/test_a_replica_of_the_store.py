"""A replica of the store, both real servers: what is acknowledged is there too, and one that is gone is said."""

import os
import signal

import pytest

from bench.running import until
from warroom.domain.reports import Checkins
from warroom.store import keys, replicas
from warroom.store.client import connect
from warroom.store.day import put_day
from warroom.store.intake import RedisIntake
from warroom.store.replicas import NotReplicatedError, following
from warroom.store.server import EmbeddedServer

STREAM = keys.Shard(0).intake


@pytest.fixture
def pair(tmp_path, small_day):
    """A store with the small day in it, and a replica that follows: (store, its client, replica, its client)."""
    store, replica = EmbeddedServer(tmp_path / "store"), EmbeddedServer(tmp_path / "replica")
    try:
        store.ensure()
        replica.ensure()
        client, copy = connect(store.url), connect(replica.url)
        put_day(client, small_day)
        client.config_set("repl-diskless-sync-delay", 0)
        where = client.connection_pool.connection_kwargs
        copy.config_set("masterauth", where["password"])
        copy.replicaof(where["host"], where["port"])
        until("the replica", lambda: following(client.info("replication")))
        yield store, client, replica, copy
    finally:
        if replica.pid:
            os.kill(replica.pid, signal.SIGCONT)
        replica.stop()
        store.stop()


@pytest.fixture
def put(at):
    def do(intake, n):
        report = Checkins(id=f"r{n}", source="test", at=at(10), received=at(11), precinct="P1", count=n)
        intake.put_frame("test", [report], position=str(n))

    return do


@pytest.fixture
def patience_ms(monkeypatch):
    """How long a replica is waited for: here as long as a busy machine needs, and where none can answer, briefly."""

    def do(limit_ms):
        monkeypatch.setattr(replicas, "WAIT_MS", limit_ms)

    do(10_000)
    return do


def test_what_is_acknowledged_outlives_the_store(pair, put, patience_ms):
    store, client, _, copy = pair
    intake = RedisIntake(client)
    for n in range(30):
        put(intake, n)
    os.kill(store.pid, signal.SIGKILL)
    copy.replicaof("NO", "ONE")
    assert copy.xlen(STREAM) == 30
    assert RedisIntake(copy).position("test") == "29"


def test_what_a_stopped_replica_does_not_acknowledge_is_not_taken_and_one_that_is_gone_is_not_waited_for(
    pair, put, patience_ms
):
    _, client, replica, copy = pair
    intake = RedisIntake(client, lambda: 0.0)  # looks again for nothing but a refusal
    put(intake, 1)
    os.kill(replica.pid, signal.SIGSTOP)
    patience_ms(200)
    with pytest.raises(NotReplicatedError, match="no replica of the store has it"):
        put(intake, 2)
    os.kill(replica.pid, signal.SIGCONT)
    until("it to follow again", lambda: following(client.info("replication")))
    patience_ms(10_000)
    put(intake, 2)
    assert copy.xlen(STREAM) == 3  # the second twice: once counts
    os.kill(replica.pid, signal.SIGKILL)
    patience_ms(200)
    with pytest.raises(NotReplicatedError):
        put(intake, 3)
    until("its end to be noticed", lambda: not following(client.info("replication")))
    put(intake, 3)


def test_without_a_replica_it_costs_one_look_now_and_then(loaded, put):
    clock = [0.0]
    intake = RedisIntake(loaded, lambda: clock[0])
    loaded.config_resetstat()
    for n in range(20):
        put(intake, n)
    stats = loaded.info("commandstats")
    assert stats["cmdstat_info"]["calls"] == 1 and "cmdstat_wait" not in stats


def test_a_replica_that_fell_silent_or_is_not_there_yet_does_not_follow():
    told = {"state": "online", "lag": 5}
    info = {"slave0": told, "slave1": told | {"lag": 6}, "slave2": told | {"state": "wait_bgsave"}}
    assert following({"connected_slaves": 3, **info}) == [told]
    assert following({"connected_slaves": 0}) == []
