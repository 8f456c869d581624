"""`POST /api/v1/sms/twilio`: text messages in Twilio's format, its signature checked on every request.

A message is a few reports (see warroom/domain/sms.py); the answer says what was understood. Its MessageSid is
the reports' id: delivered twice, it counts once.
"""

import asyncio
import os
import re
from collections.abc import Mapping

import redis
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from twilio.twiml.messaging_response import MessagingResponse

from warroom.domain.sms_replies import AWAY, FLOOD, UNKNOWN, joined
from warroom.store.client import connect
from warroom.store.codes import NoCodeKeyError, code_secret
from warroom.texting.replies import meaning
from warroom.web.buckets import Buckets
from warroom.web.intake import PATIENCE, NotTaken, WebIntake
from warroom.web.sms_senders import Senders
from warroom.web.sms_taking import FEED, Message, Taking
from warroom.web.text_replies import TextReplies
from warroom.web.twilio_signed import TwilioSigned, operation

PER_MINUTE = 30  # messages of one telephone
_SID = re.compile(r"[A-Za-z0-9]{2,64}")


def sms_router(url: str, intake: WebIntake, environ: Mapping[str, str] = os.environ) -> APIRouter:
    """The route for Twilio. Without WARROOM_TWILIO_TOKEN it refuses everything and says so."""
    api = APIRouter(prefix="/api/v1", tags=["intake"])
    client, buckets = connect(url, patience=PATIENCE), Buckets()
    signed, replies = TwilioSigned(environ), TextReplies(client, environ)
    try:
        senders = Senders(client, code_secret(url, environ), environ)
    except NoCodeKeyError as error:
        senders, missing = None, str(error)
    taking = Taking(intake, client)

    @api.post("/sms/twilio", summary="A text message, as Twilio delivers it", openapi_extra=OPERATION,
              response_class=Response)  # fmt: skip
    async def twilio(request: Request) -> Response:
        if senders is None:
            raise HTTPException(403, missing)
        form = await signed.form(request)
        sid, sender, text = form.get("MessageSid", ""), form.get("From", ""), form.get("Body", "")
        if not _SID.fullmatch(sid) or not sender:
            raise HTTPException(400, "MessageSid or From is missing: this is no inbound message")
        means_stop = meaning(text, form.get("OptOutType", "")) == "stop"
        floods = bool(buckets.take(senders.hidden(sender), PER_MINUTE, 1))
        if floods and not means_stop:  # a STOP is never held up
            return _twiml(FLOOD)
        try:
            ref = await senders.ref(sender)
            told = await asyncio.to_thread(replies.take, sender, text, form.get("OptOutType", ""), ref is not None)
            if told is not None:
                return _twiml(told)
            if floods:
                return _twiml(FLOOD)
            return _twiml(await _answer(senders, taking, sid, sender, text))
        except (NotTaken, redis.RedisError) as error:
            if means_stop:  # nobody is told that it worked: Twilio tries the address set as its fallback
                raise HTTPException(503, "the store does not answer; send it again") from error
            return _twiml(AWAY)

    return api


async def _answer(senders: Senders, taking: Taking, sid: str, sender: str, text: str) -> str:
    ref = await senders.ref(sender)
    known = ref is not None
    message = Message(sid=sid, text=text, sender=ref if ref is not None else f"unknown/{senders.hidden(sender)}")
    if not known and not senders.unknown_welcome:
        await taking.refuse(message, "unknown_sender", "Add this volunteer's number, or set WARROOM_SMS_UNKNOWN=1.")
        return UNKNOWN
    return joined(await taking.take(message))


def _twiml(text: str) -> Response:
    answer = MessagingResponse()
    if text:
        answer.message(text)
    return Response(str(answer), media_type="text/xml")


OPERATION = operation(
    f"Counts, waits and problems by text message; feed `{FEED}`. Answers TwiML that says what was "
    "understood. Needs WARROOM_TWILIO_TOKEN, and behind a proxy WARROOM_PUBLIC_URL. STOP and other answers to the "
    "campaign's texts come here too.",
    ("MessageSid", "From", "Body"), "TwiML: the answer to the sender",
)  # fmt: skip
