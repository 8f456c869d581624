"""Names and numbers at rest: AES-256-GCM under a data key, itself wrapped by a key that is never in the store.

The wrapping key comes from WARROOM_TEXT_KEY or from the file WARROOM_TEXT_KEY_FILE names (where a key service
can put it). Numbers are compared by keyed digest only. Without the key the store's contacts are noise.
"""

import hashlib
import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY, KEY_FILE = "WARROOM_TEXT_KEY", "WARROOM_TEXT_KEY_FILE"
KEY_BYTES, NONCE_BYTES = 32, 12
_WRAP = b"warroom data key"


class VaultError(Exception):
    """The contacts cannot be opened; the text says what to do."""


class Reachable(msgspec.Struct, frozen=True):
    """What a sender needs of one person: `phone` in E.164, and the id that the campaign knows them by."""

    contact_id: str
    phone: str
    first_name: str

    def __repr__(self) -> str:
        return "Reachable(…)"  # never in a log or a traceback


def new_key() -> str:
    """A fresh wrapping key, as text for the environment."""
    return urlsafe_b64encode(AESGCM.generate_key(KEY_BYTES * 8)).decode()


def wrapping_key(environ: Mapping[str, str] = os.environ) -> bytes:
    """The wrapping key of the environment. Raises VaultError with the remedy."""
    text = environ.get(KEY, "")
    if not text and (path := environ.get(KEY_FILE, "")):
        try:
            text = Path(path).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise VaultError(f"{KEY_FILE}: {path} cannot be read ({error})") from error
    try:
        key = urlsafe_b64decode(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise VaultError(f"contacts are kept encrypted: set {KEY} to the key that `warroom text key` prints")
    return key


class Digests:
    """What stands for people and numbers. It needs the wrapping key alone: STOP is taken without any list."""

    def __init__(self, wrapping: bytes) -> None:
        self._digest_key = hashlib.sha256(b"warroom text digests\n" + wrapping).digest()  # outlives a reload: STOP must

    def ref(self, contact_id: str) -> str:
        """Sixteen hex digits that stand for a person."""
        return self._hmac("ref", contact_id)[:16]

    def digest(self, phone: str) -> str:
        """Thirty-two hex digits that stand for a number in E.164."""
        return self._hmac("phone", phone)[:32]

    def draw(self, *what: str) -> float:
        """A number in [0, 1) by lot, always the same one for the same words: a restart draws nobody anew."""
        return int(self._hmac("lot", "\n".join(what))[:12], 16) / 16**12

    def _hmac(self, use: str, text: str) -> str:
        return hmac.new(self._digest_key, f"{use}\n{text}".encode(), hashlib.sha256).hexdigest()


class Vault(Digests):
    """Opens and closes contacts. `wrapped` is what `wrap_new` gave and the store keeps."""

    def __init__(self, wrapping: bytes, wrapped: bytes) -> None:
        try:
            data_key = AESGCM(wrapping).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _WRAP)
        except (InvalidTag, ValueError) as error:
            raise VaultError(
                f"{KEY} is not the key that these contacts were loaded with: set that one, or `warroom text load` again"
            ) from error
        super().__init__(wrapping)
        self._cipher = AESGCM(data_key)

    @classmethod
    def wrap_new(cls, wrapping: bytes) -> bytes:
        """A new data key, wrapped."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(wrapping).encrypt(nonce, AESGCM.generate_key(KEY_BYTES * 8), _WRAP)

    def close(self, ref: str, person: Reachable) -> bytes:
        """One person, encrypted and bound to their reference."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, msgspec.json.encode(person), ref.encode())

    def open(self, ref: str, closed: bytes) -> Reachable:
        """One person again. Raises VaultError where the bytes were changed or moved to another reference."""
        try:
            raw = self._cipher.decrypt(closed[:NONCE_BYTES], closed[NONCE_BYTES:], ref.encode())
        except (InvalidTag, ValueError) as error:
            raise VaultError("a contact in the store is damaged: `warroom text load` again") from error
        return msgspec.json.decode(raw, type=Reachable)
