"""The Kafka feed on a real broker: everything that was sent is in the store, once, whatever breaks."""

import json
import os
import signal
import threading
from collections import Counter
from contextlib import closing

import msgspec
import pytest
from kafka import KafkaAdminClient, KafkaConsumer
from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from bench.broker import PASSWORD, USER, GivenBroker
from bench.running import until
from feeds._again import copies_of, read_again
from feeds._url import FeedURLError
from feeds.registry import open_feed
from warroom.store import intake, keys
from warroom.store.day import put_day
from warroom.store.intake import RedisIntake
from warroom.store.rejects import RejectList
from warroom.store.state import StateReader


def committed(broker, group):
    """Messages that the group has committed, over all partitions of its topic."""
    with_group = KafkaConsumer(bootstrap_servers=broker.bootstrap, group_id=group, enable_auto_commit=False)
    found = [with_group.committed(TopicPartition(group, number)) or 0 for number in range(4)]
    with_group.close()
    return sum(found)


def settled(admin, group, members):
    """Whether the group has so many members, and each its partitions."""
    try:
        [found] = admin.describe_groups([group]).values()
    except KafkaError:  # a new broker has none yet who would know
        return False
    return found["group_state"] == "Stable" and len(found["members"]) == members


def places(room, url):
    return RedisIntake(room.client).places(open_feed(url).name)


def ends(broker, topic):
    with closing(KafkaConsumer(bootstrap_servers=broker.bootstrap)) as reader:
        found = reader.end_offsets([TopicPartition(topic, number) for number in range(4)])
    return {f"{topic}/{tp.partition}": end for tp, end in found.items() if end}


def own(broker):
    if isinstance(broker, GivenBroker):
        pytest.skip("KAFKA_BOOTSTRAP is somebody's broker: it is not killed, and has no passwords of ours")
    return broker


def test_what_is_sent_is_read_committed_and_shown(room, broker, topic, send, report, url):
    sent = send(report(n) for n in range(1000))
    assert len({future.partition for future in sent}) > 1
    by_key = Counter((future.partition, n % 4) for n, future in enumerate(sent))
    assert len(by_key) == 4  # a precinct's reports share a partition
    stop, thread = room.run(url)
    until("all reports", lambda: room.known() == 1000)
    until("a lag of 0", lambda: [lag["lag"] for lag in room.lags()] == [0])
    assert set(room.lags()[0]["detail"]) == {f"{topic}/{number}" for number in range(4)}
    stop.set()
    thread.join()
    assert committed(broker, topic) == 1000
    send(report(n) for n in range(1000, 1100))
    room.run(url)
    until("the later ones", lambda: room.known() == 1100)
    assert room.totals().repeated < 1000  # not from the beginning; a group that settles anew may bring some twice


def test_poison_is_rejected_by_place_and_stops_nothing(room, send, report, url, topic):
    bad = [b"{broken", None, b'{"a":1}', b"[1,2]", b"\xff\xfe{", b"x" * 100_000, b""]
    futures = send([report(1), *((b"P1", value) for value in bad), report(2)])
    room.run(url)
    until("both reports", lambda: room.known() == 2)
    until("the rejects", lambda: room.totals().rejected == len(bad))
    rejects = StateReader(room.client).rejects(50)
    places = {f"{topic}/{future.partition}/{future.offset}" for future in futures[1:-1]}
    assert {reject["where"] for reject in rejects} == places
    assert Counter(reject["reason"] for reject in rejects) == {
        "not_json": 2, "no_value": 1, "missing_field": 1, "not_an_object": 1, "not_utf8": 1, "too_long": 1,
    }  # fmt: skip


def test_another_shape_is_read_through_a_mapping(room, send, url, topic):
    record = {"ed": "P1", "data": {"in": "1,5"}, "t": 1750770900}
    send(json.dumps(record | {"data": {"in": count}}).encode() for count in ("57", "many"))
    mapping = {"kind": "checkins", "source": "county", "time_format": "unix",
               "fields": {"precinct": "ed", "count": "data.in", "at": "t"}}  # fmt: skip
    room.run(url, mapping=mapping)
    until("the report", lambda: room.known() == 1 and room.totals().rejected == 1)
    [reject] = StateReader(room.client).rejects(5)
    assert (reject["reason"], reject["field"]) == ("bad_count", "count") and "'data.in'" in reject["remedy"]


def test_two_members_share_the_partitions_and_their_places_and_one_takes_over_when_the_other_leaves(
    room, broker, topic, send, report, url
):
    with closing(KafkaAdminClient(bootstrap_servers=broker.bootstrap)) as admin:
        first, _ = room.run(url)
        second, second_thread = room.run(url)
        until("both at work", lambda: settled(admin, topic, 2))
        send(report(n) for n in range(400))
        until("all reports", lambda: room.known() == 400)
        until("the places of both", lambda: places(room, url) == ends(broker, topic))
        second.set()
        second_thread.join()
        send(report(n) for n in range(400, 800))
        until("the rest", lambda: room.known() == 800)
        until("all places", lambda: places(room, url) == ends(broker, topic))
        first.set()


def test_a_broker_that_is_killed_is_waited_for_and_nothing_is_lost(room, broker, send, report, url, topic):
    own(broker)
    room.run(url)
    send(report(n) for n in range(300))
    until("the first reports", lambda: room.known() == 300)
    broker.kill()
    until("the trouble on the board", lambda: any("no broker answers" in text for text in room.troubles()))
    broker.start()
    send(report(n) for n in range(300, 600))
    until("the rest", lambda: room.known() == 600)
    until("no trouble", lambda: room.troubles() == [""])


