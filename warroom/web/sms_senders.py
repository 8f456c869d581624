"""Whose telephone a text message comes from: a volunteer's reference, never the number."""

import hashlib
import hmac
import os
import re
from collections.abc import Mapping

from warroom.domain.codes import Coder, in_letters
from warroom.store.client import Client
from warroom.store.people import PeopleStore
from warroom.web.held import Held

FRESH_S = 60.0  # volunteers loaded anew are known within this
UNKNOWN = "unknown"


def tidy_number(number: str, country: str = "1") -> str:
    """Digits with the country in front; '' for what is no telephone number.

    >>> tidy_number("(207) 555-0194"), tidy_number("+44 20 7946 0958"), tidy_number("12")
    ('12075550194', '442079460958', '')
    """
    digits = re.sub(r"\D", "", number)
    if len(digits) == 10 and not number.strip().startswith("+"):
        digits = country + digits
    return digits if 7 <= len(digits) <= 15 else ""


class Senders:
    """Today's volunteers by a keyed digest of their number; the numbers themselves are not kept here."""

    def __init__(self, client: Client, secret: bytes, environ: Mapping[str, str] = os.environ) -> None:
        self._client = client
        self._key = hashlib.sha256(b"warroom text senders\n" + secret).digest()
        self._coder = Coder(secret)
        self._country = environ.get("WARROOM_SMS_COUNTRY", "1")
        self.unknown_welcome = environ.get("WARROOM_SMS_UNKNOWN", "") == "1"
        self._refs = Held(self._read, FRESH_S)

    async def ref(self, number: str) -> str | None:
        """A volunteer's reference; None for a number that is not on today's list. Raises RedisError."""
        return (await self._refs.get()).get(self._digest(number))

    def hidden(self, number: str) -> str:
        """Twelve letters that stand for an unknown number."""
        return in_letters(self._digest(number)[:12])

    def _read(self) -> dict[str, str]:
        contacts = PeopleStore(self._client).contacts()
        return {self._digest(c.phone): self._coder.ref(v) for v, c in contacts.items()
                if tidy_number(c.phone, self._country)}  # fmt: skip

    def _digest(self, number: str) -> str:
        return hmac.new(self._key, tidy_number(number, self._country).encode(), hashlib.sha256).hexdigest()
