"""The API of people: coverage and incidents for every screen, names and reporters' words for those who decide."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from warroom.access.roles import Who, regions
from warroom.domain.readiness import Milestone, deadlines, readiness
from warroom.domain.volunteers import Contact, mask_phone
from warroom.store.board import BoardStore
from warroom.store.client import Client
from warroom.store.day import DayClock, read_day, read_roster
from warroom.store.people import PeopleStore
from warroom.store.signs import signs_before
from warroom.store.wire import epoch_ms
from warroom.web.answers import PRIVATE, private_json
from warroom.web.guard import looked_at, who_of
from warroom.web.incident_words import readable

READY_FOR_S = 30.0  # what happened before the day hardly changes on it


def router(client: Client) -> APIRouter:
    """Routes under /api/v1; include it before the API's catch-all."""
    api = APIRouter(prefix="/api/v1", tags=["people"])
    people, clock = PeopleStore(client), DayClock(client)
    ready = _Ready(client, people)

    @api.get("/coverage", summary="Sites by hours: need, plan, who is there. Ids and counts, no names")
    def coverage() -> Response:
        anchor = clock.anchor() or (0, 0, 1.0)
        told = {"Day-Now-Ms": str(epoch_ms(clock.now())), "Day-Rate": f"{anchor[2]:g}"}
        if (watch_ms := BoardStore(client).watch_ms()) is not None:
            told["Watch-Now-Ms"] = str(watch_ms)
        return _held(people.coverage(), told)

    @api.get("/incidents", summary="Incidents by site and category, newest first; reporters' words for who decides")
    def incidents(request: Request) -> Response:
        held = people.incidents()
        told = None if held is None else msgspec.json.encode(readable(held, who_of(request.scope)))
        return _held(told, PRIVATE)

    @api.get("/volunteers", summary="Volunteers and readiness; names and masked numbers for directors only")
    def volunteers(request: Request) -> Response:
        who = who_of(request.scope)
        known = people.volunteers()
        named = _in_reach(client, people, who, known)
        contacts = people.contacts() if named else {}
        if named:
            looked_at(request.scope, "see_people")
        body = {
            "role": "director" if who.may_somewhere("see_people") else "viewer",
            "count": len(known),
            "volunteers": [_row(i, contacts.get(i), i in named) for i in sorted(known)],
            "readiness": ready.milestones(),
            "now_ms": epoch_ms(clock.now()),
        }
        return private_json(body)

    return api


def _held(body: bytes | None, told: Mapping[str, str] | None = None) -> Response:
    if body is None:
        raise HTTPException(503, "the first pass of the watch is awaited")
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-cache", **(told or {})})


def _in_reach(client: Client, people: PeopleStore, who: Who, known: Iterable[str]) -> set[str]:
    """Whose names this person may see: all of them, those with a shift in their region, or nobody's."""
    if who.may("see_people"):
        return set(known)
    if not who.may_somewhere("see_people"):
        return set()
    mine = regions(who.grants, "see_people")
    here = [p for p in read_roster(client).precincts if p.region in mine]
    sites, precincts = {p.site_id for p in here} - {""}, {p.precinct_id for p in here}
    shifts = (s for s in people.shifts() if (s.site_id in sites if s.site_id else s.precinct_id in precincts))
    return {s.volunteer_id for s in shifts} & set(known)


def _row(volunteer_id: str, contact: Contact | None, names: bool) -> dict[str, Any]:
    if not names:
        return {"id": volunteer_id}
    contact = contact or Contact()
    return {"id": volunteer_id, "name": contact.name, "phone": mask_phone(contact.phone)}


class _Ready:
    """Readiness, worked out anew at most every half minute: it walks over every event."""

    def __init__(self, client: Client, people: PeopleStore) -> None:
        self._client = client
        self._people = people
        self._held: list[Milestone] = []
        self._until_s = 0.0

    def milestones(self) -> list[Milestone]:
        """The milestones as they stand. Raises NoDayError."""
        if time.monotonic() >= self._until_s:
            day = read_day(self._client)
            everyone = self._people.volunteers().keys()
            signs = signs_before(self._client, everyone, epoch_ms(day.begins_at))
            self._held = readiness(everyone, signs, deadlines(day))
            self._until_s = time.monotonic() + READY_FOR_S
        return self._held
