"""The flow programme: recovery in whole people, so that people go to places and are not split.

Each precinct sells places of falling value: its k-th place is worth what the curve gains from
k - 1 to k people of its usual hours; a person with other hours adds the difference that makes
it exact for one person. Whoever already works in a precinct in need bids for a place there
too, so leaving costs what staying would win. Without the rows of the floor this is a
minimum-cost flow, whose linear programme has whole solutions; with them it nearly always has.
What is not whole is left to the greedy search.

The programme begins with few pairs. Its prices (duals) then tell which of the others would
improve it; those enter and it is solved again (column generation, Gilmore and Gomory 1961).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from anomaly.arrays import Bools, Floats, Ints
from anomaly.redeploy_choice import Choice, fits

MOST_PLACES = 12


@dataclass(frozen=True)
class FlowAnswer:
    """`taken`: whole pairs (indices), breaking no rule; `optimum` of the programme over the kept
    pairs, voters; `gains`: what each pair, kept or not, would add at the programme's prices.
    """

    taken: Ints
    optimum: float
    gains: Floats


@dataclass(frozen=True)
class Places:
    """What does not change between rounds: usual hours of each precinct, places on offer, and their worth."""

    usual: Floats
    need: Ints
    worth: Floats


def offer_places(choice: Choice, keep: Bools) -> Places:
    """Places of every precinct in need; usual hours from the pairs in `keep` and from those in place."""
    standing, size = choice.standing, len(choice.curves.rate)
    stay = np.flatnonzero(standing.need >= 0)
    need = np.concatenate([choice.pairs.need[keep], standing.need[stay]])
    hours = np.concatenate([choice.pairs.effective[keep], standing.effective[stay]])
    most = np.zeros(size)
    np.maximum.at(most, need, hours)
    mean = np.bincount(need, hours, minlength=size) / np.maximum(np.bincount(need, minlength=size), 1)
    usual = 0.5 * (mean + most)  # those with the most hours win the bidding
    here = np.bincount(standing.need[stay], minlength=size)
    bidders = np.bincount(choice.pairs.need, minlength=size) + here
    offered = np.minimum(np.minimum(bidders, choice.room + here), MOST_PLACES)
    place = np.repeat(np.arange(size), offered)
    rank = np.arange(len(place)) - np.repeat(np.cumsum(offered) - offered, offered)
    worth = choice.curves.value(place, (rank + 1) * usual[place]) - choice.curves.value(place, rank * usual[place])
    return Places(usual, place, worth)


def flow_choice(choice: Choice, keep: Bools, places: Places, time_limit_s: float) -> FlowAnswer | None:
    """Solve over the pairs in `keep`; None where the solver did not finish in time."""
    pairs, standing, curves = choice.pairs, choice.standing, choice.curves
    kept, stay = np.flatnonzero(keep), np.flatnonzero((standing.need >= 0) & (standing.effective > 0))
    gain = curves.value(pairs.need, pairs.effective) - curves.value(pairs.need, places.usual[pairs.need]) - pairs.cost
    home = standing.need[stay]
    stay_gain = curves.value(home, standing.effective[stay]) - curves.value(home, places.usual[home])
    columns = len(kept) + len(stay) + len(places.need)
    least = np.zeros(columns)
    least[: len(kept)] = pairs.locked[kept]
    limits, most = _limits(choice, kept, stay, columns)
    size = len(curves.rate)
    link = coo_array(
        (
            np.concatenate([np.ones(len(kept) + len(stay)), -np.ones(len(places.need))]),
            (np.concatenate([pairs.need[kept], home, places.need]), np.arange(columns)),
        ),
        shape=(size, columns),
    )
    result = linprog(
        -np.concatenate([gain[kept], stay_gain, places.worth]),
        A_ub=limits.tocsr(),
        b_ub=most,
        A_eq=link.tocsr(),
        b_eq=np.zeros(size),
        bounds=np.column_stack([least, np.ones(columns)]),
        method="highs",
        options={"time_limit": time_limit_s},
    )
    if result.status != 0 or result.x is None:
        return None
    base = float(curves.value(np.arange(size), choice.stay_hours()).sum())
    taken = kept[result.x[: len(kept)] > 0.999]
    return FlowAnswer(
        taken if fits(choice, taken) else np.flatnonzero(pairs.locked),
        -float(result.fun) - base,
        gain + result.eqlin.marginals[pairs.need] + _paid(choice, result.ineqlin.marginals),
    )


def _limits(choice: Choice, kept: Ints, stay: Ints, columns: int) -> tuple[coo_array, Floats]:
    """Rows in this order: each helper once, room of each need, number of moves, floors."""
    pairs, people, size = choice.pairs, len(choice.standing.need), len(choice.curves.rate)
    every, locked = np.arange(len(kept)), int(pairs.locked.sum())
    rows = [pairs.helper[kept], stay, people + pairs.need[kept], np.full(len(kept), people + size)]
    cells = [every, len(kept) + np.arange(len(stay)), every, every]
    moves = len(kept) if choice.max_moves is None else max(choice.max_moves, locked)
    most = [np.ones(people), choice.room.astype(float), np.array([float(moves)])]
    first = np.searchsorted(pairs.helper[kept], np.arange(people + 1))
    for number, floor in enumerate(choice.floors):
        of = np.concatenate([np.arange(first[h], first[h + 1]) for h in floor.helpers])
        rows.append(np.full(len(of), people + size + 1 + number))
        cells.append(of)
        most.append(np.array([float(max(floor.may_leave, int(pairs.locked[kept[of]].sum())))]))
    row, cell = np.concatenate(rows), np.concatenate(cells)
    height = people + size + 1 + len(choice.floors)
    return coo_array((np.ones(len(row)), (row, cell)), shape=(height, columns)), np.concatenate(most)


def _paid(choice: Choice, marginals: Floats) -> Floats:
    """What each pair pays for the rows it stands in (0 or less)."""
    people, size = len(choice.standing.need), len(choice.curves.rate)
    helper = marginals[:people].copy()
    for number, floor in enumerate(choice.floors):
        helper[list(floor.helpers)] += marginals[people + size + 1 + number]
    room = marginals[people : people + size]
    paid: Floats = helper[choice.pairs.helper] + room[choice.pairs.need] + marginals[people + size]
    return paid
