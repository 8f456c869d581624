"""The fit of the day: rates, precinct expectations and noise, from all believed readings."""

from dataclasses import dataclass

import numpy as np

from anomaly import precinct
from anomaly.arrays import Floats, Ints
from anomaly.beliefs import BallotsBy, Beliefs
from anomaly.curve import Bins, deviation_covariance, shape_kernel
from anomaly.frames import Places
from anomaly.neighbours import Neighbours
from anomaly.noise import Noise, learn, robust_log_likelihood
from anomaly.precinct import Evidence, Readings
from anomaly.rates import RatePrior, Rates, before_reports, fit_rates
from anomaly.turnout import Prior

GRID_MINUTES = 10.0
DAY_SMOOTH_SD, DAY_WHITE_SD = 0.25, 0.08  # a day's curve round the starting one
STRANGE_SD = 0.20  # more, where no published day had such hours of voting
REGION_LEVEL_SD, REGION_SMOOTH_SD, REGION_WHITE_SD = 0.12, 0.10, 0.04  # a region's round the city's
FEATURE_SD = 0.12  # how far a covariate's coefficient may move from the prior's
LOCAL_SD = 0.10  # how far a patch of the city departs together
REFERENCE_SD = 0.05  # how far two reasonable choices of covariates put the same precinct's expectation apart
SAMPLE = 1200  # precincts that the noise is learned from


@dataclass(frozen=True)
class View:
    """Expectation and evidence of the precincts that have believed readings (rows)."""

    rows: Ints
    readings: Readings
    expected: Floats
    final: Floats
    design: Floats
    evidence: Evidence
    tau2: Floats


