"""Whoever was sent and now reports from the place has arrived: the alert's next step, without a director's click.

Pure. The volunteer's own shift report is the person's decision; nobody else's word is needed for it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from anomaly.presence import HERE
from warroom.domain.alerts import Alert
from warroom.domain.handling import Decision, Handling
from warroom.domain.volunteers import Whereabouts


@dataclass(frozen=True)
class Arrival:
    """A volunteer who was sent for this alert is there. `at_ms`: epoch ms, when the report says so."""

    alert: Alert
    decision: Decision


def arrivals(
    alerts: Iterable[Alert],
    handlings: Mapping[str, Handling],
    moved: Mapping[str, Whereabouts],
    site_of: Mapping[str, str],
) -> list[Arrival]:
    """The arrivals that nobody has noted yet.

    `moved` is {volunteer: newest shift report}, `site_of` {precinct: site}. A report from before the
    dispatch, or from another place, is no arrival; an alert of a whole region has no place to compare.
    """
    found = []
    for alert in alerts:
        handling = handlings.get(alert.id)
        if handling is None or handling.stage.status != "dispatched":
            continue
        seen = moved.get(handling.stage.volunteer or "")
        if seen is None or seen.status not in HERE or seen.at_ms < _sent_ms(handling):
            continue
        if _is_there(alert, seen, site_of):
            decision = Decision(
                what="arrive", by=seen.volunteer_id, at_ms=seen.at_ms, version=handling.version, reason="own report"
            )
            found.append(Arrival(alert, decision))
    return found


def _sent_ms(handling: Handling) -> int:
    return max((s.decision.at_ms for s in handling.history if s.decision.what == "dispatch"), default=0)


def _is_there(alert: Alert, seen: Whereabouts, site_of: Mapping[str, str]) -> bool:
    site = alert.site or site_of.get(alert.precinct or "", "")
    if not site and not alert.precinct:
        return True
    at = seen.site_id or site_of.get(seen.precinct_id, "")
    return (bool(site) and at == site) or (bool(alert.precinct) and seen.precinct_id == alert.precinct)
