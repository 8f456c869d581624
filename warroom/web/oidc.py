"""Single sign-on by OpenID Connect: code flow with PKCE, state and nonce, and an ID token whose signature is checked.

It says who somebody is, never what they may do: only accounts that were invited with `--oidc` come in, known by their
verified e-mail address.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import os
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import msgspec
import requests
from authlib.integrations.requests_client import OAuth2Session
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from warroom.access.accounts import AccountError, account_id
from warroom.access.doors import Doors
from warroom.access.sessions import now
from warroom.access.shared_keys import AccessError, unread_on_the_way
from warroom.web.signin import PRIVATE, Desk

logger = logging.getLogger(__name__)
STATE = "warroom_oidc"
STATE_LASTS_S = 600
LEEWAY_S = 60
TIMEOUT_S = 10
ALGORITHMS = ["RS256", "ES256", "PS256"]
# A cookie with SameSite=Strict is not sent on the way back from another host; a page of our own moves on instead.
ONWARD = '<!doctype html><html lang="en"><title>War room</title><meta http-equiv="refresh" content="0;url=/wall">'


class Provider(msgspec.Struct, frozen=True):
    """Who says who people are. `name` stands on the button, `back` is this room's own address."""

    issuer: str
    client_id: str
    secret: str
    back: str
    name: str = "single sign-on"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Provider | None":
        """None where no issuer is set. Raises AccessError where something is missing or not over TLS."""
        issuer = environ.get("WARROOM_OIDC_ISSUER", "").rstrip("/")
        if not issuer:
            return None
        told = {name: environ.get(f"WARROOM_OIDC_{name}", "") for name in ("CLIENT_ID", "CLIENT_SECRET", "URL")}
        missing = [f"WARROOM_OIDC_{name}" for name, value in told.items() if not value]
        if missing:
            raise AccessError(f"WARROOM_OIDC_ISSUER is set, so set {', '.join(missing)} too (URL: this room's address)")
        for address in (issuer, told["URL"]):
            if not unread_on_the_way(address):
                raise AccessError(f"{address}: single sign-on needs https")
        name = environ.get("WARROOM_OIDC_NAME", "single sign-on")
        return cls(
            issuer, told["CLIENT_ID"], told["CLIENT_SECRET"], f"{told['URL'].rstrip('/')}/signin/oidc/back", name
        )


class NotSignedIn(Exception):
    """The provider's answer does not say who this is; the text says why, for the log."""


