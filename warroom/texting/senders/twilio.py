"""Twilio, by its SDK: a messaging service sends, status callbacks tell what became of it.

Twilio knows no idempotency key for messages, so a request is repeated only where it is certain that nothing
was taken: no connection, 429, or refused credentials. A time-out or a 5xx may hide a message that was taken;
Twilio's own advice to repeat 5xx (https://support.twilio.com/hc/en-us/articles/48916449686299) would send it
twice. Its callback names our key, so that such a message is told apart when it did go out.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec
import requests
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from warroom.texting.senders._http import CONNECT_S, READ_S, address, lost, refused, session, setting
from warroom.texting.senders.base import Outgoing, Receipt

API = "https://api.twilio.com"
STATUS_PATH = "/api/v1/texts/twilio/status"
OPTED_OUT = 21610  # https://www.twilio.com/docs/api/errors/21610
TOO_MANY = 20429
BASE = "WARROOM_TWILIO_URL"
ACCOUNT, TOKEN, SERVICE = "WARROOM_TWILIO_ACCOUNT", "WARROOM_TWILIO_TOKEN", "WARROOM_TWILIO_MESSAGING_SERVICE"


class _Http(TwilioHttpClient):
    """The SDK's client, to another address in tests, silent in logs, and with the headers of a refusal."""

    def __init__(self, base: str, timeout_s: float) -> None:
        super().__init__(logger=logging.getLogger(__name__))
        self.session = session()
        self.timeout = (CONNECT_S, timeout_s)
        self._base = base

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        kwargs["timeout"] = None  # that of this client
        kwargs["allow_redirects"] = False
        answer = super().request(method, url.replace(API, self._base, 1), *args, **kwargs)
        if not 200 <= answer.status_code < 300:
            raise _Refused(answer)
        return answer

    def log_request(self, kwargs: Any) -> None:
        """Nothing: it would hold a number."""

    def log_response(self, status_code: int, response: Any) -> None:
        """Nothing."""


class _Refused(Exception):
    def __init__(self, answer: Any) -> None:
        super().__init__("refused")
        self.status, self.headers = answer.status_code, answer.headers or {}
        try:
            self.code = msgspec.json.decode(answer.text.encode(), type=dict[str, Any]).get("code")
        except (msgspec.DecodeError, msgspec.ValidationError):
            self.code = None


class Twilio:
    """One account and one messaging service. `public_url` is where Twilio reaches this room; '' for no callbacks."""

    name = "Twilio"

    def __init__(
        self, account: str, token: str, service: str, public_url: str = "", base: str = API, timeout_s: float = READ_S
    ) -> None:
        self._http = _Http(base.rstrip("/"), timeout_s)
        self._client = Client(account, token, http_client=self._http)
        self._service, self._public_url = service, public_url.rstrip("/")

    async def send(self, message: Outgoing) -> Receipt:
        """Send one message; at most once."""
        return await asyncio.to_thread(self._send, message)

    def _send(self, message: Outgoing) -> Receipt:
        told_at: dict[str, str] = {}
        if self._public_url:
            told_at["status_callback"] = f"{self._public_url}{STATUS_PATH}?key={quote(message.key, safe='')}"
        try:
            made = self._client.messages.create(
                to=message.to, body=message.text, messaging_service_sid=self._service, **told_at
            )
        except _Refused as error:
            return _refused(error)
        except requests.RequestException as error:
            return lost(error)
        except (TwilioException, ValueError) as error:
            return Receipt(
                outcome="unknown", reason=f"the answer cannot be read ({type(error).__name__})", trouble=True
            )
        if made.status in ("failed", "undelivered", "canceled"):  # taken, and given up at once
            code = int(made.error_code or 0)
            return Receipt(outcome="failed", provider_id=made.sid or "", reason=f"Twilio {code}",
                           opted_out=code == OPTED_OUT)  # fmt: skip
        return Receipt(outcome="sent", provider_id=made.sid or "")

    async def close(self) -> None:
        """Close the connections."""
        self._http.session.close()


def _refused(error: _Refused) -> Receipt:
    code = error.code if isinstance(error.code, int) else 0
    if code == OPTED_OUT:
        return Receipt(outcome="failed", reason=f"has said STOP to Twilio ({OPTED_OUT})", opted_out=True)
    status = 429 if code == TOO_MANY else error.status
    return refused(status, error.headers, f"Twilio {code}" if code else "")


def open_sender(environ: Mapping[str, str]) -> Twilio:
    """From the environment. Raises SenderError."""
    return Twilio(
        setting(environ, ACCOUNT, "the account's SID, AC…"),
        setting(environ, TOKEN, "the account's auth token"),
        setting(environ, SERVICE, "the SID of the messaging service, MG…"),
        environ.get("WARROOM_PUBLIC_URL", ""),
        address(environ, BASE, "another address of Twilio") if environ.get(BASE) else API,
    )
