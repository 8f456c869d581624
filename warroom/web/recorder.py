"""Everything that was done or tried on the server goes into the audit log from one place, whatever handler did it.

The guard hands every request that changes something to a `Recorder`: it reads along while the handler reads the
body, and holds the answer back until the line is kept.
"""

import asyncio
import json
import logging
from typing import Any

import redis
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from warroom.access.audit import Event
from warroom.access.audit_log import AuditLog
from warroom.access.policy import READING, Need
from warroom.access.roles import Who

logger = logging.getLogger(__name__)
ABOUT = ("volunteer", "precinct", "source", "move", "minutes")  # fields that say what a decision was about
NOT_KEPT = {
    "detail": "this may have been done, but could not be recorded: look how it stands before you try again",
}


def event_of(who: Who, need: Need, method: str, path: str, body: bytes, status: int) -> Event:
    """What goes into the log: of the body only the few fields that say what was decided and why."""
    told = _object(body)
    what = "look" if method in READING else told.get("what")
    items = told.get("items")
    ids = [str(item.get("id", "")) for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    about = [*ids, *(f"{key} {told[key]}" for key in ABOUT if told.get(key))]
    return Event(
        action=f"{need.action}: {what}" if isinstance(what, str) and what else need.action,
        object=" ".join([f"{method} {path}", *about]),
        reason=_text(told.get("reason")),
        said="" if who.account else who.name or _text(told.get("by")),
        outcome="done" if status < 400 else "failed" if status >= 500 else "refused",
        status=status,
        account=who.account,
        role=", ".join(who.roles),
        door=who.door,
    )


class Recorder:
    """Runs one request and records it before it is answered."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    async def run(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, who: Who, need: Need) -> None:
        """Pass the request to `app`; answer 503 where the log cannot be written."""
        body = bytearray()
        lost = False

        async def read_along() -> Message:
            message = await receive()
            if message["type"] == "http.request":  # no longer than the route's limit lets it be
                body.extend(message.get("body", b""))
            return message

        async def recorded(message: Message) -> None:
            nonlocal lost
            if message["type"] == "http.response.start":
                lost = not await self.keep(
                    event_of(who, need, scope["method"], scope["path"], bytes(body), message["status"])
                )
                if lost:
                    await JSONResponse(NOT_KEPT, status_code=503)(scope, receive, send)
            if not lost:
                await send(message)

        await app(scope, read_along, recorded)

    async def keep(self, event: Event) -> bool:
        """Write one event; False where the store does not answer, which is said in the process's own log."""
        try:
            await asyncio.to_thread(self._log.write, event)
        except redis.RedisError as error:
            logger.critical("not in the audit log (%s): %s %s %s", error, event.account, event.action, event.object)
            return False
        return True


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body) if body else {}
    except (ValueError, RecursionError):  # the handler says what is wrong with it
        return {}
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