class Issuer:
    """The provider's side: its addresses and keys, asked for once and again after an hour."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._known: tuple[float, dict[str, Any], KeySet] | None = None

    def address(self, state: str, nonce: str, verifier: str) -> str:
        """Where to send the browser. Raises NotSignedIn."""
        with self._session() as session:
            address, _ = session.create_authorization_url(
                self._look()[0]["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return str(address)

    def email(self, code: str, nonce: str, verifier: str) -> str:
        """The verified e-mail address behind a code. Raises NotSignedIn."""
        about, keys = self._look()
        try:
            with self._session() as session:
                token = session.fetch_token(
                    about["token_endpoint"], code=code, code_verifier=verifier, timeout=TIMEOUT_S
                )
            claims = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS).claims
            jwt.JWTClaimsRegistry(
                now=int(time.time()), leeway=LEEWAY_S, iss={"essential": True, "value": about["issuer"]},
                aud={"essential": True, "value": self.provider.client_id}, exp={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(claims)  # fmt: skip
        except (JoseError, requests.RequestException, KeyError, TypeError, ValueError) as error:
            self._known = None  # its keys may have changed: the next try asks anew
            raise NotSignedIn(f"the ID token is not good: {error}") from error
        except Exception as error:  # authlib's own errors share no base with those
            raise NotSignedIn(f"the provider refused: {type(error).__name__}") from error
        if claims.get("azp", self.provider.client_id) != self.provider.client_id:
            raise NotSignedIn("the ID token was made for another client")
        if claims.get("email_verified") is not True or not isinstance(claims.get("email"), str):
            raise NotSignedIn("the provider did not verify an e-mail address")
        return str(claims["email"])

    def _session(self) -> OAuth2Session:
        told = self.provider
        return OAuth2Session(
            told.client_id, told.secret, scope="openid email", redirect_uri=told.back, code_challenge_method="S256"
        )

    def _look(self) -> tuple[dict[str, Any], KeySet]:
        if self._known is None or time.monotonic() - self._known[0] > 3_600:
            try:
                about = requests.get(
                    f"{self.provider.issuer}/.well-known/openid-configuration", timeout=TIMEOUT_S
                ).json()
                if about["issuer"].rstrip("/") != self.provider.issuer:
                    raise NotSignedIn(f"{self.provider.issuer} calls itself another name")
                keys = KeySet.import_key_set(requests.get(about["jwks_uri"], timeout=TIMEOUT_S).json())
            except (requests.RequestException, JoseError, KeyError, TypeError, ValueError) as error:
                raise NotSignedIn(f"{self.provider.issuer} does not answer as it should: {error}") from error
            self._known = (time.monotonic(), about, keys)
        return self._known[1], self._known[2]


def oidc_router(doors: Doors, desk: Desk, provider: Provider) -> APIRouter:
    """The routes under /signin/oidc."""
    api = APIRouter(prefix="/signin/oidc", include_in_schema=False)
    issuer = Issuer(provider)

    @api.get("")
    async def begin(request: Request) -> Response:
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        try:
            address = await asyncio.to_thread(issuer.address, state, nonce, verifier)
        except NotSignedIn as error:
            logger.error("single sign-on: %s", error)
            return desk.page(f"{provider.name} does not answer: use a password, or a break-glass code.", status=503)
        answer = RedirectResponse(address, status_code=303, headers=PRIVATE)
        answer.set_cookie(
            STATE, _sealed(doors.sessions.key, [state, nonce, verifier]), max_age=STATE_LASTS_S, path="/signin/oidc",
            httponly=True, samesite="lax", secure=request.url.scheme == "https",
        )  # fmt: skip
        return answer

    @api.get("/back")
    async def back(request: Request, code: str = "", state: str = "") -> Response:
        held = _opened(doors.sessions.key, request.cookies.get(STATE, ""))
        if held is None or not code or not hmac.compare_digest(held[0].encode(), state.encode()):
            return desk.page("This sign-in was not begun here, or took too long: try again.", status=401)
        try:
            account = account_id(await asyncio.to_thread(issuer.email, code, held[1], held[2]))
            known = await asyncio.to_thread(doors.accounts.one, account)
            if known is None or not known.oidc or not known.live(now()):
                raise NotSignedIn("no account for single sign-on, or no role left")
        except (NotSignedIn, AccountError) as error:
            logger.warning("single sign-on refused: %s", error)
            return desk.page("You were not invited, or the sign-in did not hold: ask an admin.", status=401)
        entered = await desk.welcome(request, account, "single sign-on")
        answer = HTMLResponse(ONWARD, headers=PRIVATE)
        for cookie in entered.headers.getlist("set-cookie"):
            answer.headers.append("set-cookie", cookie)
        answer.delete_cookie(STATE, path="/signin/oidc")
        return answer

    return api


def _sealed(key: bytes, parts: list[str]) -> str:
    body = urlsafe_b64encode(json.dumps([*parts, int(time.time()) + STATE_LASTS_S]).encode()).decode()
    return f"{body}.{hmac.new(key, b'oidc' + body.encode(), hashlib.sha256).hexdigest()}"


def _opened(key: bytes, cookie: str) -> tuple[str, str, str] | None:
    body, _, signature = cookie.partition(".")
    expected = hmac.new(key, b"oidc" + body.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signature.encode(), expected.encode()):
        return None
    state, nonce, verifier, until_s = json.loads(urlsafe_b64decode(body))
    return (state, nonce, verifier) if time.time() < until_s else None
