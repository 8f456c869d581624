"""Passkeys over HTTP: add one to the account that is signed in, or sign in with one."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import msgspec
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response

from warroom.access.accounts import Account, AccountError
from warroom.access.doors import PASSKEY, Doors
from warroom.access.passkeys import Passkeys
from warroom.access.policy import needs
from warroom.access.roles import Who
from warroom.access.sessions import now
from warroom.web.address import sender_address
from warroom.web.guard import who_of
from warroom.web.signin import PRIVATE, Desk

MOST_BYTES = 16_000


def passkey_router(doors: Doors, desk: Desk, passkeys: Passkeys) -> APIRouter:
    """The routes; include them before the API's catch-all."""
    api = APIRouter()

    @api.post("/api/v1/passkeys/begin", summary="What a browser needs to make a passkey", tags=["access"])
    @needs("see")
    def begin(request: Request) -> Response:
        account = _adds(doors, who_of(request.scope))
        return JSONResponse(passkeys.ask_to_add(account, _host(request)), headers=PRIVATE)

    @api.post("/api/v1/passkeys", summary="Keep the passkey that was made", tags=["access"])
    @needs("see")
    async def add(request: Request) -> Response:
        account = await asyncio.to_thread(_adds, doors, who_of(request.scope))
        credential = await _credential(request)
        try:
            await asyncio.to_thread(passkeys.add, account.id, credential, _host(request), _origin(request))
        except AccountError as error:
            raise HTTPException(422, str(error)) from error
        doors.forget()
        return JSONResponse({"added": True}, headers=PRIVATE)

    @api.post("/signin/passkey/begin", include_in_schema=False)
    def ask(request: Request) -> Response:
        wait_s = doors.lockout.place_wait_s(sender_address(request), now())
        if wait_s:
            raise HTTPException(429, f"wait {wait_s} s")
        return JSONResponse(passkeys.ask_to_use(_host(request)), headers=PRIVATE)

    @api.post("/signin/passkey", include_in_schema=False)
    async def use(request: Request) -> Response:
        credential = await _credential(request)
        try:
            account = await asyncio.to_thread(passkeys.use, credential, _host(request), _origin(request))
        except AccountError as error:
            raise HTTPException(401, str(error)) from error
        await asyncio.to_thread(doors.lockout.cleared, "", sender_address(request), False)
        return await desk.welcome(request, account.id, PASSKEY)

    return api


def _adds(doors: Doors, who: Who) -> Account:
    """The account that may have one more passkey. Raises HTTPException 403."""
    account = doors.accounts.one(who.account) if who.account else None
    if account is None:
        raise HTTPException(403, "only somebody with an account has passkeys")
    if account.passkeys and who.waiting:  # else whoever has the password would make a passkey of their own
        raise HTTPException(403, "sign in with the passkey you have, then add another")
    return account


async def _credential(request: Request) -> dict[str, Any]:
    body = await request.body()
    try:
        if len(body) > MOST_BYTES:
            raise ValueError
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise HTTPException(422, "this is no passkey's answer") from error


def _host(request: Request) -> str:
    return urlsplit(f"//{request.headers.get('host', '')}").hostname or ""


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.headers.get('host', '')}"
