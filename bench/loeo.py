"""Leave one election out: past elections predicted from those before them, by the prior and by its rivals.

    python -m bench.loeo DATA_DIR [--day DAY_DIR ...] [--since 2010] [--out docs/model-loeo.md]

DATA_DIR holds philadelphia_live_reports/division_turnout.csv; a --day is a day folder whose
history is used. Two minutes on one core.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from anomaly.arrays import Floats
from anomaly.forecast import Z90
from anomaly.frames import DayFrames
from anomaly.heldout import Fold, at_level, folds, predict
from bench.loeo_rivals import Past, trees
from bench.loeo_text import by_hand, write_report
from warroom.domain.election import ElectionDay

MODEL, USUAL, TREES, POISSON, MIX = "model", "last comparable", "trees", "trees, Poisson", "model and trees, mean"
SIDES = (MODEL, USUAL, TREES, POISSON, MIX)
CONFORMAL_FOLDS = 6  # earlier held-out elections whose errors set a rival's interval


@dataclass(frozen=True)
class Score:
    """One side on one election, errors as shares of ballots cast; `_level`: with the true total given.

    coverage_level, half_level: of the 90 % interval round the geography; None where no earlier
    held-out election could set it.
    """

    median: float
    p90: float
    median_level: float
    p90_level: float
    coverage_level: float | None
    half_level: float | None


@dataclass(frozen=True)
class Row:
    """One held-out election: scores by side, and the model's own 90 % interval with its own level."""

    election_id: str
    like: str
    precincts: int
    ballots: float
    expected: float
    inside: bool
    coverage: float
    scores: dict[str, Score]


def run(frames: DayFrames, since: str = "") -> list[Row]:
    """Every fold of a place from the date `since` on, oldest first."""
    past: dict[str, list[Floats]] = {side: [] for side in SIDES}
    rows = []
    for fold in folds(frames):
        if fold.frames.day.date.isoformat() >= since:
            rows.append(_row(fold, past))
            print(f"  {fold.election_id}", file=sys.stderr)
    return rows


def _row(fold: Fold, past: dict[str, list[Floats]]) -> Row:
    seen = predict(fold)
    actual = seen.actual
    # Every side gets the model's level: levels are compared elsewhere, geography here.
    sides = {MODEL: seen.final, USUAL: seen.final if seen.usual is None else seen.usual}
    past_arrays = Past(fold.frames)
    for name, loss in ((TREES, "squared_error"), (POISSON, "poisson")):
        shape = trees(fold, past_arrays, loss)[seen.pick]
        sides[name] = shape * seen.final.sum() / shape.sum()
    sides[MIX] = at_level(np.sqrt(sides[MODEL] * sides[TREES]), seen.final)
    scores = {}
    for name, final in sides.items():
        off = np.log(actual / final)
        off = off - np.median(off)
        half = seen.own_sd * Z90 if name == MODEL else _conformal(past[name])
        past[name].append(np.abs(off))
        miss, known = np.abs(final / actual - 1), np.abs(at_level(final, actual) / actual - 1)
        scores[name] = Score(
            float(np.median(miss)),
            float(np.quantile(miss, 0.9)),
            float(np.median(known)),
            float(np.quantile(known, 0.9)),
            None if half is None else float(np.mean(np.abs(off) <= half)),
            None if half is None else float(np.median(np.sinh(half))),
        )
    return Row(
        fold.election_id,
        seen.like,
        len(actual),
        float(np.nansum(fold.actual)),
        seen.total.value,
        bool(seen.total.low <= np.nansum(fold.actual) <= seen.total.high),
        float(np.mean(np.abs(np.log(actual / seen.final)) <= Z90 * seen.sd)),
        scores,
    )


def _conformal(past: list[Floats]) -> Floats | None:
    """Half-width of a log interval that held 90 % of the precincts in the last held-out elections."""
    return np.array(np.quantile(np.concatenate(past[-CONFORMAL_FOLDS:]), 0.9)) if past else None


