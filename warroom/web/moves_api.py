"""Suggested moves: read them, or refuse one with a reason. Accepting is a step of the alert's life (`decide`)."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from pydantic import Field

from warroom.access.policy import needs
from warroom.store.client import Client
from warroom.store.day import DayClock, read_roster
from warroom.store.moves import MovesStore, Refused
from warroom.store.wire import epoch_ms
from warroom.web.answers import as_json
from warroom.web.field_api import NAME, By
from warroom.web.guard import who_of

Id = Annotated[str, Field(min_length=1, max_length=128, pattern=NAME)]
Why = Annotated[str, Field(min_length=1, max_length=300, pattern=NAME)]


class Refusal(By):
    """Who will not make which move, and why."""

    volunteer: Id
    precinct: Id
    reason: Why


def moves_router(client: Client) -> APIRouter:
    """The routes of redeployment, under /api/v1."""
    api = APIRouter(prefix="/api/v1")
    store, clock = MovesStore(client), DayClock(client)

    @api.get("/moves", summary="Suggested moves, best first: who, where, why, voters with their interval")
    def moves() -> Response:
        plan = store.plan() or {"at_ms": None, "moves": []}
        return as_json(plan)

    @api.post("/moves/refuse", summary="Refuse a suggestion; the pair is not suggested again today")
    @needs("decide", regional=True)
    def refuse(wish: Refusal, request: Request) -> Response:
        who = who_of(request.scope)
        regions = {p.region for p in read_roster(client).precincts if p.precinct_id == wish.precinct}
        if not who.in_reach("decide", regions):
            raise HTTPException(403, f"your role does not reach precinct {wish.precinct}")
        refused = Refused(wish.volunteer, wish.precinct, who.signs(wish.by), wish.reason, epoch_ms(clock.now()))
        store.refuse(refused)
        return as_json(refused)

    return api
