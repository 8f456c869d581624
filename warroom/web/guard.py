"""Every request has somebody behind it, and every route an action: who may not do it does not get past here.

A viewer may look, only those whose role holds the action may act, only from our own pages, and it is recorded.
"""

import asyncio
import logging
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

import redis
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from warroom.access.doors import HERE, Doors
from warroom.access.policy import READING, Need, Policy
from warroom.access.roles import MAY, WORDS, Action, Who
from warroom.access.shared_keys import COOKIE
from warroom.web.here import is_here
from warroom.web.look_again import REFUSED, while_allowed
from warroom.web.recorder import Recorder, event_of

logger = logging.getLogger(__name__)
# doors that ask for a credential of their own: an API key, a signature, a volunteer's code
OWN_CREDENTIALS = ("/signin", "/report", "/api/v1/reports", "/api/v1/sms", "/api/v1/phone", "/api/v1/texts/twilio")
LONGEST_COOKIE = 300
HSTS = "max-age=31536000"
NO_PASSKEY = "this takes a passkey here: sign in with yours; where you have none, add it beside your name first"
FAILED = {"detail": "the server failed at this: look how it stands before you try again; its log says why"}
AWAY = {"detail": "the store does not answer; trying again"}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# plotly writes inline style; everything comes from this host alone
POLICY = (
    "default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; worker-src 'self' blob:; connect-src 'self'; font-src 'self'; object-src 'none'; "
    "frame-ancestors 'self'; base-uri 'self'; form-action 'self'"
)


