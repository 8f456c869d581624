"""Sends the bench's reports by each way in, at a given pace, from a process of its own."""

import http.client
import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol

Line = tuple[bytes, bytes]  # key (the precinct), report as JSON
POST_REPORTS = 200
CONNECTIONS = 4


class Sender(Protocol):
    """One way in. `tick_s` is how long it gathers reports before it hands them over."""

    tick_s: float

    def send(self, lines: Sequence[Line]) -> None:
        """Hand these over; may return before they have arrived."""

    def flush(self) -> None:
        """Return when all of it has arrived."""


@dataclass(frozen=True)
class ToTopic:
    """A Kafka topic."""

    bootstrap: str
    topic: str

    def open(self) -> Sender:
        from kafka import KafkaProducer

        producer = KafkaProducer(bootstrap_servers=self.bootstrap, acks="all", linger_ms=5, batch_size=128 * 1024)
        return _TopicSender(producer, self.topic)


class _TopicSender:
    tick_s = 0.002

    def __init__(self, producer: Any, topic: str) -> None:
        self._producer, self._topic = producer, topic

    def send(self, lines: Sequence[Line]) -> None:
        for key, line in lines:
            self._producer.send(self._topic, line, key)

    def flush(self) -> None:
        self._producer.flush()


@dataclass(frozen=True)
class ToPath:
    """A file that grows."""

    path: Path

    def open(self) -> Sender:
        return _FileSender(self.path)


class _FileSender:
    tick_s = 0.002

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def send(self, lines: Sequence[Line]) -> None:
        self._file.write(b"".join(line + b"\n" for _, line in lines))

    def flush(self) -> None:
        pass


@dataclass(frozen=True)
class ToServer:
    """`POST /api/v1/reports`, a few connections that are kept open, at most 200 reports to a post."""

    port: int
    token: str

    def open(self) -> Sender:
        return _HttpSender(self.port, self.token)


class _HttpSender:
    tick_s = 0.02  # a post for each report or two is not how programs send many

    def __init__(self, port: int, token: str) -> None:
        self._headers = {"Content-Type": "application/x-ndjson", "Authorization": f"Bearer {token}"}
        self._free: SimpleQueue[http.client.HTTPConnection] = SimpleQueue()
        for _ in range(CONNECTIONS):
            self._free.put(http.client.HTTPConnection("127.0.0.1", port, timeout=60))
        self._pool = ThreadPoolExecutor(CONNECTIONS)
        self._waiting: list[Future[None]] = []

    def send(self, lines: Sequence[Line]) -> None:
        for start in range(0, len(lines), POST_REPORTS):
            body = b"\n".join(line for _, line in lines[start : start + POST_REPORTS])
            self._waiting.append(self._pool.submit(self._post, body))

    def _post(self, body: bytes) -> None:
        connection = self._free.get()
        try:
            connection.request("POST", "/api/v1/reports", body, self._headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                raise OSError(f"the server answered {answer.status}: {text[:300]!r}")
        finally:
            self._free.put(connection)

    def flush(self) -> None:
        for future in self._waiting:
            future.result()
        self._waiting = []


def drive(sender: Sender, lines: Sequence[Line], per_second: float, begin_s: float) -> None:
    """Send line n when it is due, at begin_s + n / per_second on the monotonic clock; 0 per second: at once."""
    while (wait_s := begin_s - time.monotonic()) > 0:
        time.sleep(min(wait_s, 0.01))
    sent = 0
    while sent < len(lines):
        due = len(lines) if not per_second else min(len(lines), int((time.monotonic() - begin_s) * per_second))
        if due > sent:
            sender.send(lines[sent:due])
            sent = due
        if sent < len(lines):
            time.sleep(sender.tick_s)
    sender.flush()


def _process(target: Any, lines: Sequence[Line], per_second: float, begin: Any, ready: Any) -> None:
    sender = target.open()
    ready.set()
    drive(sender, lines, per_second, begin.get())


class Driver:
    """A process that sends; `start` returns the moment at which the first report is due."""

    def __init__(self, target: Any, lines: Sequence[Line], per_second: float) -> None:
        context = multiprocessing.get_context("spawn")
        self._begin, ready = context.Queue(), context.Event()
        self._process = context.Process(target=_process, args=(target, lines, per_second, self._begin, ready))
        self._process.start()
        if not ready.wait(60):
            raise TimeoutError("the sender of the bench did not start")

    def start(self) -> float:
        begin_s = time.monotonic() + 0.2
        self._begin.put(begin_s)
        return begin_s

    def join(self) -> None:
        """Wait for the end; raises OSError where something was not taken."""
        self._process.join()
        if self._process.exitcode:
            raise OSError("the sender of the bench failed: see above")
