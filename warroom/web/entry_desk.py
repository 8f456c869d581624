"""What the entry page asks of the store: places, what stands for a counter, and what became of a typist's lines."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import msgspec

from warroom.domain.readings import REASON_TEXT
from warroom.domain.sms import Said, Unclear
from warroom.store.client import Client
from warroom.store.day import read_limits
from warroom.store.own import own_readings
from warroom.store.sheets import SheetStore
from warroom.store.state import StateReader
from warroom.web.day_places import DayPlaces
from warroom.web.entry_lines import Judged, judge, read_line, shown, unit_of
from warroom.web.intake import DayView


class EntryDesk:
    """Opens no connection before the first request. Roster and sheets are read in a thread."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._places = DayPlaces(client)
        self.sheets = SheetStore(client)

    async def read(self, day: DayView, line: str, sheet_time: str, typed_ms: int | None) -> Said | Unclear:
        """What a line says. It was typed at `typed_ms` of the day's clock, never later than now."""
        return read_line(line, sheet_time, await self._places.of(day), typed_at(day, typed_ms), day.day.tz)

    async def echo(self, day: DayView, said: Said | Unclear) -> dict[str, Any]:
        """What the page shows while a line is typed, and of one that was sent."""
        if isinstance(said, Unclear):
            return {"ok": False, "reason": said.reason, "remedy": said.remedy}
        found = {"ok": True, **shown(said, await self._places.of(day))}
        unit = unit_of(said)
        if unit is not None:
            found |= msgspec.structs.asdict(await asyncio.to_thread(self._judge, said, unit, day.now()))
        return found

    async def became(self, source: str, units: list[str]) -> dict[str, str]:
        """{report id: why it is in doubt, '' where it is believed} of a source's counts at these counters."""
        found = await asyncio.to_thread(own_readings, self._client, source, units)
        return {
            j.reading.id: REASON_TEXT.get(j.reason, "") if j.status == "suspect" else ""
            for judged in found.values()
            for j in judged
        }

    def _judge(self, said: Said, unit: str, now: datetime) -> Judged:
        readings = StateReader(self._client).readings([unit])[unit]
        return judge(said, readings, read_limits(self._client, unit), now)


def typed_at(day: DayView, typed_ms: int | None) -> datetime:
    """The moment of typing on the day's clock: what the page says, where that has been on this day."""
    now = day.now()
    if typed_ms is None:
        return now
    try:
        typed = datetime.fromtimestamp(typed_ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return now
    return min(max(typed, day.day.begins_at.astimezone(UTC)), now)
