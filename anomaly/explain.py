"""The numbers behind a flag, and one sentence that a director can read aloud."""

import re
from dataclasses import dataclass

import numpy as np

from anomaly.forecast import Forecast
from anomaly.turnout import Prior
from warroom.domain.election import ElectionDay

PARTIES = {"dem": "Democratic", "rep": "Republican"}


@dataclass(frozen=True)
class Explanation:
    """Ballots at the last believed reading; `at_min` in minutes since the polls opened, NaN where none.

    clears_at: the count at that reading that would be inside the band; since_min: until when it kept pace.
    """

    text: str
    reported: int
    at_min: float
    expected: float
    expected_low: float
    expected_high: float
    shortfall: float
    probability: float
    compared_with: str
    like_ballots: float
    clears_at: float
    since_min: float


def clock(day: ElectionDay, minute: float) -> str:
    """Local wall-clock time of a minute since the polls opened."""
    return f"{day.moment_of(minute):%H:%M}"


def explain(forecast: Forecast, prior: Prior, day: ElectionDay, i: int, since_min: float = 0.0) -> Explanation:
    """Explain one precinct of a forecast; since_min: until when it kept pace, 0 where it never did."""
    reported = int(forecast.reported[i])
    expected = float(forecast.expected_at[i])
    low, high = float(forecast.expected_at_low[i]), float(forecast.expected_at_high[i])
    minute = float(forecast.reported_at_min[i])
    like = float(prior.like_ballots[i])
    compared = f"election {prior.like}" if prior.like else "its registration and its neighbours"
    if reported < 0:
        text = (
            f"Nothing heard yet; about {forecast.expected_now[i]:.0f} expected by "
            f"{clock(day, forecast.now_min)} (90 %: {forecast.expected_now_low[i]:.0f}–"
            f"{forecast.expected_now_high[i]:.0f})"
        )
    else:
        text = f"{reported} of {expected:.0f} expected by {clock(day, minute)} (90 %: {low:.0f}–{high:.0f})"
        gap = expected - reported
        if gap >= 1:
            since = f"since about {clock(day, since_min)}" if since_min > 0 else "since the polls opened"
            text += f"; {gap:.0f} voters short" + (f" {since}" if reported < low else "")
    if prior.like and np.isfinite(like):
        text += f"; {like:,.0f} ballots in {called(prior.like)}, the last like this"
    return Explanation(
        text=text,
        reported=reported,
        at_min=minute,
        expected=expected,
        expected_low=low,
        expected_high=high,
        shortfall=max(0.0, expected - reported) if reported >= 0 else 0.0,
        probability=float(forecast.shortfall_probability[i]),
        compared_with=compared,
        like_ballots=like,
        clears_at=low,
        since_min=since_min,
    )


def called(election_id: str) -> str:
    """An election of the history as people call it.

    >>> called("2022-11-08_general"), called("2021-06-22_primary_dem"), called("mayor")
    ('the 2022 general', 'the 2021 Democratic primary', 'mayor')
    """
    dated = re.fullmatch(r"(\d{4})-\d\d-\d\d[_ -]*([^_]*)_?(.*)", election_id)
    if dated is None:
        return election_id.replace("_", " ")
    year, kind, party = dated.groups()
    return " ".join(part for part in ("the", year, PARTIES.get(party.lower(), party), kind or "election") if part)
