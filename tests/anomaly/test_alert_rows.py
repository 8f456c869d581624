"""What a wall is told of how far people are with an alert: the step and the deadline, and nobody who was sent."""

from datetime import UTC, datetime

import msgspec
import pytest

from anomaly.publish import alert_row
from warroom.domain.alerts import Alert
from warroom.domain.handling import Stage

AT = datetime(2025, 6, 24, 14, tzinfo=UTC)
ALERT = Alert(id="stoppage:S1:1", kind="stoppage", severity="high", raised_at=AT, updated_at=AT, reason="0 of 40")


@pytest.mark.parametrize("status", ["acknowledged", "dispatched", "on_site"])
def test_a_held_alert_is_told_with_its_step_and_deadline(status):
    stage = Stage(status=status, owner="Ana", deadline_ms=7, volunteer="V0042", move="to School 1", reason="why")
    row = alert_row(ALERT, "School 1", stage)
    assert (row["handling"], row["deadline_ms"]) == (status, 7)
    assert not {"V0042", "to School 1", "why", "Ana"} & set(map(str, row.values()))
    assert b"V0042" not in msgspec.json.encode(row)


@pytest.mark.parametrize("stage", [None, Stage(), Stage(status="resolved", deadline_ms=7), Stage(status="reopened")])
def test_an_alert_that_nobody_holds_has_neither(stage):
    assert not {"handling", "deadline_ms"} & alert_row(ALERT, "School 1", stage).keys()
