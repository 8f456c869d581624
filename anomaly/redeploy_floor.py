"""The floor of coverage: how many may leave each site, at every moment until the polls close."""

from collections import Counter
from dataclasses import dataclass

from anomaly.redeploy_terms import Helper, RedeployProblem


@dataclass(frozen=True)
class FloorRow:
    """Of these helpers (indices, all present at one site at one time) at most `may_leave` may be moved."""

    helpers: tuple[int, ...]
    may_leave: int


def floor_rows(problem: RedeployProblem) -> list[FloorRow]:
    """One row for each site and each set of people who are there together.

    Only people who cover the site count. Shifts end and begin, so a site with two people now
    and one after three o'clock can spare only the one who would go home first. A site that is below its floor
    anyway can spare nobody. Breaks are taken in the building and do not count as absence.
    """
    at_site: dict[str, list[int]] = {}
    for k, helper in enumerate(problem.helpers):
        if helper.covers and helper.site_id:
            at_site.setdefault(helper.site_id, []).append(k)
    rows: dict[tuple[int, ...], FloorRow] = {}
    for _, people in sorted(at_site.items()):
        spans = {k: _presence(problem.helpers[k], problem) for k in people}
        edges = sorted({edge for span in spans.values() for edge in span if edge < problem.close_min})
        for moment in edges:
            present = tuple(k for k in people if spans[k][0] <= moment < spans[k][1])
            if present:
                rows[present] = FloorRow(present, max(0, len(present) - problem.limits.floor_people))
    return list(rows.values())


def remaining(problem: RedeployProblem, leaving: set[int]) -> tuple[Counter[str], Counter[str]]:
    """Who is left now, without those in `leaving` (indices): people covering each site, others in each precinct."""
    watchers: Counter[str] = Counter()
    canvassers: Counter[str] = Counter()
    for k, helper in enumerate(problem.helpers):
        start, end = _presence(helper, problem)
        if k not in leaving and start <= problem.now_min < end:
            watchers[helper.site_id] += helper.covers
            canvassers[helper.precinct_id] += not helper.covers
    return watchers, canvassers


def _presence(helper: Helper, problem: RedeployProblem) -> tuple[float, float]:
    start = problem.now_min if helper.shift_start_min is None else max(helper.shift_start_min, problem.now_min)
    end = problem.close_min if helper.shift_end_min is None else min(helper.shift_end_min, problem.close_min)
    return start, end
