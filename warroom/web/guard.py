"""Every request has a role: a viewer may look, only a director may act, and only from our own pages."""

from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from warroom.web.access import COOKIE, Access

SAFE_METHODS = {"GET", "HEAD"}
# doors that ask for a credential of their own: an API key, a signature, a volunteer's code
OWN_CREDENTIALS = ("/signin", "/report", "/api/v1/reports", "/api/v1/sms", "/api/v1/phone")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    # Dash writes inline script and plotly inline style; everything comes from this host alone
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; frame-ancestors 'self'; base-uri 'self'; form-action 'self'",
}


class Guard:
    """ASGI middleware around everything the server answers, WebSockets included."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with the security headers added to the answer."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope["type"] == "websocket":
            if not _same_origin(headers) or (self._role(headers) is None and not _own_door(scope["path"])):
                await send({"type": "websocket.close", "code": 1008})
                return
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope["method"], scope["path"], headers)
        if refusal is not None:
            await refusal(scope, receive, send)
            return

        # what the role may see is the handler's to decide: it asks role_of()
        scope.setdefault("state", {})["role"] = self._role(headers)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    answer.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)

    def _role(self, headers: Headers) -> str | None:
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            cookie = None
        return self._access.role_of_ticket(cookie.value if cookie else "")

    def _refusal(self, method: str, path: str, headers: Headers) -> ASGIApp | None:
        if method not in SAFE_METHODS and not _same_origin(headers):
            return JSONResponse({"detail": "sent from another site"}, status_code=403)
        if _own_door(path):
            return None
        role = self._role(headers)
        if role is None:
            if path.startswith(("/api/", "/_dash-")):
                return JSONResponse({"detail": "sign in first"}, status_code=401)
            return RedirectResponse("/signin", status_code=303)
        # Dash asks for its pages by POST; they only read
        if method not in SAFE_METHODS and not path.startswith("/_dash-") and role != "director":
            return JSONResponse({"detail": "only a director may do this"}, status_code=403)
        return RedirectResponse("/wall") if path == "/" else None


def role_of(scope: Scope) -> str:
    """The role behind a request that the guard let pass: "viewer" or "director"."""
    return str((scope.get("state") or {}).get("role") or "viewer")


def _own_door(path: str) -> bool:
    return any(path == door or path.startswith(f"{door}/") for door in OWN_CREDENTIALS)


def _same_origin(headers: Headers) -> bool:
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")
