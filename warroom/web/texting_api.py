"""The console's API: the queue of text requests, and what people decide about them. Handlers are thin.

Approving, editing and stopping ask for different roles; every decision goes into the audit log with its reason.
"""

import time
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, HTTPException, Path, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from warroom.access.policy import needs
from warroom.access.roles import Who
from warroom.domain.election import ElectionDay
from warroom.domain.texts import TextCase, TextDecision, TextNotAllowed, TextRequest, TextStep, Variant
from warroom.store import keys
from warroom.store.client import Client
from warroom.store.day import DayClock, read_day, read_roster, shipped_file
from warroom.store.outbox import Outbox
from warroom.store.sender_state import read_sender_state
from warroom.store.texts import TextStop, TextStore
from warroom.store.wire import epoch_ms
from warroom.texting.propose import limits_words, promised
from warroom.texting.rules import FILE, Texting, parse_texting
from warroom.texting.templates import places_of, wording_faults
from warroom.texting.wordings import posteriors_of
from warroom.web.field_api import WORDS, By, InWords
from warroom.web.guard import who_of
from warroom.web.held import Held
from warroom.web.texting_rows import detail, row, sender_row

FRESH_S = 2.0  # the rules and the day: a folder that is loaded again shows at the next look
ROSTER_FRESH_S = 5.0
TWO_ACCOUNTS = (
    "two people must approve this, each signed in with an account of their own; a typed name does not count. "
    "Invite them: warroom account invite NAME --role approver"
)
IdParam = Annotated[str, Path(min_length=1, max_length=200)]
Why = Annotated[str, Field(max_length=400, pattern=WORDS)]
Template = Annotated[str, Field(min_length=1, max_length=600, pattern=WORDS)]


class Wish(By):
    """One decision; `version` is that of the request the person saw."""

    version: Annotated[int, Field(ge=0)]
    reason: Why = ""


class Wording(BaseModel):
    """One variant, by language."""

    name: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[\w -]+$")]
    texts: dict[Annotated[str, Field(pattern=r"^[a-z]{2}$")], Template]


class Edit(Wish):
    """What an edit changes: wordings, and the share left out by lot."""

    variants: Annotated[list[Wording], Field(min_length=1, max_length=6)] | None = None
    hold_out_share: Annotated[float, Field(ge=0, le=0.9)] | None = None


class Stop(By):
    """Stop everything, or go on."""

    reason: Annotated[str, Field(min_length=1, max_length=400, pattern=WORDS)]


class Console:
    """The texts as these routes see them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.texts, self.outbox, self.clock = TextStore(client), Outbox(client), DayClock(client)
        self._parsed = lru_cache(maxsize=2)(parse_texting)
        self._day = Held(self._read_day, FRESH_S)
        self._roster = Held(lambda: read_roster(client), ROSTER_FRESH_S)

    def now_ms(self) -> int:
        """The day's clock."""
        return epoch_ms(self.clock.now())

    def _read_day(self) -> tuple[Texting | None, ElectionDay]:
        raw = shipped_file(self._client, FILE)
        return (self._parsed(raw) if raw is not None else None), read_day(self._client)

    def texting(self) -> Texting | None:
        """The loaded day's rules; None where it has none."""
        return self._day.now()[0]

    def rows(self) -> dict[str, Any]:
        """The whole console."""
        texting, day = self._day.now()
        now_ms, stopped = self.now_ms(), self.texts.stopped()
        cases = self.texts.cases() if texting else []
        sums, state = self.outbox.sums([c.request.id for c in cases]), read_sender_state(self._client)
        waits = state.waits if state else {}
        return {
            "at_ms": now_ms,
            "rate": (self.clock.anchor() or (0, 0, 1.0))[2],
            "timezone": day.timezone,
            "enabled": texting is not None,
            "sender": texting.sender if texting else None,
            "sender_state": sender_row(state, round(time.time() * 1_000)),
            "limits": limits_words(texting.limits) if texting else "",
            "list_loaded": bool(self._client.exists(keys.TEXT_COUNTS)),
            "stopped": msgspec.structs.asdict(stopped) if stopped else None,
            "requests": [
                row(c, tally, why, now_ms, waits.get(c.request.id, 0))
                for c, (tally, why) in zip(cases, sums, strict=True)
            ],
        }

    def places(self) -> dict[str, tuple[float, float]]:
        """{precinct: (longitude, latitude)} of those whose place is known."""
        roster = self._roster.now()
        return {
            p.precinct_id: (round(p.lon, 4), round(p.lat, 4))
            for p in roster.precincts
            if p.lat is not None and p.lon is not None
        }

    def case(self, request_id: str) -> TextCase:
        """One request; 404 where there is none."""
        found = self.texts.one(request_id)
        if found is None:
            raise HTTPException(404, "no such request")
        return found

    def detail(self, request_id: str) -> dict[str, Any]:
        """One request with its exact messages."""
        texting, day = self._day.now()
        if texting is None:
            raise HTTPException(404, "this day has no texting")
        case = self.case(request_id)
        wordings = posteriors_of(case, self.texts.cases(), self.outbox) if len(case.request.variants) > 1 else ()
        return detail(case, texting, places_of(self._roster.now(), day), wordings)

    def decide(
        self, what: TextStep, request_id: str, wish: Wish, request: Request, edited: TextRequest | None = None
    ) -> Response:
        """Take a decision in the person's own name."""
        decision = TextDecision(
            what=what, by=who_of(request.scope).signs(wish.by), at_ms=self.now_ms(), version=wish.version,
            reason=wish.reason, request=edited,
        )  # fmt: skip
        try:
            case, status, said = self.texts.decide(request_id, decision), 200, ""
        except KeyError:
            raise HTTPException(404, "no such request") from None
        except TextNotAllowed as refused:
            case, said = refused.case, str(refused)
            status = 422 if refused.reason == "needs_reason" else 409
        body = {**row(case, self.outbox.tally(request_id), self.outbox.reasons(request_id), decision.at_ms)}
        return JSONResponse({**body, "detail": said} if said else body, status_code=status)

    def in_reach(self, who: Who, request_id: str) -> None:
        """Whether this person may propose in every region of the request; 403 where not."""
        request = self.case(request_id).request
        texted = set(request.audience.precincts)
        regions = {p.region for p in self._roster.now().precincts if p.precinct_id in texted} or {request.region} - {""}
        if not who.in_reach("text_propose", regions):
            raise HTTPException(403, f"your role does not reach {', '.join(sorted(regions)) or 'this place'}")

    def known(self, who: Who, request_id: str) -> None:
        """Where two people must approve, each has an account: two typed names may be one person. 403 where not.

        The dry run sends nothing, so that a drill in an open room goes all the way.
        """
        texting = self.texting()
        is_drill = texting is not None and texting.sender == "dryrun"
        if self.case(request_id).request.two_person and not who.account and not is_drill:
            raise HTTPException(403, TWO_ACCOUNTS)

    def edited(self, request_id: str, edit: Edit) -> TextRequest:
        """The request as an edit makes it, with what it now promises and costs; 422 where a wording may not be sent."""
        texting, request = self.texting(), self.case(request_id).request
        if texting is None:
            raise HTTPException(404, "this day has no texting")
        rule = next((rule for rule in texting.rule if rule.name == request.rule), None)
        if rule is None:
            raise HTTPException(409, f"{FILE} no longer has the rule {request.rule}: refuse this request")
        if edit.variants is not None:
            variants = tuple(Variant(name=v.name, texts=dict(v.texts)) for v in edit.variants)
            if wrong := wording_faults(variants, request.audience.languages, texting.campaign.links):
                raise HTTPException(422, "; ".join(wrong))
            request = msgspec.structs.replace(request, variants=variants)
        if edit.hold_out_share is not None:
            request = msgspec.structs.replace(request, hold_out_share=edit.hold_out_share)
        return promised(request, rule, texting.campaign.cents_a_segment)


