"""The replay over HTTP: which minutes of the day there are, and the board at each of them."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, HTTPException, Path
from fastapi.responses import Response

from warroom.history.shelf import Shelf
from warroom.web.answers import as_json
from warroom.web.room import Room

Minute = Annotated[int, Path(ge=0, le=3_000)]


def replay_router(room: Room, client: Any) -> APIRouter:
    """Routes under /api/v1/replay; `client` is the store that holds the frames."""
    api = APIRouter(prefix="/api/v1/replay")
    shelf = Shelf(client)

    @api.get("", summary="Minutes of the day that can be looked at, and what became of every alert")
    def index() -> Response:
        shelf.ask()
        found = shelf.index()
        state = {"state": _state(found is not None, shelf.is_tended())}
        if found is None:
            return as_json(state)
        owners = {a.id: a for a in room.board.alerts() if a.owner}
        rows = [{**row, **_taken(owners.get(row["id"]))} for row in found.alerts]
        return as_json({**msgspec.structs.asdict(found), "alerts": rows, **state})

    @api.get("/{minute}", summary="The board at a minute since the opening, as docs/wire.md describes a snapshot")
    def frame(minute: Minute) -> Response:
        body = shelf.frame(minute)
        if body is None:
            raise HTTPException(404, "this minute is not computed; GET /api/v1/replay lists those that are")
        return Response(body, media_type="application/json")

    return api


def _state(some: bool, tended: bool) -> str:
    """awaited: nothing yet; untended: nothing, and no `warroom history` runs to make it; else there."""
    if some:
        return "there"
    return "awaited" if tended else "untended"


def _taken(alert: Any) -> dict[str, Any]:
    if alert is None:
        return {}
    taken = alert.acknowledged_at
    return {"owner": alert.owner, "taken_ms": None if taken is None else round(taken.timestamp() * 1000)}
