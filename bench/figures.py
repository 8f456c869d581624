"""Figures of the bench: medians, 95th percentiles, and whether a reach is met."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest-rank percentile, so that it is a value that was seen.

    >>> percentile([5, 1, 2, 3, 4], 0.95)
    5
    """
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, -int(-share * len(ranked) // 1) - 1))]


@dataclass(frozen=True)
class Figure:
    """One row of the table. `judged` says which number the reach is held against: median, p95 or max."""

    name: str
    unit: str
    values: tuple[float, ...]
    reach: float | None = None
    judged: str = "p95"
    at_least: bool = False  # more is better: the reach is a floor, and "p95" the value 95 % come up to
    note: str = ""

    @property
    def median(self) -> float:
        """Median of the values."""
        return median(self.values)

    @property
    def p95(self) -> float:
        """95th percentile, on the bad side (of few values: the worst)."""
        return percentile(self.values, 0.05 if self.at_least else 0.95)

    @property
    def met(self) -> bool | None:
        """Whether the reach is met; None where there is none."""
        if self.reach is None:
            return None
        value = {"median": self.median, "p95": self.p95, "max": max(self.values)}[self.judged]
        return value >= self.reach if self.at_least else value <= self.reach


def figure(name: str, unit: str, values: Iterable[float], reach: float | None = None, **more: Any) -> Figure:
    """A figure from any series of numbers. Raises ValueError where nothing was measured."""
    found = tuple(values)
    if not found:
        raise ValueError(f"nothing was measured for: {name}")
    return Figure(name, unit, found, reach, **more)


def machine() -> dict[str, Any]:
    """What the figures were measured on, and how busy it was."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load": [round(x, 2) for x in os.getloadavg()],
    }


def show(title: str, rows: Sequence[Figure], about: Sequence[str] = ()) -> None:
    """Print the table."""
    table = Table(title=title, title_justify="left")
    for name in ("figure", "reach", "median", "p95", "n", "", "note"):
        table.add_column(name, justify="right" if name in ("reach", "median", "p95", "n") else "left")
    for row in rows:
        sign = "≥" if row.at_least else "≤"
        reach = "" if row.reach is None else f"{sign} {_short(row.reach)} {row.unit} ({row.judged})"
        verdict = {True: "met", False: "MISSED", None: ""}[row.met]
        table.add_row(
            row.name, reach, f"{_short(row.median)} {row.unit}", f"{_short(row.p95)} {row.unit}",
            str(len(row.values)), verdict, row.note,
        )  # fmt: skip
    console = Console(width=max(150, Console().width))
    console.print(table)
    for line in about:
        console.print(line, highlight=False)


def as_json(rows: Sequence[Figure], **more: Any) -> str:
    """Every figure with every value."""
    found = [{**asdict(r), "median": r.median, "p95": r.p95, "met": r.met} for r in rows]
    return json.dumps({"figures": found, **more}, indent=1)


def _short(value: float) -> str:
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
