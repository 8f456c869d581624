"""The doors behind a real gunicorn, as `warroom web` starts it, on a real store."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from urllib.request import urlopen

import pytest
from doors_served import Served, free_port, known, new_key, until

from warroom.store.client import Client
from warroom.store.day import DayClock
from warroom.store.server import EmbeddedServer


def start(store_url: str, raw: Path | None = None, wrap: tuple[str, ...] = ()) -> Served:
    """`warroom web`, answering."""
    port = free_port()
    env = {k: v for k, v in os.environ.items() if not k.startswith("WARROOM_")} | {"REDIS_URL": store_url}
    command = [*wrap, sys.executable, "-m", "warroom", "web", "--port", str(port)]
    if raw is not None:
        command += ["--raw", str(raw)]
    served = Served(port, subprocess.Popen(command, env=env))
    until("the web server", lambda: urlopen(f"{served.url}/signin", timeout=60).close() or True, 120)
    return served


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """serve(store_url, raw) starts a server of this test alone."""
    running: list[Served] = []

    def begin(*args: object, **options: object) -> Served:
        running.append(start(*args, **options))
        return running[-1]

    yield begin
    for served in running:
        served.stop()


@pytest.fixture(scope="module")
def served(server: EmbeddedServer) -> Iterator[Served]:
    """One server for a module's tests, on the session's store."""
    running = start(server.url)
    yield running
    running.stop()


@pytest.fixture
def live(loaded: Client, at: Callable[[float], datetime]) -> Client:
    """The store with the small day in it, an hour after the polls opened."""
    DayClock(loaded).set(at(60), 1)
    return loaded


@pytest.fixture
def token(live: Client, served: Served) -> str:
    """A key that `served` knows."""
    return known(served, new_key(live))
