"""Spoke (github.com/StateVoicesNational/Spoke): a request becomes a campaign there, not started.

Spoke's own texters send it: somebody there looks at it, assigns texters and starts it, so a stop in this room
no longer reaches it. Spoke has no API token: this signs in as an account of its local sign-in (`/login-callback`)
and calls the GraphQL that its admin pages call (`src/api/schema.js`: createCampaign, copyCampaign, editCampaign).
Contacts go as its CSV upload sends them: gzip of JSON, base64, with rows as its table has them
(`src/extensions/contact-loaders/csv-upload`). Every message stands, filled in, in the custom field `message`, so
that exactly what was approved is sent.

Until somebody starts it nothing is sent, and an upload replaces the contacts of the one before: so every step may
be repeated. A draft without contacts may be left over where an answer was lost.
"""

import asyncio
import gzip
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import msgspec
import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from warroom.texting.senders._http import address, backoff_s, never_left, post, session, setting, wait_of
from warroom.texting.senders.base import Batch, Outgoing, Receipt

URL, EMAIL, PASSWORD = "WARROOM_SPOKE_URL", "WARROOM_SPOKE_EMAIL", "WARROOM_SPOKE_PASSWORD"
ORGANIZATION, TEMPLATE = "WARROOM_SPOKE_ORGANIZATION", "WARROOM_SPOKE_TEMPLATE"
TRIES = 4
BUSY = frozenset({429, 500, 502, 503, 504})
CREATE = "mutation($campaign: CampaignInput!) { createCampaign(campaign: $campaign) { id } }"
COPY = "mutation($id: String!) { copyCampaign(id: $id) { id } }"
EDIT = "mutation($id: String!, $campaign: CampaignInput!) { editCampaign(id: $id, campaign: $campaign) { id } }"
# the whole script: the message that was approved for this person
SCRIPT: dict[str, Any] = {
    "id": "new1", "questionText": "", "script": "{message}", "answerOption": "", "answerActions": "",
    "answerActionsData": "", "parentInteractionId": None, "isDeleted": False, "interactionSteps": [],
}  # fmt: skip


