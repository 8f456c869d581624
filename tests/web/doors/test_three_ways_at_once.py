"""A day's reports sent three times, shuffled, through Kafka, HTTP and a file at once: the state is one ordered pass."""

import json
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from zlib import crc32

import kafka_topics
import pytest
from doors_served import new_key

from feeds._parse import Parser
from feeds.registry import open_feed
from warroom.dayfolder import load_day
from warroom.domain.reports import Reject
from warroom.loading import load_into_store
from warroom.store.day import DayClock
from warroom.store.intake import RedisIntake
from warroom.store.state import StateReader
from warroom.tally.worker import TallyWorker

ONE_PLACE_IN = 16  # of the demo city's places; their reports of the whole day


@pytest.fixture(scope="module")
def folder(demo_day):
    """The demo city."""
    return load_day(demo_day)


@pytest.fixture
def store_with_day(store, folder):
    def load():
        store.flushdb()
        load_into_store(store, folder)
        DayClock(store).set(folder.day.closes_at + timedelta(hours=1), 1)
        return store

    return load


@pytest.fixture(scope="module")
def day_lines(folder):
    """Well-formed reports of one place in sixteen, in order of arrival. A refused line names the way it came by."""

    names = ("precinct", "site", "volunteer", "campaign", "corrects")
    rows = [json.loads(line) for line in (folder.path / "reports.jsonl").read_bytes().splitlines() if line[:1] == b"{"]
    places = [next(str(row[name]) for name in names if row.get(name)) for row in rows]
    kept = [row for row, place in zip(rows, places, strict=True)
            if crc32(place.encode()) % ONE_PLACE_IN == 0 or row["kind"] in ("correction", "ad")]  # fmt: skip
    rows = [row for row in kept if row.get("corrects_source", row["source"]) == row["source"]]
    precincts = frozenset(folder.precincts["precinct_id"])
    sites = frozenset(folder.sites["site_id"])
    parser, now = Parser(folder.day, precincts, sites, recorded=True), folder.day.opens_at
    lines = [json.dumps(row).encode() for row in sorted(rows, key=lambda row: row["received"])]
    return [line for line in lines if not isinstance(parser.line(line, "", now), Reject)]


def write(path, lines):
    path.write_bytes(b"\n".join(lines) + b"\n")
    return f"file://{path}?received=report"


def run(url, store):
    open_feed(url).run(RedisIntake(store), threading.Event())


def post_all(served, store, lines):
    """Each source with a key of its own, as senders have; returns how many were taken."""
    by_source = defaultdict(list)
    for line in lines:
        row = json.loads(line)
        by_source[row["source"]].append(row)
    tokens = {source: new_key(store, source, per_minute=1_000_000) for source in by_source}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda source: served.post(by_source[source], tokens[source]), by_source))
    return sum(answer.body["accepted"] for answer in answers)


def shuffled(lines, seed):
    mixed = list(lines)
    Random(seed).shuffle(mixed)
    return mixed


def test_the_state_of_three_ways_at_once_is_that_of_one_ordered_pass(
    store_with_day, day_lines, broker, serve, server, tmp_path
):
    store = store_with_day()
    run(write(tmp_path / "ordered.jsonl", day_lines), store)
    worker = TallyWorker(store, 0, "ordered")
    while worker.step():
        pass
    ordered, totals = StateReader(store).fingerprint(), StateReader(store).totals()
    assert totals.accepted + totals.suspect >= len(day_lines) and totals.rejected == 0 and totals.suspect > 0

    store = store_with_day()
    served = serve(server.url)
    stop = threading.Event()
    tally = threading.Thread(target=TallyWorker(store, 0, "mixed").run, args=(stop,))
    tally.start()
    topic = kafka_topics.new_topic(broker.bootstrap, 4)
    kafka_topics.send(broker.bootstrap, topic, shuffled(day_lines, 1))
    ways = [
        threading.Thread(target=run, args=(f"kafka://{broker.bootstrap}/{topic}?follow=0&received=report", store)),
        threading.Thread(target=run, args=(write(tmp_path / "mixed.jsonl", shuffled(day_lines, 2)), store)),
    ]
    for way in ways:
        way.start()
    taken = post_all(served, store, shuffled(day_lines, 3))
    for way in ways:
        way.join()
    stop.set()
    tally.join()
    rest = TallyWorker(store, 0, "mixed")
    while rest.step():
        pass
    early = totals.received - len(day_lines)  # the folder's own early vote
    assert taken == len(day_lines)
    assert StateReader(store).totals().received >= 3 * len(day_lines) + early  # Kafka may bring some twice
    assert StateReader(store).fingerprint() == ordered
