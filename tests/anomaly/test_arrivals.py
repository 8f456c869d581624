"""Who was sent and reports from the place has arrived; anybody else has not."""

from datetime import UTC, datetime

import pytest

from anomaly.arrivals import arrivals
from warroom.domain.alerts import Alert
from warroom.domain.handling import Decision, Handling, decide
from warroom.domain.volunteers import Whereabouts

NOON_MS = 1_750_780_800_000
SITE_OF = {"65012": "0412", "65013": "0412", "70001": "0500"}


def alert(**where):
    at = datetime.fromtimestamp(NOON_MS / 1000, UTC)
    return Alert(
        id="a1", kind="long_wait", severity="high", raised_at=at, updated_at=at, reason="75 min in line", **where
    )


def sent(volunteer="V7", **more) -> Handling:
    taken = decide(Handling(alert="a1"), Decision(what="acknowledge", by="Ana", at_ms=NOON_MS, version=0))
    return decide(taken, Decision(what="dispatch", by="Ana", at_ms=NOON_MS, version=1, volunteer=volunteer, **more))


def seen(minutes=5, status="on_site", site="0412", precinct=""):
    at_ms = NOON_MS + minutes * 60_000
    return Whereabouts(volunteer_id="V7", status=status, at_ms=at_ms, site_id=site, precinct_id=precinct)


def found(where, report, handling=None):
    return arrivals([where], {"a1": handling or sent()}, {"V7": report}, SITE_OF)


@pytest.mark.parametrize(
    ("where", "report"),
    [
        (alert(site="0412"), seen()),
        (alert(site="0412"), seen(status="checked_in")),
        (alert(site="0412"), seen(site="", precinct="65013")),
        (alert(precinct="65012"), seen()),
        (alert(precinct="65012"), seen(site="", precinct="65012")),
    ],
)
def test_a_report_from_the_place_is_an_arrival_that_the_handling_takes(where, report):
    [arrival] = found(where, report)
    after = decide(sent(), arrival.decision)
    assert after.stage.status == "on_site" and after.stage.owner == "Ana"
    assert after.history[-1].decision.by == "V7" and after.history[-1].decision.at_ms == report.at_ms


@pytest.mark.parametrize(
    "report",
    [
        seen(site="0500"), seen(status="en_route"), seen(status="left"), seen(status="no_show"), seen(minutes=-5),
        seen(site="", precinct="70001"),
    ],
)  # fmt: skip
def test_another_place_another_status_and_an_earlier_report_are_none(report):
    assert found(alert(site="0412"), report) == []


def test_on_a_regions_alert_the_place_is_the_one_of_the_move():
    region = alert(region="Ropewalk")
    assert found(region, seen()) == []  # anywhere, their own site perhaps
    assert found(region, seen(), sent(to_precinct="70001")) == []
    assert len(found(region, seen(site="0500"), sent(to_precinct="70001"))) == 1


def test_nobody_sent_nobody_arrives_and_it_is_noted_once():
    assert found(alert(site="0412"), seen(), Handling(alert="a1")) == []
    assert found(alert(site="0412"), seen(), sent("V8")) == []
    [arrival] = found(alert(site="0412"), seen())
    assert found(alert(site="0412"), seen(), decide(sent(), arrival.decision)) == []
