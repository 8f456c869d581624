"""The exact programme, for small problems: hours on concave curves, cut into chords.

maximise  sum_p R_p(H_p) - sum_k cost_k x_k,   H_p = stayers' hours + arrivals' hours

x_k in {0, 1}: take pair k. Its relaxation is loose (it splits people), so it is kept for
problems of few pairs, where it finishes in milliseconds.
"""

import numpy as np
from scipy.optimize import Bounds, milp

from anomaly.arrays import Ints
from anomaly.redeploy_choice import Choice, fits
from anomaly.redeploy_rows import Rows, add_rules


def exact_choice(choice: Choice, time_limit_s: float) -> Ints | None:
    """Pairs of the best plan (sorted indices); None where the solver did not finish."""
    pairs, count = choice.pairs, len(choice.pairs.helper)
    used = np.unique(np.concatenate([pairs.need, choice.standing.need[pairs.helper]]))
    used = used[used >= 0]
    width, slope = (part[used] for part in choice.curves.segments())
    rows = Rows(count + width.size)
    _link(choice, rows, used, width.shape[1])
    add_rules(choice, rows)
    result = milp(
        np.concatenate([pairs.cost, -slope.ravel()]),
        integrality=np.concatenate([np.ones(count), np.zeros(width.size)]),
        bounds=Bounds(np.zeros(count + width.size), np.concatenate([np.ones(count), width.ravel()])),
        constraints=rows.constraint(),
        options={"time_limit": time_limit_s, "mip_rel_gap": 1e-6},
    )
    if result.status != 0 or result.x is None:
        return None
    taken = np.flatnonzero(result.x[:count] > 0.5)
    return taken if fits(choice, taken) else None


def _link(choice: Choice, rows: Rows, used: Ints, segments: int) -> None:
    """Hours paid on a curve: at most those of the stayers and of the arrivals."""
    pairs, standing, count = choice.pairs, choice.standing, len(choice.pairs.helper)
    place = np.full(len(choice.curves.rate), -1)
    place[used] = np.arange(len(used))
    origin = standing.need[pairs.helper]
    leaves = np.flatnonzero(origin >= 0)
    rows.add(
        np.concatenate([np.repeat(np.arange(len(used)), segments), place[pairs.need], place[origin[leaves]]]),
        np.concatenate([count + np.arange(len(used) * segments), np.arange(count), leaves]),
        np.concatenate([np.ones(len(used) * segments), -pairs.effective, standing.effective[pairs.helper[leaves]]]),
        np.full(len(used), -np.inf),
        choice.stay_hours()[used],
    )
