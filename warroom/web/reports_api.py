"""`POST /api/v1/reports`: reports from other people's programs, one outcome for each."""

from typing import Any

import msgspec
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from warroom.domain.apikeys import ApiKey
from warroom.store.apikeys import feed_of
from warroom.web.bodies import MAX_BODY_BYTES, items_of, media_type, read_body, unpacked
from warroom.web.buckets import Buckets
from warroom.web.credentials import SIGNATURE, Doorkeeper
from warroom.web.intake import Outcome, WebIntake
from warroom.web.reports_schema import OPERATION


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What became of item `n` (from 1). `reason`, `field` and `remedy` are '' where it was accepted."""

    n: int
    id: str
    status: str
    reason: str
    field: str
    remedy: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one post."""

    accepted: int
    rejected: int
    results: list[Result]


def result(n: int, outcome: Outcome) -> Result:
    """One item's outcome as it is sent."""
    return Result(n=n, id=outcome.id, status=outcome.status, reason=outcome.reason, field=outcome.field,
                  remedy=outcome.remedy)  # fmt: skip


def reports_router(intake: WebIntake, doors: Doorkeeper, buckets: Buckets) -> APIRouter:
    """The route for reports; include it before the API's catch-all."""
    # read_body says its own limit in words, once the key is known; a body far beyond it is not begun
    api = APIRouter(prefix="/api/v1", tags=["intake"], max_body_size=8 * MAX_BODY_BYTES)

    @api.post("/reports", summary="Send reports: one, an array, or one a line", openapi_extra=OPERATION,
              response_class=Response)  # fmt: skip
    async def post(request: Request) -> Response:
        key, body = await _admitted(request, doors, buckets)
        media = media_type(request.headers.get("content-type", ""))
        items = items_of(unpacked(body, request.headers.get("content-encoding", "")), media)
        _charge(buckets, key, max(1, len(items)))
        outcomes = await intake.take(feed_of(key.source), items, source=key.source, kinds=key.kinds)
        return _answer(outcomes)

    return api


async def _admitted(request: Request, doors: Doorkeeper, buckets: Buckets) -> tuple[ApiKey, bytes]:
    """The sender and its body; a sender without a key, or over its rate, is not read from."""
    if SIGNATURE in request.headers:
        body = await read_body(request)
        return await doors.by_signature(request.headers, request.query_params, body), body
    key = await doors.by_headers(request.headers)
    _charge(buckets, key, 0)
    return key, await read_body(request)


def _charge(buckets: Buckets, key: ApiKey, items: int) -> None:
    wait_s = buckets.take(key.id, key.per_minute, items)
    if wait_s:
        text = f"{key.source} may send {key.per_minute:,} reports a minute; nothing of this was taken"
        raise HTTPException(429, text, headers={"Retry-After": str(wait_s)})


def _answer(outcomes: list[Outcome]) -> Response:
    accepted = sum(outcome.accepted for outcome in outcomes)
    rejected = len(outcomes) - accepted
    status = 200 if not rejected else 207 if accepted else 422
    results = [result(n, outcome) for n, outcome in enumerate(outcomes, 1)]
    body: Any = Answer(accepted=accepted, rejected=rejected, results=results)
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/json")
