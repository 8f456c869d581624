"""A report before it is written down: times are minutes from the opening, the id comes last."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from warroom.domain.election import ElectionDay


@dataclass(eq=False)
class Draft:
    """One report on its way to reports.jsonl.

    `corrects` and `repeats` point at another draft; a repeat is the same message sent twice,
    so it keeps its first one's id.
    """

    kind: str
    at: float
    received: float
    source: str
    body: dict[str, Any] = field(default_factory=dict)
    corrects: Draft | None = None
    repeats: Draft | None = None


def stamp(day: ElectionDay, minute: float) -> str:
    """ISO 8601 with offset, to the second."""
    moment: datetime = day.opens_at + timedelta(seconds=round(minute * 60))
    return moment.isoformat()


def write_down(drafts: list[Draft], day: ElectionDay) -> list[dict[str, Any]]:
    """Drafts as wire-format reports, in the order in which they came in, with their ids."""
    drafts = sorted(drafts, key=lambda d: (d.received, d.at))
    ids: dict[int, str] = {}
    for draft in drafts:
        if draft.repeats is None:
            ids[id(draft)] = f"r{len(ids) + 1:06d}"
    out = []
    for draft in drafts:
        report = {"id": ids[id(draft.repeats or draft)], "kind": draft.kind, **draft.body}
        if draft.corrects is not None:
            report["corrects"] = ids[id(draft.corrects)]
        report["at"] = stamp(day, draft.at)
        report["received"] = stamp(day, max(draft.received, draft.at))
        report["source"] = draft.source
        out.append(report)
    return out
