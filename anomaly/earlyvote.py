"""The early vote that the prior stands on: what the store has counted, or else the day folder's own file."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from anomaly.frames import DayFrames, places_of
from warroom.store.state import UnitState

LOOK_AFTER_S = 60.0  # a file of early votes arrives in many frames, and a new prior means that the day is read anew
MOVED_SHARE = 0.01  # of all early ballots: less changes nobody's expectation


def with_early(frames: DayFrames, units: Mapping[str, UnitState]) -> DayFrames:
    """The frames with the early vote as counted, over all methods.

    The day folder's early vote went through the intake when the day was loaded, so that the counters
    hold it already: a precinct has the sum of its counters, or the folder's figure where none counts
    yet, never both.
    """
    counted: dict[str, tuple[int, int]] = {}
    for unit, state in units.items():
        if unit.startswith("e:") and state.count >= 0:
            precinct = unit.split(":", 2)[2]
            count, at_ms = counted.get(precinct, (0, 0))
            counted[precinct] = (count + state.count, max(at_ms, state.at_ms))
    if not counted:
        return frames
    table = pd.DataFrame(
        {
            "precinct_id": list(counted),
            "as_of": pd.to_datetime([at_ms for _, at_ms in counted.values()], unit="ms", utc=True),
            "count": [float(count) for count, _ in counted.values()],
        }
    )
    if frames.early_vote is not None:
        rest = frames.early_vote[~frames.early_vote["precinct_id"].astype(str).isin(counted)]
        if not rest.empty:
            table = pd.concat([table, rest.assign(as_of=pd.to_datetime(rest["as_of"], utc=True))], ignore_index=True)
    return replace(frames, early_vote=table)


class EarlyVote:
    """Which early vote the prior stands on, and whether the counters have left it behind."""

    def __init__(self, frames: DayFrames) -> None:
        self._frames = frames
        self._stands_on = places_of(frames).early
        self._look_s = float("inf")

    def adopt(self, units: Mapping[str, UnitState]) -> DayFrames:
        """The day's frames with the early vote of these counters, on which the prior stands from now on."""
        frames = with_early(self._frames, units)
        self._stands_on, self._look_s = places_of(frames).early, float("inf")
        return frames

    def hear(self, units: Iterable[str], now_s: float) -> None:
        """Counters changed. `now_s` is of a clock that never goes back."""
        if any(unit.startswith("e:") for unit in units):
            self._look_s = min(self._look_s, now_s + LOOK_AFTER_S)

    def has_moved(self, units: Mapping[str, UnitState], now_s: float) -> bool:
        """Whether the early vote is another by now; looked at once, a minute after a change."""
        if now_s < self._look_s:
            return False
        self._look_s = float("inf")
        now, before = (np.nan_to_num(e) for e in (places_of(with_early(self._frames, units)).early, self._stands_on))
        return bool(np.abs(now - before).sum() > MOVED_SHARE * now.sum())
