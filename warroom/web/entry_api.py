"""The entry page's API: what a line means, lines into the store, sheets that two people type. Handlers are thin."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from warroom.access.policy import needs
from warroom.domain.sms import Said
from warroom.store.client import connect
from warroom.store.wire import epoch_ms
from warroom.web.answers import private_json
from warroom.web.bodies import MAX_BODY_BYTES
from warroom.web.entry_desk import EntryDesk, typed_at
from warroom.web.entry_lines import KINDS, source_of, void, wire
from warroom.web.entry_sheets import EntrySheets, NotThatDifference, SheetIsFullError, kept
from warroom.web.field_api import InWords
from warroom.web.intake import DayView, Outcome, WebIntake

FEED = "entry"
MOST_LINES = 50
MOST_UNITS = 40
Id = Annotated[str, Field(min_length=8, max_length=80, pattern=r"^[A-Za-z0-9.-]+$")]
Initials = Annotated[str, Field(min_length=1, max_length=4, pattern=r"^[A-Za-z]+$")]
Sheet = Annotated[str, Field(max_length=20, pattern=r"^[A-Za-z0-9.-]*$")]
Text = Annotated[str, Field(max_length=400)]
Time = Annotated[str, Field(max_length=10)]
Millis = Annotated[int, Field(ge=0, le=10**14)]


class Typed(BaseModel):
    """What stands in the line while it is typed: it may name people, so it is in a body and never in an address."""

    line: Text
    time: Time = ""
    typed_ms: Millis | None = None


class Line(BaseModel):
    """One typed line, or with `void` the id of an earlier one that is taken back. `typed_ms`: the day's clock."""

    id: Id
    line: Text = ""
    typed_ms: Millis
    time: Time = ""
    void: Id | None = None


class Lines(BaseModel):
    """What one page sends at once."""

    by: Initials
    lines: Annotated[list[Line], Field(min_length=1, max_length=MOST_LINES)]


class WholeSheet(BaseModel):
    """One person's typing of a whole sheet."""

    by: Initials
    sheet: Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[A-Za-z0-9.-]+$")]
    lines: Annotated[list[Line], Field(min_length=1, max_length=200)]


class Settled(BaseModel):
    """A difference looked up on the paper: the right line, or `dropped` where the paper has none."""

    by: Initials
    sheet: Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[A-Za-z0-9.-]+$")]
    line: Line | None = None
    dropped: Annotated[str, Field(max_length=200)] = ""


def entry_router(url: str) -> APIRouter:
    """Routes under /api/v1/entry; include it before the API's catch-all."""
    api = APIRouter(prefix="/api/v1/entry", tags=["entry"], route_class=InWords, max_body_size=MAX_BODY_BYTES)
    client = connect(url, patience=4)
    desk = EntryDesk(client)
    sheets = EntrySheets(desk)
    _reading(api, desk, sheets)
    _writing(api, desk)
    _sheets(api, desk, sheets)
    return api


def _reading(api: APIRouter, desk: EntryDesk, sheets: EntrySheets) -> None:
    @api.get("", summary="The day and its clock")
    @needs("enter")
    async def start(request: Request) -> Response:
        day = await _intake(request).day()
        return private_json(
            {"day": day.day.name, "date": str(day.day.date), "timezone": day.day.timezone, **_clock(day)}
        )

    @api.post("/read", summary="What a line means, what stands for its place, and whether it is plausible")
    @needs("enter", reads=True)
    async def read(request: Request, wish: Typed) -> Response:
        day = await _intake(request).day()
        return private_json(await desk.echo(day, await desk.read(day, wish.line, wish.time, wish.typed_ms)))

    @api.get("/became", summary="What the tally makes of a typist's counts: {report id: doubt or ''}")
    @needs("enter")
    async def became(
        by: Initials, unit: Annotated[list[Annotated[str, Field(max_length=200)]], Query(max_length=MOST_UNITS)]
    ) -> Response:
        return private_json(await desk.became(source_of(by), unit))

    @api.get("/sheets", summary="Sheets typed once, and those that two people typed differently")
    @needs("enter")
    async def open_sheets() -> Response:
        return private_json(await asyncio.to_thread(sheets.open))


