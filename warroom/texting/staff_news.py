"""What the staff should be told of in Slack: a new high alert, one that nobody moves on, a text that waits. Pure.

Places and reasons only: no volunteer and no voter is named.
"""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from warroom.domain.alerts import Alert, feed_place
from warroom.domain.handling import Handling, escalated
from warroom.domain.texts import TextCase

MOST_AT_ONCE = 8  # lines of one message; the rest is counted
KIND = {
    "low_turnout": "Low turnout", "stoppage": "Stoppage", "slowdown": "Slowdown", "silent": "Silent",
    "suspect_report": "Suspect report", "long_wait": "Long wait", "incident": "Incident",
    "coverage_gap": "Coverage gap",
}  # fmt: skip


class News(msgspec.Struct, frozen=True):
    """One line, and what it is about: the same thing is told once."""

    key: str
    line: str


def news(
    alerts: Iterable[Alert], handlings: Mapping[str, Handling], cases: Iterable[TextCase], names: Mapping[str, str],
    now_ms: int, told: Collection[str],
) -> list[News]:  # fmt: skip
    """What was not told yet. `alerts` are those in the room; `names` are {precinct or site: name}."""
    found = []
    for alert in alerts:
        where = names.get(alert.precinct or "") or names.get(alert.site or "") or alert.region or feed_place(alert)
        what = f"{KIND[alert.kind]}, {where}"
        if alert.severity == "high" and alert.status == "open":
            found.append(News(f"high|{alert.id}", f"High alert: {what}. {_reason(alert)}".strip()))
        handling = handlings.get(alert.id)
        if handling is not None and escalated(handling, now_ms):
            found.append(News(f"late|{alert.id}|{handling.version}", f"No progress in time: {what}."))
    for case in cases:
        if case.status == "proposed":
            people = case.request.audience.people
            who = "two people" if case.request.two_person else "a person"
            line = (
                f"A text to {people:,} people waits for {who} to approve: {case.request.place}, {case.request.region}."
            )
            found.append(News(f"text|{case.request.id}|{case.version if case.history else 0}", line))
    return [one for one in found if one.key not in told]


def message(lines: Iterable[News], day: str) -> str:
    """One message of several lines."""
    every = list(lines)
    shown = [f"• {one.line}" for one in every[:MOST_AT_ONCE]]
    if len(every) > MOST_AT_ONCE:
        shown.append(f"… and {len(every) - MOST_AT_ONCE} more in the room")
    return "\n".join([f"{day}:", *shown])


def _reason(alert: Alert) -> str:
    """The model's sentence; not what was made of a reporter's own words, which may name somebody."""
    return alert.reason if alert.kind in ("low_turnout", "stoppage", "slowdown", "silent", "long_wait") else ""
