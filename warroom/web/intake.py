"""The one way from the web server into the store: reports by HTTP, socket, SMS, phone page and keyboard.

`take` parses, keeps the raw bytes, puts everything into the store and answers when it is durable. Where the
store does not answer it raises NotTaken (the application makes that a 503 with Retry-After): then nothing was
acknowledged, and sending all of it again is harmless, because the state is a function of the set of reports.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec
import redis
from fastapi.responses import JSONResponse
from starlette.requests import Request

from feeds._faults import Refusal
from feeds._frames import PUT_ITEMS
from feeds._parse import LINE_LIMIT_BYTES, Parser, reject
from feeds._rawlog import RawLog
from warroom.domain.election import ElectionDay
from warroom.domain.reports import Correction, Reject, Report
from warroom.store import keys
from warroom.store.client import Client, connect
from warroom.store.day import DayClock, NoDayError, day_time
from warroom.store.feeds import FeedStore
from warroom.store.intake import RedisIntake
from warroom.web.committer import Committer, NotTaken
from warroom.web.held import Held

__all__ = ["DayView", "NotTaken", "Outcome", "WebIntake", "not_taken"]

FRESH_S = 1.0  # a reloaded day or a started replay is seen within this
PATIENCE = 6  # about 2 s: a store that is started again is back by then
PAUSE_FRESH_S = 0.5  # a pause, or its end, is seen within this
PAUSED_S = 15  # when a sender is to try again while its door is paused
LONGEST_S = 20.0  # then the sender hears 503 rather than nothing


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one item. Of a rejected one `reason` is a fixed name, `field` and `remedy` are for people.

    `id` and `source` are the item's own, '' where it has none. `report` is what was taken (not part of any
    answer unless the caller makes it so).
    """

    status: Literal["accepted", "rejected"]
    id: str = ""
    source: str = ""
    reason: str = ""
    field: str = ""
    remedy: str = ""
    report: Report | None = None

    @property
    def accepted(self) -> bool:
        """Whether the report is in the store, durably. The tally may still call its count suspect."""
        return self.status == "accepted"


class DayView:
    """The loaded day as the web server needs it, without asking the store again."""

    def __init__(self, intake: RedisIntake, digest: bytes | None, anchor: tuple[int, int, float] | None) -> None:
        self.intake = intake
        self.digest = digest
        self.anchor = anchor
        self.day: ElectionDay = intake.day()
        self.precincts: frozenset[str] = intake.precinct_ids()
        self.sites: frozenset[str] = intake.site_ids()
        self.parser = Parser(self.day, self.precincts, self.sites)

    def now(self) -> datetime:
        """The day's clock, UTC-aware."""
        return day_time(self.anchor, datetime.now(UTC))


