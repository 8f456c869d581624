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

import msgspec

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

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], host: str) -> "Access":
        """Read the keys. Raises AccessError where the room would be open to a network."""
        wall, director = environ.get("WARROOM_WALL_KEY", ""), environ.get("WARROOM_DIRECTOR_KEY", "")
        if any(0 < len(key) < 16 for key in (wall, director)):
            raise AccessError("WARROOM_WALL_KEY and WARROOM_DIRECTOR_KEY need at least 16 characters each")
        if not director and not _loopback(host):
            raise AccessError(
                f"listening on {host} needs keys: set WARROOM_WALL_KEY (screens) and WARROOM_DIRECTOR_KEY "
                "(people who act), 16 characters or more, or listen on 127.0.0.1"
            )
        return cls(wall_key=wall, director_key=director, open_room=not director and not wall)

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
        if not hmac.compare_digest(signature.encode(), self._sign(role, int(until)).encode()):
            return None
        if int(until) < (time.time() if now_s is None else now_s):
            return None
        return "director" if role == "director" else "viewer"

    def _sign(self, role: str, until: int) -> str:
        key = hashlib.sha256(f"{self.wall_key}\n{self.director_key}".encode()).digest()
        return hmac.new(key, f"{role}.{until}".encode(), hashlib.sha256).hexdigest()


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


SIGNIN_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>War room: sign in</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>body{font:1.1rem system-ui,sans-serif;background:#14181d;color:#eef2f6;display:grid;place-items:center;
min-height:100vh;margin:0}form{display:grid;gap:.8rem;width:min(20rem,90vw)}input,button{font:inherit;padding:.7rem;
border-radius:.3rem;border:1px solid #8a97a5}button{background:#56b4e9;border:0;color:#08131c}</style>
<form method="post" action="/signin"><h1>War room</h1><label for="key">Your key</label>
<input id="key" name="key" type="password" autocomplete="current-password" required>
<button>Sign in</button><p role="alert">%s</p></form>
<script>const k=decodeURIComponent(location.hash.slice(1));
if(k){history.replaceState(null,'','/signin');document.getElementById('key').value=k;document.forms[0].submit()}</script>
"""
