"""What the checks may look at: a day folder, this machine, and the room's store where one runs."""

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import redis

from warroom.dayfolder import DayFolder
from warroom.readiness._finding import NotLooked
from warroom.settings import store_url
from warroom.store.client import Client, connect
from warroom.store.server import StoreUnavailable

PATIENCE = 1  # a check that waits long for a store that is away is of no use
DEFAULT_ADDRESS = "http://127.0.0.1:8050"


@dataclass(frozen=True)
class Place:
    """Where a check looks. `now` is the moment judged by, UTC-aware; `home` the data folder of the room.

    `client` is None where no store answers; then `away` says why. `address` is where screens open the room, and
    `asked` whether somebody named it. `ntp` is a time server that somebody allowed to be asked, or ''.
    """

    folder: DayFolder
    home: Path
    now: datetime
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    url: str = ""
    client: Client | None = None
    away: str = ""
    address: str = DEFAULT_ADDRESS
    asked: bool = False
    ntp: str = ""

    def store(self) -> Client:
        """The store's client. Raises NotLooked where none answers."""
        if self.client is None:
            raise NotLooked("no store answers", self.start)
        return self.client

    @property
    def start(self) -> str:
        """How to start the room, so that more can be looked at."""
        return f"start the room (`warroom up {shlex.quote(str(self.folder.path))}{self.on}`) and check again"

    @property
    def on(self) -> str:
        """What a `warroom` command must add to find this room's store."""
        if self.environ.get("REDIS_URL"):
            return ""
        return f" --data {shlex.quote(str(self.home))}"


def open_place(
    folder: DayFolder, home: Path, *, now: datetime | None = None, address: str = "", ntp: str = ""
) -> Place:
    """The place as this process finds it: environment, store, wall clock."""
    client, url, away = None, "", ""
    try:
        url = store_url(home)
        client = connect(url, PATIENCE)
        client.ping()
    except StoreUnavailable as error:
        away = str(error)
    except redis.RedisError as error:
        client, away = None, f"{type(error).__name__}: {error}"
    return Place(
        folder, home, now or datetime.now(UTC), os.environ, url, client, away,
        address=address or DEFAULT_ADDRESS, asked=bool(address), ntp=ntp,
    )  # fmt: skip
