"""Plane geometry of the drawing board: metres east and north of the old market square."""

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

Points = NDArray[np.float64]  # (n, 2), metres


def resample(points: Points, spacing_m: float, *, closed: bool) -> Points:
    """The same line, with a point about every `spacing_m` metres."""
    line = np.vstack([points, points[:1]]) if closed else points
    along = np.concatenate([[0.0], np.hypot(*np.diff(line, axis=0).T).cumsum()])
    count = max(4, round(along[-1] / spacing_m))
    at = np.linspace(0, along[-1], count + 1)
    at = at[:-1] if closed else at
    return np.column_stack([np.interp(at, along, line[:, k]) for k in (0, 1)])


def spline(control: Points, spacing_m: float) -> Points:
    """A smooth open curve through the control points."""
    along = np.concatenate([[0.0], np.sqrt(np.hypot(*np.diff(control, axis=0).T)).cumsum()])
    fine = CubicSpline(along, control)(np.linspace(0, along[-1], 40 * len(control)))
    return resample(fine, spacing_m, closed=False)


def normals(points: Points, *, closed: bool) -> Points:
    """Unit normals, to the left of the direction of travel."""
    if closed:
        tangent = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    else:
        tangent = np.gradient(points, axis=0)
    tangent /= np.maximum(np.hypot(*tangent.T), 1e-9)[:, None]
    return np.column_stack([-tangent[:, 1], tangent[:, 0]])


def wiggle(rng: np.random.Generator, count: int, spacing_m: float, amplitude_m: float) -> NDArray[np.float64]:
    """Fractal noise along a line: each octave has half the wavelength and 0.6 of the height."""
    out = np.zeros(count)
    wavelength_m, height = 2_400.0, amplitude_m
    while wavelength_m > 4 * spacing_m:
        knots = max(4, int(count * spacing_m / wavelength_m) + 4)
        at = np.linspace(0, knots - 1, count)
        out += height * CubicSpline(np.arange(knots), rng.normal(0, 0.5, knots))(at)
        wavelength_m, height = wavelength_m / 2, height * 0.6
    return out


def inside(points: Points, ring: Points) -> NDArray[np.bool_]:
    """Even-odd test of many points against one ring; each edge meets only the points at its height."""
    order = np.argsort(points[:, 1], kind="stable")
    x, y = points[order].T
    onward = np.roll(ring, -1, axis=0)
    low, high = np.minimum(ring[:, 1], onward[:, 1]), np.maximum(ring[:, 1], onward[:, 1])
    first, last = np.searchsorted(y, low), np.searchsorted(y, high)
    odd = np.zeros(len(points), dtype=bool)
    for k in np.flatnonzero(last > first):
        (ax, ay), (bx, by) = ring[k], onward[k]
        span = slice(first[k], last[k])
        odd[span] ^= x[span] < (bx - ax) * (y[span] - ay) / (by - ay) + ax
    out = np.empty_like(odd)
    out[order] = odd
    return out


def rotate(points: Points, angle: float) -> Points:
    """Points turned by `angle` radians, counter-clockwise."""
    c, s = np.cos(angle), np.sin(angle)
    return np.asarray(points @ np.array([[c, s], [-s, c]]))


def rounded_box(centre: tuple[float, float], size_m: tuple[float, float], angle: float, power: float) -> Points:
    """A superellipse: power 2 is an ellipse, 6 nearly a rectangle."""
    t = np.linspace(0, 2 * np.pi, 241)[:-1]
    c, s = np.cos(t), np.sin(t)
    shape = np.column_stack(
        [
            np.sign(c) * np.abs(c) ** (2 / power) * size_m[0] / 2,
            np.sign(s) * np.abs(s) ** (2 / power) * size_m[1] / 2,
        ]
    )
    return np.asarray(rotate(shape, angle) + np.asarray(centre))
