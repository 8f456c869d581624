"""Redeployment against the usual ways: `python -m bench.redeploy [--nyc DAY_DIR]`.

The demo day with its own volunteers and, where a day folder is given, that day with 2,000
made-up ones. Shortfalls are those a backtest saw at the time. All ways are held to the same
rules and judged by the same recovery model.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir

import numpy as np
from rich.console import Console
from rich.table import Table

from anomaly.arrays import Ints
from anomaly.redeploy import suggest
from anomaly.redeploy_choice import Choice
from anomaly.redeploy_terms import RedeployPlan, RedeployProblem
from bench.redeploy_days import BenchDay, recorded_day
from bench.redeploy_usual import EVERY, Worth, all_pairs, greedy_nearest, round_robin, worth_of
from warroom.demo import write_demo_day

CLOCKS = ("11:15", "13:00", "16:00")
VOLUNTEERS = 2_000
FEW = 50  # moves that a room can talk through in a quarter of an hour
Moves = dict[str, str]  # {volunteer_id: precinct_id}
Sorted = tuple[RedeployProblem, Choice]


@dataclass(frozen=True)
class Row:
    """One line of the table. `changed` moves of `of` are not made again a quarter of an hour later."""

    where: str
    way: str
    worth: Worth
    seconds: float
    changed: int
    of: int
    note: str = ""


def later(clock: str, minutes: int = 15) -> str:
    """The clock some minutes on.

    >>> later("11:50")
    '12:05'
    """
    hour, minute = map(int, clock.split(":"))
    return f"{(hour * 60 + minute + minutes) // 60:02d}:{(minute + minutes) % 60:02d}"


def compare(name: str, day: BenchDay, clock: str) -> Iterator[Row]:
    """All ways at one moment of one day."""
    now, soon = (_patient(day.at(c)) for c in (clock, later(clock)))
    first, then = all_pairs(now), all_pairs(soon)
    where = f"{name} {clock}: {len(now.helpers)} people, {len(now.needs)} precincts"
    one_each = len(greedy_nearest(*first, rounds=1))
    whole = len(suggest(now).moves)
    for most in sorted({min(FEW, one_each), one_each, whole}):
        yield _usual(
            where, f"greedy-nearest, {most} people", first, then, lambda p, c, m=most: greedy_nearest(p, c, EVERY, m)
        )
        yield _usual(where, f"round-robin, {most} people", first, then, lambda p, c, m=most: round_robin(p, c, m))
        yield _plan(where, f"plan, {most} people", first, now, soon, None if most == whole else most)


def _usual(where: str, way: str, first: Sorted, then: Sorted, run: Callable[[RedeployProblem, Choice], Ints]) -> Row:
    started = time.process_time()
    taken = run(*first)
    seconds = time.process_time() - started
    before, after = _named(*first, taken), _named(*then, run(*then))
    changed = sum(pair not in after.items() for pair in before.items())
    return Row(where, way, worth_of(*first, taken), seconds, changed, len(before))


def _plan(where: str, way: str, first: Sorted, now: RedeployProblem, soon: RedeployProblem, most: int | None) -> Row:
    limits = replace(now.limits, max_moves=most)
    started = time.process_time()
    plan = suggest(replace(now, limits=limits))
    seconds = time.process_time() - started
    again = suggest(replace(soon, limits=limits, previous=_moves_of(plan)))
    facts = plan.solve
    note = f"{facts.status}, {facts.candidates:,} pairs" + (f", gap {facts.gap:.1%}" if facts.gap else "")
    return Row(where, way, worth_of(*first, _taken(*first, plan)), seconds, again.changed, len(plan.moves), note)


def _patient(problem: RedeployProblem) -> RedeployProblem:
    # the bench counts processor seconds; a wall-clock limit would make its figures hang on other work
    return replace(problem, limits=replace(problem.limits, time_limit_s=60.0))


def _moves_of(plan: RedeployPlan) -> Moves:
    return {move.volunteer_id: move.to_precinct for move in plan.moves}


def _named(problem: RedeployProblem, choice: Choice, taken: np.ndarray) -> Moves:
    pairs = choice.pairs
    return {
        problem.helpers[int(pairs.helper[k])].volunteer_id: problem.needs[int(pairs.need[k])].precinct_id for k in taken
    }


def _taken(problem: RedeployProblem, choice: Choice, plan: RedeployPlan) -> np.ndarray:
    """The plan's moves as indices into the unpruned pairs."""
    rows = {h.volunteer_id: k for k, h in enumerate(problem.helpers)}
    columns = {n.precinct_id: k for k, n in enumerate(problem.needs)}
    width = len(problem.needs)
    wanted = [rows[m.volunteer_id] * width + columns[m.to_precinct] for m in plan.moves]
    return np.flatnonzero(np.isin(choice.pairs.helper * width + choice.pairs.need, wanted))


def show(rows: list[Row]) -> None:
    """Print the table; each block's last column compares with greedy-nearest of as many people."""
    table = Table(title="Redeployment: expected voters won back under the recovery model")
    for column in ("where and way", "moves", "voters", "per hour", "against greedy", "driven km", "walked km",
                   "CPU s", "changed after 15 min", "how"):  # fmt: skip
        table.add_column(column, justify="left" if column in ("where and way", "how") else "right")
    where = ""
    for row in rows:
        if row.where != where:
            where = row.where
            table.add_section()
            table.add_row(where, style="bold")
        table.add_row(
            row.way, str(row.worth.moves), f"{row.worth.voters:.1f}", f"{row.worth.voters_per_hour:.3f}",
            _against(row, rows), f"{row.worth.driven_km:.0f}", f"{row.worth.walked_km:.0f}", f"{row.seconds:.2f}",
            f"{row.changed} of {row.of}", row.note,
        )  # fmt: skip
    Console(width=190).print(table)


def _against(row: Row, rows: list[Row]) -> str:
    if not row.way.startswith("plan"):
        return ""
    rival = row.way.replace("plan", "greedy-nearest", 1)
    greedy = next(r for r in rows if r.where == row.where and r.way == rival)
    if not greedy.worth.voters_per_hour:
        return "–"
    return f"{row.worth.voters_per_hour / greedy.worth.voters_per_hour - 1:+.0%}"


def main() -> None:
    """Run the bench and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nyc", type=Path, help="day folder for 2,000 made-up volunteers, such as nyc-2025-primary-s1")
    parser.add_argument("--cache", type=Path, default=Path(gettempdir()) / "bench-redeploy", help="keeps backtests")
    options = parser.parse_args()
    clocks = sorted({*CLOCKS, *map(later, CLOCKS)})
    demo = options.cache / "demo"
    if not (demo / "day.toml").is_file():
        write_demo_day(demo)
    days = [("demo", recorded_day(demo, options.cache / "demo-backtest", clocks))]
    if options.nyc:
        out = options.cache / f"{options.nyc.name}-backtest"
        days.append((options.nyc.name, recorded_day(options.nyc, out, clocks, VOLUNTEERS)))
    show([row for name, day in days for clock in CLOCKS for row in compare(name, day, clock)])


if __name__ == "__main__":
    main()
