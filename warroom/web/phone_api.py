"""The volunteers' phone page's API. Every request carries the volunteer's own code; the room's cookie opens nothing."""

import asyncio
import os
from functools import lru_cache
from hashlib import sha256
from typing import Any

import brotli
import msgspec
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from warroom.domain.codes import Coder, Holder
from warroom.domain.readings import PACE_LIMIT, REASON_TEXT, SLACK_BALLOTS, Judged
from warroom.store.client import connect
from warroom.store.codes import CodeStore, NoCodeKeyError, code_secret
from warroom.store.own import own_readings
from warroom.store.people import PeopleStore
from warroom.store.tries import Tries
from warroom.store.wire import epoch_ms
from warroom.web.address import sender_address
from warroom.web.answers import private_json
from warroom.web.bodies import read_body
from warroom.web.buckets import Buckets
from warroom.web.held import Held
from warroom.web.intake import DayView, Outcome, WebIntake
from warroom.web.phone_places import PhonePlaces, read_places, units_of
from warroom.web.phone_reports import (
    KINDS,
    MOST_BYTES,
    BadBatch,
    read_batch,
    too_late_for_a_test,
    wire,
)

PLACES_FRESH_S = 15.0
FEED = "phone"
MOST_CODE_BYTES = 200
PER_MINUTE = 240  # reports of one phone; a day offline is an outbox of a hundred, a flood is somebody else's program


class Phones:
    """What the routes need of the store. Opens no connection before the first request."""

    def __init__(self, url: str) -> None:
        self._client = connect(url, patience=4)
        self._people = PeopleStore(self._client)
        self._tries = Tries(self._client)
        self._held = Held(lambda: read_places(self._client), PLACES_FRESH_S)
        self._digest: bytes | None = None
        try:
            self._coder: Coder | None = Coder(code_secret(url))
        except NoCodeKeyError:
            self._coder = None

    @property
    def codes(self) -> CodeStore:
        """Raises HTTPException 503 where the server has no secret for codes."""
        if self._coder is None:
            raise HTTPException(503, "volunteers' codes are not set up on this server: set WARROOM_CODE_KEY")
        return CodeStore(self._client, self._coder)

    async def holder(self, request: Request) -> Holder:
        """Who sends this. Raises HTTPException 401."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        holder = await asyncio.to_thread(self.codes.by_token, token) if scheme.lower() == "bearer" else None
        if holder is None:
            raise HTTPException(401, "this code opens nothing here", headers={"WWW-Authenticate": "Bearer"})
        return holder

    async def places(self, day: DayView) -> PhonePlaces:
        """Places of the loaded day; of a day loaded anew at once."""
        if day.digest != self._digest:
            self._held.forget()
            self._digest = day.digest
        return await self._held.get()

    def token_for(self, typed: str, address: str) -> str:
        """The long code for a short one. Raises HTTPException 401 or 429."""
        assert self._coder is not None
        who = self._coder.hidden(address)
        if wait_s := self._tries.take(who):
            said = "too many wrong codes; use the link you were sent, or wait"
            raise HTTPException(429, said, headers={"Retry-After": str(wait_s)})
        found = self.codes.by_code(typed)
        if found is None:
            raise HTTPException(401, "no such code")
        self._tries.right(who)
        return found[1]

    def own(self, holder: Holder, places: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What this volunteer has counted at their own places, and nobody else's figures."""
        judged = own_readings(self._client, self.codes.source(holder), units_of(places))
        return [_reading(unit, j) for unit, found in judged.items() for j in found]

    def languages(self, holder: Holder) -> tuple[str, ...]:
        """Languages this volunteer speaks."""
        person = self._people.volunteer(holder.volunteer)
        return person.languages if person is not None else ()