class _Busy(Exception):
    def __init__(self, reason: str, wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


class _Refused(Exception):
    """Spoke understood, and does not do it. The text names no person."""


class Spoke:
    """One Spoke and one organization of it. `template` is a campaign that is copied; '' for a new one."""

    name = "Spoke"

    def __init__(self, url: str, email: str, password: str, organization: str, template: str = "") -> None:
        self._url, self._email, self._password = url, email, password
        self._organization, self._template = organization, template
        self._http, self._longest_s, self._signed_in = session(), 8.0, False

    async def send(self, message: Outgoing) -> Receipt:
        """Not this way: a campaign has many people."""
        return Receipt(outcome="failed", reason="Spoke takes whole requests")

    async def hand_over(self, batch: Batch) -> Receipt:
        """Make the campaign; `sent` means that Spoke has it."""
        return await asyncio.to_thread(self._hand_over, batch)

    def _hand_over(self, batch: Batch) -> Receipt:
        made = ""
        try:
            self._sign_in()
            made = self._made(batch)
            self._ask(EDIT, "editCampaign", {"id": made, "campaign": campaign(batch, self._organization)})
        except _Refused as error:
            return Receipt(outcome="later", reason=f"Spoke refused: {error}", retry_after_s=30, trouble=True)
        except (_Busy, requests.RequestException) as error:
            reason = str(error) if isinstance(error, _Busy) else type(error).__name__
            if not made or (isinstance(error, requests.RequestException) and never_left(error)):
                return Receipt(outcome="later", reason=f"Spoke does not answer: {reason}", trouble=True)
            return Receipt(outcome="unknown", reason=f"look into Spoke's campaign {made}: {reason}", trouble=True)
        return Receipt(outcome="sent", reason=f"Spoke's campaign {made}: assign texters and start it there")

    def _made(self, batch: Batch) -> str:
        if self._template:
            return self._ask(COPY, "copyCampaign", {"id": self._template})
        new = {"title": batch.title, "description": batch.why, "dueBy": batch.closes,
               "organizationId": self._organization}  # fmt: skip
        return self._ask(CREATE, "createCampaign", {"campaign": new})

    def _sign_in(self) -> None:
        if self._signed_in:
            return
        form = {"email": self._email, "password": self._password, "authType": "login", "nextUrl": "/"}
        status = self._again("/login-callback", data=form).status_code
        if status != 302 or not self._http.cookies:
            raise _Refused(f"sign-in, HTTP {status}: check {EMAIL} and {PASSWORD}")
        self._signed_in = True

    def _ask(self, query: str, what: str, variables: Mapping[str, Any]) -> str:
        answer = self._again("/graphql", json={"query": query, "variables": dict(variables)})
        if answer.status_code in (401, 403):
            self._signed_in = False
            raise _Refused(f"{what}, HTTP {answer.status_code}")
        try:
            body = answer.json()
            found = (body.get("data") or {}).get(what) or {}
            if answer.status_code == 200 and found.get("id"):
                return str(found["id"])
        except (ValueError, AttributeError) as error:
            raise _Refused(f"{what}: not GraphQL (HTTP {answer.status_code})") from error
        self._signed_in = False  # it may have forgotten us
        raise _Refused(f"{what}, HTTP {answer.status_code}")

    def _again(self, path: str, **how: Any) -> requests.Response:
        """POST, repeated with backoff while Spoke is busy: every step may be (see above)."""
        tries = Retrying(
            retry=retry_if_exception_type((_Busy, requests.RequestException)), wait=self._wait,
            stop=stop_after_attempt(TRIES), reraise=True,
        )  # fmt: skip
        found: requests.Response = tries(self._once, path, how)
        return found

    def _once(self, path: str, how: dict[str, Any]) -> requests.Response:
        answer = post(self._http, self._url + path, **how)
        if answer.status_code in BUSY:
            raise _Busy(f"HTTP {answer.status_code}", wait_of(answer.headers))
        return answer

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked_s = error.wait_s if isinstance(error, _Busy) else 0.0
        return min(self._longest_s, asked_s or backoff_s(state.attempt_number - 1))

    async def close(self) -> None:
        """Close the connections."""
        self._http.close()


def campaign(batch: Batch, organization: str) -> dict[str, Any]:
    """The campaign's input: who, and what each of them is to be sent."""
    return {
        "title": batch.title, "description": batch.why, "dueBy": batch.closes, "organizationId": organization,
        "ingestMethod": "csv-upload", "contactData": packed(batch.key, batch.messages), "interactionSteps": SCRIPT,
    }  # fmt: skip


def packed(name: str, messages: Any) -> str:
    """Contacts as the upload page sends them."""
    rows = [
        {"first_name": m.first_name, "last_name": "", "cell": m.to, "zip": "", "external_id": m.person,
         "custom_fields": msgspec.json.encode({"message": m.text}).decode()}
        for m in messages
    ]  # fmt: skip
    body = {"name": f"{name}.csv", "contactsCount": len(rows), "customFields": ["message"], "contacts": rows}
    return b64encode(gzip.compress(msgspec.json.encode(body))).decode()


def open_sender(environ: Mapping[str, str]) -> Any:
    """From the environment: Spoke itself, or its CSV files alone. Raises SenderError."""
    if environ.get("WARROOM_SPOKE_CSV_DIR") and not environ.get(URL):
        from warroom.texting.senders.spoke_csv import SpokeFiles

        return SpokeFiles(environ["WARROOM_SPOKE_CSV_DIR"])
    return Spoke(
        address(environ, URL, "Spoke's address, or set WARROOM_SPOKE_CSV_DIR for files to upload by hand"),
        setting(environ, EMAIL, "an account of Spoke with the role admin"),
        setting(environ, PASSWORD, "its password"),
        setting(environ, ORGANIZATION, "the id of the organization, as in Spoke's address bar"),
        environ.get(TEMPLATE, ""),
    )
