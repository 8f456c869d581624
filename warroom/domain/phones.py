"""Telephone numbers in what people write: hidden before it is kept as a sample or shown. Pure."""

import re

# Seven digits and more in a row, and telephone numbers in groups; dates, times and short ids stay readable.
_PHONE = re.compile(
    r"\d{7,}|\+\d[\d ().-]{6,}\d|\(?\d{3}(?:\)[ .-]?|[ .-])\d{3}[ .-]?\d{4}|(?<![\w.-])\d{3}[ .-]\d{4}(?![\w-])"
)


def mask_numbers(text: str) -> str:
    """The text with digit runs that may be telephone numbers masked.

    >>> mask_numbers("201811-0001: call (215) 555-0199 or 555 0199 at 09:15 on 2025-06-24")
    '201811-0001: call ############## or ######## at 09:15 on 2025-06-24'
    """
    return _PHONE.sub(lambda match: "#" * len(match[0]), text)
