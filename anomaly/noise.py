"""How much precincts, curves and readings vary: learned from the day by empirical Bayes.

A few log-scale figures describe a day's noise. They start at what past days showed and move
by coordinate search on the marginal likelihood (multivariate t, so that broken precincts
do not set the scale for the others), with a weak prior that holds them early in the day.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np

from anomaly.arrays import Floats


@dataclass(frozen=True)
class Noise:
    """spread: log sd of a precinct's turnout round its expectation, beyond counting noise.
    smooth, white, opening: sd of the log bin weights of a precinct's own curve, over hours, bin to
    bin, and in the first hours.
    reading: log sd of one reading against the true count. dispersion: variance over mean of counts.
    """

    spread: float
    smooth: float = 0.20
    white: float = 0.20
    opening: float = 0.30
    reading: float = 0.05
    dispersion: float = 1.2


PRIOR_SD = {"spread": 0.2, "smooth": 0.15, "white": 0.3, "opening": 0.3, "reading": 1.2, "dispersion": 0.2}
LOWEST = {"spread": 0.05, "smooth": 0.05, "white": 0.05, "opening": 0.05, "reading": 0.01, "dispersion": 1.0}
HIGHEST = {"spread": 0.6, "smooth": 0.6, "white": 0.8, "opening": 1.0, "reading": 0.6, "dispersion": 2.0}
STEP = 1.2
HEAVY_TAIL = 6.0  # degrees of freedom of the marginal likelihood


def learn(start: Noise, current: Noise, log_likelihood: Callable[[Noise], float]) -> Noise:
    """One sweep of coordinate search from `current`, under a log-normal prior at `start`."""
    best, best_score = current, log_likelihood(current) + _log_prior(start, current)
    for name in (f.name for f in fields(Noise)):
        for factor in (STEP, 1 / STEP):
            value = float(np.clip(getattr(best, name) * factor, LOWEST[name], HIGHEST[name]))
            trial = replace(best, **{name: value})
            score = log_likelihood(trial) + _log_prior(start, trial)
            if score > best_score:
                best, best_score = trial, score
                break
    return best


def _log_prior(start: Noise, noise: Noise) -> float:
    steps = [np.log(getattr(noise, f.name) / getattr(start, f.name)) / PRIOR_SD[f.name] for f in fields(Noise)]
    return -0.5 * float(np.square(steps).sum())


def robust_log_likelihood(residual: Floats, covariance: Floats, size: Floats) -> float:
    """Multivariate t log density summed over rows; padding has residual 0 and unit variance.

    residual (M, J), covariance (M, J, J), size (M,) = entries that count.
    """
    factor = np.linalg.cholesky(covariance)
    white = np.linalg.solve(factor, residual[:, :, None])[:, :, 0]
    square = (white**2).sum(axis=1)
    log_det = 2 * np.log(np.einsum("mjj->mj", factor)).sum(axis=1)
    return float((-0.5 * log_det - 0.5 * (HEAVY_TAIL + size) * np.log1p(square / HEAVY_TAIL)).sum())
