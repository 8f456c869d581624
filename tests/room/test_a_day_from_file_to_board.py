"""One report's path, whole: a recorded day is replayed into a running room, and everything adds up."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from bench.running import until
from tests.room.conftest import start_room
from warroom.store import keys


def is_idle(room) -> bool:
    groups = room.store().xinfo_groups(keys.Shard(0).intake)
    return bool(groups) and not any(group["lag"] or group["pending"] for group in groups)


def replayed(room, day: Path) -> dict:
    sent = sum(1 for line in (day / "reports.jsonl").read_bytes().splitlines() if line.strip())
    until("early_vote.csv, which went in with the load, is tallied", lambda: is_idle(room))
    early = room.get("totals")["received"]
    assert room.run("replay", "--drill", str(day), "--speed", "9000").wait(timeout=200) == 0
    until("every report tallied", lambda: room.get("totals")["received"] == early + sent)
    return room.get("totals")


def assert_adds_up(room, totals: dict) -> None:
    assert totals["accepted"] + totals["suspect"] + totals["rejected"] + totals["repeated"] == totals["received"]
    units = {k.decode(): msgspec.json.decode(v) for k, v in room.store().hgetall("wr:{0}:units").items()}
    counted = [state[0] for unit, state in units.items() if unit.startswith("p:") and state[0] >= 0]
    until(
        "the board shows what the store holds",
        lambda: room.get("board")["headline"]["reported"]["value"] == sum(counted),
    )
    until("the counts", lambda: totals.items() <= room.get("board")["headline"]["reports"].items())
    headline = room.get("board")["headline"]
    assert headline["precincts"]["reporting"] == len(counted)


def test_the_demo_day_adds_up_and_moves(room, demo_day):
    before = room.get("board")
    totals = replayed(room, demo_day)
    assert totals["rejected"] > 0  # the story has a wrong precinct and an empty count
    assert totals["suspect"] > 0
    assert_adds_up(room, totals)
    until("the map", lambda: room.get("board")["cells"] != before["cells"])
    expected = {"low_turnout", "silent", "suspect_report"}
    until("its alerts", lambda: expected <= {alert["kind"] for alert in room.get("alerts")})
    rejects = {reject["reason"] for reject in room.get("rejects")}
    assert "unknown_precinct" in rejects


@pytest.mark.realdata
def test_a_real_day_adds_up(shared_data, tmp_path):
    make_days = shared_data.parent / "tools" / "make_days.py"
    subprocess.run(
        [sys.executable, str(make_days), str(tmp_path), "--days", "phl-2018-general"], check=True, capture_output=True
    )
    day = tmp_path / "days" / "phl-2018-general"
    room = start_room(day, tmp_path / "data")
    try:
        totals = replayed(room, day)
        assert_adds_up(room, totals)
        assert totals["accepted"] > 1_000
        assert {r["reason"] for r in room.get("rejects")} <= {
            "bad_count",
            "unknown_precinct",
            "wrong_day",
            "missing_field",
        }
    finally:
        room.stop()
