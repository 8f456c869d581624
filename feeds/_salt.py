"""Salted digests of people's identifiers: they tell one person from another and lead back to nobody."""

import os
from collections.abc import Mapping
from hashlib import blake2b

from feeds._feed import FeedError

VARIABLE = "WARROOM_SALT"
_SHORTEST = 16


def read_salt(environ: Mapping[str, str] = os.environ) -> bytes:
    """The campaign's salt: a secret that stays the same all day on every machine. Raises FeedError where absent."""
    salt = environ.get(VARIABLE, "")
    if len(salt) < _SHORTEST:
        raise FeedError(
            f"{VARIABLE} is not set: this file lists people, whose numbers are kept as salted digests only. "
            f"Set it to a secret of {_SHORTEST} characters or more, the same on every machine "
            "(for example from: openssl rand -hex 16)."
        )
    return blake2b(salt.encode(), digest_size=32).digest()


def salted(salt: bytes, *parts: str) -> str:
    """A digest of these texts, 24 hexadecimal digits; without the salt nobody can try them out."""
    return blake2b("\x1f".join(parts).encode("utf-8", "replace"), key=salt, digest_size=12).hexdigest()
