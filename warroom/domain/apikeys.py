"""An API key: which source it speaks for, what it may send, how much. Pure.

The key itself is shown once and never kept: the store holds a digest. It has 256 random bits, so one round of
SHA-256 is as good as many. Webhooks are signed with a secret that is derived from the room's own and the
key's id, so that it need not be kept either.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Annotated

import msgspec

TOLERANCE_S = 300  # a signature older or younger than this is refused
PER_MINUTE = 6_000  # reports; a state of 10,000 precincts that all report every quarter of an hour sends 667
MOST_PER_MINUTE = 10_000_000
# {scope: kinds of report}
SCOPES: dict[str, tuple[str, ...]] = {
    "reports": ("checkins", "correction", "wait", "incident"),
    "early_vote": ("correction", "early_vote"),
    "field": ("contact", "shift"),
    "money": ("money", "ad"),
}
_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,63}")
RESERVED = ("phone", "sms", "entry")  # doors whose sources are people
_SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


class BadKeyError(ValueError):
    """A key that cannot be made so; the text says what to write instead."""


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its secret. Times in epoch ms of the wall clock; `expires_ms` and `revoked_ms` may be None."""

    id: str
    source: str
    kinds: tuple[str, ...]
    digest: str
    created_ms: int
    per_minute: Annotated[int, msgspec.Meta(ge=1, le=MOST_PER_MINUTE)] = PER_MINUTE
    expires_ms: int | None = None
    revoked_ms: int | None = None

    def over(self, now_ms: int) -> str:
        """Why this key opens nothing any more; '' while it does."""
        if self.revoked_ms is not None:
            return "this key was revoked"
        return "this key has expired" if self.expires_ms is not None and self.expires_ms <= now_ms else ""


def checked_source(source: str) -> str:
    """The source as given. Raises BadKeyError where it is not a plain name, or a door's own.

    >>> checked_source("vendor/north")
    'vendor/north'
    """
    if not _SOURCE.fullmatch(source):
        raise BadKeyError(f"{source!r} is not a source: write letters, digits, '.', '-', '_', '/', at most 64")
    if source.partition("/")[0] in RESERVED:
        raise BadKeyError(f"the source {source!r} is kept for {', '.join(RESERVED)}: choose another name")
    return source


def kinds_of(scopes: Iterable[str], kinds: Iterable[str] = ()) -> tuple[str, ...]:
    """The kinds of report that these scopes allow, narrowed to `kinds` where given. Raises BadKeyError."""
    allowed: set[str] = set()
    for scope in scopes:
        if scope not in SCOPES:
            raise BadKeyError(f"there is no scope {scope!r}: choose from {', '.join(SCOPES)}")
        allowed |= set(SCOPES[scope])
    wanted = set(kinds) or allowed
    if not wanted or wanted - allowed:
        excess = ", ".join(sorted(wanted - allowed)) or "nothing"
        raise BadKeyError(f"the scopes given do not cover {excess}; they cover {', '.join(sorted(allowed))}")
    return tuple(sorted(wanted))


def digest_of(secret: str) -> str:
    """What is kept of a key's secret part."""
    return hashlib.sha256(secret.encode()).hexdigest()


def split_token(token: str) -> tuple[str, str]:
    """(id, secret) of a key as people hold it, `wr_ID_SECRET`; two empty texts where it is none."""
    mark, _, rest = token.partition("_")
    key_id, _, secret = rest.partition("_")
    return (key_id, secret) if mark == "wr" and key_id and secret else ("", "")


def holder(keys: Mapping[str, ApiKey], token: str) -> ApiKey | None:
    """The key behind a token, whether it still opens anything or not."""
    key_id, secret = split_token(token)
    key = keys.get(key_id)
    known = key.digest if key is not None else "0" * 64
    return key if hmac.compare_digest(known, digest_of(secret)) else None


def webhook_secret(room_secret: bytes, key_id: str) -> str:
    """The secret that signs the webhooks of one key."""
    return "whsec_" + hmac.new(room_secret, b"warroom webhook\n" + key_id.encode(), hashlib.sha256).hexdigest()


def sign(secret: str, at_s: int, body: bytes) -> str:
    """The value of X-Warroom-Signature: HMAC-SHA256 over the second, a dot and the body as it is sent."""
    mac = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={mac}"


def signature_fault(header: str, secret: str, body: bytes, now_s: float) -> str:
    """What is wrong with a signature; '' where it holds."""
    found = _SIGNATURE.fullmatch(header.strip())
    if found is None:
        return "X-Warroom-Signature is not t=SECONDS,v1=64 HEX DIGITS"
    at_s = int(found[1])
    if not hmac.compare_digest(header.strip(), sign(secret, at_s, body)):
        return "the signature does not fit this body and this key"
    if abs(now_s - at_s) > TOLERANCE_S:
        return f"the signature is {abs(now_s - at_s):.0f} s away from this server's clock; {TOLERANCE_S} s are allowed"
    return ""
