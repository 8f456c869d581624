"""Suggested moves: read them, or refuse one with a reason. Accepting is a step of the alert's life (`decide`)."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from pydantic import BaseModel, StringConstraints

from warroom.access.policy import needs
from warroom.store.client import Client
from warroom.store.day import DayClock, read_roster
from warroom.store.moves import MovesStore, Refused
from warroom.store.wire import epoch_ms
from warroom.web.guard import who_of

Plain = r"^[^\x00-\x1f\x7f<>]+$"
Name = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=Plain)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=Plain)]
Why = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=Plain)]


class Refusal(BaseModel):
    """Who will not make which move, and why."""

    volunteer: Id
    precinct: Id
    by: Name
    reason: Why


def moves_router(client: Client) -> APIRouter:
    """The routes of redeployment, under /api/v1."""
    api = APIRouter(prefix="/api/v1")
    store, clock = MovesStore(client), DayClock(client)

    @api.get("/moves", summary="Suggested moves, best first: who, where, why, voters with their interval")
    def moves() -> Response:
        plan = store.plan() or {"at_ms": None, "moves": []}
        return Response(msgspec.json.encode(plan), media_type="application/json")

    @api.post("/moves/refuse", summary="Refuse a suggestion; the pair is not suggested again today")
    @needs("decide", regional=True)
    def refuse(wish: Refusal, request: Request) -> Response:
        who = who_of(request.scope)
        regions = {p.region for p in read_roster(client).precincts if p.precinct_id == wish.precinct}
        if not who.in_reach("decide", regions):
            raise HTTPException(403, f"your role does not reach precinct {wish.precinct}")
        refused = Refused(wish.volunteer, wish.precinct, who.signs(wish.by), wish.reason, epoch_ms(clock.now()))
        store.refuse(refused)
        return Response(msgspec.json.encode(refused), media_type="application/json")

    return api
