"""From the value of a Kafka message to a report or a reject. Pure: no message makes it raise."""

from datetime import datetime

from feeds._faults import Refusal
from feeds._mapping import RecordMapping
from feeds._parse import LINE_LIMIT_BYTES, Parser, reject
from feeds._samples import digest_of
from warroom.domain.reports import Reject, Report

NO_VALUE = Refusal("no_value", "", "A message without a value reports nothing: send a correction to take one back.")
TOO_LONG = Refusal("too_long", "", "Send one report to a message, at most 64 KiB.")


class Values:
    """Values of wire format v1, or of another shape with a mapping."""

    def __init__(self, parser: Parser, mapping: RecordMapping | None) -> None:
        self._parser = parser
        self._mapping = mapping

    def item(self, value: bytes | None, where: str, received: datetime) -> Report | Reject:
        """What this message says; `where` is topic/partition/offset."""
        if value is None:  # one reject for each: an empty text would make all of them the same
            return reject(b"", NO_VALUE, where, received, digest_of(where.encode()))
        if len(value) > LINE_LIMIT_BYTES:
            return reject(value[:LINE_LIMIT_BYTES], TOO_LONG, where, received, digest_of(value))
        value = one_line(value)  # so that a reject is known again in the raw log
        if self._mapping is not None:
            return self._mapping.json(self._parser, value, where, received)
        return self._parser.line(value, where, received)


def one_line(value: bytes) -> bytes:
    """The value as one line of the raw log, which a file feed can read again; of an overlong one the beginning.

    A line break in a JSON text stands between its parts only, where a space means the same.
    """
    kept = value[:LINE_LIMIT_BYTES].rstrip(b"\r\n")
    return kept.replace(b"\n", b" ") if b"\n" in kept else kept
