"""What texts did to turnout, from the share that was left out by lot. Pure; precincts only, no person's vote.

Who of the texted voted is not known, only how many voted in each precinct. So the lot works on two levels
(randomised saturation; Baird, Bohren, McIntosh and Özler 2018, "Optimal Design of Experiments in the Presence
of Interference"): every precinct draws the share of its list that is left out, then every person is drawn
with that share. What turnout exceeds its expectation by is then compared between precincts that were texted
more and less by chance alone:

    extra_p = a * expected_p + b * listed_p + effect * texted_p + noise

by weighted least squares (variance in proportion to the votes expected after sending), with the
heteroscedasticity-consistent covariance HC3 (MacKinnon and White 1985) and Student's t.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NONE_OUT, ALL_OUT = 0.5, 0.5  # shares of precincts with nobody left out; of the left-out share that is whole precincts
FEWEST = 8  # precincts below which no interval is given


@dataclass(frozen=True)
class TextedPrecinct:
    """One precinct of one request. `expected`: votes expected after sending; `extra`: those seen above that."""

    precinct: str
    listed: int
    texted: int
    expected: float
    extra: float


@dataclass(frozen=True)
class Effect:
    """Votes a text, with its 90 % interval; all NaN where too few precincts or no contrast. `votes` for all texts."""

    a_text: float
    low: float
    high: float
    votes: float
    votes_low: float
    votes_high: float
    precincts: int
    texted: int

    @property
    def words(self) -> str:
        """One line for the console, honest about what cannot be seen."""
        if not np.isfinite(self.a_text):
            return f"not measurable: {self.precincts} precincts texted; it takes {FEWEST} and a share left out"
        interval = f"90 %: {self.votes_low:+.0f} to {self.votes_high:+.0f}"
        said = f"{self.votes:+.0f} votes ({interval}) from {self.texted:,} texts"
        return said if self.low > 0 or self.high < 0 else f"{said}; may well be none"


def saturation(draw: float, share: float) -> float:
    """The share of one precinct's list that is left out, from a uniform draw in [0, 1); `share` on average.

    Half the precincts leave nobody out; a few are left out whole; the others make up the rest.

    >>> round(sum(saturation((n + 0.5) / 1000, 0.1) for n in range(1000)) / 1000, 3)
    0.1
    """
    whole = share * ALL_OUT
    if draw < whole:
        return 1.0
    if draw < whole + min(NONE_OUT, 1 - whole) * (share < 0.5):
        return 0.0
    rest = 1 - whole - min(NONE_OUT, 1 - whole) * (share < 0.5)
    return min(1.0, (share - whole) / rest) if rest > 0 else 0.0


def estimate(rows: Sequence[TextedPrecinct], level: float = 0.9) -> Effect:
    """The effect over all texted precincts of a day or of one request."""
    from scipy import stats  # slow to import: the web server does without it until somebody asks

    texted = sum(r.texted for r in rows)
    nan = float("nan")
    nothing = Effect(nan, nan, nan, nan, nan, nan, len(rows), texted)
    if len(rows) < FEWEST:
        return nothing
    x = np.array([[r.expected, r.listed, r.texted] for r in rows], dtype=np.float64)
    y = np.array([r.extra for r in rows], dtype=np.float64)
    root = 1 / np.sqrt(np.maximum(x[:, 0], 1.0))
    xw, yw = x * root[:, None], y * root
    xtx = xw.T @ xw
    if np.linalg.matrix_rank(xw) < x.shape[1] or np.linalg.cond(xtx) > 1e12:
        return nothing  # nobody was left out: nothing to compare with
    inverse = np.linalg.inv(xtx)
    beta = inverse @ xw.T @ yw
    leverage = np.clip(np.einsum("ij,jk,ik->i", xw, inverse, xw), 0, 0.999)
    residual = (yw - xw @ beta) / (1 - leverage)
    covariance = inverse @ (xw * (residual**2)[:, None]).T @ xw @ inverse
    half = stats.t.ppf(0.5 + level / 2, len(rows) - x.shape[1]) * float(np.sqrt(covariance[2, 2]))
    a_text = float(beta[2])
    low, high = a_text - half, a_text + half
    return Effect(a_text, low, high, a_text * texted, low * texted, high * texted, len(rows), texted)
