"""Accounts of people, wall tokens of screens and break-glass codes: what the store keeps, and how it changes."""

import re
import secrets
from collections.abc import Callable
from functools import cache

import msgspec
import redis
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from warroom.access.roles import Grant, live
from warroom.access.sessions import hidden
from warroom.store import keys
from warroom.store.client import Client, as_text

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
INVITED_MS = 72 * 3_600_000
ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,58}[a-z0-9]")
SCREEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,38}")
_hasher = PasswordHasher()  # argon2id, RFC 9106's second recommended setting: 64 MiB, 3 passes


@cache
def _nobody() -> str:
    """A digest of nothing: an unknown account takes as long as a wrong password. Made when first asked for."""
    return _hasher.hash(secrets.token_urlsafe())


class AccountError(Exception):
    """What was asked of an account cannot be done; the text says why and what to do."""


class Passkey(msgspec.Struct, frozen=True):
    """A WebAuthn credential: id and public key in base64url, how often it signed, and the host it is for."""

    id: str
    key: str
    count: int
    host: str


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A person. `id` is the sign-in name; `password` an argon2 hash, empty before the first visit."""

    id: str
    name: str
    made_ms: int
    grants: tuple[Grant, ...] = ()
    password: str = ""
    disabled: bool = False
    oidc: bool = False
    passkeys: tuple[Passkey, ...] = ()
    last_ms: int | None = None

    def live(self, now_ms: int) -> tuple[Grant, ...]:
        """What this person may do now."""
        return () if self.disabled else live(self.grants, now_ms)


class Invite(msgspec.Struct, frozen=True):
    """A one-time code that sets an account's password."""

    account: str
    until_ms: int


class WallToken(msgspec.Struct, frozen=True):
    """A screen's key, hashed."""

    token: str
    made_ms: int


def account_id(text: str) -> str:
    """A sign-in name as it is kept. Raises AccountError."""
    found = text.strip().casefold()
    if not ACCOUNT.fullmatch(found):
        raise AccountError(f"{text!r} is no sign-in name: use letters, digits and . _ @ + -, two to 60 of them")
    return found


