"""The loaded day: what every part of the war room must know, kept where all can read it."""

import io
import zipfile
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated

import msgspec

from warroom.domain.election import EARLY_VOTING, ElectionDay
from warroom.domain.places import PollSite, Precinct
from warroom.domain.readings import Limits
from warroom.store import keys
from warroom.store.client import Client, as_text
from warroom.store.wire import epoch_ms


class NoDayError(Exception):
    """No day is loaded; the text says how to load one."""


class OtherDayError(Exception):
    """The store holds another day's reports; the text says what to do."""


class Roster(msgspec.Struct, frozen=True):
    """Precincts in the order of the map, and the poll sites they vote at."""

    precincts: list[Precinct]
    sites: list[PollSite]


class LoadedDay(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that loading a day folder puts into the store.

    `ceilings` is {unit: most ballots it could take}; `folder` a zip of the day folder
    without people; `geometry` what the map draws.
    """

    day: ElectionDay
    roster: Roster
    ceilings: dict[str, Annotated[int, msgspec.Meta(gt=0)]]
    folder: bytes
    geometry: bytes


def put_day(client: Client, loaded: LoadedDay, shards: int = 1) -> None:
    """Load a day, or load the same day again after its folder was mended.

    Raises OtherDayError where the store already holds reports of another day.
    """
    encoded = msgspec.json.encode(loaded.day)
    held = client.get(keys.DAY)
    if held is not None and msgspec.json.decode(held, type=ElectionDay).date != loaded.day.date:
        raise OtherDayError(
            "the store holds another election day; give this day its own --data folder or its own REDIS_URL"
        )
    shards = read_shards(client, shards)
    opens_ms, close_ms = epoch_ms(loaded.day.opens_at), epoch_ms(loaded.day.closes_at)
    early_ms = epoch_ms(loaded.day.opens_at - EARLY_VOTING)
    spans = {"_opens": opens_ms, "_day": close_ms - opens_ms}
    early_spans = {"_early_opens": early_ms, "_early_day": close_ms - early_ms}
    limits = {**loaded.ceilings, **spans, **early_spans}
    roster = msgspec.json.encode(loaded.roster)
    with client.pipeline(transaction=True) as pipe:
        pipe.set(keys.SHARDS, shards)
        pipe.set(keys.ROSTER, roster)
        pipe.set(keys.LOADED, sha256(encoded + roster + loaded.folder + loaded.geometry).hexdigest())
        pipe.set(keys.FOLDER, loaded.folder)
        pipe.set(keys.GEOMETRY, loaded.geometry)
        for number in range(shards):
            pipe.hset(keys.Shard(number).limits, mapping=limits)
        pipe.set(keys.DAY, encoded)  # last: who sees the day sees all of it
        pipe.execute()


def loaded_mark(client: Client) -> str:
    """A mark of what is loaded: another one after another load; empty before the first."""
    return as_text(client.get(keys.LOADED) or b"")


def read_shards(client: Client, default: int = 1) -> int:
    """How many shards the day was loaded with."""
    return int(client.get(keys.SHARDS) or default)


def read_day(client: Client) -> ElectionDay:
    """The loaded day. Raises NoDayError."""
    held = client.get(keys.DAY)
    if held is None:
        raise NoDayError("no day is loaded: run `warroom up DAY_DIR`, or `warroom load DAY_DIR` first")
    return msgspec.json.decode(held, type=ElectionDay)


def read_roster(client: Client) -> Roster:
    """Precincts and sites of the loaded day. Raises NoDayError."""
    held = client.get(keys.ROSTER)
    if held is None:
        raise NoDayError("no day is loaded: run `warroom up DAY_DIR`, or `warroom load DAY_DIR` first")
    return msgspec.json.decode(held, type=Roster)


def read_limits(client: Client, unit: str) -> Limits:
    """What a unit can show at most, as the tally applies it."""
    early = unit.startswith("e:")
    place = keys.precinct_unit(unit.split(":", 2)[2]) if early else unit
    names = ("_early_opens", "_early_day") if early else ("_opens", "_day")
    opens, day, ceiling = (int(v or 0) for v in client.hmget(keys.Shard(0).limits, [*names, place]))
    return Limits(ceiling=ceiling or 1_000_000, opens_ms=opens, day_ms=day)


def day_time(anchor: tuple[int, int, float] | None, wall: datetime) -> datetime:
    """The day's time at a wall time; `anchor` as DayClock gives it."""
    if anchor is None:
        return wall
    day_ms, wall_ms, rate = anchor
    return datetime.fromtimestamp((day_ms + (epoch_ms(wall) - wall_ms) * rate) / 1000, UTC)


class DayClock:
    """The day's clock: the wall clock, or the minute that a replay is at.

    A replay sets an anchor (this day time was this wall time) and a rate; every part of the
    room, the browser included, computes the same minute from it.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def anchor(self) -> tuple[int, int, float] | None:
        """(day ms, wall ms, rate), or None on a live day."""
        day_ms, wall_ms, rate = self._client.hmget(keys.CLOCK, ["day_ms", "wall_ms", "rate"])
        return (int(day_ms), int(wall_ms or 0), float(rate or 1)) if day_ms is not None else None

    def now(self) -> datetime:
        """Now, in the day's time, UTC-aware."""
        return day_time(self.anchor(), datetime.now(UTC))

    def rate(self) -> float:
        """Day seconds per wall second."""
        anchor = self.anchor()
        return anchor[2] if anchor else 1.0

    def set(self, day_time: datetime, rate: float) -> None:
        """Start a replay at `day_time`, running `rate` times as fast as the wall clock."""
        wall_ms = epoch_ms(datetime.now(UTC))
        self._client.hset(
            keys.CLOCK, mapping={"day_ms": epoch_ms(day_time), "wall_ms": wall_ms, "rate": repr(float(rate))}
        )


def shipped_file(client: Client, name: str) -> bytes | None:
    """One file of the loaded day folder; None where it has none. Raises NoDayError."""
    raw = client.get(keys.FOLDER)
    if raw is None:
        raise NoDayError("no day is loaded: run `warroom up DAY_DIR`, or `warroom load DAY_DIR` first")
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return archive.read(name) if name in archive.namelist() else None
