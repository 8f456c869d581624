"""The API of people's decisions: who has an alert, who goes there, how it ended. Handlers are thin."""

import os
import time
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

from warroom.access.policy import needs
from warroom.access.roles import Who
from warroom.domain.alerts import Alert
from warroom.domain.handling import Deadlines, Decision, Handling, NotAllowed, Shelf, What
from warroom.settings import deadlines_from
from warroom.store.day import Roster
from warroom.store.people import PeopleStore
from warroom.store.wire import epoch_ms
from warroom.web.answers import as_json, private_json
from warroom.web.field_rows import AT_WORK_MS, Desk, Places, alarms, earlier, handling_row, row, told
from warroom.web.guard import who_of
from warroom.web.incident_words import words_of
from warroom.web.room import Room

IdParam = Annotated[str, Path(min_length=1, max_length=200)]
NAME = r"^[^\x00-\x1f\x7f<>]+$"
WORDS = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"  # outside text is data: kept as it is, shown as text only
Name = Annotated[str, Field(min_length=1, max_length=60, pattern=NAME)]
Why = Annotated[str, Field(max_length=400, pattern=WORDS)]
Scope = Literal["open", "all"]
FRESH_MS = 250
MOST_AT_ONCE = 200
MOST_SHELVED_MINUTES = 240


class By(BaseModel):
    """Who acts."""

    by: Name


class Wish(By):
    """One decision; `version` is that of the handling the person saw."""

    what: What
    version: Annotated[int, Field(ge=0)]
    reason: Why = ""
    volunteer: Annotated[str, Field(min_length=1, max_length=60, pattern=NAME)] | None = None
    move: Why = ""
    to_precinct: Annotated[str, Field(max_length=200)] = ""
    deadline_minutes: Annotated[int, Field(ge=1, le=240)] | None = None


class Item(BaseModel):
    """An alert of a bulk decision, and the version seen."""

    id: Annotated[str, Field(min_length=1, max_length=200)]
    version: Annotated[int, Field(ge=0)]


class BulkWish(By):
    """Take many alerts at once."""

    what: Literal["acknowledge"] = "acknowledge"
    items: Annotated[list[Item], Field(min_length=1, max_length=MOST_AT_ONCE)]
    deadline_minutes: Annotated[int, Field(ge=1, le=240)] | None = None


class ShelfWish(By):
    """Silence a site for some minutes of the day's clock."""

    minutes: Annotated[int, Field(ge=1, le=MOST_SHELVED_MINUTES)]
    reason: Annotated[str, Field(min_length=1, max_length=400, pattern=WORDS)]


class InWords(APIRoute):
    """A route whose 422 is a sentence that a page can show."""

    def get_route_handler(self) -> Any:
        """The usual handler, with faults of the request put into words."""
        handler = super().get_route_handler()

        async def plain(request: Request) -> Response:
            try:
                return await handler(request)
            except RequestValidationError as error:
                faults = [f"{'.'.join(str(p) for p in e['loc'][1:]) or 'body'}: {e['msg']}" for e in error.errors()]
                return JSONResponse({"detail": "; ".join(faults)}, status_code=422)

        return plain


def field_router(room: Room) -> APIRouter:
    """The routes of the field page, under /api/v1."""
    api = APIRouter(prefix="/api/v1", route_class=InWords)
    desk = FieldDesk(room, deadlines_from(os.environ) or Deadlines())
    _reads(api, desk)
    _decisions(api, desk)
    return api