def check_password(password: str, account: str) -> None:
    """Raises AccountError where a password is too short, too long, or the sign-in name."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise AccountError(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
    if account in password.casefold() or len(set(password)) < 5:
        raise AccountError("This password is easily guessed: use a few words that are not your sign-in name.")


class AccountStore:
    """Accounts, invitations, wall tokens, break-glass codes."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def exist(self) -> bool:
        """Whether anybody was ever invited: then the room is no longer open."""
        return bool(self._client.hlen(keys.ACCOUNTS))

    def one(self, account: str) -> Account | None:
        """An account by its sign-in name."""
        raw = self._client.hget(keys.ACCOUNTS, account)
        return None if raw is None else msgspec.json.decode(raw, type=Account)

    def all(self) -> list[Account]:
        """Every account, by sign-in name."""
        rows = self._client.hvals(keys.ACCOUNTS)
        return sorted((msgspec.json.decode(raw, type=Account) for raw in rows), key=lambda a: a.id)

    def add(self, account: Account) -> None:
        """A new account. Raises AccountError where there is one of that name, or one that signs with the same name."""
        if any(other.name.casefold() == account.name.casefold() and other.id != account.id for other in self.all()):
            raise AccountError(f"somebody signs as {account.name!r} already: tell them apart with --shown")
        if not self._client.hsetnx(keys.ACCOUNTS, account.id, msgspec.json.encode(account)):
            raise AccountError(
                f"{account.id} exists already: `warroom account grant` gives a role, `account reset` a new password"
            )

    def change(self, account: str, how: Callable[[Account], Account]) -> Account:
        """Change an account; two changes at once both count. Raises AccountError where there is none."""
        with self._client.pipeline() as pipe:
            while True:
                try:
                    pipe.watch(keys.ACCOUNTS)
                    raw = pipe.hget(keys.ACCOUNTS, account)
                    if raw is None:
                        raise AccountError(f"no account {account}: `warroom account list` shows them")
                    after = how(msgspec.json.decode(raw, type=Account))
                    pipe.multi()
                    pipe.hset(keys.ACCOUNTS, account, msgspec.json.encode(after))
                    pipe.execute()
                    return after
                except redis.WatchError:
                    continue

    def verify(self, account: str, password: str) -> Account | None:
        """The account where the password is right and it is not disabled; takes as long where there is none."""
        found = self.one(account)
        able = found is not None and not found.disabled and found.password != ""
        try:
            right = _hasher.verify(found.password if able and found else _nobody(), password[:LONGEST_PASSWORD])
        except (VerificationError, InvalidHashError):
            right = False
        return found if able and right else None

    def invite(self, account: str, now_ms: int) -> str:
        """A one-time code with which the account's owner sets a password within three days; older ones end."""
        for key, raw in self._client.hgetall(keys.INVITES).items():
            held = msgspec.json.decode(raw, type=Invite)
            if held.account == account or held.until_ms <= now_ms:
                self._client.hdel(keys.INVITES, key)
        code = secrets.token_urlsafe(18)
        invite = Invite(account, now_ms + INVITED_MS)
        self._client.hset(keys.INVITES, hidden(code), msgspec.json.encode(invite))
        return code

    def invited(self, code: str, now_ms: int) -> str | None:
        """Whose invitation a code is; None where it was used, is over, or never was."""
        raw = self._client.hget(keys.INVITES, hidden(code))
        invite = None if raw is None else msgspec.json.decode(raw, type=Invite)
        return invite.account if invite and now_ms < invite.until_ms else None

    def accept(self, code: str, password: str, now_ms: int) -> Account:
        """Set the password with an invitation, once. Raises AccountError."""
        account = self.invited(code, now_ms)
        if account is None:
            raise AccountError("This invitation was used or is over: ask an admin for a new one.")
        check_password(password, account)
        digest = _hasher.hash(password)
        if not self._client.hdel(keys.INVITES, hidden(code)):
            raise AccountError("This invitation was used: ask an admin for a new one.")
        return self.change(account, lambda a: msgspec.structs.replace(a, password=digest))

    def new_wall(self, screen: str, now_ms: int) -> str:
        """A token for a screen; a screen has one. Raises AccountError."""
        if not SCREEN.fullmatch(screen):
            raise AccountError(f"{screen!r} is no name of a screen: use letters, digits, spaces and . _ -, at most 40")
        token = f"wall-{secrets.token_urlsafe(24)}"
        self._client.hset(keys.WALL_TOKENS, screen, msgspec.json.encode(WallToken(hidden(token), now_ms)))
        return token

    def walls(self) -> dict[str, WallToken]:
        """{screen: its token, hashed}."""
        rows = self._client.hgetall(keys.WALL_TOKENS)
        return {as_text(screen): msgspec.json.decode(raw, type=WallToken) for screen, raw in sorted(rows.items())}

    def wall_of(self, token: str) -> str | None:
        """The screen that a token is for."""
        if not token.startswith("wall-"):
            return None
        digest = hidden(token)
        return next((screen for screen, held in self.walls().items() if held.token == digest), None)

    def drop_wall(self, screen: str) -> bool:
        """Take a screen's token back."""
        return bool(self._client.hdel(keys.WALL_TOKENS, screen))

    def new_break_glass(self, now_ms: int) -> str:
        """A code that opens the room once, whatever else is locked."""
        code = f"glass-{secrets.token_urlsafe(18)}"
        self._client.hset(keys.BREAK_GLASS, hidden(code), now_ms)
        return code

    def break_glass(self, code: str) -> bool:
        """Use a code; True once."""
        return bool(self._client.hdel(keys.BREAK_GLASS, hidden(code)))

    def glasses(self) -> int:
        """How many codes are unused."""
        return int(self._client.hlen(keys.BREAK_GLASS))
