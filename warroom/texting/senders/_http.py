"""What senders share: one HTTP request, and what is certain about it when no good answer came.

Certain means: nothing of the request was written, or the provider said that it took nothing. Everything else
is `unknown`, and is never sent again.
"""

import math
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from warroom.access.shared_keys import unread_on_the_way
from warroom.texting.senders.base import Receipt, SenderError

CONNECT_S, READ_S = 4.0, 15.0
MOST_WAIT_S = 600.0  # a Retry-After beyond this is asked about again after ten minutes
NOT_SET_UP = frozenset({401, 403, 404})  # our address or our credentials are wrong: nothing was taken


def wait_of(headers: Mapping[str, str], now: datetime | None = None) -> float:
    """Seconds that Retry-After asks for (RFC 9110, 10.2.3: seconds, or a date); 0 where it says nothing usable."""
    text = headers.get("Retry-After", "")
    try:
        wait_s = float(text)
    except ValueError:
        wait_s = _until(text, now or datetime.now(UTC))
    return min(wait_s, MOST_WAIT_S) if math.isfinite(wait_s) and wait_s > 0 else 0.0


def _until(date: str, now: datetime) -> float:
    """Seconds until an HTTP date; 0 for what is none."""
    try:
        then = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return 0.0
    return (then.replace(tzinfo=then.tzinfo or UTC) - now).total_seconds()


def backoff_s(attempt: int, most_s: float = 60.0) -> float:
    """Seconds before asking again without a Retry-After: 1, 2, 4 ... with full jitter of half of it."""
    return float(min(most_s, 2.0 ** min(attempt, 10))) * (0.5 + secrets.randbelow(1_000) / 2_000)


def never_left(error: requests.RequestException) -> bool:
    """Whether no byte of the request can have reached anybody: no connection was made."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    inner = error.args[0] if error.args else None
    if isinstance(inner, MaxRetryError):
        inner = inner.reason
    return isinstance(inner, (NewConnectionError, ConnectTimeoutError))


def lost(error: requests.RequestException) -> Receipt:
    """The receipt of a request that got no answer. Names the error, not the address: it can hold a secret."""
    kind = type(error).__name__
    if never_left(error):
        return Receipt(outcome="later", reason=f"no connection ({kind})", trouble=True)
    return Receipt(outcome="unknown", reason=f"the answer was lost ({kind})", trouble=True)


def refused(status: int, headers: Mapping[str, str], code: str = "") -> Receipt:
    """The receipt of an answer that is no success.

    429 took nothing; neither did 401, 403 and 404. Another 4xx is this message's own fault. A 5xx, and a
    redirect, may hide a message that was taken.
    """
    reason = f"HTTP {status}{f', {code}' if code else ''}"
    if status == 429:
        return Receipt(outcome="later", reason=reason, retry_after_s=wait_of(headers))
    if status in NOT_SET_UP:
        return Receipt(outcome="later", reason=f"{reason}: check the sender's settings", trouble=True)
    if 400 <= status < 500:
        return Receipt(outcome="failed", reason=reason)
    return Receipt(outcome="unknown", reason=reason, trouble=True)


def session() -> requests.Session:
    """A session that never repeats a request by itself."""
    made = requests.Session()
    adapter = requests.adapters.HTTPAdapter(pool_maxsize=32, max_retries=0)
    for scheme in ("http://", "https://"):
        made.mount(scheme, adapter)
    return made


def setting(environ: Mapping[str, str], name: str, what: str) -> str:
    """A setting that must be there. Raises SenderError."""
    value = environ.get(name, "").strip()
    if not value:
        raise SenderError(f"{name} is not set: {what}. See docs/texting.md, Senders.")
    return value


def address(environ: Mapping[str, str], name: str, what: str) -> str:
    """A setting that must be an http(s) address; plain http is for this machine only. Raises SenderError."""
    value = setting(environ, name, what).rstrip("/")
    if not unread_on_the_way(value):
        raise SenderError(f"{name} must begin with https://: people's numbers go there")
    return value


def post(client: requests.Session, url: str, **how: Any) -> requests.Response:
    """One POST, no redirects followed. Raises requests.RequestException."""
    how.setdefault("timeout", (CONNECT_S, READ_S))
    return client.post(url, allow_redirects=False, **how)
