"""The ways in that the bench measures, each with the product's own processes: a Kafka topic, HTTP, a file."""

import os
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from bench.ingest_senders import Driver, Line, ToPath, ToServer, ToTopic
from bench.running import end_group, free_port, until
from warroom.domain.apikeys import MOST_PER_MINUTE, kinds_of
from warroom.store.apikeys import KeyStore
from warroom.store.client import Client

PARTITIONS = 4


class Way(ABC):
    """One way in. `url` is the store's address, `folder` a scratch folder."""

    name = ""
    fills_first = True  # a backlog can wait in it before anybody reads

    def __init__(self, client: Client, url: str, folder: Path) -> None:
        self._client = client
        self._url = url
        self._folder = folder

    @abstractmethod
    def target(self) -> object:
        """A new place to send to."""

    @abstractmethod
    def command(self, target: object) -> list[str]:
        """`warroom` with this command reads from there."""

    @contextmanager
    def reading(self, target: object) -> Iterator[None]:
        """The product's process that reads from there."""
        env = {k: v for k, v in os.environ.items() if not k.startswith("WARROOM_")} | {"REDIS_URL": self._url}
        process = subprocess.Popen(
            [sys.executable, "-m", "warroom", *self.command(target)], env=env, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            self.await_up(target)
            yield
        finally:
            end_group(process)

    def await_up(self, target: object) -> None:  # noqa: B027 most can be sent to before anybody reads
        """Return when the process can be sent to."""

    def driver(self, target: object, lines: Sequence[Line], per_second: float) -> Driver:
        """A process that sends these lines there."""
        return Driver(target, lines, per_second)


class KafkaWay(Way):
    """A topic of four partitions, one member of the group."""

    name = "Kafka"

    def __init__(self, client: Client, url: str, folder: Path, bootstrap: str) -> None:
        super().__init__(client, url, folder)
        self._bootstrap = bootstrap

    def target(self) -> ToTopic:
        from kafka import KafkaAdminClient
        from kafka.admin import NewTopic

        topic = f"bench-{uuid4().hex[:10]}"
        admin = KafkaAdminClient(bootstrap_servers=self._bootstrap)
        admin.create_topics([NewTopic(topic, PARTITIONS, 1)])
        admin.close()
        return ToTopic(self._bootstrap, topic)

    def command(self, target: ToTopic) -> list[str]:
        url = f"kafka://{target.bootstrap}/{target.topic}?group={target.topic}"
        return ["feed", url, "--raw", str(self._folder / "raw")]


class FileWay(Way):
    """A file that is followed."""

    name = "file"

    def target(self) -> ToPath:
        path = self._folder / f"{uuid4().hex[:10]}.jsonl"
        path.touch()
        return ToPath(path)

    def command(self, target: ToPath) -> list[str]:
        return ["feed", f"file://{target.path}?follow=1", "--raw", str(self._folder / "raw")]


class HttpWay(Way):
    """`POST /api/v1/reports` to one web worker, four connections, at most 200 reports to a post."""

    name = "HTTP"
    fills_first = False

    def target(self) -> ToServer:
        kinds = kinds_of(["reports", "early_vote", "field", "money"])
        _, token = KeyStore(self._client).make(
            "bench", kinds, int(time.time() * 1000), per_minute=MOST_PER_MINUTE
        )  # fmt: skip
        return ToServer(free_port(), token)

    def command(self, target: ToServer) -> list[str]:
        return ["web", "--port", str(target.port), "--raw", str(self._folder / "raw")]

    def await_up(self, target: ToServer) -> None:
        until("the web server", lambda: socket.create_connection(("127.0.0.1", target.port), 1).close() or True)
