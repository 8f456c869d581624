"""Scripts and styles, compressed once a worker and kept: fifty screens opening at 07:00 must not cost fifty gzips."""

import gzip
import re

import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# only addresses that carry their version: a changed file has another address
VERSIONED = re.compile(r"^/_dash-component-suites/.*\.v[\w.]*m\d+\.|^/assets/[^?]*\?m=")
PACKED_TYPES = ("javascript", "text/css")
KEPT_FILES = 200
FOREVER = "public, max-age=31536000, immutable"


class Packed:
    """ASGI middleware: answers versioned scripts and styles from memory, brotli or gzip."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[tuple[str, str], list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve from memory, or fetch once and keep."""
        coding = _coding(scope)
        address = scope["path"] + "?" + scope.get("query_string", b"").decode("latin-1") if coding else ""
        if not VERSIONED.match(address):
            await self._app(scope, receive, send)
            return
        answer = self._kept.get((address, coding))
        if answer is None:
            answer = await self._fetch(scope, receive, coding)
            if answer[0]["status"] == 200 and len(self._kept) < KEPT_FILES:
                self._kept[address, coding] = answer
        for message in answer:
            await send(message)

    async def _fetch(self, scope: Scope, receive: Receive, coding: str) -> list[Message]:
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        started: list[Message] = []
        parts: list[bytes] = []

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(message)
            else:
                parts.append(message.get("body", b""))

        await self._app({**scope, "headers": plain}, receive, keep)
        start, body = started[0], b"".join(parts)
        headers = MutableHeaders(raw=list(start["headers"]))
        if start["status"] == 200 and any(kind in headers.get("content-type", "") for kind in PACKED_TYPES):
            body = brotli.compress(body, quality=5) if coding == "br" else gzip.compress(body, 6)
            headers["content-encoding"] = coding
            headers["content-length"] = str(len(body))
            headers["cache-control"] = FOREVER
            headers["vary"] = "accept-encoding"
        return [{**start, "headers": headers.raw}, {"type": "http.response.body", "body": body}]


def _coding(scope: Scope) -> str:
    if scope["type"] != "http" or scope["method"] != "GET":
        return ""
    accepted = Headers(scope=scope).get("accept-encoding", "")
    return next((coding for coding in ("br", "gzip") if coding in accepted), "")
