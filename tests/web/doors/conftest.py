"""The doors behind a real gunicorn, as `warroom web` starts it, on a real store."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from doors_served import Served, free_port, new_key, until

from warroom.store.client import Client
from warroom.store.day import DayClock


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """serve(store_url, raw) starts `warroom web`; every server is stopped at the end."""
    running: list[Served] = []

    def start(store_url: str, raw: Path | None = None, wrap: tuple[str, ...] = ()) -> Served:
        port = free_port()
        env = {k: v for k, v in os.environ.items() if not k.startswith("WARROOM_")} | {"REDIS_URL": store_url}
        command = [*wrap, sys.executable, "-m", "warroom", "web", "--port", str(port)]
        if raw is not None:
            command += ["--raw", str(raw)]
        served = Served(port, subprocess.Popen(command, env=env))
        running.append(served)
        until("the web server", lambda: socket.create_connection(("127.0.0.1", port), 1).close() or True)
        return served

    yield start
    for served in running:
        served.stop()


@pytest.fixture
def live(loaded: Client, at: Callable[[float], datetime]) -> Client:
    """The store with the small day in it, an hour after the polls opened."""
    DayClock(loaded).set(at(60), 1)
    return loaded


@pytest.fixture
def token(live: Client) -> str:
    return new_key(live)
