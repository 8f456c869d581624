"""One minute of a past day as a screen is sent it: the snapshot of docs/wire.md, byte for byte the same every time."""

from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from anomaly import publish
from anomaly.frames import DayFrames
from anomaly.ledger import VOID
from anomaly.regions import map_z, region_news
from warroom.domain.alerts import Alert, feed_place
from warroom.history.rerun import Moment, Rerun
from warroom.history.tape import Tape
from warroom.store.wire import epoch_ms

EPOCH = "replay"


class Names:
    """Names of places, and where each stands, for one day."""

    def __init__(self, frames: DayFrames) -> None:
        table, sites = frames.precincts, frames.sites
        self.place = {str(p): n for n, p in enumerate(table["precinct_id"])}
        self.site_of = np.array([str(s) for s in table["site_id"]] if "site_id" in table else [""] * len(table))
        self.precinct = _named(table["precinct_id"], table["name"]) if "name" in table else {}
        self.site = _named(sites["site_id"], sites["name"]) if len(sites) and "name" in sites else {}

    def of(self, alert: Alert) -> str:
        """What a person calls the alert's place."""
        if alert.precinct is not None:
            return self.precinct.get(alert.precinct, alert.precinct)
        return self.site.get(alert.site or "", alert.site or "") or alert.region or feed_place(alert)

    def marked(self, alerts: Iterable[Alert]) -> npt.NDArray[np.bool_]:
        """Precincts (N,) with an alert of their own or at their site."""
        out = np.zeros(len(self.site_of), dtype=bool)
        for alert in alerts:
            if alert.precinct is not None and alert.precinct in self.place:
                out[self.place[alert.precinct]] = True
            elif alert.site is not None:
                out |= self.site_of == alert.site
        return out


def frame(rerun: Rerun, tape: Tape, moment: Moment, names: Names) -> bytes:
    """A moment of a pass as a snapshot, JSON."""
    forecast, day = moment.forecast, rerun.frames.day
    at_ms = round(epoch_ms(day.opens_at) + moment.minute * 60_000)
    alerts = publish.ranked(moment.open)
    z = map_z(rerun.model.fit, forecast, region_news(rerun.model.fit, forecast))
    cells = publish.cells_of(forecast, z, names.marked(alerts))
    return msgspec.json.encode(
        {
            "seq": round(moment.minute * 60),
            "epoch": EPOCH,
            "n": len(cells),
            "clock": {"now_ms": at_ms, "rate": 0},
            "stamp_ms": 0,
            "day": day_row(rerun.frames),
            "cells": publish.packed(cells),
            "headline": _headline(rerun, tape, moment, at_ms),
            "alerts": [publish.alert_row(a, names.of(a)) for a in alerts[: publish.SHOWN_ALERTS]],
            "feeds": [],
        }
    )


def day_row(frames: DayFrames) -> dict[str, Any]:
    """The day as a snapshot names it."""
    day = frames.day
    return {"name": day.name, "date": day.date.isoformat(), "timezone": day.timezone,
            "opens_ms": epoch_ms(day.opens_at), "closes_ms": epoch_ms(day.closes_at)}  # fmt: skip


def _headline(rerun: Rerun, tape: Tape, moment: Moment, at_ms: int) -> dict[str, Any]:
    forecast, opens_ms = moment.forecast, epoch_ms(rerun.frames.day.opens_at)
    heard = forecast.reported >= 0
    newest = tape.readings.received_min[moment.heard - 1] if moment.heard else None
    newest_ms = None if newest is None else round(opens_ms + float(newest) * 60_000)
    return {
        "votes": publish.total(forecast.votes_now, at_ms),
        "reported": {"value": int(forecast.reported[heard].sum()), "at_ms": newest_ms},
        "expected": publish.total(rerun.plan.by(moment.minute), at_ms),
        "final": publish.total(forecast.totals["ALL"], at_ms),
        "early": early_row(rerun.frames),
        "precincts": {"reporting": int(heard.sum()), "total": len(heard)},
        "states": publish.state_counts(forecast),
        "reports": {**_reports(rerun, moment), "at_ms": newest_ms},
        "curve": publish.curve(forecast, rerun.seen, rerun.plan),
        "alerts_open": len(moment.open),
    }


def early_row(frames: DayFrames) -> dict[str, int] | None:
    """Ballots cast before the day, and as of when; None where none is known."""
    table = frames.early_vote
    if table is None or table.empty:
        return None
    newest = table.sort_values("as_of").groupby("precinct_id")["count"].max()
    return {"value": round(float(newest.sum())), "at_ms": epoch_ms(table["as_of"].max())}


def _reports(rerun: Rerun, moment: Moment) -> dict[str, int]:
    """Counts heard, by what the model made of them; the other kinds of report are not in it."""
    beliefs, ledger = rerun.model.beliefs, rerun.model.ledger
    reason, count = beliefs.reason[: ledger.size], ledger.count[: ledger.size]
    believed = int(((reason <= 2) & (count > VOID)).sum())
    repeated = int((reason == 3).sum())
    return {"received": moment.heard + moment.refused, "accepted": believed, "rejected": moment.refused,
            "repeated": repeated, "suspect": moment.heard - believed - repeated}  # fmt: skip


def _named(ids: Iterable[object], names: Iterable[object]) -> dict[str, str]:
    return {str(i): str(n) if isinstance(n, str) and n else str(i) for i, n in zip(ids, names, strict=True)}
