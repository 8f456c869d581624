"""Redeployment against the usual ways: `python -m bench.redeploy [--nyc DAY_DIR]`.

The demo day with its own volunteers and, where a day folder is given, that day with 2,000
made-up ones. Shortfalls are those a backtest saw at the time. All ways are held to the same
rules and judged by the same recovery model.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir

import numpy as np
from rich.console import Console
from rich.table import Table

from anomaly.redeploy import suggest
from anomaly.redeploy_choice import Choice
from anomaly.redeploy_terms import RedeployPlan, RedeployProblem
from bench.redeploy_days import BenchDay, recorded_day
from bench.redeploy_usual import EVERY, Worth, all_pairs, greedy_nearest, round_robin, worth_of
from warroom.demo import write_demo_day

CLOCKS = ("11:15", "13:00", "16:00")
VOLUNTEERS = 2_000
Moves = dict[str, str]  # {volunteer_id: precinct_id}


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
    now, soon = day.at(clock), day.at(later(clock))
    sorted_now, choice = all_pairs(now)
    sorted_soon, choice_soon = all_pairs(soon)
    where = f"{name} {clock}: {len(now.helpers)} people, {len(now.needs)} precincts"
    one_each = greedy_nearest(sorted_now, choice, 1)
    plan, again = suggest(now), suggest(replace(soon, previous=_moves_of(suggest(now))))
    for way, run in (
        ("greedy-nearest, one each", lambda p, c: greedy_nearest(p, c, 1)),
        ("greedy-nearest, as many as the plan", lambda p, c: greedy_nearest(p, c, EVERY, len(plan.moves))),
        ("round-robin, as many as the plan", lambda p, c: round_robin(p, c, len(plan.moves))),
    ):
        started = time.perf_counter()
        taken = run(sorted_now, choice)
        seconds = time.perf_counter() - started
        first, second = (_named(p, c, run(p, c)) for p, c in ((sorted_now, choice), (sorted_soon, choice_soon)))
        changed = sum(pair not in second.items() for pair in first.items())
        yield Row(where, way, worth_of(sorted_now, choice, taken), seconds, changed, len(first))
    few = replace(now, limits=replace(now.limits, max_moves=len(one_each)))
    for way, problem, answer, following in (
        ("plan, as many as one each", few, suggest(few), None),
        ("plan", now, plan, again),
    ):
        following = following or suggest(replace(soon, limits=problem.limits, previous=_moves_of(answer)))
        facts = answer.solve
        note = f"{facts.status}, {facts.candidates:,} pairs" + (f", gap {facts.gap:.1%}" if facts.gap else "")
        taken = _taken(sorted_now, choice, answer)
        worth = worth_of(sorted_now, choice, taken)
        yield Row(where, way, worth, facts.seconds, following.changed, len(answer.moves), note)


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
                   "solve s", "changed after 15 min", "how"):  # fmt: skip
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
    rival = {"plan": "as many as the plan", "plan, as many as one each": "one each"}.get(row.way)
    if rival is None:
        return ""
    greedy = next(r for r in rows if r.where == row.where and r.way == f"greedy-nearest, {rival}")
    return f"{row.worth.voters_per_hour / max(greedy.worth.voters_per_hour, 1e-9) - 1:+.0%}"


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