def phone_router(url: str) -> APIRouter:
    """Routes under /api/v1/phone."""
    api = APIRouter(prefix="/api/v1/phone", tags=["phone"])
    phones, buckets = Phones(url), Buckets()

    @api.post("/signin", summary="A typed code for the long one that a phone keeps")
    async def signin(request: Request) -> Response:
        _ = phones.codes
        try:
            typed = msgspec.json.decode(await read_body(request, MOST_CODE_BYTES), type=dict[str, str])["code"]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, KeyError) as error:
            raise HTTPException(422, 'send {"code": "K7QM-2RXD"}') from error
        return private_json({"token": await asyncio.to_thread(phones.token_for, typed, sender_address(request))})

    @api.get("/me", summary="The volunteer's own places, own last counts, the day and its clock")
    async def me(request: Request) -> Response:
        holder = await phones.holder(request)
        day = await _intake(request).day()
        own_places = (await phones.places(day)).own(holder.volunteer)
        own, languages = await asyncio.to_thread(lambda: (phones.own(holder, own_places), phones.languages(holder)))
        return private_json(
            {
                "source": phones.codes.source(holder),
                "languages": languages,
                "places": own_places,
                "own": own,
                **_day(day),
            }
        )

    @api.get("/sites", summary="Every site with its precincts, to look one up")
    async def sites(request: Request) -> Response:
        await phones.holder(request)
        found = await phones.places(await _intake(request).day())
        return _list(request, found.sites_json)

    @api.post("/reports", summary="Reports from one phone, at most 50; one outcome each, in order")
    async def reports(request: Request) -> Response:
        holder = await phones.holder(request)
        try:
            items = read_batch(await read_body(request, MOST_BYTES))
        except BadBatch as error:
            raise HTTPException(422, str(error)) from error
        if wait_s := buckets.take(holder.volunteer, PER_MINUTE, len(items)):
            said = f"one phone may send {PER_MINUTE} reports a minute; nothing of this was taken"
            raise HTTPException(429, said, headers={"Retry-After": str(wait_s)})
        intake = _intake(request)
        day = await intake.day()
        now, source = day.now(), phones.codes.source(holder)
        lines = [wire(item, source, holder.volunteer) for item in items]
        late = [too_late_for_a_test(item, now, day.day.begins_at) for item in items]
        sent = [line for line, no in zip(lines, late, strict=True) if no is None]
        taken = iter(await intake.take(FEED, sent, source=source, kinds=KINDS) if sent else [])
        outcomes = [
            next(taken) if no is None else await intake.refuse(FEED, line, no)
            for line, no in zip(lines, late, strict=True)
        ]
        return private_json({"outcomes": [_told(o) for o in outcomes], **_clock(day)})

    return api


def _intake(request: Request) -> WebIntake:
    found: WebIntake = request.app.state.intake
    return found


def _day(day: DayView) -> dict[str, Any]:
    election = day.day
    return {
        "day": {
            "name": election.name,
            "timezone": election.timezone,
            "begins_ms": epoch_ms(election.begins_at),
            "opens_ms": epoch_ms(election.opens_at),
            "closes_ms": epoch_ms(election.closes_at),
        },
        "pace": {"slack": SLACK_BALLOTS, "times": PACE_LIMIT},
        "helpline": os.environ.get("WARROOM_HELPLINE", ""),
        **_clock(day),
    }


def _clock(day: DayView) -> dict[str, Any]:
    return {"now_ms": epoch_ms(day.now()), "rate": day.anchor[2] if day.anchor else 1.0, "live": day.anchor is None}


def _reading(unit: str, judged: Judged) -> dict[str, Any]:
    reading = judged.reading
    return {
        "unit": unit,
        "id": reading.id,
        "at_ms": reading.at_ms,
        "count": reading.count,
        "void": reading.void,
        "doubt": judged.reason if judged.status == "suspect" else "",
        "words": REASON_TEXT.get(judged.reason, ""),
    }


def _told(outcome: Outcome) -> dict[str, str]:
    told = {"id": outcome.id, "status": outcome.status, "reason": outcome.reason, "remedy": outcome.remedy}
    return {name: value for name, value in told.items() if value}


def _list(request: Request, body: bytes) -> Response:
    """The long list: 304 where the phone has it, else packed once for all phones."""
    tag = f'"{sha256(body).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if "br" in request.headers.get("accept-encoding", ""):
        body, headers["Content-Encoding"] = _packed(body), "br"
    return Response(body, media_type="application/json", headers=headers)


@lru_cache(maxsize=2)
def _packed(body: bytes) -> bytes:
    return brotli.compress(body, quality=9)
