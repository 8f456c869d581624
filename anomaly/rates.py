"""The city's and its regions' rates: level and curve together, with one joint covariance.

theta = log rate per bin of the city; a region has theta + d. Both are Gaussian a priori:
theta round the starting curve and the prior's level, d round zero. The readings enter as
generalised least squares, each precinct's own deviation integrated out. So an interval of
the citywide total knows that a high morning may be a high day or an early one.
"""

from dataclasses import dataclass

import numpy as np

from anomaly.arrays import Floats, Ints


@dataclass(frozen=True)
class RatePrior:
    """mean (K,), city (K, K) and region (K, K) covariance of the log rates."""

    mean: Floats
    city: Floats
    region: Floats


@dataclass(frozen=True)
class Rates:
    """log_rate (R, K) by region and `city` (K,); the posterior covariance of region r is
    pull[r] @ city_covariance @ pull[r].T + own[r]."""

    city: Floats
    log_rate: Floats
    city_covariance: Floats
    pull: Floats
    own: Floats

    def covariance(self) -> Floats:
        """(R, K, K) covariance of each region's log rates."""
        return np.asarray(self.pull @ self.city_covariance @ self.pull.transpose(0, 2, 1) + self.own)


def before_reports(prior: RatePrior, regions: int) -> Rates:
    """Rates that only the prior informs."""
    k = len(prior.mean)
    return Rates(
        city=prior.mean.copy(),
        log_rate=np.tile(prior.mean, (regions, 1)),
        city_covariance=prior.city.copy(),
        pull=np.tile(np.eye(k), (regions, 1, 1)),
        own=np.tile(prior.region, (regions, 1, 1)),
    )


def fit_rates(
    prior: RatePrior,
    current: Rates,
    design: Floats,
    inverse: Floats,
    residual: Floats,
    tau2: Floats,
    trust: Floats,
    region: Ints,
) -> Rates:
    """One Gauss-Newton step of the hierarchical fit.

    design (M, J, K): derivative of each log reading by its region's log rates; inverse (M, J, J)
    of V0; residual (M, J) against `current`; tau2 (M,) prior variance of the precincts' final
    deviations; trust (M,) 0-1, lower for precincts that fit nobody; region (M,) codes.
    """
    regions, k = current.log_rate.shape
    column = inverse.sum(axis=2)
    shrink = tau2 / (1 + tau2 * column.sum(axis=1))
    weighted = inverse @ design  # V^-1 A by Sherman and Morrison
    mean_design = np.einsum("mj,mjk->mk", column, design)
    weighted -= column[:, :, None] * (shrink[:, None] * mean_design)[:, None, :]
    weighted *= trust[:, None, None]
    target = residual + np.einsum("mjk,mk->mj", design, current.log_rate[region])
    information = np.zeros((regions, k, k))
    score = np.zeros((regions, k))
    order = np.argsort(region, kind="stable")
    bounds = np.searchsorted(region[order], np.arange(regions + 1))
    for r in range(regions):
        rows = order[bounds[r] : bounds[r + 1]]
        if len(rows):
            flat = weighted[rows].reshape(-1, k)
            information[r] = design[rows].reshape(-1, k).T @ flat
            score[r] = flat.T @ target[rows].ravel()
    return _combine(prior, information, score)


def _combine(prior: RatePrior, information: Floats, score: Floats) -> Rates:
    """Posterior of the city with the regions integrated out, then of each region given the city."""
    k = len(prior.mean)
    ridge = 1e-8 * np.eye(k)
    region_precision = np.linalg.inv(prior.region + 1e-6 * np.eye(k))
    own = np.linalg.inv(information + region_precision + ridge)
    own = (own + own.transpose(0, 2, 1)) / 2
    pull = own @ region_precision
    city_precision = np.linalg.inv(prior.city + 1e-6 * np.eye(k))
    kept = pull.transpose(0, 2, 1)
    precision = city_precision + (kept @ information).sum(axis=0)
    city_covariance = np.linalg.inv((precision + precision.T) / 2 + ridge)
    shift = city_precision @ prior.mean + np.einsum("rkl,rl->k", kept, score)
    city = city_covariance @ shift
    log_rate = pull @ city + np.einsum("rkl,rl->rk", own, score)
    return Rates(city, log_rate, (city_covariance + city_covariance.T) / 2, pull, own)


def quadratic(lean: Floats, covariance: Floats, region: Ints) -> Floats:
    """lean[m] @ covariance[region[m]] @ lean[m] for every row m: (M, K), (R, K, K) -> (M,)."""
    out = np.zeros(len(lean))
    order = np.argsort(region, kind="stable")
    bounds = np.searchsorted(region[order], np.arange(len(covariance) + 1))
    for r in range(len(covariance)):
        rows = order[bounds[r] : bounds[r + 1]]
        if len(rows):
            part = lean[rows]
            out[rows] = ((part @ covariance[r]) * part).sum(axis=1)
    return out
