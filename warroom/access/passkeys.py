"""Passkeys (WebAuthn): a person's device signs a challenge of ours, after it has checked that it is them.

A challenge is good once, for five minutes, for one purpose and for the host name that the person sees.
"""

import json
from typing import Any, Literal

import msgspec
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from warroom.access.accounts import Account, AccountError, AccountStore, Passkey
from warroom.access.sessions import hidden
from warroom.store import keys
from warroom.store.client import Client, as_text

CHALLENGE_LASTS_S = 300
MOST_KEYS = 8
Purpose = Literal["add", "use"]
VERIFIED = UserVerificationRequirement.REQUIRED


class Passkeys:
    """Adds passkeys to accounts and recognises them. `host` and `origin` are those the person's browser is at."""

    def __init__(self, client: Client, accounts: AccountStore) -> None:
        self._client = client
        self._accounts = accounts

    def ask_to_add(self, account: Account, host: str) -> dict[str, Any]:
        """What a browser needs to make a passkey for this account."""
        options = generate_registration_options(
            rp_id=host, rp_name="War room", user_id=hidden(account.id)[:32].encode(), user_name=account.id,
            user_display_name=account.name,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(p.id)) for p in account.passkeys],
        )  # fmt: skip
        return self._asked(options, options.challenge, "add", account.id)

    def add(self, account: str, credential: dict[str, Any], host: str, origin: str) -> Passkey:
        """Keep a new passkey. Raises AccountError where it is not what was asked for."""
        challenge = self._challenge(credential, "add", account)
        try:
            made = verify_registration_response(
                credential=credential, expected_challenge=challenge, expected_rp_id=host, expected_origin=origin,
                require_user_verification=True,
            )  # fmt: skip
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise AccountError("This passkey cannot be used here.") from error
        public = bytes_to_base64url(made.credential_public_key)
        key = Passkey(bytes_to_base64url(made.credential_id), public, made.sign_count, host)
        if self._owner(key.id) is not None:
            raise AccountError("This passkey is in use already.")

        def with_key(held: Account) -> Account:
            if len(held.passkeys) >= MOST_KEYS:
                raise AccountError(f"An account has at most {MOST_KEYS} passkeys.")
            return msgspec.structs.replace(held, passkeys=(*held.passkeys, key))

        self._accounts.change(account, with_key)
        return key

    def ask_to_use(self, host: str) -> dict[str, Any]:
        """What a browser needs to show the passkeys that it has for this room."""
        options = generate_authentication_options(rp_id=host, user_verification=VERIFIED)
        return self._asked(options, options.challenge, "use", "")

    def use(self, credential: dict[str, Any], host: str, origin: str) -> Account:
        """Whose passkey signed. Raises AccountError."""
        challenge = self._challenge(credential, "use", "")
        held = self._owner(str(credential.get("id", "")))
        if held is None or held[0].disabled or held[1].host != host:
            raise AccountError("This passkey opens nothing here.")
        account, key = held
        try:
            signed = verify_authentication_response(
                credential=credential, expected_challenge=challenge, expected_rp_id=host, expected_origin=origin,
                credential_public_key=base64url_to_bytes(key.key), credential_current_sign_count=key.count,
                require_user_verification=True,
            )  # fmt: skip
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise AccountError("This passkey opens nothing here.") from error
        counted = msgspec.structs.replace(key, count=signed.new_sign_count)
        return self._accounts.change(
            account.id,
            lambda a: msgspec.structs.replace(a, passkeys=tuple(counted if p.id == key.id else p for p in a.passkeys)),
        )

    def _owner(self, credential_id: str) -> tuple[Account, Passkey] | None:
        for account in self._accounts.all():
            for key in account.passkeys:
                if key.id == credential_id:
                    return account, key
        return None

    def _asked(self, options: Any, challenge: bytes, purpose: Purpose, account: str) -> dict[str, Any]:
        name = keys.challenge(hidden(bytes_to_base64url(challenge)))
        self._client.set(name, f"{purpose} {account}", ex=CHALLENGE_LASTS_S)
        found: dict[str, Any] = json.loads(options_to_json(options))
        return found

    def _challenge(self, credential: dict[str, Any], purpose: Purpose, account: str) -> bytes:
        """The challenge that was signed, used up by this. Raises AccountError where it was not ours."""
        try:
            told = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
            challenge = str(told["challenge"])
            held = self._client.getdel(keys.challenge(hidden(challenge)))
            if held is None or as_text(held) != f"{purpose} {account}":
                raise AccountError("This took too long: try again.")
            return base64url_to_bytes(challenge)
        except (KeyError, TypeError, ValueError) as error:
            raise AccountError("This is no passkey's answer.") from error
