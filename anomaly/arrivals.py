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
    dispatch, or from another place, is no arrival. On a region's alert the place is the precinct of the move
    that was taken; without one nothing says where they should be, and a director notes the arrival.
    """
    found = []
    for alert in alerts:
        handling = handlings.get(alert.id)
        if handling is None or handling.stage.status != "dispatched":
            continue
        seen = moved.get(handling.stage.volunteer or "")
        if seen is None or seen.status not in HERE or seen.at_ms < _sent_ms(handling):
            continue
        if is_there(alert, handling.stage.to_precinct, (seen.site_id, seen.precinct_id), site_of):
            decision = Decision(
                what="arrive", by=seen.volunteer_id, at_ms=seen.at_ms, version=handling.version, reason="own report"
            )
            found.append(Arrival(alert, decision))
    return found


def _sent_ms(handling: Handling) -> int:
    return max((s.decision.at_ms for s in handling.history if s.decision.what == "dispatch"), default=0)


def is_there(alert: Alert, to_precinct: str, seen: tuple[str, str], site_of: Mapping[str, str]) -> bool:
    """Whether somebody `seen` at (site, precinct), either '', is where the alert wanted them."""
    precinct = alert.precinct or ("" if alert.site else to_precinct)
    site = alert.site or site_of.get(precinct, "")
    at = seen[0] or site_of.get(seen[1], "")
    return (bool(site) and at == site) or (bool(precinct) and seen[1] == precinct)
