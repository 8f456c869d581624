"""What is believed of each precinct now: its chain of readings, thinned for the model."""

from dataclasses import dataclass

import numpy as np

from anomaly.arrays import Bools, Codes, Floats, Ints
from anomaly.ledger import VOID, Ledger
from anomaly.readings import WITHDRAWN, believe, name_rejections, repair_minutes

CHAIN = 6  # readings per precinct that the model weighs: the last one and five spread over the day
MILD_FALL = 0.25  # share by which a witness's number may fall without being another kind of error
TAIL = 5  # youngest believed readings, for what happened lately


@dataclass(frozen=True)
class Expected:
    """What the cleaning may expect: functions of precinct rows, fixed for one pass."""

    ballots_by: "BallotsBy"
    level_sd: Floats
    shape_sd: float
    noise_sd: float
    most: Floats


class BallotsBy:
    """Expected ballots of precincts by given minutes: curves of their regions times their level."""

    def __init__(self, edges: Floats, cumulative: Floats, region: Ints, ballots: Floats) -> None:
        self._edges, self._cumulative, self._region, self._ballots = edges, cumulative, region, ballots

    def __call__(self, rows: Ints, minute: Floats) -> Floats:
        """rows (M,), minute (M, J) -> ballots (M, J)."""
        width = self._edges[1]
        position = np.clip(np.nan_to_num(minute) / width, 0.0, len(self._edges) - 1.000001)
        low = position.astype(np.int64)
        region = self._region[rows][:, None]
        base = self._cumulative[region, low]
        rise = self._cumulative[region, low + 1] - base
        return np.asarray((base + (position - low) * rise) * self._ballots[rows][:, None])


class Beliefs:
    """Arrays over precincts (N,) and chains (N, CHAIN); refreshed for the precincts that changed.

    chain_minute, chain_count: believed readings, oldest first, NaN/-1 padded at the end;
    rough_minute, rough_count: the same with mild falls left in;
    last_minute, last_count: the youngest believed one (NaN, -1 where none);
    tail_minute, tail_count: the youngest believed ones, right-aligned, NaN/-1 padded in front;
    path: believed count at each edge (N, len(edges)), between readings in a straight line, NaN beyond the last;
    heard_minute: when anything was last received; suspect: the youngest reading is not believed.
    """

    def __init__(self, precincts: int, edges: Floats, midnight: float = -360.0) -> None:
        self.edges, self.minutes_open, self.midnight = edges, float(edges[-1]), midnight
        self.path = np.full((precincts, len(edges)), np.nan)
        self.chain_minute = np.full((precincts, CHAIN), np.nan)
        self.chain_count = np.full((precincts, CHAIN), -1, dtype=np.int64)
        self.rough_minute = self.chain_minute.copy()
        self.rough_count = self.chain_count.copy()
        self.readings = np.zeros(precincts, dtype=np.int64)
        self.last_minute = np.full(precincts, np.nan)
        self.last_count = np.full(precincts, -1, dtype=np.int64)
        self.tail_minute = np.full((precincts, TAIL), np.nan)
        self.tail_count = np.full((precincts, TAIL), -1, dtype=np.int64)
        self.heard_minute = np.full(precincts, np.nan)
        self.suspect = np.zeros(precincts, dtype=bool)
        self.reason = np.zeros(1024, dtype=np.int8)
        self.minute = np.full(1024, np.nan)

    def refresh(self, ledger: Ledger, rows: Ints, expected: Expected) -> None:
        """Judge all readings of these precincts anew."""
        if not len(rows):
            return
        slots = ledger.rows(rows)
        filled = slots >= 0
        pick = np.maximum(slots, 0)
        at, received = ledger.at[pick], ledger.received[pick]
        count = np.where(filled, ledger.count[pick], 0)
        present = filled & (count > VOID)
        minute, reason = repair_minutes(
            at,
            received,
            np.maximum(count, 0),
            expected.ballots_by(rows, at),
            expected.ballots_by(rows, at + 720.0),
            self.minutes_open,
            self.midnight,
        )
        usable = present & np.isfinite(minute)
        order = np.argsort(np.where(usable, minute, np.inf), axis=1, kind="stable")
        minute, count, usable, reason, pick, filled, received = (
            np.take_along_axis(x, order, axis=1) for x in (minute, count, usable, reason, pick, filled, received)
        )
        believed = believe(
            minute,
            count,
            usable,
            expected.ballots_by(rows, minute),
            expected.level_sd[rows],
            expected.shape_sd,
            expected.noise_sd,
        )
        reason = name_rejections(believed, reason, count, usable, expected.most[rows])
        reason = np.where(filled & (count <= VOID), WITHDRAWN, reason).astype(np.int8)
        self._keep(rows, minute, count, believed, usable)
        self.path[rows] = _path(minute, count, believed, self.edges)
        self._note(ledger, pick, filled, reason, minute)
        heard = np.where(filled & (count > VOID), received, -np.inf).max(axis=1)
        self.heard_minute[rows] = np.where(np.isfinite(heard), heard, np.nan)

    def _keep(self, rows: Ints, minute: Floats, count: Ints, believed: Bools, usable: Bools) -> None:
        number = believed.sum(axis=1)
        here = np.arange(len(rows))
        self.chain_minute[rows], self.chain_count[rows] = _thin(minute, count, believed)
        # What a noisy witness remembers falls a little: the noise is learned with such falls left in.
        top = np.maximum.accumulate(np.where(believed, count, 0), axis=1)
        rough = believed | (usable & (count < top) & (count >= (1 - MILD_FALL) * top))
        self.rough_minute[rows], self.rough_count[rows] = _thin(minute, count, rough)
        last = np.where(believed, np.arange(minute.shape[1]), -1).max(axis=1)
        some = last >= 0
        col = np.maximum(last, 0)
        self.readings[rows] = number
        self.last_minute[rows] = np.where(some, minute[here, col], np.nan)
        self.last_count[rows] = np.where(some, count[here, col], -1)
        rank = np.where(believed, np.cumsum(believed, axis=1) - 1, -1)
        for k in range(TAIL):
            hit = rank == (number - TAIL + k)[:, None]
            found = hit.any(axis=1) & (number - TAIL + k >= 0)
            col = hit.argmax(axis=1)
            self.tail_minute[rows, k] = np.where(found, minute[here, col], np.nan)
            self.tail_count[rows, k] = np.where(found, count[here, col], -1)
        youngest = np.where(usable, np.arange(minute.shape[1]), -1).max(axis=1)
        self.suspect[rows] = youngest > last

    def _note(self, ledger: Ledger, pick: Ints, filled: Bools, reason: Codes, minute: Floats) -> None:
        if len(self.reason) < len(ledger.at):
            grow = len(ledger.at) - len(self.reason)
            self.reason = np.concatenate([self.reason, np.zeros(grow, dtype=np.int8)])
            self.minute = np.concatenate([self.minute, np.full(grow, np.nan)])
        self.reason[pick[filled]] = reason[filled]
        self.minute[pick[filled]] = minute[filled]