class WebIntake:
    """One per web worker. Opens no connection before the first report; follows the day when it is reloaded."""

    def __init__(self, url: str, raw_dir: Path | None = None, now: Callable[[DayView], datetime] = DayView.now) -> None:
        self._client: Client = connect(url, patience=PATIENCE)
        self._now = now
        self._day = Held(self._read_day, FRESH_S)
        self._last: DayView | None = None
        self._pauses = Held(FeedStore(self._client).pauses, PAUSE_FRESH_S)
        rawlog = RawLog(raw_dir, "web") if raw_dir is not None else None
        self._committer = Committer(self._newest, rawlog)

    async def day(self) -> DayView:
        """The day, its places and its clock. Raises NotTaken where the store does not answer or has no day."""
        try:
            return await self._day.get()
        except NoDayError as error:
            raise NotTaken(str(error), 30) from error
        except redis.RedisError as error:
            raise NotTaken("the store does not answer; nothing of this was taken: send it again") from error

    def now(self, day: DayView) -> datetime:
        """The day's clock, UTC-aware: what reports are received by."""
        return self._now(day)

    async def take(
        self, feed: str, bodies: Sequence[bytes], *, source: str | None = None, kinds: Collection[str] | None = None
    ) -> list[Outcome]:
        """Put these items (wire format v1, one JSON object each) into the store; durable on return.

        `feed` is the line on the board that they count for ("http:vendor", "phone", "sms", "entry"). Where
        `source` is given, an item's own source must be that or a name under it ("vendor", "vendor/north");
        where `kinds` is given, its kind must be one of them. Gives one outcome per item, in order. Raises
        NotTaken, also where a director has paused this feed, and then no item counts as taken.
        """
        day = await self.day()
        await self._unless_paused(feed, day)
        received = self._now(day)
        items = [
            allowed(day.parser.line(body, f"{feed}, item {n}", received), body, source, kinds, received)
            for n, body in enumerate(bodies, 1)
        ]
        await self._commit(feed, items, bodies)
        return [_outcome(item, body) for item, body in zip(items, bodies, strict=True)]

    async def refuse(self, feed: str, raw: bytes, refusal: Refusal) -> Outcome:
        """Put input into the reject list that is no report in any format; `raw` without personal data."""
        day = await self.day()
        item = reject(raw, refusal, feed, self._now(day))
        await self._commit(feed, [item], [raw])
        return _outcome(item, raw)

    async def _unless_paused(self, feed: str, day: DayView) -> None:
        """Raises NotTaken while a director has paused this door: whoever sends keeps it, and sends it again."""
        try:
            pause = (await self._pauses.get()).get(feed)
        except redis.RedisError as error:
            raise NotTaken("the store does not answer; nothing of this was taken: send it again") from error
        if pause is not None:
            since = datetime.fromtimestamp(pause.at_ms / 1000, day.day.tz).strftime("%H:%M")
            raise NotTaken(f"paused by a director since {since}; nothing of this was taken: send it again", PAUSED_S)

    async def _commit(self, feed: str, items: Sequence[Report | Reject], bodies: Sequence[bytes]) -> None:
        """Return when all of it is durable; raises NotTaken."""
        waiting = []
        try:
            for start in range(0, len(items), PUT_ITEMS):
                chunk = items[start : start + PUT_ITEMS]
                raw = [_one_line(body) for body in bodies[start : start + PUT_ITEMS]]
                reports = [item for item in chunk if not isinstance(item, Reject)]
                rejects = [item for item in chunk if isinstance(item, Reject)]
                waiting.append(asyncio.wrap_future(self._committer.put(feed, reports, rejects, raw)))
            await asyncio.wait_for(asyncio.gather(*waiting), LONGEST_S)
        except TimeoutError as error:
            text = "the store does not answer in time; send it again: what it has already counts once"
            raise NotTaken(text, 5) from error
        finally:
            for future in waiting:
                future.cancel()  # what is still in the queue, nobody waits for

    def _newest(self) -> RedisIntake:
        return self._last.intake if self._last is not None else RedisIntake(self._client)

    def _read_day(self) -> DayView:
        digest, anchor = self._client.get(keys.LOADED), DayClock(self._client).anchor()
        last = self._last
        if last is None or last.digest != digest:
            self._last = DayView(RedisIntake(self._client), digest, anchor)
        elif last.anchor != anchor:
            self._last = DayView(last.intake, digest, anchor)
        return self._last  # type: ignore[return-value]


def not_taken(_request: Request, error: Exception) -> JSONResponse:
    """The application's answer to NotTaken: 503, and when to try again."""
    wait_s = error.retry_after_s if isinstance(error, NotTaken) else 2
    return JSONResponse({"detail": str(error)}, status_code=503, headers={"Retry-After": str(wait_s)})


def allowed(
    item: Report | Reject, raw: bytes, source: str | None, kinds: Collection[str] | None, received: datetime
) -> Report | Reject:
    """The item, or a reject where it speaks in another's name or of what it may not."""
    if isinstance(item, Reject):
        return item
    refusal = _refusal(item, source, kinds)
    return item if refusal is None else reject(raw, refusal, f"from {source}" if source else "", received)


def _refusal(item: Report, source: str | None, kinds: Collection[str] | None) -> Refusal | None:
    kind = str(item.__struct_config__.tag)
    if kinds is not None and kind not in kinds:
        return Refusal("kind_not_allowed", "kind", f"This sender may send {', '.join(sorted(kinds))}.")
    if source is None:
        return None
    corrected = item.corrects_source if isinstance(item, Correction) else None
    for field, name in (("source", item.source), ("corrects_source", corrected)):
        if name is not None and name != source and not name.startswith(f"{source}/"):
            remedy = f"This sender speaks for {source}: write {source}, or {source}/ and a name of its own."
            return Refusal("wrong_source", field, remedy)
    return None


def _one_line(body: bytes) -> bytes:
    """The body as one line of a raw log: JSON's own line breaks stand between its words and mean nothing."""
    return body[:LINE_LIMIT_BYTES].replace(b"\n", b" ")


class _Named(msgspec.Struct):
    """As much of an item as says which one it is."""

    id: str = ""
    source: str = ""


def _outcome(item: Report | Reject, body: bytes) -> Outcome:
    if not isinstance(item, Reject):
        return Outcome(status="accepted", id=item.id, source=item.source, report=item)
    try:
        named = msgspec.json.decode(body, type=_Named)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        named = _Named()
    return Outcome(status="rejected", id=named.id[:128], source=named.source[:128], reason=item.reason,
                   field=item.field, remedy=item.remedy)  # fmt: skip
