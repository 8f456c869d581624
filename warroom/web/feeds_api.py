"""The API of the feeds page: how every feed is, and to pause, resume, or read its rejected input again."""

import time
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response

from feeds._again import Translate
from feeds._live import LiveParser
from feeds._mender import Mender
from feeds.registry import schemes
from warroom.access.policy import needs
from warroom.domain.reports import Reject, Report
from warroom.store.apikeys import KeyStore
from warroom.store.board import BoardStore
from warroom.store.client import Client
from warroom.store.day import DayClock, read_day
from warroom.store.feeds import FeedStore
from warroom.store.intake import RedisIntake
from warroom.store.ports import Intake
from warroom.store.rejects import MOST_LISTED, RejectList
from warroom.store.state import StateReader
from warroom.store.wire import epoch_ms
from warroom.web.answers import as_json, private_json
from warroom.web.feeds_rows import DOORS, Told, kind_of, rows
from warroom.web.field_api import By, IdParam, InWords
from warroom.web.guard import who_of
from warroom.web.held import Sparing
from warroom.web.intake import allowed

FRESH_S = 0.5


class Wish(By):
    """What a director wants of a feed."""

    what: Literal["pause", "resume", "replay"]


class Desk:
    """The feeds as these routes see them: read from the store at most twice a second, however many ask."""

    def __init__(self, client: Client, raw_dir: Path | None) -> None:
        self._client = client
        self._raw_dir = raw_dir
        self._state: StateReader | None = None
        self._told: Told | None = None
        self._until_s = 0.0
        self._lists = Sparing(self._read_lists)
        self.store = FeedStore(client)
        self.clock = DayClock(client)

    def look(self) -> Told:
        """Everything as it stands now. Raises NoDayError where no day is loaded."""
        if self._told is None or time.monotonic() >= self._until_s:
            store = self.store
            self._state = self._state or StateReader(self._client)
            self._told = Told(
                kinds=store.kinds(), troubles=store.troubles(), pauses=store.pauses(), positions=store.positions(),
                lags=store.lags(), pulses=store.pulses(), totals=self._state.by_feed(), asked=store.asked(),
                outcomes=store.outcomes(), wall_ms=int(time.time() * 1000), **self._lists.get(),
            )  # fmt: skip
            self._until_s = time.monotonic() + FRESH_S
        return self._told

    def forget(self) -> None:
        """Something was decided: the next look reads anew."""
        self._until_s = 0.0
        self._lists.forget()

    def day_ms(self) -> Any:
        """Turns a wall time into the day's, as the clock runs now."""
        anchor = self.clock.anchor()
        if anchor is None:
            return lambda wall_ms: wall_ms
        return lambda wall_ms: round(anchor[0] + (wall_ms - anchor[1]) * anchor[2])

    def mend(self, feed: str, by: str, at_ms: int) -> Any:
        """Read a door's rejected input again here, where its raw copies are."""
        source = SimpleNamespace(name=feed, translator=lambda intake: self._door(feed, intake))
        listed = RejectList(self._client).may_be_read_again
        return Mender(source, self.store, listed, lambda: RedisIntake(self._client), self._raw_dir).mend(by, at_ms)

    def _door(self, feed: str, intake: Intake) -> Translate:
        """A door's own way of reading: who speaks by a key speaks for that key's source only, as when it came in."""
        parser = LiveParser(intake)
        kind, _, source = feed.partition(":")
        if kind != "http":
            return parser.line
        kinds = {name for key in KeyStore(self._client).all().values() if key.source == source for name in key.kinds}

        def translate(raw: bytes, where: str, received: datetime) -> Report | Reject:
            return allowed(parser.line(raw, where, received), raw, source, kinds, received)

        return translate

    def _read_lists(self) -> dict[str, Any]:
        rejects, mended = defaultdict(list), defaultdict(list)
        for refused in RejectList(self._client).rows(MOST_LISTED):
            rejects[refused.feed].append(refused)
        for one in self.store.mended().values():
            mended[one.feed].append(one)
        return {"rejects": dict(rejects), "mended": dict(mended)}


def feeds_router(client: Client, raw_dir: Path | None = None) -> APIRouter:
    """Routes under /api/v1; include it before the API's catch-all. `raw_dir` holds the doors' raw copies."""
    api = APIRouter(prefix="/api/v1", tags=["feeds"], route_class=InWords)
    desk, about = Desk(client, raw_dir), {**DOORS, **schemes()}

    @api.get("/feeds", summary="Every feed: state, rate, lag, what became of its reports, reasons of the rejected")
    def feeds(request: Request) -> Response:
        may = who_of(request.scope).may("feeds")
        told, day = desk.look(), read_day(client)
        body = {
            "may_control": may,
            "clock": {"now_ms": epoch_ms(desk.clock.now()), "rate": desk.clock.rate()},
            "watch_ms": BoardStore(client).watch_ms(),
            "day": day.name, "timezone": day.timezone,
            "feeds": rows(told, desk.day_ms(), about, samples=may),
        }  # fmt: skip
        return private_json(body)

    @api.post("/feeds/{feed:path}/control", summary="Pause a feed, let it go on, or read its rejected input again")
    @needs("feeds")
    def control(feed: IdParam, wish: Wish, request: Request) -> Response:
        told = desk.look()
        if feed not in told.feeds():
            raise HTTPException(404, "no such feed")
        by, now = who_of(request.scope).signs(wish.by), desk.clock.now()
        desk.forget()
        if wish.what == "pause" and not desk.store.pause(feed, by, epoch_ms(now)):
            pause = desk.store.pauses().get(feed)
            return JSONResponse({"detail": f"{pause.by if pause else 'somebody'} has paused it already"}, 409)
        if wish.what == "resume" and not desk.store.resume(feed, by, epoch_ms(now)):
            return JSONResponse({"detail": "it is not paused"}, 409)
        answer: dict[str, Any] = {"feed": feed, "what": wish.what, "by": by, "at_ms": epoch_ms(now)}
        if wish.what == "replay":
            desk.store.ask(feed, by, epoch_ms(now))
            if kind_of(feed, told.kinds) in DOORS and desk.store.take_asked(feed) is not None:
                answer["outcome"] = desk.mend(feed, by, epoch_ms(now))
        return as_json(answer)

    return api