def texting_router(client: Client) -> APIRouter:
    """The routes of the console, under /api/v1/texts."""
    api = APIRouter(prefix="/api/v1/texts", route_class=InWords)
    desk = Console(client)

    @api.get("", summary="The queue of text requests, newest first, with what became of every message")
    @needs("text_see")
    def queue() -> Response:
        return Response(msgspec.json.encode(desk.rows()), media_type="application/json")

    @api.get("/places", summary="Where every precinct is, for the requests' maps")
    @needs("text_see")
    def places() -> dict[str, Any]:
        return {"places": desk.places()}

    @api.post("/stop", summary="Stop all texting, now")
    @needs("text_stop")
    def stop(wish: Stop, request: Request) -> dict[str, bool]:
        by = who_of(request.scope).signs(wish.by)
        desk.texts.stop(TextStop(by=by, at_ms=desk.now_ms(), reason=wish.reason))
        return {"stopped": True}

    @api.post("/go-on", summary="Take the stop away")
    @needs("text_approve")
    def go_on(wish: Stop, request: Request) -> dict[str, bool]:
        desk.texts.go_on(who_of(request.scope).signs(wish.by), desk.now_ms(), wish.reason)
        return {"stopped": False}

    @api.post("/approve/{request_id:path}", summary="Approve; above a size a second person must too")
    @needs("text_approve")
    def approve(request_id: IdParam, wish: Wish, request: Request) -> Response:
        desk.known(who_of(request.scope), request_id)
        return desk.decide("approve", request_id, wish, request)

    @api.post("/refuse/{request_id:path}", summary="Refuse, with the reason")
    @needs("text_approve")
    def refuse(request_id: IdParam, wish: Wish, request: Request) -> Response:
        return desk.decide("refuse", request_id, wish, request)

    @api.post("/cancel/{request_id:path}", summary="Cancel, also while it is being sent")
    @needs("text_stop")
    def cancel(request_id: IdParam, wish: Wish, request: Request) -> Response:
        return desk.decide("cancel", request_id, wish, request)

    @api.post("/edit/{request_id:path}", summary="Change the wording or the share left out; approvals start over")
    @needs("text_propose", regional=True)
    def edit(request_id: IdParam, wish: Edit, request: Request) -> Response:
        desk.in_reach(who_of(request.scope), request_id)
        return desk.decide("edit", request_id, wish, request, desk.edited(request_id, wish))

    @api.get("/one/{request_id:path}", summary="One request: the exact messages, and who decided what")
    @needs("text_see")
    def one(request_id: IdParam) -> dict[str, Any]:
        return desk.detail(request_id)

    return api
