"""What the feeds page is told: one row a feed. Pure. Samples are masked once more than in the reject list."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from anomaly.feedrow import feed_row
from warroom.store.feeds import Asked, Lag, Mended, Outcome, Pause, Pulse
from warroom.store.rejects import NOT_AGAIN, Refused
from warroom.store.state import FeedTotals

MOST_SAMPLES = 3
DOORS = {  # ways in through the web server itself, which are no feed modules
    "http": "reports that a program posts to this server",
    "sms": "text messages of poll watchers",
    "phone": "the poll watchers' page on their phones",
    "entry": "reports typed in from paper and telephone",
    "early_vote.csv": "early votes of the day folder, read when it was loaded",
}
# Fields of wire format v1 whose values are counts, times, places and fixed words; any other may name a person.
_PLAIN = frozenset({
    "id", "kind", "at", "received", "v", "count", "precinct", "site", "corrects", "void", "minutes", "category",
    "severity", "method", "channel", "result", "status", "amount", "campaign",
})  # fmt: skip
_FIELD = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:\s*)("(?:[^"\\]|\\.)*"?|[^",{}\[\]]+)')
_MAIL = re.compile(r"[^\s\"'<>,;]+@[^\s\"'<>,;]+")


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is known of the feeds at one moment; {feed: ...} throughout."""

    kinds: dict[str, str]
    troubles: dict[str, str]
    pauses: dict[str, Pause]
    positions: dict[str, str]
    lags: dict[str, Lag]
    pulses: dict[str, Pulse]
    totals: dict[str, FeedTotals]
    asked: dict[str, Asked]
    outcomes: dict[str, Outcome]
    rejects: dict[str, list[Refused]]
    mended: dict[str, list[Mended]]
    wall_ms: int

    def feeds(self) -> list[str]:
        """Every feed that is known, by name; what holds of sources moved came by none."""
        known = {*self.kinds, *self.troubles, *self.pauses, *self.positions, *self.pulses, *self.totals}
        return sorted(known - {""})


def rows(told: Told, day_ms: Callable[[int], int], about: Mapping[str, str], samples: bool) -> list[dict[str, Any]]:
    """Every feed's row. `day_ms` turns a wall time into the day's; `about` is {scheme: one line about it}.

    Samples of input only where `samples`: a wall may be read by anybody.
    """
    return [_row(told, feed, day_ms, about, samples) for feed in told.feeds()]


def kind_of(feed: str, kinds: Mapping[str, str]) -> str:
    """A feed's kind: what it said itself, else what stands before the colon of its name."""
    return kinds.get(feed) or feed.partition(":")[0]


def _row(
    told: Told, feed: str, day_ms: Callable[[int], int], about: Mapping[str, str], samples: bool
) -> dict[str, Any]:
    pulse, totals = told.pulses.get(feed), told.totals.get(feed, FeedTotals())
    kind = kind_of(feed, told.kinds)
    seen_ms = day_ms(pulse.seen_ms) if pulse else None
    mended = told.mended.get(feed, [])
    lag = told.lags.get(feed)
    return {
        **feed_row(feed, told.troubles.get(feed, ""), pulse, told.pauses.get(feed), told.wall_ms, seen_ms,
                   totals.received),
        "kind": kind,
        "about": about.get(kind, ""),
        "minutes": pulse.counts if pulse else [],
        "minutes_end_ms": day_ms((pulse.minute + 1) * 60_000) if pulse else None,
        "limit_ms": pulse.limit_ms if pulse else None,
        "accepted": totals.accepted, "suspect": totals.suspect, "rejected": totals.rejected,
        "repeated": totals.repeated, "mended": len(mended),
        "lag": None if lag is None else {"lag": lag.lag, "at_ms": day_ms(lag.at_ms), "detail": _parts(lag.detail)},
        "position": position_words(told.positions.get(feed, "")),
        "reasons": _reasons(totals, told.rejects.get(feed, []), mended, samples),
        "asked": told.asked.get(feed),
        "outcome": told.outcomes.get(feed),
    }  # fmt: skip


def _reasons(
    totals: FeedTotals, rejects: Iterable[Refused], mended: Iterable[Mended], samples: bool
) -> list[dict[str, Any]]:
    """Reasons, most frequent first; samples newest first, those not mended before the others."""
    by_reason: dict[str, list[Refused]] = {}
    for refused in rejects:
        by_reason.setdefault(refused.reason, []).append(refused)
    healed: dict[str, int] = {}
    for one in mended:
        healed[one.reason] = healed.get(one.reason, 0) + 1
    found = []
    for reason, count in sorted(totals.reasons.items(), key=lambda pair: (-pair[1], pair[0])):
        listed = sorted(by_reason.get(reason, []), key=lambda refused: refused.mended is not None)
        found.append(
            {
                "reason": reason, "count": count, "mended": healed.get(reason, 0),
                "remedy": listed[0].remedy if listed else "", "again": reason not in NOT_AGAIN,
                "samples": [_sample(refused) for refused in listed[:MOST_SAMPLES]] if samples else [],
            }
        )  # fmt: skip
    return [row for row in found if row["count"] > 0]


def _sample(refused: Refused) -> dict[str, Any]:
    return {"where": refused.where, "sample": masked(refused.sample), "received_ms": refused.received_ms or None,
            "mended": refused.mended}  # fmt: skip


def masked(sample: str) -> str:
    """A sample without the values of fields that may name a person, and without mail addresses.

    >>> masked('{"kind":"shift","volunteer":"Ann Example","count":5,"precinct":"P9","note":"ann@x.org')
    '{"kind":"shift","volunteer":…,"count":5,"precinct":"P9","note":…'
    """

    def hidden(found: re.Match[str]) -> str:
        return found[0] if found[1] in _PLAIN else f'"{found[1]}"{found[2]}…'

    return _MAIL.sub("…@…", _FIELD.sub(hidden, sample))


def position_words(text: str) -> str:
    """Where a feed stopped reading, in words; '' where it keeps no place here.

    >>> position_words('{"inode":1,"offset":90,"line":1234,"mark":"x"}')
    'line 1,234'
    """
    try:
        place = msgspec.json.decode(text) if text else {}
    except msgspec.DecodeError:
        return text[:60]
    if not isinstance(place, dict):
        return str(place)[:60]
    for field, words in (("line", "line {:,}"), ("done", "{:,} read"), ("records", "{:,} records")):
        if isinstance(place.get(field), int):
            return words.format(place[field])
    return ""


def _parts(detail: str | dict[str, int]) -> str:
    return detail if isinstance(detail, str) else ", ".join(f"{part} {count:,}" for part, count in detail.items())