class DayFit:
    """What the day has taught so far. `mean` (N,) is log ballots before the region's rate."""

    def __init__(
        self,
        places: Places,
        prior: Prior,
        bins: Bins,
        shares: Floats,
        near: Neighbours,
        strange: float = 0.0,
    ) -> None:
        self.places, self.prior, self.bins, self.near = places, prior, bins, near
        self.start = Noise(spread=float(np.median(prior.spread)))
        self.noise = self.start
        self.relative_spread = prior.spread / self.start.spread
        k = bins.count
        level = np.full((k, k), 1.0)
        curve_sd = DAY_SMOOTH_SD + STRANGE_SD * strange
        self.rate_prior = RatePrior(
            mean=np.log(shares),
            city=prior.level_sd**2 * level + deviation_covariance(bins, shares, curve_sd, DAY_WHITE_SD),
            region=REGION_LEVEL_SD**2 * level + deviation_covariance(bins, shares, REGION_SMOOTH_SD, REGION_WHITE_SD),
        )
        self.rates: Rates = before_reports(self.rate_prior, len(places.region_names))
        self.log_prior = np.log(prior.ballots)
        self.lean = np.zeros(places.count)
        self.local = np.zeros(places.count)
        self.local_variance = np.full(places.count, LOCAL_SD**2)
        self.grid = np.arange(0.0, bins.minutes_open + GRID_MINUTES, GRID_MINUTES)
        self.kernel = self.kernel_of(self.noise)

    @property
    def mean(self) -> Floats:
        """Log of the ballots that each precinct is expected to cast at the prior's level."""
        return self.log_prior + self.lean + self.local

    def kernel_of(self, noise: Noise) -> Floats:
        """Covariance of a precinct's own log share cast, on the grid."""
        shares = np.exp(self.rates.city) / np.exp(self.rates.city).sum()
        own = deviation_covariance(self.bins, shares, noise.smooth, noise.white, noise.opening)
        return shape_kernel(self.rates.city, self.bins, own, np.minimum(self.grid, self.bins.minutes_open))

    def cell(self, minute: Floats) -> Ints:
        """The grid cell of each minute."""
        return np.clip(np.round(np.nan_to_num(minute) / GRID_MINUTES), 0, len(self.grid) - 1).astype(np.int64)

    def ballots_by(self) -> BallotsBy:
        """Expected ballots by a minute, before the precinct's own readings of today."""
        cumulative = np.hstack(
            [np.zeros((len(self.rates.log_rate), 1)), np.cumsum(np.exp(self.rates.log_rate), axis=1)]
        )
        return BallotsBy(self.bins.edges, cumulative, self.places.region, np.exp(self.mean))

    def spread(self) -> Floats:
        """Log sd (N,) of each precinct's turnout round its expectation."""
        return self.noise.spread * self.relative_spread

    def reference_variance(self) -> Floats:
        """Log variance (N,) of the expectation itself: covariates and neighbours are a choice and a sample."""
        return np.asarray(self.local_variance + REFERENCE_SD**2)

    def view(self, beliefs: Beliefs, rows: Ints, rough: bool = False) -> View:
        """Expectation and evidence for these precincts; each needs a believed reading.

        rough: with mild falls left in, as the noise is learned.
        """
        minute = (beliefs.rough_minute if rough else beliefs.chain_minute)[rows]
        count = (beliefs.rough_count if rough else beliefs.chain_count)[rows].astype(np.float64)
        valid = np.isfinite(minute)
        region = self.places.region[rows]
        rate = np.exp(self.rates.log_rate)[region]
        gone = self.bins.elapsed(np.where(valid, np.maximum(minute, 0.5), self.bins.minutes_open))
        part = gone * rate[:, None, :]
        by_now = part.sum(axis=2)
        ballots = np.exp(self.mean[rows])
        expected, final = by_now * ballots[:, None], rate.sum(axis=1) * ballots
        readings = Readings(valid, minute, self.cell(minute), np.where(valid, count, 0.0))
        residual = precinct.residuals(readings.count, expected, valid)
        covariance = precinct.reading_covariance(readings, expected, final, self.kernel, self.noise)
        evidence = precinct.weigh(readings, residual, covariance)
        tau2 = self.spread()[rows] ** 2 + self.noise.dispersion / np.maximum(final, 1.0)
        return View(rows, readings, expected, final, part / by_now[:, :, None], evidence, tau2)

    def update(self, beliefs: Beliefs, learn_noise: bool) -> None:
        """Take up all believed readings: rates, then expectations, then (if asked) the noise."""
        rows = np.flatnonzero(beliefs.readings > 0)
        if not len(rows):
            return
        view = self.view(beliefs, rows)
        distance = np.sqrt((view.evidence.mean**2 / (view.tau2 + view.evidence.variance) + view.evidence.misfit) / 2)
        before = self.rates.log_rate
        self.rates = fit_rates(
            self.rate_prior,
            self.rates,
            view.design,
            view.evidence.inverse,
            view.evidence.residual,
            view.tau2,
            1 / np.maximum(1.0, distance / 2),
            self.places.region[rows],
        )
        moved = self.rates.log_rate[self.places.region[rows]] - before[self.places.region[rows]]
        self._lean(view, np.einsum("mj,mjk,mk->m", view.evidence.weights, view.design, moved, optimize=True))
        if learn_noise:
            self._learn_noise(self.view(beliefs, rows[:: max(1, len(rows) // SAMPLE)], rough=True))
            self.kernel = self.kernel_of(self.noise)

    def _lean(self, view: View, moved: Floats) -> None:
        """Move expectations by covariates and neighbours, as far as the deviations bear it.

        moved (M,): how far the rates have come to meet each deviation since the view was made.
        """
        rows, evidence = view.rows, view.evidence
        deviation = evidence.mean - moved + self.lean[rows] + self.local[rows]
        precision = 1 / (view.tau2 + evidence.variance)
        x = self.prior.features[rows]
        beta = np.zeros(x.shape[1])
        for _ in range(2):
            off = deviation - x @ beta
            robust = precision * np.minimum(1.0, 2.0 / np.maximum(np.abs(off) * np.sqrt(precision), 1e-9))
            centre = np.average(deviation - x @ beta, weights=robust)
            gram = (x * robust[:, None]).T @ x + np.eye(x.shape[1]) / FEATURE_SD**2
            beta = np.linalg.solve(gram, (x * robust[:, None]).T @ (deviation - centre))
        self.lean = self.prior.features @ beta
        rest, weight = np.zeros(self.places.count), np.zeros(self.places.count)
        left = deviation - centre - x @ beta
        rest[rows] = np.clip(left, -0.7, 0.7)
        weight[rows] = precision
        self.local, self.local_variance = self.near.smooth(rest, weight, doubt=1 / LOCAL_SD**2)

    def _learn_noise(self, view: View) -> None:
        readings, expected, final, residual = view.readings, view.expected, view.final, view.evidence.residual
        size = readings.valid.sum(axis=1).astype(np.float64)
        relative = self.relative_spread[view.rows]
        both = readings.valid[:, :, None] & readings.valid[:, None, :]

        def log_likelihood(noise: Noise) -> float:
            kernel = self.kernel_of(noise)
            covariance = precinct.reading_covariance(readings, expected, final, kernel, noise)
            tau2 = (noise.spread * relative) ** 2 + noise.dispersion / np.maximum(final, 1.0)
            return robust_log_likelihood(residual, covariance + both * tau2[:, None, None], size)

        self.noise = learn(self.start, self.noise, log_likelihood)


def reach(rates: Rates, bins: Bins, region: Ints, minute: Floats) -> Floats:
    """Sensitivity (M, K) of each row's log expectation by its minute (M,)."""
    part = bins.elapsed(np.maximum(minute, 0.5)) * np.exp(rates.log_rate)[region]
    return np.asarray(part / part.sum(axis=1, keepdims=True))
