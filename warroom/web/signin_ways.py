"""The ways to sign in that this room has, as its settings say."""

import os

from fastapi import FastAPI

from warroom.access.doors import Doors
from warroom.access.passkeys import Passkeys
from warroom.store.client import Client
from warroom.web.passkey_api import passkey_router
from warroom.web.signin import Desk, signin_router


def add_signin(server: FastAPI, doors: Doors, client: Client) -> None:
    """Add everything under /signin. Raises AccessError where a setting is missing."""
    provider, oidc_router = None, None
    if any(name.startswith("WARROOM_OIDC_") for name in os.environ):  # its libraries are slow to import
        from warroom.web.oidc import Provider, oidc_router

        provider = Provider.from_environment()
    desk = Desk(doors, provider.name if provider else "")
    server.include_router(signin_router(doors, desk))
    server.include_router(passkey_router(doors, desk, Passkeys(client, doors.accounts)))
    if provider is not None and oidc_router is not None:
        server.include_router(oidc_router(doors, desk, provider))
