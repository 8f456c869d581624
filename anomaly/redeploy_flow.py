"""The flow programme: recovery in whole people, so that people go to places and are not split.

Each precinct sells places of falling value: its k-th place is worth what the curve gains from
k - 1 to k people of its usual hours; a person with other hours adds the difference that makes
it exact for one person. Whoever already works in a precinct in need
bids for a place there too, so leaving costs what staying would win. Without the rows of the
floor this is a minimum-cost flow, whose relaxation has whole solutions; with them it nearly
always has. So the relaxation is solved, and made whole by the greedy search where it is not.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, milp

from anomaly.arrays import Floats, Ints
from anomaly.redeploy_choice import Choice, fits
from anomaly.redeploy_rows import Rows, add_rules

MOST_PLACES = 12


@dataclass(frozen=True)
class FlowAnswer:
    """`taken`: whole pairs of the solution, breaking no rule; `optimum` of the programme, voters."""

    taken: Ints
    optimum: float


def flow_choice(choice: Choice, time_limit_s: float) -> FlowAnswer | None:
    """None where the solver did not finish in time."""
    pairs, standing, curves = choice.pairs, choice.standing, choice.curves
    count, size = len(pairs.helper), len(curves.rate)
    stay = np.flatnonzero((standing.need >= 0) & (standing.effective > 0))
    need = np.concatenate([pairs.need, standing.need[stay]])
    effective = np.concatenate([pairs.effective, standing.effective[stay]])
    bidders = np.bincount(need, minlength=size)
    usual = _usual_hours(need, effective, size)
    place, worth = _places(choice, bidders, usual, np.bincount(standing.need[stay], minlength=size))
    gain = curves.value(need, effective) - curves.value(need, usual[need])
    gain[:count] -= pairs.cost
    rows = Rows(len(need) + len(place))
    rows.add(
        np.concatenate([need, place]),
        np.arange(rows.columns),
        np.concatenate([np.ones(len(need)), -np.ones(len(place))]),
        np.zeros(size),
        np.zeros(size),
    )
    add_rules(choice, rows)
    _stay_or_go(choice, rows, stay)
    result = milp(
        np.concatenate([-gain, -worth]),
        bounds=Bounds(0.0, 1.0),
        constraints=rows.constraint(),
        options={"time_limit": time_limit_s},
    )
    if result.status != 0 or result.x is None:
        return None
    base = float(curves.value(np.arange(size), choice.stay_hours()).sum())
    taken = np.flatnonzero(result.x[:count] > 0.999)
    return FlowAnswer(taken if fits(choice, taken) else taken[:0], -float(result.fun) - base)


def _usual_hours(need: Ints, effective: Floats, size: int) -> Floats:
    """Hours of a likely arrival: between the mean of all who could come and the most (those win the bidding)."""
    most = np.zeros(size)
    np.maximum.at(most, need, effective)
    mean = np.bincount(need, effective, minlength=size) / np.maximum(np.bincount(need, minlength=size), 1)
    usual: Floats = 0.5 * (mean + most)
    return usual


def _places(choice: Choice, bidders: Ints, usual: Floats, here: Ints) -> tuple[Ints, Floats]:
    """(precinct, worth) of every place on offer."""
    offered = np.minimum(np.minimum(bidders, choice.room + here), MOST_PLACES)
    place = np.repeat(np.arange(len(offered)), offered)
    rank = np.arange(len(place)) - np.repeat(np.cumsum(offered) - offered, offered)
    curves = choice.curves
    worth = curves.value(place, (rank + 1) * usual[place]) - curves.value(place, rank * usual[place])
    return place, worth


def _stay_or_go(choice: Choice, rows: Rows, stay: Ints) -> None:
    """A person who works in a precinct in need stays or goes, not both."""
    count = len(choice.pairs.helper)
    row_of = np.full(len(choice.standing.need), -1)
    row_of[stay] = np.arange(len(stay))
    goes = np.flatnonzero(row_of[choice.pairs.helper] >= 0)
    row = np.concatenate([row_of[choice.pairs.helper[goes]], np.arange(len(stay))])
    column = np.concatenate([goes, count + np.arange(len(stay))])
    rows.add(row, column, np.ones(len(row)), np.full(len(stay), -np.inf), np.ones(len(stay)))
