"""Chooses among pairs: programmes solved by HiGHS, with a greedy search as polish and as fallback."""

import time
from dataclasses import dataclass, replace

import numpy as np

from anomaly.arrays import Bools, Ints
from anomaly.redeploy_choice import Choice
from anomaly.redeploy_exact import exact_choice
from anomaly.redeploy_flow import FlowAnswer, flow_choice, offer_places
from anomaly.redeploy_greedy import greedy_choice
from anomaly.redeploy_pairs import best_of_each

EXACT_PAIRS = 150
ROUNDS = 4  # of the flow programme; later rounds add little
ENTERING = 3  # pairs of each helper that may enter in a round
LEAST_GAIN_VOTERS = 1e-3
SETTLED_SHARE = 0.004  # a round that adds less than this share of the optimum is the last


@dataclass(frozen=True)
class Answer:
    """Chosen pairs (sorted indices), how they were found, their worth, the gap to the programme's optimum."""

    taken: Ints
    status: str
    worth: float
    gap: float | None


def solve(choice: Choice, first: Bools, time_limit_s: float) -> Answer:
    """The best on the true curves of what the searches find, beginning with the pairs `first`.

    The flow programme, polished; for few pairs the exact one too; the greedy search where a
    programme did not finish. Each is deterministic; only the time limit is not.
    """
    if not len(choice.pairs.helper):
        return Answer(np.zeros(0, np.int64), "empty", 0.0, None)
    until = time.perf_counter() + time_limit_s
    keep, flow, finished = _flow(choice, first, until)
    locked = np.flatnonzero(choice.pairs.locked)
    found: dict[str, Ints] = {}
    small = len(choice.pairs.helper) <= EXACT_PAIRS
    if small and (exact := exact_choice(choice, time_limit_s)) is not None:
        found["exact"] = exact
    if flow is not None:
        found["optimal" if finished else "time_limit"] = _greedy(choice, keep, flow.taken)
    if flow is None or small:
        found["greedy"] = _greedy(choice, keep, locked)
    worths = {status: choice.worth(taken) for status, taken in found.items()}
    status = max(worths, key=lambda name: worths[name])  # of equals the first
    if "exact" in found and worths["exact"] >= worths[status] - 1e-9:
        status = "exact"
    gap = None if flow is None else max(0.0, flow.optimum - worths[status]) / max(abs(worths[status]), 1e-9)
    return Answer(found[status], status, worths[status], gap)


def _flow(choice: Choice, first: Bools, until: float) -> tuple[Bools, FlowAnswer | None, bool]:
    """(pairs kept, best answer, whether all rounds were solved in time)."""
    keep, best = first | choice.pairs.locked, None
    places = offer_places(choice, keep)
    for _ in range(ROUNDS):
        left = until - time.perf_counter()
        answer = flow_choice(choice, keep, places, left) if left > 0 else None
        if answer is None:
            return keep, best, False
        settled = best is not None and answer.optimum - best.optimum < SETTLED_SHARE * abs(answer.optimum)
        best = answer
        if settled:
            break
        enter = best_of_each(choice.pairs.helper, -answer.gains, (answer.gains > LEAST_GAIN_VOTERS) & ~keep, ENTERING)
        if not enter.any():
            break
        keep = keep | enter
    return keep, best, True


def _greedy(choice: Choice, keep: Bools, start: Ints) -> Ints:
    """The greedy search among the kept pairs only: in plain Python all of them would take too long."""
    kept = np.flatnonzero(keep)
    among = replace(choice, pairs=choice.pairs.only(keep))
    taken: Ints = kept[greedy_choice(among, np.searchsorted(kept, start))]
    return taken
