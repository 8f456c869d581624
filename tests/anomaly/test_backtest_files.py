"""The three files of a backtest, and reports as they are found: nulls, strangers, repeats, other days."""

import csv
import json
from datetime import datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from made_town import make_town, reports

from anomaly.backtest import FORECASTS, TOTALS, read_reports, run_backtest
from anomaly.forecast import STATES


@pytest.fixture(scope="module")
def town():
    return make_town(n=30, seed=3)


@pytest.fixture(scope="module")
def recorded(town):
    """Decoded reports, as a file holds them."""
    batch = reports(town, 760.0, every=60.0)
    opens = town.frames.day.opens_at
    return [
        {
            "id": f"r{k}",
            "kind": "checkins",
            "precinct": f"P{batch.precinct[k]:04d}",
            "at": (opens + timedelta(minutes=float(batch.at_min[k]))).isoformat(),
            "received": (opens + timedelta(minutes=float(batch.received_min[k]))).isoformat(),
            "count": int(batch.count[k]),
            "source": "phone",
        }
        for k in range(len(batch.key))
    ]


def rows(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def test_the_files_have_the_agreed_columns_and_every_precinct(town, recorded, tmp_path):
    steps = []
    result = run_backtest(
        town.frames,
        recorded,
        tmp_path,
        ["09:00", "15:00", "20:00"],
        lambda done, all_: steps.append((done, all_)),
    )
    assert steps[-1][0] == steps[-1][1] == result.steps
    forecasts, totals = rows(tmp_path / "forecasts.csv"), rows(tmp_path / "totals.csv")
    assert tuple(forecasts[0]) == FORECASTS
    assert tuple(totals[0]) == TOTALS
    assert len(forecasts) == 3 * 30
    assert {r["at"] for r in forecasts} == {"09:00", "15:00", "20:00"}
    assert {r["state"] for r in forecasts} <= set(STATES)
    for r in forecasts:
        assert float(r["final_low"]) <= float(r["final"]) <= float(r["final_high"])
        assert r["reported"] == "" or int(r["reported"]) >= 0
    assert sum(r["region"] == "ALL" for r in totals) == 3
    end = [float(r["final"]) for r in forecasts if r["at"] == "20:00"]
    assert np.median(np.abs(np.array(end) / town.final - 1)) < 0.05
    for line in (tmp_path / "alerts.jsonl").read_text().splitlines():
        alert = json.loads(line)
        assert {"id", "kind", "raised_at", "severity", "reason"} <= set(alert)
        assert datetime.fromisoformat(alert["raised_at"]).tzinfo is not None
        assert alert.get("precinct") or alert.get("site")


def test_only_what_had_been_received_is_used(town, recorded, tmp_path):
    held = [{**r, "received": r["at"][:11] + "19:59:00+00:00"} for r in recorded]
    run_backtest(town.frames, held, tmp_path, ["12:00"])
    assert all(r["reported"] == "" for r in rows(tmp_path / "forecasts.csv"))


def test_order_in_the_file_does_not_matter(town, recorded, tmp_path):
    run_backtest(town.frames, recorded, tmp_path / "a", ["12:00", "18:00"])
    run_backtest(town.frames, recorded[::-1], tmp_path / "b", ["12:00", "18:00"])
    assert (tmp_path / "a/forecasts.csv").read_text() == (tmp_path / "b/forecasts.csv").read_text()


def test_dirt_is_counted_by_reason_and_does_no_harm(town, recorded):
    dirt = [
        {**recorded[0], "count": None, "id": "x1"},
        {**recorded[0], "count": -3, "id": "x2"},
        {**recorded[0], "count": float("inf"), "id": "x3"},
        {**recorded[0], "precinct": "nowhere", "id": "x4"},
        {**recorded[0], "at": "2026-11-03T09:00:00", "id": "x5"},
        {**recorded[0], "at": "yesterday", "id": "x6"},
        {
            "id": "x7",
            "kind": "wait",
            "site": "S000",
            "minutes": 30,
            "at": recorded[0]["at"],
            "source": "phone",
        },
        {**recorded[0], "id": "x8", "at": "2026-10-30T09:00:00+00:00", "received": None},
        recorded[0],
    ]
    batch, unread = read_reports(town.frames, [*recorded, *dirt])
    assert unread == {"no count": 3, "unknown precinct": 1, "no time": 2, "repeated": 1}
    assert len(batch.key) == len(recorded) + 1


def test_a_correction_before_its_report_waits_for_it(town, recorded):
    fix = {"id": "c1", "kind": "correction", "corrects": "r5", "count": 1, "source": "phone"}
    fix["at"] = recorded[0]["at"]
    for order in ([fix, *recorded], [*recorded, fix]):
        batch, _ = read_reports(town.frames, order)
        key = batch.key[batch.revision == 1][0]
        assert sorted(batch.precinct[batch.key == key].tolist()) == [-1, int(recorded[5]["precinct"][1:])]


def test_reports_may_be_objects_and_speak_of_a_site_of_one_precinct(town):
    frames = make_town(n=1).frames
    report = SimpleNamespace(
        id="a",
        kind="checkins",
        precinct=None,
        site="S000",
        count=12,
        source="phone",
        at=frames.day.opens_at + timedelta(minutes=60),
        received=None,
    )
    batch, unread = read_reports(frames, [report])
    assert not unread
    assert batch.precinct.tolist() == [0]
    assert batch.received_min.tolist() == [60.0]


def test_a_checkpoint_that_is_no_time_is_refused(town, recorded, tmp_path):
    with pytest.raises(ValueError, match="HH:MM"):
        run_backtest(town.frames, recorded, tmp_path, ["noon"])


def test_no_reports_at_all_still_writes_the_files(town, tmp_path):
    run_backtest(town.frames, [], tmp_path, ["12:00"])
    assert len(rows(tmp_path / "forecasts.csv")) == 30
    assert (tmp_path / "alerts.jsonl").read_text() == ""
