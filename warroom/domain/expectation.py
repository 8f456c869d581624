"""Expectation: how many should have voted by now, how many will, and what that makes of a precinct."""

from typing import Literal

import msgspec

PrecinctState = Literal["ok", "low", "watch", "silent", "suspect_report"]


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """The model's view of one precinct at one moment. Ballots; every interval is 90 %.

    `state` is `low` only with evidence; `watch` is short of it; `silent` says nothing was
    heard, which is not the same as low; `suspect_report` says the last reading is not believed.
    """

    precinct_id: str
    state: PrecinctState
    expected_now: float
    expected_now_low: float
    expected_now_high: float
    final: float
    final_low: float
    final_high: float
    reported: int | None = None
    shortfall_probability: float = 0.0
