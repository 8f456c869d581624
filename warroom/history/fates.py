"""What became of each alert, as rows for the replay and the report."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from warroom.domain.alerts import SEVERITY_RANK
from warroom.history.frame import Names
from warroom.history.rerun import Fate


def fate_rows(fates: Iterable[Fate], names: Names) -> list[dict[str, Any]]:
    """One row an alert, in the order they were raised; times in epoch ms, None while it was open."""
    return [fate_row(f, names) for f in sorted(fates, key=lambda f: (f.first.raised_at, f.first.id))]


def fate_row(fate: Fate, names: Names) -> dict[str, Any]:
    """One alert from its raising to its end; `severity` is the gravest of the two."""
    first, last = fate.first, fate.last
    return {
        "id": first.id,
        "kind": first.kind,
        "severity": min((first.severity, last.severity), key=SEVERITY_RANK.__getitem__),
        "precinct": first.precinct,
        "site": first.site,
        "place": names.of(first),
        "region": first.region,
        "raised_ms": _ms(first.raised_at),
        "closed_ms": _ms(last.closed_at),
        "reason": first.reason,
        "worst": None if fate.worst is None else round(fate.worst),
        "probability": None if last.probability is None else round(last.probability, 3),
    }


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)
