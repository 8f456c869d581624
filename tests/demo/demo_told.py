"""A made-up day read back as plain rows, for the tests of the demo."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from warroom.demo import DemoStory


@dataclass(frozen=True)
class Told:
    """The folder, its story, and its files as plain rows."""

    folder: Path
    story: DemoStory
    reports: list[dict[str, Any]]
    precincts: dict[str, dict[str, str]]

    def rows(self, file: str) -> list[dict[str, str]]:
        with (self.folder / file).open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [r for r in self.reports if r["kind"] == kind]

    def readings(self) -> dict[str, list[tuple[datetime, int]]]:
        """{precinct: (observed, count) in time order}: those that can be read and name a precinct."""
        out: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
        for r in self.of_kind("checkins"):
            if r["count"] is not None and r["precinct"] in self.precincts:
                out[r["precinct"]].append((datetime.fromisoformat(r["at"]), r["count"]))
        return {p: sorted(seen) for p, seen in out.items()}

    def count_at(self, moment: datetime) -> dict[str, float]:
        """{precinct: check-ins at a moment}, straight between the median-smoothed readings around it."""
        out = {}
        for p, seen in self.readings().items():
            before = [c for at, c in seen if at <= moment][-3:] or [0]
            after = [c for at, c in seen if at > moment][:3] or before[-1:]
            out[p] = (sorted(before)[len(before) // 2] + sorted(after)[len(after) // 2]) / 2
        return out
