"""The ways to sign in that this room has, as its settings say."""

from fastapi import FastAPI

from warroom.access.doors import Doors
from warroom.access.passkeys import Passkeys
from warroom.store.client import Client
from warroom.web.oidc import Provider, oidc_router
from warroom.web.passkey_api import passkey_router
from warroom.web.signin import Desk, signin_router


def add_signin(server: FastAPI, doors: Doors, client: Client) -> None:
    """Add everything under /signin. Raises AccessError where a setting is missing."""
    provider = Provider.from_environment()
    desk = Desk(doors, provider.name if provider else "")
    server.include_router(signin_router(doors, desk))
    server.include_router(passkey_router(doors, desk, Passkeys(client, doors.accounts)))
    if provider is not None:
        server.include_router(oidc_router(doors, desk, provider))
