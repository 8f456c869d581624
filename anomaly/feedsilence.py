"""When a feed has fallen silent: learned from its own recent gaps, as a person would who knows it. Pure.

A feed's frames come in speeches; the silences between them are its gaps. How long a silence must be before
it means something follows from them:

- A feed whose gaps are alike (a file every hour) is silent once it misses its turn: twice its longest gap.
- A feed whose gaps come as they will (people with telephones) is held to be memoryless. With n gaps seen,
  the next one exceeds c times the longest of them with probability n! c! / (n + c)!, whatever their mean
  (order statistics of the exponential distribution); c is chosen so that a healthy feed is called silent
  wrongly less than once in twenty days.
- A feed that has spoken without any gap for half an hour is silent after a minute.
"""

from collections.abc import Mapping, Sequence
from math import exp, lgamma, log, sqrt

from anomaly.events import WantedAlert
from warroom.domain.alerts import AlertSeverity
from warroom.domain.feeds import named
from warroom.store.feeds import Pulse

MINUTE_MS = 60_000
SPEECH_MS = 10_000  # frames closer than this are one speech
GAPS_KEPT = 60
LEAST_GAPS = 4
FLOOR_MS = MINUTE_MS  # nobody needs to know sooner
UNLEARNED_MS = 90 * MINUTE_MS  # before its ways are known: a file every hour is ordinary
STEADY_MS, SURE_MS = 5 * MINUTE_MS, 30 * MINUTE_MS
# standard deviation over mean, up to which gaps are alike; a few irregular ones often look so by chance
ALIKE, ALIKE_FEW, MANY_GAPS = 0.4, 0.2, 10
WRONG_A_DAY = 0.05
MOST, SOME = 0.5, 0.1  # share of the reports that makes a silent feed of high, and of medium, severity


def limit_of(gaps_ms: Sequence[int], steady_ms: int, day_ms: int) -> int:
    """Silence in ms from which a feed counts as silent. `day_ms` is how long it is listened to in a day.

    >>> limit_of([3_600_000] * 6, 0, 54_000_000) // 60_000  # a file every hour
    120
    >>> limit_of([], 3_600_000, 54_000_000) // 60_000  # a stream that never pauses
    1
    """
    if len(gaps_ms) < LEAST_GAPS:
        longest = max(gaps_ms, default=0)
        if steady_ms >= SURE_MS:
            return max(FLOOR_MS, 2 * longest)
        return max(5 * MINUTE_MS if steady_ms >= STEADY_MS and not gaps_ms else UNLEARNED_MS, 4 * longest)
    n, longest, mean = len(gaps_ms), max(gaps_ms), sum(gaps_ms) / len(gaps_ms)
    sd = sqrt(sum((gap - mean) ** 2 for gap in gaps_ms) / n)
    if sd <= (ALIKE if n >= MANY_GAPS else ALIKE_FEW) * mean:
        return max(FLOOR_MS, 2 * longest)
    rare = WRONG_A_DAY / max(1.0, day_ms / mean)  # probability a gap may have of being called silence wrongly
    factor = next((c / 4 for c in range(6, 80) if _beyond(n, c / 4) <= rare), 20.0)
    by_mean = -mean * (1 + 2 / sqrt(n)) * log(rare)  # the mean itself is known from n gaps only
    return max(FLOOR_MS, round(1.5 * longest), round(min(factor * longest, by_mean)))


def _beyond(n: int, factor: float) -> float:
    """Probability that the next of memoryless gaps exceeds `factor` times the longest of n before it."""
    return exp(lgamma(n + 1) + lgamma(factor + 1) - lgamma(n + factor + 1))


def hear(pulse: Pulse, seen_ms: int, watched: bool) -> None:
    """Learn from a feed that spoke at `seen_ms`.

    `watched` says that it ran and was looked at all the time since it spoke last: a pause, or our own
    absence, is no gap of the feed's. A gap that was an outage counts no longer than what was borne.
    """
    gap_ms = seen_ms - pulse.seen_ms
    if gap_ms <= 0:
        return
    if not pulse.seen_ms or not watched:
        pulse.steady_ms = 0
    elif gap_ms < SPEECH_MS:
        pulse.steady_ms += gap_ms
    else:
        borne_ms = min(gap_ms, pulse.limit_ms or gap_ms) if len(pulse.gaps_ms) >= LEAST_GAPS else gap_ms
        pulse.gaps_ms = [*pulse.gaps_ms, borne_ms][-GAPS_KEPT:]
        pulse.steady_ms = 0
    pulse.seen_ms = seen_ms


def is_silent(pulse: Pulse, wall_ms: int) -> bool:
    """Whether the feed has been silent for too long."""
    return bool(pulse.seen_ms) and pulse.limit_ms is not None and wall_ms - pulse.seen_ms >= pulse.limit_ms


def shares(pulses: Mapping[str, Pulse], received: Mapping[str, int]) -> dict[str, float]:
    """{feed: its share of the reports, 0-1}: of the last hour, or of the day where the hour brought none."""
    hour = {feed: sum(pulse.counts) for feed, pulse in pulses.items()}
    counts: Mapping[str, int] = hour if sum(hour.values()) else {feed: received.get(feed, 0) for feed in pulses}
    whole = sum(counts.values())
    return {feed: count / whole if whole else 0.0 for feed, count in counts.items()}


def severity(share: float) -> AlertSeverity:
    """How much the room loses with a feed that carried this share of the reports."""
    return "high" if share > MOST else "medium" if share >= SOME else "low"


def silence_alert(feed: str, pulse: Pulse, share: float, since: str, trouble: str) -> WantedAlert:
    """The alert of a silent feed. `since` is the clock time of its last report, `trouble` what it says itself."""
    usual = f"it is seldom quiet for more than {_span(pulse.limit_ms or 0)}"
    carried = f"; it brought {100 * share:.0f} % of the reports of its last hour" if share >= 0.005 else ""
    says = f". It says: {trouble}" if trouble else ""
    return WantedAlert(
        kind="silent", place=f"feed {feed}", severity=severity(share), feed=feed,
        reason=f"No report by {named(feed)} since {since}: {usual}{carried}{says}",
        evidence=f"{pulse.seen_ms} {trouble}",
    )  # fmt: skip


def _span(ms: int) -> str:
    minutes = max(1, round(ms / MINUTE_MS))
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"
