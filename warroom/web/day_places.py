"""The loaded day's places as typed lines and text messages name them."""

import asyncio

from warroom.domain.sms_places import SmsPlaces
from warroom.store.client import Client
from warroom.store.day import read_roster
from warroom.web.intake import DayView


class DayPlaces:
    """Opens no connection before it is asked; reads the roster in a thread, once a day."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._held: tuple[bytes | None, SmsPlaces] | None = None

    async def of(self, day: DayView) -> SmsPlaces:
        """The places of this day; of a day loaded anew at once."""
        if self._held is None or self._held[0] != day.digest:
            self._held = (day.digest, await asyncio.to_thread(self._read))
        return self._held[1]

    def _read(self) -> SmsPlaces:
        roster = read_roster(self._client)
        names = {p.precinct_id: p.name for p in roster.precincts} | {s.site_id: s.name for s in roster.sites}
        return SmsPlaces({p.precinct_id: p.site_id for p in roster.precincts}, [s.site_id for s in roster.sites], names)
