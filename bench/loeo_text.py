"""The leave-one-election-out report as Markdown."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bench.loeo import Row

Summaries = Mapping[str, Mapping[str, Mapping[str, float]]]  # {place: {side: {figure: value}}}
KEPT = "<!-- kept: what follows was written by hand and is not replaced -->"


def write_report(places: "Mapping[str, Sequence[Row]]", summaries: Summaries, command: str) -> str:
    """The whole page."""
    parts = [
        "# Leave one election out\n",
        f"Made by `{command}`. Each past election is hidden with everything after it and predicted, before any "
        "report, from those before it.\n",
        "- **model**: the prior of the product (`anomaly/turnout.py`), a pooled robust linear model.\n"
        "- **last comparable**: the election that the model calls most comparable, rescaled.\n"
        "- **trees**: gradient-boosted trees (scikit-learn HistGradientBoosting) on the last three elections of the "
        "type, the last two of another, the one four years before, the recent mean, registration and place, with "
        "squared error of log ballots or with Poisson deviance.\n"
        "- **model and trees, mean**: the geometric mean of the model and the trees on log ballots.\n",
        "Errors are |expected ÷ cast − 1| over precincts with at least 50 ballots (or half the median where all are "
        "small) that the last comparable election covers; 90th percentile in brackets. *Level known*: every side "
        "is scaled to the true total, so only the geography counts. *Predicted level*: every side has the model's "
        "total. The interval round the geography is the model's own, and for the others the 90 % quantile of "
        "their errors in the six held-out elections before (conformal); ± is its median half-width.\n",
    ]
    for place, rows in places.items():
        parts.append(f"## {place}\n")
        parts.append(verdict(summaries[place], rows))
        parts.append(_summary_table(summaries[place], len(rows)))
        parts.append(_election_table(rows))
    return "\n".join(parts)


def by_hand(page: Path) -> str:
    """What stands below the mark on the page as it is, the mark included; "" for a new page."""
    old = page.read_text(encoding="utf-8") if page.is_file() else ""
    return "\n" + old[old.index(KEPT) :] if KEPT in old else ""


def verdict(sides: Mapping[str, Mapping[str, float]], rows: "Sequence[Row]") -> str:
    """Who wins, by how much, and whether the difference is more than chance."""
    lines = []
    groups: dict[str, list[str]] = {"better": [], "worse": [], "no clear difference": []}
    for side in sides:
        if side != "model":
            low, high = ratio_interval(rows, side)
            groups["better" if high < 0 else "worse" if low > 0 else "no clear difference"].append(side)
            lines.append(
                f"{side[0].upper() + side[1:]}: {100 * sides[side]['against_model']:+.1f} % against the model's error "
                f"(90 % interval over elections {100 * low:+.1f} to {100 * high:+.1f} %), nearer in "
                f"{sides[side]['beats_model']:.0f} of {len(rows)}."
            )
    told = "; ".join(f"{how}: {', '.join(names) or 'none'}" for how, names in groups.items())
    lines.insert(0, f"**Against the model, paired over {len(rows)} held-out elections, level known: {told}.**")
    inside = sum(row.inside for row in rows)
    lines.append(
        f"With its own level the model's 90 % interval held {_pct(float(np.mean([r.coverage for r in rows])))} of the "
        f"precincts, and the true total in {inside} of {len(rows)}."
    )
    return "\n".join(f"- {line}" for line in lines) + "\n"


def ratio_interval(rows: "Sequence[Row]", side: str, draws: int = 2000) -> tuple[float, float]:
    """90 % bootstrap interval over elections of the median of (error of side / error of model) - 1."""
    ratio = np.array([r.scores[side].median_level / r.scores["model"].median_level for r in rows]) - 1
    pick = np.random.default_rng(1).integers(0, len(ratio), (draws, len(ratio)))
    low, high = np.quantile(np.median(ratio[pick], axis=1), [0.05, 0.95])
    return float(low), float(high)


def _summary_table(sides: Mapping[str, Mapping[str, float]], elections: int) -> str:
    head = (
        "| medians over elections | level known | predicted level | 90 % interval holds | ± | nearer than the model |\n"
        "|---|---|---|---|---|---|\n"
    )
    lines = []
    for side, s in sides.items():
        nearer = "–" if side == "model" else f"{s['beats_model']:.0f} of {elections}"
        level = f"{_pct(s['median_level'])} ({_pct(s['p90_level'], 0)})"
        predicted = f"{_pct(s['median'])} ({_pct(s['p90'], 0)})"
        interval = f"{_pct(s['coverage_level'], 0)} | {_pct(s['half_level'], 0)}"
        lines.append(f"| {side} | {level} | {predicted} | {interval} | {nearer} |\n")
    return head + "".join(lines)


def _election_table(rows: "Sequence[Row]") -> str:
    sides = list(rows[0].scores) if rows else []
    head = "| election | against | precincts | ballots, of expected | " + " | ".join(sides) + " |\n"
    head += "|---" * (4 + len(sides)) + "|\n"
    return head + "".join(
        f"| {r.election_id} | {r.like} | {r.precincts:,} | {r.ballots:,.0f}, {r.ballots / r.expected:.2f} | "
        + " | ".join(f"{_pct(s.median_level)} ({_pct(s.p90_level, 0)})" for s in r.scores.values())
        + " |\n"
        for r in rows
    )


def _pct(share: float, digits: int = 1) -> str:
    return "–" if np.isnan(share) else f"{100 * share:.{digits}f} %"
