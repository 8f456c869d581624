"""A volunteer's way in: a short code to type, a long one for a link, and the name their reports carry. Pure.

All are derived from one secret and the volunteer's id, so that a lost list can be printed again and the
store never holds a code. `generation` counts renewals: with the next one all earlier codes are dead.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode

import msgspec

# 30 characters: none that is easily taken for another when read aloud, written or typed (0 O, 1 I L, U V)
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8  # 30^8 = 6.6e11: a guess meets one of 37,000 codes once in 18 million tries
_SIXTEEN = str.maketrans("0123456789abcdef", "bcdfghjkmnpqrstv")  # no vowels: they spell nothing
SOURCE = "phone/"  # what a phone's reports are from, before the volunteer's reference


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds a code. `salt` is above 0 only where two volunteers would have had the same one."""

    volunteer: str
    generation: int = 1
    salt: int = 0
    revoked: bool = False


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """What is handed to one volunteer: `code` to type, `token` behind the # of a link. Both are secrets."""

    volunteer: str
    code: str
    token: str


class Coder:
    """Makes and checks codes with one secret of at least 16 bytes."""

    def __init__(self, secret: bytes) -> None:
        self._key = hashlib.sha256(b"warroom phone codes\n" + secret).digest()

    def ref(self, volunteer: str) -> str:
        """Twelve letters that stand for a volunteer in reports: the same for ever, and not their id."""
        return in_letters(self._digest("ref", volunteer).hex()[:12])

    def code(self, holder: Holder) -> str:
        """The short code, as it is read out: `K7QM-2RXD`."""
        number = int.from_bytes(self._digest("code", holder.volunteer, str(holder.generation), str(holder.salt)))
        signs = []
        for _ in range(LENGTH):
            number, place = divmod(number, len(ALPHABET))
            signs.append(ALPHABET[place])
        return f"{''.join(signs[:4])}-{''.join(signs[4:])}"

    def token(self, holder: Holder) -> str:
        """The long code of a link, `ref.secret`: 128 bits that nobody guesses."""
        mac = self._digest("token", holder.volunteer, str(holder.generation))[:16]
        return f"{self.ref(holder.volunteer)}.{urlsafe_b64encode(mac).decode().rstrip('=')}"

    def opens(self, token: str, holder: Holder) -> bool:
        """Whether a token is this holder's, in constant time."""
        return not holder.revoked and hmac.compare_digest(token.encode(), self.token(holder).encode())

    def digest(self, code: str) -> str:
        """What the store keeps of a short code."""
        return self._digest("typed", code.replace("-", "")).hex()[:32]

    def hidden(self, text: str) -> str:
        """A short digest of something that must not stand in the store as it is, such as an address."""
        return self._digest("hidden", text).hex()[:16]

    def _digest(self, *parts: str) -> bytes:
        return hmac.new(self._key, "\x1f".join(parts).encode(), hashlib.sha256).digest()


def in_letters(hexadecimal: str) -> str:
    """The same number without a digit: what masks telephone numbers leaves it whole.

    >>> in_letters("42337723cd5f")
    'gdffkkdfrshv'
    """
    return hexadecimal.translate(_SIXTEEN)


def tidy(typed: str) -> str | None:
    """A typed code in its own form; None where it cannot be one.

    >>> tidy(" k7qm 2rxd"), tidy("K7QM-2RX"), tidy("K7QM-2RX0")
    ('K7QM-2RXD', None, None)
    """
    signs = re.sub(r"[\s\-–—.]+", "", typed[:40]).upper()
    if len(signs) != LENGTH or any(sign not in ALPHABET for sign in signs):
        return None
    return f"{signs[:4]}-{signs[4:]}"
