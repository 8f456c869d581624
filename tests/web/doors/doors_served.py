"""Helpers of the doors' tests: posting to a real server, reports, keys, what became of them."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from time import time

from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_socket

from bench.running import free_port, until
from warroom.domain.apikeys import kinds_of
from warroom.store.apikeys import KeyStore
from warroom.store.client import Client
from warroom.store.state import StateReader
from warroom.tally.worker import TallyWorker


@dataclass
class Answer:
    """Status, headers and JSON of an answer."""

    status: int
    headers: Message
    body: dict


@dataclass
class Served:
    """One running web server."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def post(self, reports: object, token: str, port: int | None = None, timeout_s: float = 60.0) -> Answer:
        """Post reports as JSON; raises OSError where the connection breaks."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{port or self.port}/api/v1/reports", json.dumps(reports).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {token}"},
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as found:
                return Answer(found.status, found.headers, json.load(found))
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, json.loads(error.read() or b"{}"))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=60)


def start(store_url: str, raw: Path | None = None, wrap: tuple[str, ...] = ()) -> Served:
    """`warroom web`, answering."""
    port = free_port()
    env = {k: v for k, v in os.environ.items() if not k.startswith("WARROOM_")} | {"REDIS_URL": store_url}
    command = [*wrap, sys.executable, "-m", "warroom", "web", "--port", str(port)]
    if raw is not None:
        command += ["--raw", str(raw)]
    served = Served(port, subprocess.Popen(command, env=env))
    until("the web server", lambda: urllib.request.urlopen(f"{served.url}/signin", timeout=60).close() or True)
    return served


def new_key(client: Client, source: str = "vendor", **options: int) -> str:
    """A key for reports of every kind."""
    kinds = kinds_of(["reports", "early_vote", "field", "money"])
    return KeyStore(client).make(source, kinds, int(time() * 1000), **options)[1]


def known(served: Served, token: str) -> str:
    """The key, once a server that had just read the keys has read them again."""
    until("the key", lambda: served.post([], token).status == 200)
    return token


def report(report_id: str, moment: datetime, count: int = 20, **fields: object) -> dict[str, object]:
    """A check-in report at P1."""
    return {
        "id": report_id, "kind": "checkins", "at": moment.astimezone(UTC).isoformat(), "source": "vendor",
        "precinct": "P1", "count": count,
    } | fields  # fmt: skip


def counting(moment: datetime, n: int, source: str = "vendor") -> list[dict[str, object]]:
    """`n` reports over at most 55 minutes from `moment`; the counts of up to 200 are believable."""
    step_s = min(20.0, 55 * 60 / n)
    return [
        report(f"r{i}", moment + timedelta(seconds=step_s * i), i // 4, precinct=f"P{i % 4}", source=source)
        for i in range(n)
    ]


def tallied(client: Client) -> StateReader:
    """The state after every frame was applied."""
    worker = TallyWorker(client, 0, "w")
    while worker.step():
        pass
    return StateReader(client)


def socket_to(served: Served, token: str = "", **options: object) -> ClientConnection:
    """The socket for reports, opened."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    address = f"ws://127.0.0.1:{served.port}/api/v1/reports/stream"
    return open_socket(address, additional_headers=headers, open_timeout=60, **options)


def answers(socket: ClientConnection, n: int) -> list[dict[str, object]]:
    """The next `n` answers."""
    return [json.loads(socket.recv(timeout=60)) for _ in range(n)]
