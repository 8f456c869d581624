"""Contacts made at a place since somebody was sent there, for the report. Pure."""

from collections import Counter
from collections.abc import Iterable

from warroom.history.tape import Told

MOST_RESULTS = 3  # named; the rest is in the sum


def contacts_since(told: Iterable[Told], precinct: str, from_ms: int) -> tuple[int, str]:
    """How many contacts were made at a precinct from a moment on, and the most frequent results in words."""
    made = Counter(
        str(one.body.get("result", ""))
        for one in told
        if one.kind == "contact" and one.place == precinct and one.at_ms >= from_ms
    )
    most = sorted(made.items(), key=lambda item: (-item[1], item[0]))[:MOST_RESULTS]
    return made.total(), ", ".join(f"{count} {result.replace('_', ' ')}" for result, count in most)
