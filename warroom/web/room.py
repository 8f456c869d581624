"""What the web server knows: the store behind it, and the shapes that pages and API ask for."""

import time
from typing import Any

from warroom.domain.election import ElectionDay
from warroom.domain.readings import REASON_TEXT, fold
from warroom.store import keys
from warroom.store.board import BoardStore
from warroom.store.client import connect
from warroom.store.contacts import contacts_at
from warroom.store.day import DayClock, Roster, loaded_mark, read_day, read_limits, read_roster
from warroom.store.people import PeopleStore
from warroom.store.state import StateReader
from warroom.store.wire import epoch_ms
from warroom.web.stream import Hub

LOOK_WAIT_S = 0.6  # the watch publishes at most every quarter of a second


class Room:
    """One web worker's view of the store. Opens no connection before the first request."""

    def __init__(self, url: str) -> None:
        self._client = connect(url, patience=4)  # a screen would rather hear "away" soon than wait
        self.board = BoardStore(self._client)
        self.clock = DayClock(self._client)
        self.people = PeopleStore(self._client)
        self.hub = Hub(url)
        self._state: StateReader | None = None
        self._roster: tuple[str, Roster] | None = None

    @property
    def state(self) -> StateReader:
        """The tally's state."""
        self._state = self._state or StateReader(self._client)
        return self._state

    def day(self) -> ElectionDay:
        """The loaded day. Raises NoDayError."""
        return read_day(self._client)

    def roster(self) -> Roster:
        """Precincts in map order, and sites; read once for each load of the day. Raises NoDayError."""
        mark = loaded_mark(self._client)
        if self._roster is None or self._roster[0] != mark:
            self._roster = mark, read_roster(self._client)
        return self._roster[1]

    def geometry(self) -> bytes:
        """What the map draws; empty before a day is loaded."""
        return self._client.get(keys.GEOMETRY) or b""

    def roster_columns(self) -> dict[str, list[Any]]:
        """The roster by columns, region names once."""
        precincts = self.roster().precincts
        regions = sorted({p.region for p in precincts})
        place = {region: n for n, region in enumerate(regions)}
        return {
            "ids": [p.precinct_id for p in precincts],
            "names": [p.name or p.precinct_id for p in precincts],
            "regions": regions,
            "region_of": [place[p.region] for p in precincts],
            "sites": [p.site_id for p in precincts],
        }

    def precinct_detail(self, precinct_id: str) -> dict[str, Any] | None:
        """One precinct for the chart: what the model says, and every reading with its judgement.

        None for a precinct that is not of this day.
        """
        precinct = next((p for p in self.roster().precincts if p.precinct_id == precinct_id), None)
        if precinct is None:
            return None
        day, unit = self.day(), keys.precinct_unit(precinct_id)
        judged = fold(self.state.readings([unit])[unit], read_limits(self._client, unit))
        believed = [j.reading for j in judged if j.status == "accepted"]
        site = next((s for s in self.roster().sites if s.site_id == precinct.site_id), None)
        return {
            "id": precinct_id,
            "name": precinct.name or precinct_id,
            "region": precinct.region,
            "site": (site.name if site else "") or precinct.site_id,
            "reported": believed[-1].count if believed else None,
            "reported_at_ms": believed[-1].at_ms if believed else None,
            "readings": [
                {
                    "at_ms": j.reading.at_ms,
                    "count": j.reading.count,
                    "status": j.status,
                    "reason": REASON_TEXT.get(j.reason, ""),
                    "source": j.reading.source,
                }
                for j in judged
            ],
            "contacts": contacts_at(self._client, precinct_id),
            "opens_ms": epoch_ms(day.opens_at),
            "closes_ms": epoch_ms(day.closes_at),
            "timezone": day.timezone,
            **self._fresh_detail(precinct_id),
        }

    def _fresh_detail(self, precinct_id: str) -> dict[str, Any]:
        """What the watch says of a precinct now: it is told to look, and given a moment to answer."""
        before = self.board.detail(precinct_id)
        self.board.look(precinct_id)
        deadline = time.monotonic() + LOOK_WAIT_S
        while time.monotonic() < deadline:
            detail = self.board.detail(precinct_id)
            if detail is not None and (before is None or detail["as_of_ms"] != before["as_of_ms"]):
                return detail
            time.sleep(0.02)
        return before or {}
