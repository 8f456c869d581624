"""What may be chosen and under which rules, and what a choice is worth on the true curves."""

from dataclasses import dataclass, field

import numpy as np

from anomaly.arrays import Floats, Ints
from anomaly.recovery import Curves
from anomaly.redeploy_floor import FloorRow
from anomaly.redeploy_pairs import Pairs, Standing


@dataclass(frozen=True)
class Choice:
    """What may be chosen: pairs, curves, people in place, and the rules that join them.

    `room` (needs,): most arrivals at each. `max_moves` None: any number.
    """

    pairs: Pairs
    curves: Curves
    standing: Standing
    floors: list[FloorRow]
    room: Ints
    max_moves: int | None = None

    def stay_hours(self) -> Floats:
        """Effective hours (needs,) of those in place if nobody moves."""
        at = self.standing.need >= 0
        need, hours = self.standing.need[at], self.standing.effective[at]
        return np.bincount(need, hours, minlength=len(self.curves.rate)).astype(float)

    def hours_with(self, taken: Ints) -> Floats:
        """Effective hours (needs,) once the pairs `taken` (indices) are carried out."""
        pairs, size = self.pairs, len(self.curves.rate)
        leaving = pairs.helper[taken]
        leaving = leaving[self.standing.need[leaving] >= 0]
        gone = np.bincount(self.standing.need[leaving], self.standing.effective[leaving], minlength=size)
        come = np.bincount(pairs.need[taken], pairs.effective[taken], minlength=size)
        return np.maximum(self.stay_hours() - gone, 0.0) + come

    def worth(self, taken: Ints) -> float:
        """The objective of `taken` on the true curves, voters, against nobody moving."""
        every = np.arange(len(self.curves.rate))
        before = self.curves.value(every, self.stay_hours())
        after = self.curves.value(every, self.hours_with(taken))
        return float((after - before).sum() - self.pairs.cost[taken].sum())


@dataclass
class Book:
    """What is still free while pairs are taken one by one."""

    choice: Choice
    moved: set[int] = field(default_factory=set)
    room: Ints = field(init=False)
    spare: list[int] = field(init=False)
    rows_of: dict[int, list[int]] = field(init=False)

    def __post_init__(self) -> None:
        self.room = self.choice.room.copy()
        self.spare = [row.may_leave for row in self.choice.floors]
        self.rows_of = {}
        for number, row in enumerate(self.choice.floors):
            for helper in row.helpers:
                self.rows_of.setdefault(helper, []).append(number)

    def take(self, pair: int) -> bool:
        """Take a pair if no rule forbids it; locked pairs are taken whatever the floor says."""
        pairs = self.choice.pairs
        helper, need = int(pairs.helper[pair]), int(pairs.need[pair])
        if not pairs.locked[pair] and (
            self.room[need] <= 0
            or any(self.spare[row] <= 0 for row in self.rows_of.get(helper, ()))
            or (self.choice.max_moves is not None and len(self.moved) >= self.choice.max_moves)
        ):
            return False
        if helper in self.moved:
            return False
        self.moved.add(helper)
        self.room[need] -= 1
        for row in self.rows_of.get(helper, ()):
            self.spare[row] -= 1
        return True


def fits(choice: Choice, taken: Ints) -> bool:
    """Whether `taken` breaks no rule: the check behind every answer of the solver."""
    book = Book(choice)
    ordered = np.concatenate([taken[choice.pairs.locked[taken]], taken[~choice.pairs.locked[taken]]])
    return all(book.take(int(k)) for k in ordered) and bool(
        choice.pairs.locked.sum() == choice.pairs.locked[taken].sum()
    )
