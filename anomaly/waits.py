"""Lines: which are too long, whom they may cost, and what helps. Pure.

Thresholds: half an hour is the most a voter should wait (Presidential Commission on Election
Administration 2014, "The American Voting Experience"). An alert ends below 20 minutes, so that
a line at the threshold does not flicker.

Voters at risk. Who sees a long line may not join it (balking) or may leave it (reneging); how many
has been measured on whole elections only, never minute by minute:
- low, 1 % of those who come per hour of wait: adults who expect three hours rather than none are 2.6
  points less likely to vote (national survey on perceived waits);
- middle, 4 %: Allen, Orlando Sentinel, 8 January 2013, from turnout against closing delay in central
  Florida in 2012: each hour deterred 4 % of those who could vote; the same author put Franklin County,
  Ohio, 2004 at 20,000 to 30,000 voters;
- high, 8 %: the middle figure counted eligible people, of whom about half come; all the deterred are
  then among them.
Applied to those expected within the next hour, if the line stays as it is. An order of magnitude, shown
with its interval: it says where line-warmers pay, not how many votes were lost.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from anomaly.events import WantedAlert
from warroom.domain.alerts import AlertSeverity

LOST_PER_HOUR = (0.01, 0.04, 0.08)  # share of those who come, per hour of wait: low, middle, high
MOST_LOST = 0.5  # the straight line was measured up to about five hours


@dataclass(frozen=True)
class WaitSettings:
    """Minutes. A report older than `stale` says nothing of now."""

    opens_over: int = 30
    high_over: int = 60
    closes_under: int = 20
    stale: int = 60


@dataclass(frozen=True)
class SiteWait:
    """The newest wait reported from one site. `arrivals` are voters expected there within the next hour."""

    site: str
    minutes: int
    at_ms: int
    arrivals: float = 0.0
    region: str = ""


@dataclass(frozen=True)
class WaitFigures:
    """For the headline: lines over the threshold, sites with a fresh report, the worst of them."""

    over: int
    sites: int
    worst_minutes: int | None
    worst_site: str | None


def at_risk(minutes: float, arrivals: float) -> tuple[float, float, float]:
    """Voters of the next hour who may be lost to a wait: (low, middle, high). See the module's sources.

    >>> [round(v, 1) for v in at_risk(60, 100)]
    [1.0, 4.0, 8.0]
    """
    low, middle, high = (min(MOST_LOST, rate * minutes / 60) * arrivals for rate in LOST_PER_HOUR)
    return low, middle, high


def fresh(waits: Iterable[SiteWait], now_ms: int, settings: WaitSettings) -> list[SiteWait]:
    """The waits that still say something of now; an older one is unknown, which is not "no line"."""
    return [w for w in waits if now_ms - w.at_ms <= settings.stale * 60_000]


def figures(waits: Iterable[SiteWait], now_ms: int, settings: WaitSettings) -> WaitFigures:
    """What the headline says of lines."""
    known = fresh(waits, now_ms, settings)
    worst = max(known, key=lambda w: (w.minutes, w.site), default=None)
    return WaitFigures(
        over=sum(w.minutes > settings.opens_over for w in known),
        sites=len(known),
        worst_minutes=worst.minutes if worst else None,
        worst_site=worst.site if worst else None,
    )


def wait_alerts(
    waits: Iterable[SiteWait], now_ms: int, is_open: frozenset[str], clocks: Mapping[int, str], settings: WaitSettings
) -> list[WantedAlert]:
    """Alerts that the lines ask for. `is_open`: sites whose alert is open; `clocks`: {at_ms: local HH:MM}."""
    wanted = []
    for wait in fresh(waits, now_ms, settings):
        goes_on = wait.site in is_open and wait.minutes >= settings.closes_under
        if wait.minutes > settings.opens_over or goes_on:
            wanted.append(_alert(wait, clocks.get(wait.at_ms, ""), settings))
    return wanted


def _alert(wait: SiteWait, clock: str, settings: WaitSettings) -> WantedAlert:
    high = wait.minutes > settings.high_over
    severity: AlertSeverity = "high" if high else "medium" if wait.minutes > settings.opens_over else "low"
    low, middle, most = at_risk(wait.minutes, wait.arrivals)
    risk = ""
    if wait.arrivals >= 1:
        risk = f" If it stays, {middle:.0f} ({low:.0f} to {most:.0f}) of the next hour's {wait.arrivals:.0f} may leave."
    act = "Call the board of elections, send line-warmers" if high else "Send line-warmers"
    when = f" at {clock}" if clock else ""
    return WantedAlert(
        kind="long_wait",
        place=wait.site,
        severity=severity,
        reason=f"{wait.minutes} min in line{when}.{risk} {act}.",
        evidence=f"{wait.minutes} {wait.at_ms}",
        site=wait.site,
        region=wait.region,
        voters_at_risk=middle,
    )
