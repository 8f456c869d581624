"""What Twilio posts: a form, with its signature over the address and every field checked."""

import asyncio
import os
from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator

from warroom.web.bodies import read_body

MAX_FORM_BYTES = 64 * 1024
NOT_SET_UP = "text messages are not set up here: set WARROOM_TWILIO_TOKEN to the account's auth token"

Form = ImmutableMultiDict[str, str]


class TwilioSigned:
    """Reads Twilio's requests. Without WARROOM_TWILIO_TOKEN it refuses everything and says so."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        token = environ.get("WARROOM_TWILIO_TOKEN", "")
        self.missing = "" if token else NOT_SET_UP
        self._public_url = environ.get("WARROOM_PUBLIC_URL", "").rstrip("/")
        self._validator = RequestValidator(token)

    async def form(self, request: Request) -> Form:
        """The form's fields, as they were signed. Raises HTTPException."""
        if self.missing:
            raise HTTPException(403, self.missing)
        form = await _form(request)
        query = f"?{request.url.query}" if request.url.query else ""
        address = f"{self._public_url}{request.url.path}{query}" if self._public_url else str(request.url)
        signature = request.headers.get("x-twilio-signature", "")
        if not await asyncio.to_thread(self._validator.validate, address, form, signature):
            raise HTTPException(
                403, "X-Twilio-Signature does not fit: check WARROOM_TWILIO_TOKEN and WARROOM_PUBLIC_URL"
            )
        return form


async def _form(request: Request) -> Form:
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


_TEXT = {"type": "string"}


def operation(description: str, fields: tuple[str, ...], answer: str) -> dict[str, object]:
    """What such a route says of itself in the API's description."""
    schema = {"type": "object", "required": list(fields), "properties": dict.fromkeys(fields, _TEXT)}
    return {
        "description": description,
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": schema}}},
        "responses": {
            "200": {"description": answer, "content": {"text/xml": {"schema": _TEXT}}},
            "400": {"description": "Not what Twilio sends here"},
            "403": {"description": "The signature does not fit, or text messages are not set up"},
            "408": {"description": "The body did not come to its end"},
            "413": {"description": "Too large"},
            "415": {"description": "Not a form"},
            "503": {"description": "The store does not answer: send it again"},
        },
    }
