"""The model against the truth of made days, and beside the usual way: one table.

    python -m bench.model_table DAYS_ROOT SCORER [--days NAME ...] [--runs DIR] [--out FILE]

DAYS_ROOT holds days/NAME and truth/NAME, as a day maker writes them; SCORER is the script
that scores one run (`python SCORER TRUTH RUN --json FILE`). About a minute a New York day on
one core, a few seconds a Philadelphia day.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from anomaly.backtest import run_backtest
from bench.model_naive import run_naive
from warroom.cli.backtest import read_reports
from warroom.dayfolder import load_day
from warroom.loading import frames_of

CHECKPOINTS = ("09:00", "12:00", "15:00", "18:00", "20:00")
FORECAST_HEAD = ("day", "side", "median precinct error", "citywide error, %", "coverage of 90 %", "seconds")
DETECTION_HEAD = (
    "day",
    "side",
    "turnout alerts",
    "justified",
    "false an hour",
    "top 150 justified",
    "soft 45 % / 30 % / 20 %",
    "stoppage",
    "slow-down 60 %",
    "suspect: precision / recall",
    "silent: precision / recall",
)


def main(argv: Sequence[str] | None = None) -> None:
    """Run, score, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("root", type=Path)
    parser.add_argument("scorer", type=Path)
    parser.add_argument("--days", nargs="*", help="names under DAYS_ROOT/days; all by default")
    parser.add_argument("--runs", type=Path, default=Path("runs/model"), help="where the runs are written")
    parser.add_argument("--out", type=Path, help="also write the tables here")
    options = parser.parse_args(argv)
    names = options.days or sorted(p.name for p in (options.root / "days").iterdir() if p.is_dir())
    rows = []
    for name in names:
        day, truth = options.root / "days" / name, options.root / "truth" / name
        for side in ("model", "usual way"):
            out = options.runs / side.replace(" ", "-") / name
            seconds = _run(day, out, side)
            rows.append((name, side, seconds, _score(options.scorer, truth, out)))
            print(f"{name}, {side}: {seconds:.1f} s", file=sys.stderr)
    text = "\n\n".join(
        (_table(FORECAST_HEAD, map(_forecast_row, rows)), _table(DETECTION_HEAD, map(_detection_row, rows)))
    )
    print(text)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")


def _run(day: Path, out: Path, side: str) -> float:
    """Processor seconds of one run, reading the day included."""
    began = time.process_time()
    folder = load_day(day)
    if folder.reports is None:
        raise SystemExit(f"{day} holds no reports.jsonl")
    reports, _ = read_reports(folder.reports)
    if side == "model":
        run_backtest(frames_of(folder), reports, out, CHECKPOINTS)
    else:
        run_naive(frames_of(folder), reports, out, CHECKPOINTS)
    return time.process_time() - began


def _score(scorer: Path, truth: Path, out: Path) -> dict[str, Any]:
    target = out / "score.json"
    subprocess.run(
        [sys.executable, str(scorer), str(truth), str(out), "--quiet", "--json", str(target)],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    return dict(json.loads(target.read_text(encoding="utf-8")))


def _forecast_row(row: tuple[str, str, float, dict[str, Any]]) -> list[str]:
    name, side, seconds, score = row
    points = score["forecast"]
    city = "/".join(f"{p['city']:+.1f}{'' if p['city_in'] else '!'}" for p in points)
    return [
        name,
        side,
        "/".join(f"{p['ape']:.3f}" for p in points),
        city,
        "/".join(f"{p['cover']:.2f}" for p in points),
        f"{seconds:.0f}",
    ]


def _detection_row(row: tuple[str, str, float, dict[str, Any]]) -> list[str]:
    name, side, _, score = row
    found = score["detection"]
    recall = {(g["type"], g["size"]): g["recall"] for g in found["by_type"]}
    top = [c for c in found["pr_curve"] if c["alerts"] <= 165]
    return [
        name,
        side,
        str(found["alerts"]),
        _text(found["precision_justified"]),
        _text(found["false_per_hour"]),
        _text(top[-1]["precision_justified"]) if top else "–",
        " / ".join(_text(recall.get(("soft", size))) for size in ("0.45", "0.3", "0.2")),
        _text(recall.get(("stoppage", ""))),
        _text(recall.get(("slowdown", "0.6"))),
        _pair(score.get("suspect")),
        _pair(score.get("silent")),
    ]


def _pair(part: dict[str, Any] | None) -> str:
    return f"{_text(part['precision'])} / {_text(part['recall'])}" if part else "–"


def _text(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _table(head: Sequence[str], rows: Any) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(r) + " |" for r in rows)])


if __name__ == "__main__":
    main()
