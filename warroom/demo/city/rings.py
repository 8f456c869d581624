"""Checks of single rings: which way round, and whether they cross themselves."""

import numpy as np
from numpy.typing import NDArray

Ring = NDArray[np.float64]  # (k, 2), first corner not repeated


def signed_area(ring: Ring) -> float:
    """Area inside a ring in its own units squared; negative where it runs clockwise."""
    x, y = (ring - ring[0]).T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def crosses_itself(ring: Ring) -> bool:
    """True where two edges cross, or a corner comes twice."""
    if len(np.unique(ring, axis=0)) < len(ring):
        return True
    a = (ring - ring[0])[:, None]
    b = np.roll(a, -1, axis=0)
    c, d = a.transpose(1, 0, 2), b.transpose(1, 0, 2)

    def side(p: Ring, q: Ring, r: Ring) -> Ring:
        pq, pr = q - p, r - p
        return np.asarray(np.sign(np.round(pq[..., 0] * pr[..., 1] - pq[..., 1] * pr[..., 0], 13)))

    return bool(((side(a, b, c) * side(a, b, d) < 0) & (side(c, d, a) * side(c, d, b) < 0)).any())