class FieldDesk:
    """The room as these routes see it."""

    def __init__(self, room: Room, deadlines: Deadlines) -> None:
        self._room = room
        self._places: tuple[Roster, Places] | None = None
        self._lists: dict[Scope, tuple[tuple[str, int, int], bytes]] = {}
        self.deadlines = deadlines

    @property
    def places(self) -> Places:
        """Names of the loaded day."""
        roster = self._room.roster()
        if self._places is None or self._places[0] is not roster:
            self._places = roster, Places(roster)
        return self._places[1]

    @property
    def people(self) -> PeopleStore:
        """The store of volunteers and of grouped incidents."""
        return self._room.people

    @property
    def handlings(self) -> Any:
        """The store of handlings."""
        return self._room.board.handlings

    def now_ms(self) -> int:
        """The day's clock."""
        return epoch_ms(self._room.clock.now())

    def look(self) -> Desk:
        """Everything as it stands now."""
        now_ms = self.now_ms()
        return Desk(self._room.board.alerts(), self.handlings.all(), self.handlings.shelves(now_ms), now_ms)

    def rows(self, scope: Scope) -> bytes:
        """The list as JSON. Every laptop asks at once when somebody decides: one answer serves them all.

        It is as new as the newest decision, and at most a quarter of a second behind the model.
        """
        key = (self.handlings.mark(), self.now_ms() // FRESH_MS, int(time.monotonic() * 1000) // FRESH_MS)
        held = self._lists.get(scope)
        if held is None or held[0] != key:
            now = self.look()
            chosen = filter(now.on_list, now.alerts) if scope == "open" else now.alerts
            listed = [row(now, self.places, alert) for alert in now.ranked(chosen)]
            held = self._lists[scope] = (key, msgspec.json.encode(listed))
        return held[1]

    def alert(self, alert_id: str) -> Alert:
        """One alert; 404 where there is none."""
        found: Alert | None = self._room.board.alert(alert_id)
        if found is None:
            raise HTTPException(404, "no such alert")
        return found

    def mine(self, alert_id: str, who: Who) -> Alert:
        """An alert that this person may act on; 404 where there is none, 403 where it is another region's."""
        alert = self.alert(alert_id)
        _in_reach(who, self.places.regions(alert))
        return alert

    def decide(self, alert_id: str, decision: Decision, who: Who) -> tuple[int, dict[str, Any]]:
        """Status and answer of one decision. Both ways the answer carries the handling as it is now."""
        alert = self.mine(alert_id, who)
        closed = alert.status == "closed"
        try:
            after: Handling = self.handlings.decide(alert, decision, self.deadlines)
        except NotAllowed as refused:
            status = 409 if refused.reason in ("stale", "owned", "over", "wrong_step") else 422
            held = handling_row(refused.handling, decision.at_ms, closed=closed)
            owner = refused.handling.stage.owner
            return status, {"id": alert_id, "ok": False, "reason": refused.reason, "detail": str(refused),
                            "owner": owner, "handling": held}  # fmt: skip
        return 200, {"id": alert_id, "ok": True, "handling": handling_row(after, decision.at_ms, closed=closed)}


def _in_reach(who: Who, regions: set[str]) -> None:
    if not who.in_reach("decide", regions):
        raise HTTPException(403, f"your role does not reach {', '.join(sorted(regions)) or 'this place'}")


def _reads(api: APIRouter, desk: FieldDesk) -> None:
    @api.get("/alerts", summary="Alerts ranked by urgency, each with its handling; scope=open: those on the list")
    def alerts(scope: Scope = "all") -> Response:
        return Response(desk.rows(scope), media_type="application/json")

    @api.get("/alerts/{alert_id:path}", summary="One alert: its handling's history, its precincts, earlier alerts")
    def alert(alert_id: IdParam, request: Request) -> Response:
        found, now = desk.alert(alert_id), desk.look()
        return private_json(
            {
                **row(now, desk.places, found),
                "history": told(now.handling(found)),
                "members": desk.places.members(found),
                "earlier": earlier(now, desk.places, found),
                "own_words": words_of(found, desk.people, who_of(request.scope)),
            }
        )

    @api.get("/alarms", summary="The room's alarm load, standing alarms, shelved sites, groups in a flood")
    def card() -> Response:
        now = desk.look()
        people = len(desk.handlings.at_work(now.now_ms - AT_WORK_MS))
        return as_json({**alarms(now, desk.places, people), "deadlines": desk.deadlines})


def _decisions(api: APIRouter, desk: FieldDesk) -> None:
    """What people decide. An organiser reaches these routes too, and only alerts of their own region."""

    @api.post("/alerts/{alert_id:path}/ack", summary="Take an alert; of two people at once the first has it")
    @needs("decide", regional=True)
    def acknowledge(alert_id: IdParam, wish: By, request: Request) -> Response:
        who = who_of(request.scope)
        alert = desk.mine(alert_id, who)
        try:
            mine = desk.handlings.acknowledge(alert, who.signs(wish.by), desk.now_ms(), desk.deadlines)
        except NotAllowed as refused:
            return JSONResponse({"owner": refused.handling.stage.owner}, status_code=409)
        return as_json({"id": alert_id, "owner": mine.stage.owner, "acknowledged_ms": mine.stage.owned_ms})

    @api.post("/alerts/{alert_id:path}/decide", summary="One step of an alert's life; 409 with the handling as it is")
    @needs("decide", regional=True)
    def decide(alert_id: IdParam, wish: Wish, request: Request) -> Response:
        who = who_of(request.scope)
        if wish.to_precinct and not desk.places.includes(desk.mine(alert_id, who), wish.to_precinct):
            raise HTTPException(422, "to_precinct: not a precinct of this alert")
        told = {**wish.model_dump(), "by": who.signs(wish.by)}
        status, answer = desk.decide(alert_id, Decision(**told, at_ms=desk.now_ms()), who)
        return JSONResponse(answer, status_code=status)

    @api.post("/decide", summary="Take many alerts at once; every item has its own result")
    @needs("decide", regional=True)
    def bulk(wish: BulkWish, request: Request) -> Response:
        who, at_ms, results = who_of(request.scope), desk.now_ms(), []
        for item in wish.items:
            decision = Decision(what=wish.what, by=who.signs(wish.by), at_ms=at_ms, version=item.version,
                                deadline_minutes=wish.deadline_minutes)  # fmt: skip
            try:
                results.append(desk.decide(item.id, decision, who)[1])
            except HTTPException as refused:
                reason = "unknown" if refused.status_code == 404 else "forbidden"
                results.append({"id": item.id, "ok": False, "reason": reason, "detail": refused.detail})
        return as_json({"results": results})

    _shelving(api, desk)


def _shelving(api: APIRouter, desk: FieldDesk) -> None:
    @api.post("/sites/{site_id:path}/shelve", summary="Silence a site's alerts for at most four hours")
    @needs("decide", regional=True)
    def shelve(site_id: IdParam, wish: ShelfWish, request: Request) -> Response:
        who = who_of(request.scope)
        if not desk.places.knows_site(site_id):
            raise HTTPException(404, "no such site on this day")
        _in_reach(who, desk.places.regions_of_site(site_id))
        now_ms = desk.now_ms()
        shelf = Shelf(site=site_id, until_ms=now_ms + wish.minutes * 60_000, by=who.signs(wish.by),
                      reason=wish.reason, at_ms=now_ms)  # fmt: skip
        desk.handlings.shelve(shelf)
        return as_json(shelf)

    @api.delete("/sites/{site_id:path}/shelve", summary="Bring a silenced site's alerts back now")
    @needs("decide", regional=True)
    def unshelve(site_id: IdParam, wish: By, request: Request) -> Response:
        who = who_of(request.scope)
        _in_reach(who, desk.places.regions_of_site(site_id))
        if not desk.handlings.unshelve(site_id, who.signs(wish.by), desk.now_ms()):
            raise HTTPException(404, "this site is not shelved")
        return as_json({"site": site_id})
