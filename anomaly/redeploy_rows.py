"""Rows of a linear programme over pairs: the rules that every plan must keep."""

import numpy as np
from scipy.optimize import LinearConstraint
from scipy.sparse import coo_array

from anomaly.arrays import Floats, Ints
from anomaly.redeploy_choice import Choice


class Rows:
    """Sparse constraint rows, collected one kind at a time."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.row: list[Ints] = []
        self.column: list[Ints] = []
        self.factor: list[Floats] = []
        self.least: list[Floats] = []
        self.most: list[Floats] = []
        self.size = 0

    def add(self, row: Ints, column: Ints, factor: Floats, least: Floats, most: Floats) -> None:
        """`row` counts from 0 within this block; `least` and `most` have one entry for each row."""
        self.row.append(row + self.size)
        self.column.append(column)
        self.factor.append(factor)
        self.least.append(least)
        self.most.append(most)
        self.size += len(most)

    def constraint(self) -> LinearConstraint:
        """All rows as one constraint."""
        where = (np.concatenate(self.row), np.concatenate(self.column))
        matrix = coo_array((np.concatenate(self.factor), where), shape=(self.size, self.columns))
        return LinearConstraint(matrix.tocsr(), np.concatenate(self.least), np.concatenate(self.most))


def add_rules(choice: Choice, rows: Rows) -> None:
    """One move for each helper (exactly the locked ones), room at each precinct, floors, number of moves.

    The pairs are the programme's first columns.
    """
    pairs, count = choice.pairs, len(choice.pairs.helper)
    every = np.arange(count)
    _, place = np.unique(pairs.helper, return_inverse=True)
    locked = np.bincount(place, pairs.locked) > 0
    rows.add(place, every, np.ones(count), locked.astype(float), np.ones(len(locked)))
    where, crowd = np.unique(pairs.need, return_inverse=True)
    rows.add(crowd, every, np.ones(count), _no_least(len(where)), choice.room[where].astype(float))
    if choice.max_moves is not None:
        most = np.array([float(max(choice.max_moves, int(locked.sum())))])
        rows.add(np.zeros(count, np.int64), every, np.ones(count), _no_least(1), most)
    first = np.searchsorted(pairs.helper, np.arange(len(choice.standing.need) + 1))
    for floor in choice.floors:
        columns = np.concatenate([np.arange(first[h], first[h + 1]) for h in floor.helpers])
        if len(columns):
            most = np.array([float(max(floor.may_leave, int(pairs.locked[columns].sum())))])
            rows.add(np.zeros(len(columns), np.int64), columns, np.ones(len(columns)), _no_least(1), most)


def _no_least(size: int) -> Floats:
    return np.full(size, -np.inf)
