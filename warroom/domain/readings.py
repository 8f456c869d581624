"""The fold: which readings of a running count are believed, whatever order they came in.

A counter never falls without a correction. Of all readings of one unit the fold keeps the
longest chain that a real counter could have shown: never falling, never climbing faster
than the place can serve. Everything outside the chain is kept, shown and marked suspect
with its reason, and counts again when other readings confirm it. The result is a function
of the *set* of readings. `warroom/tally/judge.lua` is the same rule inside the store; a
property test holds the two together.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Literal

import msgspec

LOOKBACK = 200  # readings; bounds the work that one flooding source can cause
SLACK_BALLOTS = 30  # a first hour's line or a late entry, at the smallest place
PACE_LIMIT = 4  # times the pace at which the whole ceiling would vote between open and close
CLOCK_SLACK_MS = 120_000  # phones and servers disagree by this much without being wrong

Status = Literal["accepted", "suspect"]
Reason = Literal["", "held", "voided", "before_open", "after_arrival", "falls", "too_fast", "unconfirmed"]

REASON_TEXT: dict[str, str] = {
    "held": "a director holds its source: kept, not counted",
    "voided": "voided by a correction",
    "before_open": "observed before the polls opened: PM forgotten?",
    "after_arrival": "observed after it arrived: a clock is wrong",
    "falls": "lower than an earlier reading",
    "too_fast": "climbs faster than this place can serve",
    "unconfirmed": "other readings agree on another count",
}


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One cumulative count of one unit, after corrections. Times in ms since the epoch, UTC.

    `tie` orders readings of the same moment: `tie_of(source, id)`. `held`: its source does not count for now.
    """

    source: str
    id: str
    tie: int
    at_ms: int
    received_ms: int
    count: int
    void: bool = False
    held: bool = False


def tie_of(*parts: str) -> int:
    """A 48-bit number made from text: the same on every machine, exact in a double."""
    return int.from_bytes(blake2b("\x1f".join(parts).encode(), digest_size=6).digest())


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a unit can show at most: `ceiling` ballots in a day of `day_ms` from `opens_ms`."""

    ceiling: int
    opens_ms: int
    day_ms: int


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A reading and what the fold made of it."""

    reading: Reading
    status: Status
    reason: Reason = ""


def _can_follow(gain: int, elapsed_ms: int, limits: Limits) -> bool:
    # multiplied out: exact in integers here and in the store's doubles alike
    return gain >= 0 and (gain - SLACK_BALLOTS) * limits.day_ms <= PACE_LIMIT * limits.ceiling * elapsed_ms


def _impossible(reading: Reading, limits: Limits) -> Reason:
    if reading.held:
        return "held"
    if reading.void:
        return "voided"
    if reading.at_ms < limits.opens_ms:
        return "before_open"
    if reading.at_ms > reading.received_ms + CLOCK_SLACK_MS:
        return "after_arrival"
    return ""


def _best_chain(candidates: list[Reading], limits: Limits) -> list[int]:
    length = [0] * len(candidates)
    back = [-1] * len(candidates)
    end = -1
    for i, here in enumerate(candidates):
        if _can_follow(here.count, here.at_ms - limits.opens_ms, limits):
            length[i] = 1
        for j in range(max(0, i - LOOKBACK), i):
            there = candidates[j]
            if length[j] >= max(1, length[i]) and _can_follow(
                here.count - there.count, here.at_ms - there.at_ms, limits
            ):
                length[i], back[i] = length[j] + 1, j
        if length[i] > (length[end] if end >= 0 else 0):
            end = i
    chain = []
    while end >= 0:
        chain.append(end)
        end = back[end]
    return chain[::-1]


def fold(readings: Iterable[Reading], limits: Limits) -> list[Judged]:
    """Judge every reading of one unit; the result is sorted by (at, tie).

    The unit's count is the last accepted reading's. Ties between chains go to the one that
    ends first: a single contradiction never moves a count.
    """
    ordered = sorted(readings, key=lambda r: (r.at_ms, r.tie))
    impossible = [_impossible(r, limits) for r in ordered]
    candidates = [r for r, bad in zip(ordered, impossible, strict=True) if not bad]
    believed = {id(candidates[i]) for i in _best_chain(candidates, limits)}
    judged: list[Judged] = []
    last: Reading | None = None
    for reading, bad in zip(ordered, impossible, strict=True):
        if bad:
            judged.append(Judged(reading=reading, status="suspect", reason=bad))
        elif id(reading) in believed:
            last = reading
            judged.append(Judged(reading=reading, status="accepted"))
        else:
            judged.append(Judged(reading=reading, status="suspect", reason=_why(reading, last, limits)))
    return judged


def _why(reading: Reading, last: Reading | None, limits: Limits) -> Reason:
    count, at_ms = (last.count, last.at_ms) if last else (0, limits.opens_ms)
    if reading.count < count:
        return "falls"
    if not _can_follow(reading.count - count, reading.at_ms - at_ms, limits):
        return "too_fast"
    return "unconfirmed"
