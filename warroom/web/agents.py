"""A browser's kind and version from its User-Agent: what a screen is told by, and nothing that tells people apart."""

import re

# in this order: Edge and others also call themselves Chrome, and Chrome calls itself Safari
_KINDS = (
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/(\d{1,4})\.(\d{1,4})")),
    ("Firefox", re.compile(r"\bFirefox/(\d{1,4})\.(\d{1,4})")),
    ("Chrome", re.compile(r"\b(?:Headless)?Chrom(?:e|ium)/(\d{1,4})\.(\d{1,4})")),
    ("Safari", re.compile(r"\bVersion/(\d{1,4})\.(\d{1,4}).*\bSafari/")),
    ("Safari", re.compile(r"\bOS (\d{1,4})_(\d{1,4}).*\bAppleWebKit/")),  # every browser on an iPhone is one
)
UNKNOWN = "other 0.0"


def browser_of(agent: str) -> str:
    """Kind and version.

    >>> browser_of("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0.1 Safari/537.36")
    'Chrome 126.0'
    >>> browser_of("curl/8.5")
    'other 0.0'
    """
    for kind, pattern in _KINDS:
        if found := pattern.search(agent[:400]):
            return f"{kind} {int(found[1])}.{int(found[2])}"
    return UNKNOWN
