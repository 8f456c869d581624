"""Any other provider: one signed POST a message, to a program of the campaign's own.

    POST WARROOM_TEXT_WEBHOOK
    Idempotency-Key: REQUEST:PERSON
    X-Warroom-Signature: t=SECONDS,v1=HMAC-SHA256   (as on /api/v1/reports: docs/doors.md)
    {"key": ..., "to": "+12075550100", "text": ...}

2xx is taken. 429 and 503 say that nothing was taken: the worker asks again after Retry-After, with the same key
(it looks at stop and cancel before, which a wait in here would not). Another 5xx or a lost answer is unknown, and
not sent again: a receiver that forgets keys must not text anybody twice.
"""

import asyncio
import time
from collections.abc import Mapping

import msgspec
import requests

from warroom.domain.apikeys import sign
from warroom.texting.senders._http import address, lost, post, refused, session, setting, wait_of
from warroom.texting.senders.base import Outgoing, Receipt

URL, SECRET = "WARROOM_TEXT_WEBHOOK", "WARROOM_TEXT_WEBHOOK_SECRET"


class Webhook:
    """One receiver."""

    name = "webhook"

    def __init__(self, url: str, secret: str) -> None:
        self._url, self._secret, self._http = url, secret, session()

    async def send(self, message: Outgoing) -> Receipt:
        """Send one message; at most once."""
        return await asyncio.to_thread(self._send, message)

    def _send(self, message: Outgoing) -> Receipt:
        body = msgspec.json.encode({"key": message.key, "to": message.to, "text": message.text})
        headers = {
            "Content-Type": "application/json", "Idempotency-Key": message.key,
            "X-Warroom-Signature": sign(self._secret, int(time.time()), body),
        }  # fmt: skip
        try:
            answer = post(self._http, self._url, data=body, headers=headers)
        except requests.RequestException as error:
            return lost(error)
        if answer.status_code == 503:
            return Receipt(outcome="later", reason="HTTP 503", retry_after_s=wait_of(answer.headers), trouble=True)
        if not 200 <= answer.status_code < 300:
            return refused(answer.status_code, answer.headers)
        return Receipt(outcome="sent", provider_id=message.key)

    async def close(self) -> None:
        """Close the connections."""
        self._http.close()


def open_sender(environ: Mapping[str, str]) -> Webhook:
    """From the environment. Raises SenderError."""
    url = address(environ, URL, "the address that takes the messages")
    return Webhook(url, setting(environ, SECRET, "a long random text that the receiver knows too"))
