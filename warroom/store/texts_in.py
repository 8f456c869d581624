"""What a sender of text messages last said, so that a correction by text can name it. No number is kept."""

import msgspec

from warroom.store import keys
from warroom.store.client import Client

KEEP_S = 2 * 24 * 3_600  # longer than a carrier tries


class LastText(msgspec.Struct, frozen=True, kw_only=True):
    """The last count of one sender: its report's id, the place (an id), the count."""

    report: str
    place: str
    count: int


_last = msgspec.json.Decoder(LastText)


class TextsIn:
    """{(sender's reference, place or '' for any): last count}, and when each message first came."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def first_ms(self, message_id: str, now_ms: int) -> int:
        """When this message was first delivered; a second delivery must make the same reports."""
        key = keys.SMS_AT + message_id
        if self._client.set(key, now_ms, nx=True, ex=KEEP_S):
            return now_ms
        return int(self._client.get(key) or now_ms)

    def last(self, sender: str, place: str) -> LastText | None:
        """What this sender last said of a place; of any place where `place` is ''."""
        raw = self._client.hget(keys.SMS_LAST, f"{sender}|{place}")
        return _last.decode(raw) if raw is not None else None

    def put(self, sender: str, said: LastText) -> None:
        """Remember a count under its place and as the newest."""
        raw = msgspec.json.encode(said)
        self._client.hset(keys.SMS_LAST, mapping={f"{sender}|{said.place}": raw, f"{sender}|": raw})
