"""What people did about each alert, in words and figures: pure functions over handlings."""

from collections.abc import Iterable, Mapping
from typing import Any

from anomaly.arrivals import is_there
from anomaly.effect import Dispatch
from warroom.domain.alerts import Alert
from warroom.domain.handling import SEVERITY_RANK, Decision, Handling
from warroom.history.tape import Told
from warroom.store.wire import epoch_ms


def decisions_of(handling: Handling) -> list[Decision]:
    """The decisions that stand, oldest first: what was undone is out."""
    kept: list[Decision] = []
    for step in handling.history:
        if step.decision.what == "undo":
            if kept:
                kept.pop()
        else:
            kept.append(step.decision)
    return kept


def alert_rows(alerts: Iterable[Alert], handlings: Mapping[str, Handling], ends_ms: int) -> list[dict[str, Any]]:
    """One row an alert, in the order they were raised: who took it, how it ended, minutes open.

    An alert that never ended counts as open until `ends_ms`.
    """
    rows = [_alert_row(alert, handlings.get(alert.id), ends_ms) for alert in alerts]
    return sorted(rows, key=lambda row: (row["raised_ms"], row["id"]))


def _alert_row(alert: Alert, handling: Handling | None, ends_ms: int) -> dict[str, Any]:
    decisions = decisions_of(handling) if handling else []
    stage = handling.stage if handling else None
    taken = next((d for d in decisions if d.what in ("acknowledge", "take_over")), None)
    ended = next((d for d in reversed(decisions) if d.what in ("resolve", "dismiss")), None)
    closed_ms = epoch_ms(alert.closed_at) if alert.closed_at else None
    over_ms = min((ms for ms in (closed_ms, ended.at_ms if ended else None) if ms is not None), default=None)
    raised_ms = epoch_ms(alert.raised_at)
    return {
        "id": alert.id, "kind": alert.kind, "severity": alert.severity, "rank": SEVERITY_RANK[alert.severity],
        "precinct": alert.precinct, "site": alert.site, "region": alert.region, "reason": alert.reason,
        "raised_ms": raised_ms, "over_ms": over_ms,
        "minutes": max(0, round(((over_ms or max(ends_ms, raised_ms)) - raised_ms) / 60_000)),  # a clock was set back
        "by": taken.by if taken else None, "taken_ms": taken.at_ms if taken else None,
        "how": _how(stage.status if stage and ended else None, ended, closed_ms),
        "shortfall": None if alert.shortfall is None else round(alert.shortfall),
    }  # fmt: skip


def _how(status: str | None, ended: Decision | None, closed_ms: int | None) -> str:
    if ended is not None and status in ("resolved", "dismissed"):
        why = f": {ended.reason}" if ended.reason else ""
        return f"{status} by {ended.by}{why}"
    return "closed by itself" if closed_ms is not None else "never closed"


def dispatches_of(
    alerts: Iterable[Alert],
    handlings: Mapping[str, Handling],
    told: Iterable[Told],
    members: Mapping[str, list[str]],
) -> list[Dispatch]:
    """Everybody who was sent to a precinct, or to a site (`members`: {site: its precincts}, one row each).

    On a region's alert the precinct is the one of the move that was taken; without one there is no row.
    An arrival is the one noted before anybody else was sent; else the volunteer's first report of being
    on site there after being sent.
    """  # fmt: skip
    on_site = sorted(
        (t.at_ms, str(t.body.get("volunteer")), (str(t.body.get("site") or ""), str(t.body.get("precinct") or "")))
        for t in told if t.kind == "shift" and t.body.get("status") == "on_site"
    )  # fmt: skip
    site_of = {
        precinct: site for site, precincts in members.items() for precinct in precincts if site not in ("", "nan")
    }
    found = []
    for alert in alerts:
        handling = handlings.get(alert.id)
        decisions = decisions_of(handling) if handling else []
        for n, sent in enumerate(decisions):
            if sent.what != "dispatch":
                continue
            after = next((d for d in decisions[n + 1 :] if d.what in ("arrive", "dispatch")), None)
            noted = after.at_ms if after is not None and after.what == "arrive" else None
            seen = next(
                (ms for ms, who, at in on_site if who == sent.volunteer and ms >= sent.at_ms
                 and is_there(alert, sent.to_precinct, at, site_of)), None,
            )  # fmt: skip
            arrived = noted if noted is not None else seen
            place = alert.precinct or ("" if alert.site else sent.to_precinct)
            places = [place] if place else members.get(alert.site, []) if alert.site else []
            found += [Dispatch(alert.id, place, sent.at_ms, arrived, sent.volunteer or "") for place in places]
    return sorted(found, key=lambda d: (d.dispatched_ms, d.alert_id, d.precinct_id))