def test_a_worker_killed_between_write_and_commit_loses_nothing_and_doubles_nothing(
    room, broker, topic, send, report, url
):
    send(report(n) for n in range(3000))
    url += "&session_s=2"  # so that the broker soon notices the death
    doomed = room.process(url)
    until("some frames", lambda: room.client.xlen(keys.Shard(0).intake) >= 3)
    os.kill(doomed.pid, signal.SIGKILL)
    doomed.wait()
    assert room.client.xlen(keys.Shard(0).intake) and committed(broker, topic) <= 3000
    room.process(url)
    until("all reports", lambda: room.known() == 3000)
    assert room.totals().rejected == 0


def test_a_store_that_was_emptied_gets_everything_again(room, small_day, send, report, url):
    send(report(n) for n in range(200))
    stop, thread = room.run(url)
    until("all reports", lambda: room.known() == 200)
    stop.set()
    thread.join()
    room.client.flushdb()
    put_day(room.client, small_day)
    room.run(url)
    until("all reports again", lambda: room.known() == 200)


def test_a_precinct_that_is_added_while_it_runs_is_taken(room, larger_day, send, report, url, monkeypatch):
    monkeypatch.setattr(intake, "FOLLOW_S", 0.0)
    send([report(1), report(2, precinct="P9")])
    room.run(url)
    until("the first two", lambda: (room.known(), room.totals().rejected) == (1, 1))
    put_day(room.client, larger_day)
    send([report(3, precinct="P9")])
    until("the new precinct", lambda: room.known() == 2)


def test_a_missing_topic_is_said_and_found_when_it_is_made(room, broker):
    room.run(f"kafka://{broker.bootstrap}/later-{os.getpid()}")
    until("the trouble", lambda: any("has no topic later" in text for text in room.troubles()))


def test_a_paused_feed_keeps_its_place_in_the_group_and_goes_on(room, send, report, url):
    name = open_feed(url).name
    room.client.hset(keys.FEED_CONTROL, name, msgspec.json.encode({"by": "director", "at_ms": 0}))
    room.run(url)
    send(report(n) for n in range(10))
    until("the lag", lambda: [lag["lag"] for lag in room.lags()] == [10])
    assert room.known() == 0
    room.client.hdel(keys.FEED_CONTROL, name)
    until("all reports", lambda: room.known() == 10)


@pytest.mark.parametrize("how", ["SCRAM-SHA-256", "PLAIN", "TLS"])
def test_it_proves_who_it_is_and_checks_the_broker(room, broker, topic, send, report, monkeypatch, how):
    own(broker)
    monkeypatch.setenv("KAFKA_TEST_PASSWORD", PASSWORD)
    send([report(1)])
    if how == "TLS":
        room.run(f"kafka://127.0.0.1:{broker.tls_port}/{topic}?cafile={broker.cafile}")
    else:
        port, proof = broker.sasl_port, f"sasl={how}&username={USER}&password_env=KAFKA_TEST_PASSWORD"
        room.run(f"kafka://127.0.0.1:{port}/{topic}?{proof}")
    until("the report", lambda: room.known() == 1)


def test_rejects_are_read_again_from_the_raw_log_when_the_mapping_is_mended(room, tmp_path, send, url):
    record = json.dumps({"ed": "P1", "in": 57, "t": 1750770900}, indent=1).encode()
    send([record, record.replace(b"57", b"58") + b"\r\n"])
    mapping = {"kind": "checkins", "source": "county", "time_format": "unix",
               "fields": {"precinct": "ed", "count": "checked_in", "at": "t"}}  # fmt: skip
    options = {"raw_dir": str(tmp_path), "mapping": mapping, "name": "county"}
    intake = RedisIntake(room.client)
    open_feed(f"{url}&follow=0", options).run(intake, threading.Event())
    assert (room.known(), room.totals().rejected) == (0, 2)
    mapping["fields"]["count"] = "in"
    feed = open_feed(f"{url}&follow=0", options)
    refused = RejectList(room.client).may_be_read_again("county")
    again = read_again(feed, intake, refused, copies_of(feed, tmp_path))
    assert (len(again.accepted), again.still, again.missing) == (2, [], [])
    assert room.known() == 2


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("kafka:///reports", "names no broker; write kafka://broker:9092/topic"),
        ("kafka://broker/reports", "'broker' is no host:port"),
        ("kafka://broker:9092", "names no topic"),
        ("kafka://broker:9092/my topic", "'my topic' is no name of a topic"),
        ("kafka://me:hunter2@broker:9092/t", "secrets stand neither"),
        ("kafka://broker:9092/t?password=hunter2", "secrets stand neither"),
        ("kafka://broker:9092/t?sasl=PLAIN&username=x&password_env=Y", "PLAIN without TLS sends the password"),
        ("kafka://broker:9092/t?sasl=SCRAM-SHA-512", "needs username=NAME and password_env=VARIABLE"),
        ("kafka://broker:9092/t?sasl=SCRAM-SHA-512&username=x&password_env=NOT_SET_HERE", "NOT_SET_HERE: not set"),
        ("kafka://broker:9092/t?sasl=GSSAPI", "none of"),
        ("kafka://broker:9092/t?username=x", "without a mechanism"),
        ("kafka://broker:9092/t?cafile=/nowhere.pem", "is no file"),
        ("kafka://broker:9092/t?begin=middle", "none of earliest, latest"),
        ("kafka://broker:9092/t?mapping=/nowhere.toml", "no TOML file"),
    ],
)
def test_a_wrong_url_is_refused_with_the_right_one_and_no_secret_is_repeated(url, says):
    with pytest.raises(FeedURLError, match=says) as refused:
        open_feed(url)
    assert "hunter2" not in str(refused.value)
