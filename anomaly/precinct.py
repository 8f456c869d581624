"""One precinct's readings against its expectation: a small Gaussian process per row.

With `E(t)` expected by minute t, a believed reading c at t gives y = log(c / E(t)). It is
the sum of what the precinct will show at the close (the final deviation f), what its own
curve departs at t, the counts still to be drawn (a bridge: variance dispersion * (1/E(t) - 1/E(T))),
and the error of the reading. So V0, the covariance of y given f, is a table look-up, and f
has the prior variance tau2 = spread**2 + dispersion / E(T).
"""

from dataclasses import dataclass

import numpy as np

from anomaly.arrays import Bools, Floats, Ints
from anomaly.noise import Noise

PSEUDO = 1.0  # ballots added before the logarithm; the slope is corrected for it


@dataclass(frozen=True)
class Readings:
    """Padded believed readings of M precincts: all (M, J)."""

    valid: Bools
    minute: Floats
    cell: Ints  # row of the kernel's grid
    count: Floats


@dataclass(frozen=True)
class Evidence:
    """What the readings alone say of f, and how to take them up.

    mean, variance: (M,) of f by generalised least squares; weights (M, J) sum to 1;
    inverse: (M, J, J) of V0, zero rows for padding; misfit: mean squared standardised residual.
    """

    mean: Floats
    variance: Floats
    weights: Floats
    inverse: Floats
    residual: Floats
    misfit: Floats


def residuals(count: Floats, expected: Floats, valid: Bools) -> Floats:
    """log(count / expected) with a pseudo-ballot, its slope restored to 1; 0 for padding."""
    ratio = np.log((count + PSEUDO) / (expected + PSEUDO)) * (expected + PSEUDO) / np.maximum(expected, 1e-3)
    return np.where(valid, np.clip(ratio, -6.0, 6.0), 0.0)


def reading_covariance(readings: Readings, expected: Floats, final: Floats, kernel: Floats, noise: Noise) -> Floats:
    """V0 (M, J, J): unit variance and no covariance for padding.

    expected (M, J) by each minute; final (M,) at the close; kernel: table of the curve's covariance.
    """
    both = readings.valid[:, :, None] & readings.valid[:, None, :]
    cell = readings.cell
    curve = kernel[cell[:, :, None], cell[:, None, :]]
    later = np.maximum(expected[:, :, None], expected[:, None, :])
    bridge = np.maximum(1 / np.maximum(later, 0.3) - 1 / np.maximum(final, 0.3)[:, None, None], 0.0)
    cov = np.where(both, curve + noise.dispersion * bridge, 0.0)
    diagonal = np.where(readings.valid, noise.reading**2 + 1e-6, 1.0)
    j = np.arange(cov.shape[1])
    cov[:, j, j] += diagonal
    return np.asarray(cov)


def weigh(readings: Readings, residual: Floats, covariance: Floats) -> Evidence:
    """Generalised least squares for f over the readings of each precinct; rows need one valid reading."""
    inverse = np.linalg.inv(covariance)
    both = readings.valid[:, :, None] & readings.valid[:, None, :]
    inverse = np.where(both, inverse, 0.0)
    column = inverse.sum(axis=2)
    precision: Floats = np.maximum(column.sum(axis=1), 1e-9)
    mean = (column * residual).sum(axis=1) / precision
    off = np.where(readings.valid, residual - mean[:, None], 0.0)
    misfit = np.einsum("mj,mjk,mk->m", off, inverse, off) / np.maximum(readings.valid.sum(axis=1), 1)
    return Evidence(
        np.asarray(mean),
        np.asarray(1 / precision, dtype=np.float64),
        np.asarray(column / precision[:, None]),
        np.asarray(inverse, dtype=np.float64),
        residual,
        misfit,
    )
