"""Made-up days in which help has a known effect: the check that an estimate of it must pass."""

from dataclasses import dataclass

import numpy as np

from anomaly.effect import Panel, panel_of

MINUTES = 900
COURSE = ([0, 60, 180, 360, 540, 720, 900], [0, 0.05, 0.25, 0.45, 0.65, 0.86, 1.0])


@dataclass(frozen=True)
class HelpedDay:
    """chosen[k] got somebody at arrived[k], minutes since the opening."""

    panel: Panel
    chosen: np.ndarray
    arrived: np.ndarray
    touched: np.ndarray


def helped_day(seed: int, effect: float, worst_first: bool, precincts: int = 400, helped: int = 15) -> HelpedDay:
    """A day of 400 precincts with levels, courses and counting noise of their own, read about hourly.

    From each arrival on voters come `effect` times as fast. `worst_first` draws the helped from those
    that look shortest at noon, as a director would; else from all.
    """
    rng = np.random.default_rng([seed, 3])
    grid = np.arange(0, MINUTES + 1, 5.0)
    share, t = np.interp(grid, *COURSE), grid / MINUTES
    region, size = rng.integers(0, 6, precincts), np.exp(rng.normal(5.4, 0.5, precincts))
    level = np.exp(rng.normal(0, 0.25, precincts)) * np.exp(rng.normal(0, 0.1, 6))[region]
    tilt = rng.normal(0, 0.15, (precincts, 1)) * (t - 0.5) + rng.normal(0, 0.1, (precincts, 1)) * np.sin(2 * np.pi * t)
    rate = np.diff(share) * np.exp((tilt[:, 1:] + tilt[:, :-1]) / 2) * (size * level)[:, None]
    came, expected = rng.poisson(rate), share * size[:, None]
    noon = int(np.searchsorted(grid, 360))
    order = np.argsort(came[:, :noon].sum(axis=1) / size) if worst_first else rng.permutation(precincts)
    chosen = order[: 2 * helped][rng.permutation(2 * helped)[:helped]]
    arrived = rng.uniform(380, 600, helped)
    for c, a in zip(chosen, arrived, strict=True):
        first = int(np.searchsorted(grid, a)) - 1
        rate[c] *= 1 + (effect - 1) * np.clip((grid[1:] - a) / 5, 0, 1)
        came[c, first:] = rng.poisson(rate[c, first:])
    counted = np.cumsum(np.c_[np.zeros(precincts), came], axis=1)
    readings = []
    for i in range(precincts):
        at = np.sort(rng.uniform(20, 120) + 65 * np.arange(13) + rng.uniform(-20, 20, 13))
        at = np.append(at[(at > 0) & (at < MINUTES)], MINUTES)
        readings.append((at, np.interp(at, grid, counted[i]).round()))
    touched = np.zeros(precincts, dtype=bool)
    touched[chosen] = True
    panel = panel_of([str(i) for i in range(precincts)], grid, readings, expected, size, region)
    return HelpedDay(panel, chosen, arrived, touched)
