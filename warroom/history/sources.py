"""Where a report's facts come from: the room's own store, or a day folder's recorded reports alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from feeds._recorded import read_recorded
from warroom.dayfolder import DayFolder
from warroom.domain.alerts import Alert
from warroom.domain.handling import Handling
from warroom.domain.reports import Reject
from warroom.history.tape import Tape, tape_from_store, tape_of_reports
from warroom.history.texts import TextsSent, texts_in
from warroom.settings import connect_store, only_one
from warroom.store import keys
from warroom.store.client import Client, connect
from warroom.store.day import OtherDayError, read_day
from warroom.store.handling import HandlingStore
from warroom.store.server import EmbeddedServer, StoreUnavailable
from warroom.store.state import StateReader, Totals
from warroom.store.wire import epoch_ms


@dataclass(frozen=True)
class Source:
    """All that is known of a day. `origin` says it in words; `totals`, `alerts` and `handlings` come from
    a room's store only; received: {feed: reports}.
    """

    origin: str
    tape: Tape
    received: dict[str, int]
    totals: Totals | None = None
    alerts: tuple[Alert, ...] = ()
    handlings: dict[str, Handling] = field(default_factory=dict)
    texts: tuple[TextsSent, ...] = ()


def from_folder(folder: DayFolder) -> Source:
    """The recorded reports of a day folder; nobody's decisions are in them. None recorded is an empty day."""
    place = {str(p): n for n, p in enumerate(folder.precincts["precinct_id"])}
    opens_ms = epoch_ms(folder.day.opens_at)
    if folder.reports is None:
        return Source("no store and no recorded reports", tape_of_reports([], [], place, opens_ms), {})
    arrivals = read_recorded(folder.reports, folder.day, folder.precinct_ids, folder.site_ids)
    items = [arrival.item for arrival in arrivals]
    reports = [item for item in items if not isinstance(item, Reject)]
    rejects = [item for item in items if isinstance(item, Reject)]
    tape = tape_of_reports(reports, rejects, place, opens_ms)
    return Source("the day folder's recorded reports", tape, {folder.reports.name: len(items)})


def from_store(client: Client, folder: DayFolder) -> Source:
    """A room's store. Raises NoDayError, and OtherDayError where it holds another day than the folder."""
    held = read_day(client)
    if held.date != folder.day.date:
        raise OtherDayError(
            f"the store holds {held.date}, the folder is of {folder.day.date}: give the day's own --data"
        )
    place = {str(p): n for n, p in enumerate(folder.precincts["precinct_id"])}
    state = StateReader(client)
    return Source(
        "the room's store",
        tape_from_store(client, place, epoch_ms(folder.day.opens_at)),
        state.received_by_feed(),
        state.totals(),
        tuple(msgspec.json.decode(raw, type=Alert) for raw in client.hvals(keys.ALERTS)),
        HandlingStore(client).all(),
        texts_in(client),
    )


@contextmanager
def room_store(data: Path | None, url: str | None) -> Iterator[Client | None]:
    """A client of the room's store: the one at `url`, the running one of a data folder, or its stopped one.

    A stopped store is started for as long as it is read, and nothing is written to it. None where the
    folder has no store. Raises StoreUnavailable.
    """
    if url:
        yield connect(url)
        return
    if data is None or not (data / "store").is_dir():
        yield None
        return
    try:
        with only_one(data):
            server = EmbeddedServer(data / "store")
            server.ensure()
            try:
                yield connect(server.url)
            finally:
                server.stop()
    except StoreUnavailable as busy:
        if "another `warroom up`" not in str(busy):
            raise
        yield connect_store(data)
