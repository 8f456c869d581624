"""Real processes of the Kafka feed on a real store, and a topic for each test."""

import json
import os
import subprocess
import sys
import threading

import kafka_topics
import pytest

from feeds.registry import open_feed
from warroom.store import keys
from warroom.store.intake import RedisIntake
from warroom.store.state import StateReader
from warroom.tally.worker import TallyWorker


@pytest.fixture
def topic(broker):
    """A new topic of four partitions."""
    return kafka_topics.new_topic(broker.bootstrap, 4)


@pytest.fixture
def send(broker, topic):
    return lambda messages: kafka_topics.send(broker.bootstrap, topic, messages)


@pytest.fixture
def report():
    """report(n) is a (key, value) pair: the n-th check-in report of the small day, keyed by precinct."""

    def make(n, **fields):
        precinct = f"P{n % 4}"
        at = f"2025-06-24T{9 + n // 3000:02}:{n // 50 % 60:02}:{n % 50:02}-04:00"
        found = {"id": f"r{n}", "kind": "checkins", "precinct": precinct, "at": at, "count": n // 100, "source": "w"}
        return precinct.encode(), json.dumps(found | fields).encode()

    return make


@pytest.fixture
def url(broker, topic):
    return f"kafka://{broker.bootstrap}/{topic}?group={topic}"


class Room:
    """The loaded store, a tally, and feeds that run beside the test."""

    def __init__(self, client, server, folder):
        self.client = client
        self._server = server
        self._folder = folder
        self._stops = []
        self._processes = []

    def run(self, url, **options):
        """The feed in a thread; returns the event that stops it and the thread."""
        stop = threading.Event()
        feed = open_feed(url, options)
        thread = threading.Thread(target=feed.run, args=(RedisIntake(self.client), stop), daemon=True)
        thread.start()
        self._stops.append((stop, thread))
        return stop, thread

    def process(self, url):
        """The feed as `warroom feed`, a process of its own."""
        env = os.environ | {"REDIS_URL": self._server.url}
        command = [sys.executable, "-m", "warroom", "feed", url, "--raw", str(self._folder / "raw")]
        started = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._processes.append(started)
        return started

    def totals(self):
        """Totals after the tally has folded all there is."""
        worker = TallyWorker(self.client, 0, "t")
        while worker.step():
            pass
        return StateReader(self.client).totals()

    def known(self):
        """Different reports the tally knows."""
        totals = self.totals()
        return totals.accepted + totals.suspect

    def troubles(self):
        return [text.decode() for text in self.client.hvals(keys.FEED_STATE)]

    def lags(self):
        return [json.loads(text) for text in self.client.hvals(keys.FEED_LAG)]

    def close(self):
        for stop, _ in self._stops:
            stop.set()
        for process in self._processes:
            process.kill()
            process.wait()
        for _, thread in self._stops:
            thread.join(timeout=60)


@pytest.fixture
def room(loaded, server, tmp_path):
    running = Room(loaded, server, tmp_path)
    yield running
    running.close()
