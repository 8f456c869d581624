"""How a refused input is kept: a digest that knows it again, and a short sample without telephone numbers."""

import hashlib
import re

SAMPLE_CHARS = 200
# Seven digits and more in a row, and telephone numbers in groups; dates, times and short ids stay readable.
_PHONE = re.compile(r"\d{7,}|\+\d[\d ().-]{6,}\d|\(?\d{3}(?:\)[ .-]?|[ .-])\d{3}[ .-]?\d{4}")


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


def mask_numbers(text: str) -> str:
    """The text with digit runs that may be telephone numbers masked."""
    return _PHONE.sub(lambda match: "#" * len(match[0]), text)