class _Answering:
    """An application that answers 500 in words where it fails: the headers and the audit log's line come with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def beginning(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, beginning)
        except Exception:
            if begun or scope["type"] != "http":  # too late for another answer: the connection breaks
                raise
            logger.exception("%s %s failed", scope["method"], scope["path"])
            await JSONResponse(FAILED, status_code=500)(scope, receive, send)


class Guard:
    """ASGI middleware around everything the server answers, WebSockets included.

    `scripts` are the sources of script that the policy allows beside our own files, as Dash's hashes.
    """

    def __init__(self, app: ASGIApp, doors: Doors, policy: Policy, scripts: str = "") -> None:
        self._app = _Answering(app)
        self._doors = doors
        self._policy = policy
        self._recorder = Recorder(doors.audit)
        self._headers = {**HEADERS, "Content-Security-Policy": POLICY.format(scripts=scripts)}
        self._looked: set[tuple[str, str]] = set()  # (session, action) whose first look at names is recorded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with the security headers added to the answer."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), scope["path"]
        own, socket = _own_door(path), scope["type"] == "websocket"
        method = "WEBSOCKET" if socket else scope["method"]
        reads = method in READING or path.startswith("/_dash-") or self._policy.need(method, path).reads
        away = False
        try:
            who = None if own else await self._who(headers, fresh=not reads)
        except redis.RedisError:
            who, away = None, True
        if socket:
            need = self._policy.need(method, path)
            known = who is not None and (who.door != HERE or is_here(scope)) and who.may_somewhere(need.action)
            if not _same_origin(headers) or not (own or known):
                await send({"type": "websocket.close", "code": REFUSED})
            elif own:
                await self._app(scope, receive, send)
            else:
                await self._while_allowed(need, scope, receive, send)
            return
        send = self._with_headers(scope, send)
        if method not in READING and not _same_origin(headers):
            await JSONResponse({"detail": "sent from another site"}, status_code=403)(scope, receive, send)
        elif own:
            scope.setdefault("state", {})["who"] = None
            await self._app(scope, receive, send)
        elif away:
            await JSONResponse(AWAY, status_code=503)(scope, receive, send)
        elif who is None or (who.door == HERE and not is_here(scope)):
            await _nobody(path)(scope, receive, send)
        else:
            await self._known(who, scope, receive, send, reads)

    async def _known(self, who: Who, scope: Scope, receive: Receive, send: Send, reads: bool) -> None:
        path = scope["path"]
        scope.setdefault("state", {})["who"] = who
        need = self._policy.need(scope["method"], path)
        if not (who.may(need.action) or (need.regional and who.may_somewhere(need.action))):
            if not (reads and need.action == "see"):
                await self._recorder.keep(event_of(who, need, scope["method"], path, b"", 403))
            await JSONResponse({"detail": _refusal(need, who)}, status_code=403)(scope, receive, send)
        elif not reads:
            await self._recorder.run(self._app, scope, receive, send, who, need)
        elif path == "/":
            await RedirectResponse("/wall")(scope, receive, send)
        else:
            if need.action != "see":
                looked_at(scope, need.action)
            await self._while_allowed(need, scope, receive, send)
            await self._first_look(who, scope)

    async def _first_look(self, who: Who, scope: Scope) -> None:
        """A page asks again each minute: that somebody saw names is recorded once for a session."""
        action = scope["state"].get("looked_at")
        if action is not None and (who.session or who.door, action) not in self._looked:
            self._looked.add((who.session or who.door, action))
            await self._recorder.keep(event_of(who, Need(action), scope["method"], scope["path"], b"", 200))

    async def _while_allowed(self, need: Need, scope: Scope, receive: Receive, send: Send) -> None:
        """Run what only reads; what goes on and on, a stream or a socket, ends soon after the right to it."""
        headers, begun, done = Headers(scope=scope), False, False

        async def watched(message: Message) -> None:
            nonlocal begun, done
            begun = True
            done = not message.get("more_body") if message["type"] == "http.response.body" else done
            done = done or message["type"] == "websocket.close"
            await send(message)

        why = await while_allowed(lambda: self._app(scope, receive, watched), lambda: self._over(headers, need))
        if not why or done:
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": REFUSED, "reason": why})
        elif begun:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await JSONResponse({"detail": why}, status_code=401)(scope, receive, send)

    async def _over(self, headers: Headers, need: Need) -> str:
        """Why something open must end, or ''; while the store is away nothing new comes out of it either."""
        try:
            who = await self._who(headers, fresh=False)
        except redis.RedisError:
            return ""
        if who is None:
            return "your session is over: sign in again"
        return "" if who.may_somewhere(need.action) else _refusal(need, who)

    async def _who(self, headers: Headers, fresh: bool) -> Who | None:
        cookie = cookie_of(headers)
        if not fresh:
            known, who = self._doors.kept(cookie)
            if known:
                return who
        return await asyncio.to_thread(self._doors.who if fresh else self._doors.who_reads, cookie)

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        secure = scope.get("scheme") == "https"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    answer.setdefault(name, value)
                if secure:
                    answer.setdefault("Strict-Transport-Security", HSTS)
            await send(message)

        return with_headers


def who_of(scope: Scope) -> Who:
    """Who is behind a request that the guard let pass; somebody without any role behind a door of its own."""
    return (scope.get("state") or {}).get("who") or Who(door="", grants=())


def looked_at(scope: Scope, action: Action) -> None:
    """Said by a handler whose answer holds what only this action may see: the first look goes into the audit log."""
    scope.setdefault("state", {})["looked_at"] = action


def cookie_of(headers: Headers) -> str:
    """The value of our cookie; empty where there is none, or where it is longer than ours ever are."""
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return cookie.value if cookie and len(cookie.value) <= LONGEST_COOKIE else ""


def _nobody(path: str) -> ASGIApp:
    if path.startswith(("/api/", "/_dash-")):
        return JSONResponse({"detail": "sign in first"}, status_code=401)
    return RedirectResponse("/signin", status_code=303)


def _refusal(need: Need, who: Who) -> str:
    if any(g.role in MAY[need.action] for g in who.waiting):
        return NO_PASSKEY
    if need.action == "decide":
        return "only a director may do this"
    return f"your role does not allow this: {WORDS[need.action]}"


def _own_door(path: str) -> bool:
    return any(path == door or path.startswith(f"{door}/") for door in OWN_CREDENTIALS)


def _same_origin(headers: Headers) -> bool:
    if headers.get("sec-fetch-site") == "cross-site":
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")
