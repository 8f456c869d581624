"""The JSON API and the live stream. Handlers are thin: read the store, answer."""

import hashlib
from functools import lru_cache
from typing import Annotated

import brotli
import msgspec
from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from warroom.access.policy import needs
from warroom.store.day import NoDayError
from warroom.web.answers import as_json
from warroom.web.feeds_rows import masked
from warroom.web.room import Room

IdParam = Annotated[str, Path(min_length=1, max_length=200)]


@lru_cache(maxsize=4)  # geometry and roster of the day: the same bytes for every screen
def _brotli(body: bytes) -> bytes:
    return brotli.compress(body, quality=9)


def _cached(request: Request, body: bytes, media_type: str) -> Response:
    """Answer with an ETag, compressed as the browser allows; 304 where it has these bytes."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if "br" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "br"
        body = _brotli(body)
    return Response(body, media_type=media_type, headers=headers)


def router(room: Room) -> APIRouter:
    """What screens read, under /api/v1; the decisions are in field_api.py. `room` is what they read."""
    api = APIRouter(prefix="/api/v1")

    @api.get("/board", summary="The board as every screen shows it")
    def board() -> Response:
        snapshot = room.board.snapshot()
        if snapshot is None:
            raise HTTPException(503, "the first pass of the watch is awaited")
        return Response(snapshot, media_type="application/json")

    @api.get("/stream", summary="Server-sent events: a snapshot, then deltas and beats")
    async def stream(request: Request) -> StreamingResponse:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        agent = request.headers.get("user-agent", "")
        return StreamingResponse(room.hub.subscribe(agent), media_type="text/event-stream", headers=headers)

    @api.get("/geometry", summary="Precinct outlines, delta-coded")
    def geometry(request: Request) -> Response:
        return _cached(request, room.geometry(), "application/octet-stream")

    @api.get("/roster", summary="Precinct ids, names, regions and sites in map order")
    def roster(request: Request) -> Response:
        return _cached(request, msgspec.json.encode(room.roster_columns()), "application/json")

    @api.get("/precincts/{precinct_id:path}", summary="One precinct: its reports against its expected band")
    def precinct(precinct_id: IdParam) -> Response:
        detail = room.precinct_detail(precinct_id)
        if detail is None:
            raise HTTPException(404, "no such precinct on this day")
        return as_json(detail)

    @api.get("/rejects", summary="Newest reports that could not be counted, with reason and remedy; samples masked")
    @needs("feeds")
    def rejects() -> Response:
        return as_json([{**row, "sample": masked(row["sample"])} for row in room.state.rejects()])

    @api.get("/totals", summary="Where every report went")
    def totals() -> Response:
        found = room.state.totals()
        return as_json({**msgspec.structs.asdict(found), "repeated": found.repeated})

    @api.get("/health", summary="Whether the store answers and a day is loaded")
    def health() -> Response:
        try:
            day = room.day()
        except NoDayError as error:
            return JSONResponse({"store": "ok", "day": None, "remedy": str(error)}, status_code=503)
        return as_json({"store": "ok", "day": day.name, "screens": room.hub.screens})

    @api.get("/{rest:path}", include_in_schema=False)
    def unknown(rest: str) -> Response:
        raise HTTPException(404, "no such address in the API; see /docs")

    return api
