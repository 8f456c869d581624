"""Outside words in a CSV file of ours: whoever opens it in a spreadsheet must not run them."""

import re

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?[\d.]+")


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV Injection); a number stays one.

    >>> safe_cell("=HYPERLINK(1)"), safe_cell("-SUM(1)"), safe_cell("Ana"), safe_cell("-75.1")
    ("'=HYPERLINK(1)", "'-SUM(1)", 'Ana', '-75.1')
    """
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text