def philadelphia(data: Path) -> DayFrames:
    """The elections of division_turnout.csv as the history of a day after all of them."""
    folder = data / "philadelphia_live_reports"
    wide = pd.read_csv(folder / "division_turnout.csv", dtype={"precinct": str})
    long = wide.melt(id_vars="precinct", var_name="election_id", value_name="ballots")
    parts = long["election_id"].str.split("_", expand=True)
    days = {name: _pennsylvania(int(name[:4]), name[5:]).isoformat() for name in wide.columns[1:]}
    history = pd.DataFrame(
        {"election_id": long["election_id"], "date": long["election_id"].map(days), "type": parts[1], "party": "",
         "precinct_id": long["precinct"], "ballots": long["ballots"]}
    )  # fmt: skip
    middle = {
        shape["properties"]["precinct"]: _middle(shape["geometry"])
        for shape in json.loads((folder / "divisions.geojson").read_text(encoding="utf-8"))["features"]
    }
    unknown = (np.nan, np.nan)
    ids = wide["precinct"]
    precincts = pd.DataFrame(
        {"precinct_id": ids, "name": ids, "region": ids.str[:2], "site_id": "", "registered": np.nan,
         "lat": [middle.get(p, unknown)[1] for p in ids], "lon": [middle.get(p, unknown)[0] for p in ids]}
    )  # fmt: skip
    day = ElectionDay(name="Philadelphia", date=date(2019, 11, 5), timezone="America/New_York", polls_open=time(7),
                      polls_close=time(20), type="general")  # fmt: skip
    return DayFrames(day, precincts, pd.DataFrame(), history)


def _pennsylvania(year: int, kind: str) -> date:
    """General: Tuesday after the first Monday of November. Primary: third Tuesday of May; fourth of April
    in a presidential year (25 P.S. sections 2751-2754)."""
    if kind == "general":
        first = date(year, 11, 1)
        return first + timedelta((7 - first.weekday()) % 7 + 1)
    month, nth = (4, 4) if year % 4 == 0 else (5, 3)
    first = date(year, month, 1)
    return first + timedelta((1 - first.weekday()) % 7 + 7 * (nth - 1))


def _middle(geometry: dict) -> tuple[float, float]:  # type: ignore[type-arg]
    """Mean of the outer ring's corners: near enough for a feature."""
    rings = geometry["coordinates"] if geometry["type"] == "Polygon" else geometry["coordinates"][0]
    corners = np.array(rings[0])[:, :2]
    return float(corners[:, 0].mean()), float(corners[:, 1].mean())


def summary(rows: Sequence[Row], side: str) -> dict[str, float]:
    """Medians over elections of one side, and how often and by how much it beat the model (share of its error)."""
    own = [r.scores[side] for r in rows]
    model = [r.scores[MODEL] for r in rows]
    covered = [s.coverage_level for s in own if s.coverage_level is not None]
    halves = [s.half_level for s in own if s.half_level is not None]
    return {
        "median_level": median(s.median_level for s in own),
        "p90_level": median(s.p90_level for s in own),
        "median": median(s.median for s in own),
        "p90": median(s.p90 for s in own),
        "coverage_level": float(np.mean(covered)) if covered else float("nan"),
        "half_level": float(np.median(halves)) if halves else float("nan"),
        "beats_model": sum(a.median_level < b.median_level for a, b in zip(own, model, strict=True)),
        "against_model": median(a.median_level / b.median_level for a, b in zip(own, model, strict=True)) - 1,
    }


def main(argv: Sequence[str] | None = None) -> None:
    """Run both places and write the report."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("data", type=Path)
    asked.add_argument("--day", type=Path, action="append", default=[], help="a day folder with a history")
    asked.add_argument("--since", default="2010", help="first held-out year of Philadelphia")
    asked.add_argument("--out", type=Path, default=Path("docs/model-loeo.md"))
    given = asked.parse_args(argv)
    if not (given.data / "philadelphia_live_reports").is_dir():
        asked.error(f"{given.data} holds no philadelphia_live_reports: give the folder of the real data")
    places = {"Philadelphia": run(philadelphia(given.data), given.since)}
    for folder in given.day:
        from warroom.dayfolder import load_day
        from warroom.loading import frames_of

        frames = frames_of(load_day(folder))
        places[frames.day.name] = run(frames)
    command = "python -m bench.loeo DATA_DIR" + "".join(f" --day {d.name}" for d in given.day)
    text = write_report(places, {name: {s: summary(rows, s) for s in SIDES} for name, rows in places.items()}, command)
    given.out.write_text(text + by_hand(given.out), encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
