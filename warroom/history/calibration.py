"""Was the model right: its intervals against final counts, where somebody has them."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from anomaly.forecast import LOW_SHARE, Forecast
from warroom.history.rerun import Moment


class FinalsError(Exception):
    """A file of finals that cannot be read; the text says what to do."""


@dataclass(frozen=True)
class Row:
    """At `clock`: share of precincts whose final lay in its 90 % interval, median error (share of the final),
    and the city's forecast with its interval beside what came.
    """

    clock: str
    inside: float
    median_error: float
    city: float
    city_low: float
    city_high: float


@dataclass(frozen=True)
class Calibration:
    """precincts: with a known final; final: their sum, against which `rows` are scaled to the same precincts;
    right: low-turnout alerts whose precinct ended under 85 % of its expectation, of `alerts`.
    """

    precincts: int
    final: float
    rows: tuple[Row, ...]
    alerts: int
    right: int


def calibration_of(
    place: Mapping[str, int], moments: Sequence[Moment], clocks: Mapping[float, str], end: Forecast,
    alerts: Sequence[Mapping[str, Any]], finals: Mapping[str, float],
) -> Calibration:  # fmt: skip
    """Compare each checkpoint with `finals`, {precinct id: ballots}; precincts without one are left out."""
    pairs = [(i, finals[pid]) for pid, i in place.items() if pid in finals]
    at = np.array([i for i, _ in pairs], dtype=np.int64)
    final = np.array([v for _, v in pairs], dtype=np.float64)
    low = {a["precinct"] for a in alerts if a["kind"] == "low_turnout" and a["precinct"] in finals}
    right = sum(finals[p] < LOW_SHARE * end.expected_final[place[p]] for p in low)
    rows = tuple(_row(clocks[m.minute], m.forecast, at, final) for m in moments) if len(at) else ()
    return Calibration(len(at), float(final.sum()), rows, len(low), int(right))


def _row(clock: str, f: Forecast, at: np.ndarray[Any, Any], final: np.ndarray[Any, Any]) -> Row:
    inside = (final >= np.floor(f.final_low[at])) & (final <= np.ceil(f.final_high[at]))
    error = np.abs(f.final[at] - final) / np.maximum(final, 1)
    city = f.totals["ALL"]
    part = float(f.final[at].sum() / max(float(f.final.sum()), 1e-9))  # the city's interval, for these precincts
    scaled = (city.value * part, city.low * part, city.high * part)
    return Row(clock, float(inside.mean()), float(np.median(error)), *scaled)


def read_finals(path: Path) -> dict[str, float]:
    """{precinct id: ballots} from a CSV with the columns precinct_id and ballots. Raises FinalsError."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FinalsError(f"{path}: not readable ({error}): give a CSV with the columns precinct_id,ballots") from error
    found: dict[str, float] = {}
    for number, row in enumerate(rows, 2):
        try:
            value = float((row["ballots"] or "").replace(",", ""))
            found[(row["precinct_id"] or "").strip()] = value
        except (KeyError, ValueError):
            raise FinalsError(f"{path}:{number}: expected columns precinct_id,ballots, ballots a number") from None
        if not np.isfinite(value) or value < 0:
            raise FinalsError(f"{path}:{number}: ballots must be a number from 0 up")
    return found
