"""The doors behind a real gunicorn, as `warroom web` starts it, on a real store."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from doors_served import Served, known, new_key, start

from warroom.store.client import Client
from warroom.store.day import DayClock
from warroom.store.server import EmbeddedServer


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


@pytest.fixture(scope="session")
def served(server: EmbeddedServer) -> Iterator[Served]:
    """One server for all these tests, on the session's store."""
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
