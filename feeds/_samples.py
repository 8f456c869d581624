"""How a refused input is kept: a digest that knows it again, and a short sample without telephone numbers."""

import hashlib

from warroom.domain.phones import mask_numbers

SAMPLE_CHARS = 200


def digest_of(raw: bytes) -> str:
    """First 32 hexadecimal digits of the SHA-256 of the bytes."""
    return hashlib.sha256(raw).hexdigest()[:32]


def sample_of(raw: bytes) -> str:
    """At most SAMPLE_CHARS characters of the input, with digit runs that may be telephone numbers masked.

    >>> sample_of(b'201811-0001: call 215-555-0199 at 09:15 on 2025-06-24')
    '201811-0001: call ############ at 09:15 on 2025-06-24'
    """
    # The window is wider than the sample, so that a number cut by its end is still seen whole.
    text = raw[: SAMPLE_CHARS * 5].decode("utf-8", errors="replace").replace("\x00", "\ufffd")
    return mask_numbers(text)[:SAMPLE_CHARS]
