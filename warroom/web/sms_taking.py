"""From a text message to reports in the store, and to the words that answer it."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import msgspec

from feeds._faults import Refusal
from warroom.domain.election import ElectionDay
from warroom.domain.sms import Said, Unclear, read_sms
from warroom.domain.sms_places import SmsPlaces
from warroom.domain.sms_replies import before_the_day, told, untold
from warroom.store.client import Client
from warroom.store.texts_in import LastText, TextsIn
from warroom.store.wire import epoch_ms
from warroom.web.day_places import DayPlaces
from warroom.web.intake import WebIntake

FEED = "sms"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One text message; `sender` is a reference, not a number."""

    sid: str
    text: str
    sender: str

    @property
    def source(self) -> str:
        """What its reports are from."""
        return f"sms/{self.sender}"


class Taking:
    """Takes messages."""

    def __init__(self, intake: WebIntake, client: Client) -> None:
        self._intake = intake
        self._texts = TextsIn(client)
        self._places = DayPlaces(client)

    async def take(self, message: Message) -> list[str]:
        """Put what can be understood into the store; one answer a line. Raises NotTaken or RedisError."""
        day = await self._intake.day()
        places = await self._places.of(day)
        first_ms = await asyncio.to_thread(self._texts.first_ms, message.sid, epoch_ms(self._intake.now(day)))
        now = datetime.fromtimestamp(first_ms / 1000, UTC)
        answers = []
        for n, line in enumerate(read_sms(message.text, places, now, day.day.tz)):
            if isinstance(line, Unclear):
                await self._unclear(message, n, line)
                answers.append(untold(line))
            elif line.kind == "help":
                answers.append(told(line, places))
            else:
                answers.append(await self._said(message, n, line, places, day.day, now))
        return answers

    async def refuse(self, message: Message, reason: str, remedy: str) -> None:
        """Put a whole message into the reject list."""
        await self._intake.refuse(FEED, _raw(message, message.text), Refusal(reason, "from", remedy))

    async def _said(
        self, message: Message, n: int, said: Said, places: SmsPlaces, day: ElectionDay, now: datetime
    ) -> str:
        report_id = message.sid if n == 0 else f"{message.sid}.{n + 1}"
        place = said.precinct or said.site or ""
        if said.kind == "fix":
            last = await asyncio.to_thread(self._texts.last, message.sender, place)
            if last is None or (said.old is not None and said.old != last.count):
                fault = _nothing_to_fix(last, said, place)
                await self._unclear(message, n, fault)
                return untold(fault)
            said = msgspec.structs.replace(said, precinct=last.place)
            fields: dict[str, Any] = {"kind": "correction", "corrects": last.report, "at": _utc(now)}
            fields |= {"void": True} if said.number is None else {"count": said.number}
        else:
            fields = _fields(said, now)
        body = msgspec.json.encode({"id": report_id, "source": message.source, **fields})
        [outcome] = await self._intake.take(FEED, [body], source=message.source)
        if not outcome.accepted:
            early = outcome.reason == "wrong_day" and now < day.begins_at
            return before_the_day(told(said, places), day.date) if early else f"Not taken. {outcome.remedy}"
        if said.kind == "checkins" and said.number is not None:
            newest = LastText(report=report_id, place=place, count=said.number)
            await asyncio.to_thread(self._texts.put, message.sender, newest)
        return told(said, places)

    async def _unclear(self, message: Message, n: int, line: Unclear) -> None:
        await self._intake.refuse(FEED, _raw(message, line.line, n), Refusal(line.reason, "text", line.remedy))


def _fields(said: Said, now: datetime) -> dict[str, Any]:
    """The report's own fields; a place that is not said is left out."""
    fields: dict[str, Any] = {"kind": said.kind, "at": _utc(said.at or now)}
    if said.kind == "checkins":
        fields |= {"precinct": said.precinct, "site": said.site, "count": said.number}
    elif said.kind == "wait":
        fields |= {"site": said.site, "minutes": said.number}
    else:
        fields |= {"precinct": said.precinct, "site": said.site, "category": said.category,
                   "severity": said.severity, "text": said.text}  # fmt: skip
    return {name: value for name, value in fields.items() if value is not None}


def _nothing_to_fix(last: LastText | None, said: Said, place: str) -> Unclear:
    if last is None:
        remedy = f"I have no count of yours{f' for {place}' if place else ''} to correct. Send precinct and count."
    else:
        remedy = f"Your last count was {last.count} for {last.place}, not {said.old}. Text X and the right number."
    return Unclear(reason="nothing_to_correct", line=f"X {place}".strip(), remedy=remedy)


def _raw(message: Message, text: str, n: int = 0) -> bytes:
    """What is kept of a message that was not taken: its words and its sender's reference."""
    return msgspec.json.encode({"sms": message.sid, "line": n + 1, "from": message.sender, "text": text})


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
