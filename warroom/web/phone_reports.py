"""What a phone sends, in the wire format: the sender is put in by the server, never believed. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from feeds._faults import Refusal

KINDS = ("checkins", "wait", "incident", "shift", "correction")
MOST_ITEMS = 50  # a phone's outbox goes in portions: on a bad signal small ones arrive
MOST_BYTES = 64_000
TEST = "test"  # not a kind of report: a volunteer tries the phone before the day
_ALLOWED = frozenset({  # what a phone knows; the rest of the wire format is not its to say
    "id", "kind", "at", "precinct", "site", "count", "minutes", "category", "severity", "text", "status", "corrects",
    "void",
})  # fmt: skip


class BadBatch(Exception):
    """Not a list of reports; the text says what was expected."""


def read_batch(body: bytes) -> list[dict[str, Any]]:
    """The items of one request. Raises BadBatch."""
    if len(body) > MOST_BYTES:
        raise BadBatch(f"send at most {MOST_BYTES // 1000} kB at once")
    try:
        found = msgspec.json.decode(body, type=list[dict[str, Any]])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadBatch("send a JSON array of reports, each an object") from error
    if not 0 < len(found) <= MOST_ITEMS:
        raise BadBatch(f"send 1 to {MOST_ITEMS} reports at once")
    return found


def wire(item: Mapping[str, Any], source: str, volunteer: str) -> bytes:
    """One item as a report of this source, `test` as the shift report that readiness looks for."""
    report = {name: value for name, value in item.items() if name in _ALLOWED}
    if report.get("kind") == TEST:
        report = {"id": report.get("id"), "at": report.get("at"), "kind": "shift", "status": "scheduled"}
    if report.get("kind") == "shift":
        report["volunteer"] = volunteer
    return msgspec.json.encode({**report, "source": source})


def too_late_for_a_test(item: Mapping[str, Any], now: datetime, begins: datetime) -> Refusal | None:
    """On the day a test would take back an arrival ("scheduled" comes after "on site"): it is refused then."""
    if item.get("kind") != TEST or now < begins:
        return None
    return Refusal("test_is_over", "kind", "The day has begun: send a real report.")
