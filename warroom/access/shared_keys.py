"""Who may look and who may act: two keys, two roles, and a room of one machine needs neither.

Without keys the server answers this machine only, and whoever sits at it is a director.
With keys (`WARROOM_WALL_KEY`, `WARROOM_DIRECTOR_KEY`, from the environment) a person signs
in once at `/signin`; the browser keeps a signed cookie. A sign-in link carries its key
behind the `#`, which browsers never send, so no key stands in a log.
"""

import hashlib
import hmac
import ipaddress
import time
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from warroom.access import roles

Role = Literal["viewer", "director"]
COOKIE = "warroom"
LIFETIME_S = 7 * 24 * 3600  # a wall signs in before the day and must not be asked again during it


class AccessError(Exception):
    """The settings would leave the room open; the text says what to do."""


class Access(msgspec.Struct, frozen=True):
    """The room's keys. An empty key admits nobody; `open_room` admits this machine as director."""

    wall_key: str
    director_key: str
    open_room: bool
    accounts: bool = False  # people sign in by name: keys are not needed to listen on a network
    passkey_roles: frozenset[roles.Role] = frozenset()  # nobody with an account acts in these without a passkey

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], host: str) -> "Access":
        """Read the keys. Raises AccessError where the room would be open to a network, or a setting is wrong."""
        wall, director = environ.get("WARROOM_WALL_KEY", ""), environ.get("WARROOM_DIRECTOR_KEY", "")
        if any(0 < len(key) < 16 for key in (wall, director)):
            raise AccessError("WARROOM_WALL_KEY and WARROOM_DIRECTOR_KEY need at least 16 characters each")
        accounts = environ.get("WARROOM_ACCOUNTS", "") not in ("", "0", "off")
        if not director and not accounts and not loopback(host):
            raise AccessError(
                f"listening on {host} needs keys: set WARROOM_WALL_KEY (screens) and WARROOM_DIRECTOR_KEY "
                "(people who act), 16 characters or more; or WARROOM_ACCOUNTS=on and `warroom account invite`; "
                "or listen on 127.0.0.1"
            )
        opened = not director and not wall and not accounts
        strict = _passkey_roles(environ.get("WARROOM_PASSKEY_ROLES", ""))
        return cls(wall_key=wall, director_key=director, open_room=opened, accounts=accounts, passkey_roles=strict)

    def role_of_key(self, key: str) -> Role | None:
        """The role that a key opens."""
        if self.director_key and hmac.compare_digest(key.encode(), self.director_key.encode()):
            return "director"
        if self.wall_key and hmac.compare_digest(key.encode(), self.wall_key.encode()):
            return "viewer"
        return None

    def ticket(self, role: Role, now_s: float | None = None) -> str:
        """A signed cookie value for a role; it ends by itself after seven days."""
        until = int((time.time() if now_s is None else now_s) + LIFETIME_S)
        return f"{role}.{until}.{self._sign(role, until)}"

    def role_of_ticket(self, ticket: str, now_s: float | None = None) -> Role | None:
        """The role of a cookie; None where it is forged, of another room, or over."""
        if self.open_room:
            return "director"
        role, _, rest = ticket.partition(".")
        until, _, signature = rest.partition(".")
        if role not in ("viewer", "director") or not until.isdecimal() or len(until) > 12:
            return None
        if not (self.director_key if role == "director" else self.wall_key):
            return None  # without a secret of its own, a role's signature could be computed by whoever lacks it
        if not hmac.compare_digest(signature.encode(), self._sign(role, int(until)).encode()):
            return None
        if int(until) < (time.time() if now_s is None else now_s):
            return None
        return "director" if role == "director" else "viewer"

    def _sign(self, role: str, until: int) -> str:
        key = hashlib.sha256(f"{self.wall_key}\n{self.director_key}".encode()).digest()
        return hmac.new(key, f"{role}.{until}".encode(), hashlib.sha256).hexdigest()


def _passkey_roles(text: str) -> frozenset[roles.Role]:
    """The roles named in WARROOM_PASSKEY_ROLES, commas between them. Raises AccessError."""
    named = {part.strip() for part in text.split(",")} - {""}
    if strange := sorted(named - set(roles.ROLES)):
        raise AccessError(f"WARROOM_PASSKEY_ROLES: {strange[0]!r} is no role: use {', '.join(roles.ROLES)}")
    return frozenset(role for role in roles.ROLES if role in named)


def loopback(host: str) -> bool:
    """Whether a host name or address means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def unread_on_the_way(address: str) -> bool:
    """Whether nobody on the way can read what goes to an address: https, or http to this machine."""
    try:
        parts = urlsplit(address)
    except ValueError:  # half a pair of brackets
        return False
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and loopback(parts.hostname or ""))
    )
