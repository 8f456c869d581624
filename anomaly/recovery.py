"""How many missing voters a canvasser's hours win back. A model with stated assumptions, not a measurement.

    recovered(h) = p * E_S[ W(S) * (1 - exp(-rate * h / W(S))) ],  W(S) = min(winnable * S, reach)

h: effective person-hours in the precinct; S: its shortfall (three points of its 90 % interval,
weighted by the extended Pearson-Tukey rule, Keefer and Bodily 1983); p: probability that the
trouble is real; W: the voters that can be won at all. The first hour brings `rate` voters; the
exponential is random search without memory (Koopman 1956): the more are won, the rarer the rest.

rate = doors per hour * contacts per door * voters per contact * spillover * factor of the kind.
Sources of the defaults: docs/redeployment.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp
from types import MappingProxyType
from typing import Protocol

import numpy as np

from anomaly.arrays import Floats, Ints

POINT_WEIGHTS = np.array([0.185, 0.63, 0.185])  # of the 5th, 50th and 95th percentile
SEGMENT_STEPS = np.array([0.0, 0.15, 0.35, 0.6, 1.0, 1.6, 2.6])  # rate * hours / W at the joints


@dataclass(frozen=True, slots=True)
class KindTerms:
    """One kind of trouble: the share (0-1) of its shortfall that feet can win at all, and its pace."""

    winnable_share: float
    rate_factor: float = 1.0


# Assumptions, not findings; set your own. Whoever turned back at a broken machine meant to vote:
# easier to win than whoever stayed home. A silent or doubtful precinct has no known shortfall.
KINDS: Mapping[str, KindTerms] = MappingProxyType(
    {
        "low_turnout": KindTerms(0.30),
        "slowdown": KindTerms(0.45, 1.5),
        "stoppage": KindTerms(0.50, 2.0),
        "long_wait": KindTerms(0.40, 1.5),
        "coverage_gap": KindTerms(0.0),
        "silent": KindTerms(0.0),
        "suspect_report": KindTerms(0.0),
        "incident": KindTerms(0.0),
    }
)


@dataclass(frozen=True, kw_only=True)
class RecoveryModel:
    """What an hour at the doors brings. Every figure can be set by a campaign."""

    doors_per_hour: float = 18.0
    contact_share: float = 0.25  # contacts per door knocked
    effect: float = 0.07  # voters per contact (7 points)
    effect_low: float = 0.04  # 90 % bounds of `effect`
    effect_high: float = 0.10
    spillover: float = 1.3  # others of the household who go along: 1 = none
    reachable_share: float = 0.5  # of those who have not voted, found at home by evening at the best
    language_gain: float = 0.25  # more contacts by somebody who speaks a helpful language
    kinds: Mapping[str, KindTerms] = field(default_factory=lambda: KINDS)

    @property
    def voters_per_hour(self) -> float:
        """Voters that a first hour brings in a precinct of plain low turnout.

        >>> round(RecoveryModel().voters_per_hour, 2)
        0.41
        """
        return self.doors_per_hour * self.contact_share * self.effect * self.spillover


class Shortfall(Protocol):
    """What the model asks of a precinct in trouble: see `anomaly.redeploy_terms.Need`."""

    @property
    def kind(self) -> str: ...
    @property
    def probability(self) -> float: ...
    @property
    def shortfall(self) -> float: ...
    @property
    def shortfall_low(self) -> float: ...
    @property
    def shortfall_high(self) -> float: ...
    @property
    def unvoted(self) -> float | None: ...


@dataclass(frozen=True)
class Curves:
    """Recovery curves of m precincts. `rate`, `probability` (m,); `winnable` (m, 3) at the interval's points."""

    rate: Floats
    probability: Floats
    winnable: Floats

    def value(self, need: Ints, hours: Floats) -> Floats:
        """Expected voters won back in precincts `need` (any shape) by `hours` of effective work there."""
        won = np.zeros(np.broadcast_shapes(np.shape(need), np.shape(hours)))
        for k, weight in enumerate(POINT_WEIGHTS):
            won += weight * _won(self.rate[need], self.winnable[need, k], hours)
        return won * self.probability[need]

    def bounds(self, need: Ints, hours: Floats, model: RecoveryModel) -> tuple[Floats, Floats]:
        """Voters won at the low and at the high end of shortfall and effect together.

        The low end is 0 where the trouble itself is less than 95 % sure.
        """
        low = _won(self.rate[need] * model.effect_low / model.effect, self.winnable[need, 0], hours)
        high = _won(self.rate[need] * model.effect_high / model.effect, self.winnable[need, 2], hours)
        return np.where(self.probability[need] < 0.95, 0.0, low), high

    def one(self, need: int, hours: float) -> float:
        """`value` of one precinct in plain floats: the inner step of the greedy search."""
        rate, won = float(self.rate[need]), 0.0
        for weight, winnable in zip(POINT_WEIGHTS.tolist(), self.winnable[need].tolist(), strict=True):
            if winnable > 0:
                won += weight * winnable * (1.0 - exp(-rate * hours / winnable))
        return won * float(self.probability[need])

    def segments(self) -> tuple[Floats, Floats]:
        """Concave chords of the curves: (width in hours, slope in voters per hour), each (m, segments)."""
        scale = self.winnable.max(axis=1, initial=0.0) / self.rate
        joints = SEGMENT_STEPS * scale[:, None]
        values = self.value(np.arange(len(self.rate))[:, None], joints)
        width = np.diff(joints, axis=1)
        slope = np.divide(np.diff(values, axis=1), width, out=np.zeros_like(width), where=width > 0)
        return width, slope


def recovery_curves(model: RecoveryModel, needs: Sequence[Shortfall]) -> Curves:
    """Curves in the order of `needs`. Raises ValueError for a kind that the model does not know."""
    unknown = sorted({need.kind for need in needs} - set(model.kinds))
    if unknown:
        raise ValueError(f"the recovery model has no terms for {', '.join(unknown)}; add them to `kinds`")
    terms = [model.kinds[need.kind] for need in needs]
    points = np.array([[n.shortfall_low, n.shortfall, n.shortfall_high] for n in needs]).reshape(-1, 3)
    most = np.array([np.inf if n.unvoted is None else n.unvoted for n in needs])
    reach = most * (model.reachable_share * model.effect * model.spillover)
    share = np.array([t.winnable_share for t in terms])
    return Curves(
        rate=np.array([model.voters_per_hour * t.rate_factor for t in terms]),
        probability=np.array([n.probability for n in needs], float),
        winnable=np.minimum(np.maximum(points, 0.0) * share[:, None], reach[:, None]),
    )


def _won(rate: Floats, winnable: Floats, hours: Floats) -> Floats:
    used = np.divide(
        -rate * hours, winnable, out=np.zeros(np.broadcast_shapes(winnable.shape, np.shape(hours))), where=winnable > 0
    )
    won: Floats = -winnable * np.expm1(used)
    return won