def _thin(minute: Floats, count: Ints, chosen: Bools) -> tuple[Floats, Ints]:
    """At most CHAIN of the chosen readings of each row: the last and others evenly by rank."""
    number = chosen.sum(axis=1)
    rank = np.where(chosen, np.cumsum(chosen, axis=1) - 1, -1)
    here = np.arange(len(minute))
    out_minute = np.full((len(minute), CHAIN), np.nan)
    out_count = np.full((len(minute), CHAIN), -1, dtype=np.int64)
    for k in range(CHAIN):
        want = np.where(number <= CHAIN, k, np.round(k * (number - 1) / (CHAIN - 1)))
        hit = rank == want[:, None]
        found, col = hit.any(axis=1), hit.argmax(axis=1)
        out_minute[:, k] = np.where(found, minute[here, col], np.nan)
        out_count[:, k] = np.where(found, count[here, col], -1)
    return out_minute, out_count


def _path(minute: Floats, count: Ints, believed: Bools, edges: Floats) -> Floats:
    """Counts at the edges along each row's believed readings, from nobody at the opening."""
    here = np.arange(len(minute))
    out = np.full((len(minute), len(edges)), np.nan)
    step = np.arange(minute.shape[1])
    for k, edge in enumerate(edges):
        before = np.where(believed & (minute <= edge), step, -1).max(axis=1)
        after = np.where(believed & (minute > edge), step, minute.shape[1]).min(axis=1)
        low = np.maximum(before, 0)
        high = np.minimum(after, minute.shape[1] - 1)
        t0, c0 = np.where(before >= 0, minute[here, low], 0.0), np.where(before >= 0, count[here, low], 0)
        t1, c1 = minute[here, high], count[here, high]
        part = (edge - t0) / np.maximum(t1 - t0, 1e-9)
        inside = after < minute.shape[1]
        value = np.where(inside, c0 + part * (c1 - c0), np.where((before >= 0) & (t0 >= edge - 1e-9), c0, np.nan))
        out[:, k] = value
    return out
