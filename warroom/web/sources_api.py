"""The API of the sources panel: what others say of each source's counts, and to hold or release one."""

import re
from collections import Counter
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from warroom.access.policy import needs
from warroom.domain.sources import WORDS, Judgement, Trust, sender_of
from warroom.store.client import Client
from warroom.store.day import DayClock, read_day
from warroom.store.holds import Hold, HoldStore
from warroom.store.rejects import MOST_LISTED, Refused, RejectList
from warroom.store.wire import epoch_ms
from warroom.web.answers import as_json, private_json
from warroom.web.field_api import WORDS as PLAIN
from warroom.web.field_api import By, InWords
from warroom.web.guard import who_of
from warroom.web.held import Sparing

MOST_SHOWN = 40
LOOK_FIRST = ("contradicts", "one_of_two", "unsure")
_SOURCE = re.compile(r'"source"\s*:\s*"([^"\\]{1,128})"')
Find = Annotated[str, Query(max_length=128)]


class Wish(By):
    """What a director wants of a source, and why."""

    what: Literal["hold", "release"]
    source: Annotated[str, Field(min_length=1, max_length=128)]
    reason: Annotated[str, Field(min_length=1, max_length=400, pattern=PLAIN)]


class Desk:
    """The sources as these routes see them."""

    def __init__(self, client: Client) -> None:
        rejects = RejectList(client)
        self._rejected = Sparing(lambda: rejected_by_sender(rejects.rows(MOST_LISTED)))
        self.store = HoldStore(client)

    def judged(self) -> Judgement:
        """What the watch made of the sources; nothing before it looked."""
        raw = self.store.judged()
        return Judgement(0, 0, []) if raw is None else msgspec.json.decode(raw, type=Judgement)

    def rejected(self) -> Counter[str]:
        """{sender: refused input that names it}. The name is what the input says: anybody can write it."""
        return self._rejected.get()


def rejected_by_sender(rejects: list[Refused]) -> Counter[str]:
    """{sender: refused input that names it}."""
    found: Counter[str] = Counter()
    for one in rejects:
        named = _SOURCE.search(one.sample)
        source = one.where if one.reason == "id_reused" else named[1] if named else ""
        found[sender_of(source)] += bool(source)
    return found


def rows(judged: Judgement, holds: dict[str, Hold], rejected: Counter[str], find: str) -> list[dict[str, Any]]:
    """Every source whose name holds `find`; those that need a look first, then the held, then by their readings."""
    known = {one.source: one for one in judged.sources}
    for source in holds:
        known.setdefault(source, Trust(source=source, readings=0, suspect=0, held=0, last_ms=0))
    wanted = [one for one in known.values() if find.lower() in one.source.lower()]
    return [_row(one, holds, rejected) for one in sorted(wanted, key=lambda one: _rank(one, holds))]


def _rank(one: Trust, holds: dict[str, Hold]) -> tuple[int, int, str]:
    first = LOOK_FIRST.index(one.verdict) if one.verdict in LOOK_FIRST else 3 if one.many_suspect else 5
    return (min(first, 4) if one.source in holds else first, -one.readings, one.source)


def _row(one: Trust, holds: dict[str, Hold], rejected: Counter[str]) -> dict[str, Any]:
    return {
        "source": one.source, "readings": one.readings, "suspect": one.suspect, "held": one.held,
        "rejected": rejected[one.source], "last_ms": one.last_ms or None, "checked": one.checked,
        "counters": one.counters, "agreed": round(one.agreed, 1), "share": one.share, "low": one.low,
        "high": one.high, "against": len(one.against), "verdict": one.verdict, "words": WORDS[one.verdict],
        "look": one.verdict in LOOK_FIRST or one.many_suspect, "many_suspect": one.many_suspect,
        "hold": holds.get(one.source),
    }  # fmt: skip


def sources_router(client: Client) -> APIRouter:
    """Routes under /api/v1; include it before the API's catch-all."""
    api = APIRouter(prefix="/api/v1", tags=["feeds"], route_class=InWords)
    desk, clock = Desk(client), DayClock(client)

    @api.get("/sources", summary="What other sources say of each source's counts; which sources are held")
    def sources(request: Request, find: Find = "") -> Response:
        # who is compared with whom is for those who may act on it; a wall is told that something is held
        who, judged, holds = who_of(request.scope), desk.judged(), desk.store.all()
        found = rows(judged, holds, desk.rejected(), find) if who.may("feeds") else []
        body = {
            "may_hold": who.may("hold"), "may_see": who.may("feeds"), "timezone": read_day(client).timezone,
            "clock": {"now_ms": epoch_ms(clock.now()), "rate": clock.rate()},
            "as_of_ms": judged.at_ms or None, "waiting": judged.waiting, "known": len(judged.sources),
            "looks": sum(row["look"] for row in found), "found": len(found), "sources": found[:MOST_SHOWN],
            "held": len(holds), "held_since_ms": min((hold.at_ms for hold in holds.values()), default=None),
        }  # fmt: skip
        return private_json(body)

    @api.post("/sources/hold", summary="Hold a source, so that its counts do not count, or release it")
    @needs("hold")
    def hold(wish: Wish, request: Request) -> Response:
        holds, held = desk.store.all(), wish.what == "hold"
        known = {*holds, *(one.source for one in desk.judged().sources)}
        if wish.source not in known and sender_of(wish.source) not in known:
            raise HTTPException(404, "no such source")
        if held and wish.source in holds:
            return JSONResponse({"detail": f"{holds[wish.source].by} holds it already"}, 409)
        if not held and wish.source not in holds:
            return JSONResponse({"detail": "it is not held"}, 409)
        note = Hold(who_of(request.scope).signs(wish.by), epoch_ms(clock.now()), wish.reason)
        desk.store.put(wish.source, held, note)
        told = {"source": wish.source, "what": wish.what, **msgspec.structs.asdict(note)}
        return as_json(told)

    return api
