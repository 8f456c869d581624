"""What is sent to the screens: a whole snapshot for who opens now, and as little as possible for who watches.

Pure but for its memory of what was sent last. A section goes into a delta when it changed and
its time has come; of the alerts only those that changed go, with the order of all.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from anomaly import publish

# seconds between two sendings of a section that changes with every look; the rest goes when it changes
SELDOM_S = {"curve": 10.0, "regions": 10.0, "feeds": 2.0}

Sections = Mapping[str, Any]


class Broadcast:
    """Numbers the updates of one run of the watch; another run has another `epoch`."""

    def __init__(self, epoch: str) -> None:
        self._epoch = epoch
        self._cells: publish.Cells | None = None
        self._sent: dict[str, Any] = {}
        self._sent_s: dict[str, float] = {}
        self.seq = 0

    def update(
        self, day: Mapping[str, Any], clock: Mapping[str, Any], stamp_ms: int, cells: publish.Cells,
        sections: Sections, now_s: float,
    ) -> tuple[bytes, bytes]:  # fmt: skip
        """(snapshot, delta) as JSON. The first delta is empty: everybody starts from the snapshot.

        `sections["alerts"]` is a list of rows with an `id` each, most important first.
        """
        before, self._cells = self._cells, cells
        self.seq += 1
        common = {"seq": self.seq, "clock": clock, "stamp_ms": stamp_ms}
        news = self._news(sections, now_s)
        # of a section that waits its turn the snapshot holds what was sent last: all screens show the same
        snapshot = {**common, "epoch": self._epoch, "n": len(cells), "day": day, "cells": publish.packed(cells)}
        snapshot |= self._sent
        if before is None:
            return msgspec.json.encode(snapshot), b""
        width, changed = publish.cell_changes(before, cells)
        delta = {**common, "prev": self.seq - 1, "w": width, "cells": changed, **news}
        return msgspec.json.encode(snapshot), msgspec.json.encode(delta)

    def _news(self, sections: Sections, now_s: float) -> dict[str, Any]:
        news: dict[str, Any] = {}
        for name, section in sections.items():
            waited = now_s - self._sent_s.get(name, float("-inf"))
            if section == self._sent.get(name) or waited < SELDOM_S.get(name, 0.0):
                continue
            news[name] = _alert_news(self._sent.get(name, []), section) if name == "alerts" else section
            self._sent[name], self._sent_s[name] = section, now_s
        return news


def _alert_news(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> dict[str, Any]:
    """Ids in order, and the rows that are new or changed."""
    known = {row["id"]: row for row in before}
    return {"order": [row["id"] for row in after], "rows": [row for row in after if known.get(row["id"]) != row]}
