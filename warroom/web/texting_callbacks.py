"""`POST /api/v1/texts/twilio/status`: what became of a message, by Twilio's status callbacks, signature checked.

Twilio may send one twice, late, or before its answer to the message itself: states only go forward
(warroom/store/outbox.py). The query's `key` is ours and says which message it is, signed with the rest.
"""

import asyncio
import os
import re
from collections.abc import Mapping

import redis
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from warroom.store.client import connect
from warroom.store.outbox import Outbox, State
from warroom.web.intake import PATIENCE
from warroom.web.text_replies import TextReplies
from warroom.web.twilio_signed import TwilioSigned, operation

# https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
STATES: dict[str, State | None] = {
    "accepted": None, "scheduled": None, "queued": None, "sending": None, "sent": "sent", "delivered": "delivered",
    "read": "delivered", "undelivered": "failed", "failed": "failed", "canceled": "failed",
}  # fmt: skip
OPTED_OUT = "21610"
MOST_KEY = 300
_SID = re.compile(r"[A-Za-z0-9]{2,64}")


def callbacks_router(url: str, environ: Mapping[str, str] = os.environ) -> APIRouter:
    """The route for Twilio's callbacks; a door of its own (warroom/web/guard.py)."""
    api = APIRouter(prefix="/api/v1/texts/twilio", tags=["texting"])
    client = connect(url, patience=PATIENCE)
    signed, outbox, replies = TwilioSigned(environ), Outbox(client), TextReplies(client, environ)

    @api.post("/status", summary="What became of a text, as Twilio tells it", openapi_extra=OPERATION,
              response_class=Response)  # fmt: skip
    async def status(request: Request) -> Response:
        form = await signed.form(request)
        sid, told = form.get("MessageSid", ""), form.get("MessageStatus", "").lower()
        if not _SID.fullmatch(sid) or not told:
            raise HTTPException(400, "MessageSid or MessageStatus is missing: this is no status callback")
        key = request.query_params.get("key", "")[:MOST_KEY]
        try:
            await asyncio.to_thread(_take, sid, told, key, form.get("ErrorCode", ""), form.get("To", ""))
        except redis.RedisError as error:
            raise HTTPException(503, "the store does not answer; send it again") from error
        return Response("<Response/>", media_type="text/xml")

    def _take(sid: str, told: str, key: str, code: str, number: str) -> None:
        state = STATES.get(told)
        if state is not None:
            outbox.told(sid, state, key)
        if code == OPTED_OUT and number:
            replies.told_by_provider(number)

    return api


OPERATION = operation(
    "Status callbacks of the texting console's messages. Needs WARROOM_TWILIO_TOKEN and WARROOM_PUBLIC_URL.",
    ("MessageSid", "MessageStatus"), "Taken, or known before",
)  # fmt: skip