def _writing(api: APIRouter, desk: EntryDesk) -> None:
    @api.post("/lines", summary="Typed lines, at most 50; one outcome each, in order. Sent again they count once")
    @needs("enter")
    async def lines(request: Request, wish: Lines) -> Response:
        intake = _intake(request)
        day, source = await intake.day(), source_of(wish.by)
        read = [None if line.void else await desk.read(day, line.line, line.time, line.typed_ms) for line in wish.lines]
        bodies: dict[int, bytes] = {}
        for place, (line, said) in enumerate(zip(wish.lines, read, strict=True)):
            if line.void:
                bodies[place] = void(line.id, line.void, source, typed_at(day, line.typed_ms))
            elif isinstance(said, Said):
                bodies[place] = wire(said, line.id, source)
        echoes = [{"ok": True, "kind": "void"} if said is None else await desk.echo(day, said) for said in read]
        outcomes = dict(zip(bodies, await take(intake, source, list(bodies.values())), strict=True))
        told = [
            {"id": line.id, **echo, **_told(outcomes.get(place))}
            for place, (line, echo) in enumerate(zip(wish.lines, echoes, strict=True))
        ]
        return private_json({"outcomes": told, **_clock(day)})


def _sheets(api: APIRouter, desk: EntryDesk, sheets: EntrySheets) -> None:
    @api.post("/sheets", summary="A whole sheet, typed blind: what two people typed alike is sent, the rest is listed")
    @needs("enter")
    async def sheet(request: Request, wish: WholeSheet) -> Response:
        intake = _intake(request)
        day, source = await intake.day(), source_of(wish.by)
        read = [(line, await desk.read(day, line.line, line.time, line.typed_ms)) for line in wish.lines]
        bad = [{"id": line.id, "remedy": said.remedy} for line, said in read if not isinstance(said, Said)]
        if bad:
            return private_json({"bad": bad}, status_code=422)
        mine = [kept(line.id, said, source, typed_at(day, line.typed_ms), day.day.tz)
                for line, said in read if isinstance(said, Said)]  # fmt: skip
        try:
            state, agreed = await asyncio.to_thread(
                sheets.typed, wish.sheet, wish.by.upper(), mine, epoch_ms(day.now())
            )
        except SheetIsFullError as error:
            raise HTTPException(409, str(error)) from error
        first = source_of(state["first"])
        outcomes = await take(intake, first, [line.report for line in agreed])
        return private_json({**state, "agreed": sum(o.accepted for o in outcomes), "refused": _refused(outcomes)})

    @api.post("/sheets/settle", summary="Settle one difference of a sheet from the paper")
    @needs("enter")
    async def settle(request: Request, wish: Settled) -> Response:
        intake = _intake(request)
        day, source = await intake.day(), source_of(wish.by)
        try:
            if wish.line is None:
                await asyncio.to_thread(sheets.drop, wish.sheet, wish.dropped, wish.by.upper())
                return private_json({"ok": True})
            said = await desk.read(day, wish.line.line, wish.line.time, wish.line.typed_ms)
            echo = await desk.echo(day, said)
            if not isinstance(said, Said):
                return private_json({"id": wish.line.id, **echo, "status": "refused"})
            line = kept(wish.line.id, said, source, typed_at(day, wish.line.typed_ms), day.day.tz)
            await asyncio.to_thread(sheets.find, wish.sheet, line.what)
            outcomes = await take(intake, source, [line.report])
            if outcomes[0].accepted:
                await asyncio.to_thread(sheets.drop, wish.sheet, line.what, wish.by.upper())
            return private_json({"id": wish.line.id, **echo, **_told(outcomes[0])})
        except NotThatDifference as error:
            raise HTTPException(409, str(error)) from error


async def take(intake: WebIntake, source: str, bodies: Sequence[bytes]) -> list[Outcome]:
    """Put typed reports into the store. Raises NotTaken, which the application makes a 503."""
    return await intake.take(FEED, bodies, source=source, kinds=KINDS) if bodies else []


def _intake(request: Request) -> WebIntake:
    found: WebIntake = request.app.state.intake
    return found


def _told(outcome: Outcome | None) -> dict[str, str]:
    """The end of a line: taken, or refused with the remedy; a line that says nothing was refused before."""
    if outcome is None:
        return {"status": "refused"}
    if outcome.accepted:
        return {"status": "taken"}
    return {"status": "refused", "reason": outcome.reason, "remedy": outcome.remedy}


def _refused(outcomes: Sequence[Outcome]) -> list[dict[str, str]]:
    return [{"id": o.id, "remedy": o.remedy} for o in outcomes if not o.accepted]


def _clock(day: DayView) -> dict[str, Any]:
    return {"now_ms": epoch_ms(day.now()), "rate": day.anchor[2] if day.anchor else 1.0}
