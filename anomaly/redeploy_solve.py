"""Chooses among pairs: programmes solved by HiGHS, with a greedy search as polish and as fallback."""

from dataclasses import dataclass

import numpy as np

from anomaly.arrays import Ints
from anomaly.redeploy_choice import Choice
from anomaly.redeploy_exact import exact_choice
from anomaly.redeploy_flow import flow_choice
from anomaly.redeploy_greedy import greedy_choice

EXACT_PAIRS = 150


@dataclass(frozen=True)
class Answer:
    """Chosen pairs (sorted indices), how they were found, their worth, the gap to the programme's optimum."""

    taken: Ints
    status: str
    worth: float
    gap: float | None


def solve(choice: Choice, time_limit_s: float) -> Answer:
    """The best on the true curves of what the searches find.

    The flow programme, polished; for few pairs the exact one too; the greedy search where a
    programme did not finish. Each is deterministic; only the time limit is not.
    """
    if not len(choice.pairs.helper):
        return Answer(np.zeros(0, np.int64), "empty", 0.0, None)
    flow = flow_choice(choice, time_limit_s)
    start = np.flatnonzero(choice.pairs.locked) if flow is None else flow.taken
    found = {"greedy" if flow is None else "optimal": greedy_choice(choice, start)}
    small = len(choice.pairs.helper) <= EXACT_PAIRS
    if small and (exact := exact_choice(choice, time_limit_s)) is not None:
        found = {"exact": exact, **found}
    if small and flow is not None:
        found["greedy"] = greedy_choice(choice, np.flatnonzero(choice.pairs.locked))
    worths = {status: choice.worth(taken) for status, taken in found.items()}
    status = max(worths, key=lambda name: worths[name])  # of equals the first
    if "exact" in found and worths["exact"] >= worths[status] - 1e-9:
        status = "exact"
    gap = None if flow is None else max(0.0, flow.optimum - worths[status]) / max(abs(worths[status]), 1e-9)
    return Answer(found[status], status, worths[status], gap)
