"""`/api/v1/reports/stream`: a socket for apps that send all day. One report a message, one answer for each.

The answer comes when the report is durable, not necessarily in order: it carries the message's number `n` on
this connection and the report's `id`. A sender that goes faster than its rate, or than the store, is read from
more slowly; nothing is thrown away.
"""

import asyncio
from collections import Counter

import msgspec
from fastapi import APIRouter, HTTPException, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from feeds._parse import LINE_LIMIT_BYTES
from warroom.domain.apikeys import ApiKey
from warroom.store.apikeys import feed_of
from warroom.web.buckets import Buckets
from warroom.web.credentials import NO_KEY, Doorkeeper
from warroom.web.intake import NotTaken, WebIntake
from warroom.web.look_again import REFUSED, while_allowed
from warroom.web.reports_api import result

IN_FLIGHT = 200  # messages of one connection that wait for the store
MOST_SOCKETS = 50  # of one key, in one worker
FIRST_S, IDLE_S = 10.0, 3_600.0  # until the key comes; without any message
TOO_BIG, LATER = 1009, 1013


class _First(msgspec.Struct):
    """The first message of who cannot set a header."""

    key: str = ""


class _Again(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was not taken: it is still the sender's."""

    n: int
    status: str = "again"
    remedy: str
    retry_after_s: int


def stream_router(intake: WebIntake, doors: Doorkeeper, buckets: Buckets) -> APIRouter:
    """The socket's route."""
    api = APIRouter(prefix="/api/v1")
    open_by: Counter[str] = Counter()

    @api.websocket("/reports/stream")
    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        try:
            token, key = await _greeted(socket, doors)
        except (HTTPException, NotTaken) as error:
            code = LATER if isinstance(error, NotTaken) else REFUSED
            await socket.close(code, _reason(error))
            return
        except WebSocketDisconnect:
            return
        if open_by[key.id] >= MOST_SOCKETS:
            await socket.close(LATER, f"{key.source} has {MOST_SOCKETS} sockets open already")
            return
        open_by[key.id] += 1
        try:
            await _Sending(socket, intake, doors, buckets, token, key).run()
        except WebSocketDisconnect:
            pass
        finally:
            open_by[key.id] -= 1

    return api


async def _greeted(socket: WebSocket, doors: Doorkeeper) -> tuple[str, ApiKey]:
    """The key of the header or of the first message, and a word of welcome. Raises HTTPException, NotTaken."""
    scheme, _, token = socket.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        try:
            first = await asyncio.wait_for(_message(socket), FIRST_S)
            token = msgspec.json.decode(first, type=_First).key
        except (TimeoutError, msgspec.MsgspecError, ValueError) as error:
            raise HTTPException(401, 'send {"key": "..."} first') from error
    token = token.strip()
    if not token:
        raise HTTPException(401, NO_KEY)
    key = await doors.by_token(token)
    await socket.send_text(msgspec.json.encode({"ready": True, "source": key.source, "kinds": key.kinds}).decode())
    return token, key


class _Sending:
    """One connection whose key was right."""

    def __init__(
        self, socket: WebSocket, intake: WebIntake, doors: Doorkeeper, buckets: Buckets, token: str, key: ApiKey
    ) -> None:
        self._socket = socket
        self._intake = intake
        self._doors = doors
        self._buckets = buckets
        self._token = token
        self._key = key
        self._room = asyncio.Semaphore(IN_FLIGHT)

    async def run(self) -> None:
        """Take messages until the sender goes, or its key; what is in flight then is finished, only not answered."""
        async with asyncio.TaskGroup() as tasks:
            why = await while_allowed(lambda: self._read(tasks), self._over)
            if why:
                await self._socket.close(REFUSED, why)

    async def _read(self, tasks: asyncio.TaskGroup) -> None:
        n = 0
        try:
            while True:
                await self._room.acquire()
                raw = await asyncio.wait_for(_message(self._socket), IDLE_S)
                n += 1
                fault = await self._fault(raw)
                if fault is not None:
                    await self._socket.close(*fault)
                    return
                tasks.create_task(self._take(n, raw))
        except TimeoutError:
            await self._socket.close(1001, "idle for an hour: connect again when there is something to send")
        except WebSocketDisconnect:
            return

    async def _fault(self, raw: bytes) -> tuple[int, str] | None:
        """Why the connection must end, or None; waits here while the sender is over its rate."""
        if len(raw) > LINE_LIMIT_BYTES:
            return TOO_BIG, f"one report has at most {LINE_LIMIT_BYTES // 1024} KiB"
        if why := await self._over():
            return REFUSED, why
        while wait_s := self._buckets.take(self._key.id, self._key.per_minute, 1):
            await asyncio.sleep(wait_s)
        return None

    async def _over(self) -> str:
        """Why this key opens nothing any more, or ''."""
        try:
            self._key = await self._doors.by_token(self._token)
        except HTTPException as error:
            return _reason(error)
        except NotTaken:
            pass  # the key was good a moment ago; a message itself will say that the store is away
        return ""

    async def _take(self, n: int, raw: bytes) -> None:
        try:
            [outcome] = await self._intake.take(
                feed_of(self._key.source), [raw], source=self._key.source, kinds=self._key.kinds
            )
            answer = msgspec.json.encode(result(n, outcome))
        except NotTaken as error:
            answer = msgspec.json.encode(_Again(n=n, remedy=str(error), retry_after_s=error.retry_after_s))
        finally:
            self._room.release()
        if self._socket.client_state is WebSocketState.CONNECTED:
            try:
                await self._socket.send_text(answer.decode())
            except (WebSocketDisconnect, RuntimeError, OSError):
                return  # gone: it will send again what it has no answer for


async def _message(socket: WebSocket) -> bytes:
    """The next message. Raises WebSocketDisconnect."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006))
    text = message.get("text")
    return text.encode() if text is not None else bytes(message.get("bytes") or b"")


def _reason(error: Exception) -> str:
    """At most 120 bytes: a close frame holds no more."""
    text = str(error.detail) if isinstance(error, HTTPException) else str(error)
    return text.encode()[:120].decode("utf-8", "ignore")
