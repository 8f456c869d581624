"""`POST /api/v1/sms/twilio`: text messages in Twilio's format, its signature checked on every request.

A message is a few reports (see warroom/domain/sms.py); the answer says what was understood. Its MessageSid is
the reports' id: delivered twice, it counts once.
"""

import asyncio
import os
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

import redis
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from warroom.domain.sms_replies import AWAY, FLOOD, UNKNOWN, joined
from warroom.store.client import connect
from warroom.store.codes import NoCodeKeyError, code_secret
from warroom.web.bodies import read_body
from warroom.web.buckets import Buckets
from warroom.web.intake import PATIENCE, NotTaken, WebIntake
from warroom.web.sms_senders import Senders
from warroom.web.sms_taking import FEED, Message, Taking

MAX_FORM_BYTES = 64 * 1024
PER_MINUTE = 30  # messages of one telephone
NOT_SET_UP = "text messages are not set up here: set WARROOM_TWILIO_TOKEN to the account's auth token"
_SID = re.compile(r"[A-Za-z0-9]{2,64}")


def sms_router(url: str, intake: WebIntake, environ: Mapping[str, str] = os.environ) -> APIRouter:
    """The route for Twilio. Without WARROOM_TWILIO_TOKEN it refuses everything and says so."""
    api = APIRouter(prefix="/api/v1", tags=["intake"])
    token, public_url = environ.get("WARROOM_TWILIO_TOKEN", ""), environ.get("WARROOM_PUBLIC_URL", "").rstrip("/")
    client, buckets = connect(url, patience=PATIENCE), Buckets()
    validator = RequestValidator(token)
    try:
        senders = Senders(client, code_secret(url, environ), environ)
    except NoCodeKeyError as error:
        senders, missing = None, str(error)
    else:
        missing = "" if token else NOT_SET_UP
    taking = Taking(intake, client)

    @api.post("/sms/twilio", summary="A text message, as Twilio delivers it", openapi_extra=OPERATION,
              response_class=Response)  # fmt: skip
    async def twilio(request: Request) -> Response:
        if senders is None or missing:
            raise HTTPException(403, missing)
        form = await _form(request)
        query = f"?{request.url.query}" if request.url.query else ""
        address = f"{public_url}{request.url.path}{query}" if public_url else str(request.url)
        signature = request.headers.get("x-twilio-signature", "")
        if not await asyncio.to_thread(validator.validate, address, form, signature):
            raise HTTPException(
                403, "X-Twilio-Signature does not fit: check WARROOM_TWILIO_TOKEN and WARROOM_PUBLIC_URL"
            )
        sid, sender, text = form.get("MessageSid", ""), form.get("From", ""), form.get("Body", "")
        if not _SID.fullmatch(sid) or not sender:
            raise HTTPException(400, "MessageSid or From is missing: this is no inbound message")
        if buckets.take(senders.hidden(sender), PER_MINUTE, 1):
            return _twiml(FLOOD)
        try:
            return _twiml(await _answer(senders, taking, sid, sender, text))
        except (NotTaken, redis.RedisError):
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


async def _form(request: Request) -> "ImmutableMultiDict[str, str]":
    """The form's fields, as they were signed. Raises HTTPException."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/x-www-form-urlencoded":
        raise HTTPException(415, "send application/x-www-form-urlencoded, as Twilio does")
    body = await read_body(request, MAX_FORM_BYTES)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError as error:
        raise HTTPException(400, "the form cannot be read") from error
    return _Form(pairs)


class _Form(ImmutableMultiDict[str, str]):
    """A form as Twilio's validator reads it: every value of a repeated name counts."""

    def getall(self, name: str) -> list[str]:
        """All values of a name."""
        return list(self.getlist(name))


def _twiml(text: str) -> Response:
    answer = MessagingResponse()
    answer.message(text)
    return Response(str(answer), media_type="text/xml")


_TEXT = {"type": "string"}
OPERATION = {
    "description": f"Counts, waits and problems by text message; feed `{FEED}`. Answers TwiML that says what was "
    "understood. Needs WARROOM_TWILIO_TOKEN, and behind a proxy WARROOM_PUBLIC_URL.",
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object", "required": ["MessageSid", "From", "Body"],
                    "properties": {"MessageSid": _TEXT, "From": _TEXT, "Body": _TEXT},
                }
            }
        },
    },
    "responses": {
        "200": {"description": "TwiML: the answer to the sender", "content": {"text/xml": {"schema": _TEXT}}},
        "400": {"description": "Not an inbound message"},
        "403": {"description": "The signature does not fit, or text messages are not set up"},
        "408": {"description": "The body did not come to its end"},
        "413": {"description": "Too large"},
        "415": {"description": "Not a form"},
    },
}  # fmt: skip
