"""The readings of the day by precinct, in arrays: what was said, about when, heard when, by whom."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from anomaly.arrays import Floats, Ints

VOID = -1
MAX_READINGS = 192  # per precinct: more than one every five minutes of any day


@dataclass(frozen=True)
class ReadingBatch:
    """Readings as parallel arrays.

    precinct: index into the day's precincts; at_min, received_min: minutes since the polls
    opened; count: cumulative ballots, VOID (-1) to withdraw the reading; source: code of who
    said it; key: unique per report. A reading with a known key replaces the count of that
    key unless its `revision` is lower (0 is the report itself, a correction is 1 or more);
    its time and place stay those first given, so a correction may carry precinct -1.
    """

    precinct: npt.NDArray[np.int32]
    at_min: Floats
    received_min: Floats
    count: Ints
    source: Ints
    key: Ints
    revision: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __post_init__(self) -> None:
        length = len(self.key)
        if len(self.revision) == 0 and length:
            object.__setattr__(self, "revision", np.zeros(length, dtype=np.int64))
        for name in ("precinct", "at_min", "received_min", "count", "source", "revision"):
            if len(getattr(self, name)) != length:
                raise ValueError(f"ReadingBatch.{name} has {len(getattr(self, name))} entries, {length} expected")


def batch_of(rows: Sequence[tuple[int, float, float, int, int, int, int]]) -> ReadingBatch:
    """Rows of (precinct, at_min, received_min, count, source, key, revision) as one batch."""
    columns = list(zip(*rows, strict=True)) or [()] * 7
    return ReadingBatch(
        precinct=np.array(columns[0], dtype=np.int32),
        at_min=np.array(columns[1], dtype=np.float64),
        received_min=np.array(columns[2], dtype=np.float64),
        count=np.array(columns[3], dtype=np.int64),
        source=np.array(columns[4], dtype=np.int64),
        key=np.array(columns[5], dtype=np.int64),
        revision=np.array(columns[6], dtype=np.int64),
    )


class Ledger:
    """Every reading in flat arrays, with the slots of each precinct; rows are never dropped."""

    def __init__(self, precincts: int) -> None:
        self.size = 0
        self.at = np.zeros(1024)
        self.received = np.zeros(1024)
        self.count = np.zeros(1024, dtype=np.int64)
        self.source = np.zeros(1024, dtype=np.int64)
        self.precinct = np.zeros(1024, dtype=np.int64)
        self.key = np.zeros(1024, dtype=np.int64)
        self.slots: list[list[int]] = [[] for _ in range(precincts)]
        self._where: dict[int, int] = {}
        self._revision: dict[int, int] = {}
        self._early_corrections: dict[int, tuple[int, int]] = {}

    def add(self, batch: ReadingBatch) -> Ints:
        """Take in a batch; returns the precincts whose readings changed, ascending.

        A reading of an unknown precinct, with a time that is not finite or a count below
        VOID is left out.
        """
        changed: set[int] = set()
        rows = zip(
            batch.precinct.tolist(),
            batch.at_min.tolist(),
            batch.received_min.tolist(),
            batch.count.tolist(),
            batch.source.tolist(),
            batch.key.tolist(),
            batch.revision.tolist(),
            strict=True,
        )
        for row in rows:
            touched = self._put(*row)
            if touched >= 0:
                changed.add(touched)
        return np.array(sorted(changed), dtype=np.int64)

    def _put(self, i: int, at: float, received: float, count: int, source: int, key: int, revision: int) -> int:
        """File one reading; the precinct touched, or -1."""
        if count < VOID:
            return -1
        slot = self._where.get(key)
        if slot is not None:
            return self._replace(slot, count, key, revision)
        if i < 0 and revision > 0:  # a correction that came before what it corrects waits for it
            self._early_corrections[key] = max((revision, count), self._early_corrections.get(key, (0, 0)))
            return -1
        if not (0 <= i < len(self.slots)) or not (math.isfinite(at) and math.isfinite(received)):
            return -1
        revision, count = max((revision, count), self._early_corrections.pop(key, (revision, count)))
        slot = self.size
        if slot == len(self.at):
            self._grow()
        self.at[slot], self.received[slot], self.count[slot] = at, received, count
        self.source[slot], self.precinct[slot], self.key[slot] = source, i, key
        self.size = slot + 1
        self.slots[i].append(slot)
        self._where[key], self._revision[key] = slot, revision
        return i

    def _replace(self, slot: int, count: int, key: int, revision: int) -> int:
        if revision < self._revision[key] or int(self.count[slot]) == count:
            return -1
        self.count[slot], self._revision[key] = count, revision
        return int(self.precinct[slot])

    def _grow(self) -> None:
        for name in ("at", "received", "count", "source", "precinct", "key"):
            old = getattr(self, name)
            setattr(self, name, np.concatenate([old, np.zeros_like(old)]))

    def rows(self, precincts: Ints) -> Ints:
        """Slots of these precincts, padded with -1: (M, J), J at least 1.

        Ordered by time observed, then count, source and key, so that the order of arrival
        does not matter. Of more than MAX_READINGS the youngest are given.
        """
        length = np.array([len(self.slots[i]) for i in precincts.tolist()], dtype=np.int64)
        flat = np.array([s for i in precincts.tolist() for s in self.slots[i]], dtype=np.int64)
        row = np.repeat(np.arange(len(precincts)), length)
        order = np.lexsort((self.key[flat], self.source[flat], self.count[flat], self.at[flat], row))
        place = np.arange(len(flat)) - np.repeat(np.cumsum(length) - length, length)
        from_end = np.repeat(length, length) - place
        width = max(1, min(MAX_READINGS, int(length.max(initial=1))))
        out = np.full((len(precincts), width), -1, dtype=np.int64)
        keep = from_end <= width
        shift = np.repeat(np.maximum(length - width, 0), length)
        out[row[keep], (place - shift)[keep]] = flat[order][keep]
        return out
