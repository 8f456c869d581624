"""When they vote: every voter's minute at the check-in table, and what the story does to it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warroom.demo.city.build import City
from warroom.demo.story import Plot, Span
from warroom.demo.voters import trait

STEP_MINUTES = 5
Minutes = NDArray[np.float64]  # sorted check-in times of one precinct, minutes from the opening


@dataclass(frozen=True)
class Arrivals:
    """Check-in times by precinct."""

    times: tuple[Minutes, ...]

    def count(self, precinct: int, minute: float) -> int:
        """Check-ins at a precinct up to a minute."""
        return int(np.searchsorted(self.times[precinct], minute, side="right"))


def day_curves(rng: np.random.Generator, city: City, minutes_open: int) -> NDArray[np.float64]:
    """Share of the day's voters in each 5-minute step, (n, steps); rows sum to 1.

    A morning and an evening peak on a flat floor, with a mid-morning hump where people are older
    and higher peaks where they commute; every precinct differs a little, and every hour too.
    """
    n, steps = len(city.at), minutes_open // STEP_MINUTES
    t = (np.arange(steps) + 0.5) * STEP_MINUTES
    end = minutes_open / 780  # other opening hours stretch the same day

    def peak(at: float, width: float) -> NDArray[np.float64]:
        return np.asarray(np.exp(-0.5 * ((t / end - at) / width) ** 2))

    older, commuting = trait(city, "older"), trait(city, "commuting")

    def height(mean: float, tilt: NDArray[np.float64]) -> NDArray[np.float64]:
        return (mean * np.exp(tilt + rng.normal(0, 0.13, n)))[:, None]

    curve = (
        0.55
        + height(0.75, 0.45 * commuting) * peak(45, 48)
        + height(0.30, 0.70 * older) * peak(205, 80)
        + height(0.22, -0.3 * older) * peak(315, 35)
        + height(0.85, 0.50 * commuting - 0.25 * older) * peak(625, 75)
    )
    curve *= np.interp(t / end, [0, 15, 720, 780], [0.7, 1, 1, 0.45])
    hours = -(-steps * STEP_MINUTES // 60)
    wobble = rng.gamma(60, 1 / 60, (n, hours)).repeat(60 // STEP_MINUTES, axis=1)[:, :steps]
    curve *= wobble
    return np.asarray(curve / curve.sum(axis=1, keepdims=True))


def _turn_away(rng: np.random.Generator, times: Minutes, span: Span, stay: float, back: float, close: int) -> Minutes:
    """During `span` only a share `stay` checks in; of the rest a share `back` returns after it."""
    during = (times >= span.start) & (times < span.stop)
    away = during & (rng.random(len(times)) >= stay)
    returning = span.stop + rng.exponential(140, int((rng.random(away.sum()) < back).sum()))
    return np.sort(np.concatenate([times[~away], returning[returning < close]]))


def build_arrivals(
    rng: np.random.Generator, city: City, plot: Plot, day_ballots: NDArray[np.int_], minutes_open: int
) -> Arrivals:
    """Check-in times for every precinct, with the broken machines and the flooded underpass in them."""
    curves = day_curves(rng, city, minutes_open)
    times = []
    for ballots, curve in zip(day_ballots, curves, strict=True):
        steps = np.repeat(np.arange(len(curve)), rng.multinomial(ballots, curve))
        times.append(np.sort((steps + rng.random(len(steps))) * STEP_MINUTES))
    for p in city.of_site(plot.broken_site):
        times[p] = _turn_away(rng, times[p], plot.broken, 0.0, 0.6, minutes_open)
    for site in plot.slow_sites:
        for p in city.of_site(site):
            times[p] = _turn_away(rng, times[p], plot.slow, plot.slow_share, 0.3, minutes_open)
    return Arrivals(tuple(times))
