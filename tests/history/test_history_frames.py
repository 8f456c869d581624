"""Any minute of the day: the same every time, from whatever order and source, and never from the future."""

import random
from datetime import timedelta

import msgspec
import pytest

from tests.history.conftest import LOW, SILENT
from warroom.domain.alerts import Alert
from warroom.history.frame import Names, frame
from warroom.history.rerun import Rerun, grid
from warroom.history.tape import tape_from_store
from warroom.loading import load_into_store
from warroom.store.intake import RedisIntake
from warroom.store.wire import epoch_ms
from warroom.tally.worker import TallyWorker

AFTERNOON = 615


@pytest.fixture(scope="module")
def afternoon(recorded):
    return recorded.at(AFTERNOON)


def test_a_minute_is_the_same_bytes_twice(recorded, afternoon):
    assert recorded.at(AFTERNOON) == afternoon


def test_the_order_of_arrival_at_our_door_does_not_matter(recorded, afternoon):
    shuffled = list(recorded.reports)
    random.Random(5).shuffle(shuffled)
    assert recorded.at(AFTERNOON, recorded.tape(shuffled + shuffled[:50])) == afternoon


def test_nothing_received_later_is_used(recorded, afternoon):
    opens = recorded.folder.day.opens_at
    known = [r for r in recorded.reports if (r.received - opens) <= timedelta(minutes=AFTERNOON)]
    assert 0 < len(known) < len(recorded.reports)
    assert recorded.at(AFTERNOON, recorded.tape(known)) == afternoon


def test_a_report_observed_early_and_received_late_is_not_seen_until_then(recorded, afternoon):
    late = [
        msgspec.structs.replace(r, received=recorded.folder.day.closes_at) if getattr(r, "precinct", "") == "P07" else r
        for r in recorded.reports
    ]
    then = msgspec.json.decode(recorded.at(AFTERNOON, recorded.tape(late)))
    before = msgspec.json.decode(afternoon)
    assert then["headline"]["precincts"]["reporting"] == before["headline"]["precincts"]["reporting"] - 1


def test_a_correction_counts_from_its_own_arrival(recorded):
    def counted(minute):
        return msgspec.json.decode(recorded.at(minute))["headline"]["reports"]

    assert counted(405)["received"] - counted(395)["received"] >= 1
    assert counted(405)["suspect"] + counted(405)["repeated"] > counted(395)["suspect"] + counted(395)["repeated"]


def test_a_frame_is_a_snapshot_of_the_wire(recorded, afternoon):
    found = msgspec.json.decode(afternoon)
    assert {"seq", "epoch", "n", "clock", "stamp_ms", "day", "cells", "headline", "alerts", "feeds"} <= found.keys()
    assert found["n"] == 24
    assert found["clock"]["now_ms"] == epoch_ms(recorded.folder.day.opens_at) + AFTERNOON * 60_000
    assert found["headline"]["alerts_open"] == len(found["alerts"])
    assert LOW in {alert.get("precinct") for alert in found["alerts"]}


def test_the_story_is_told_by_the_fates(recorded):
    rerun, tape = Rerun(recorded.frames), recorded.tape()
    moments = list(rerun.go(tape, 2_000))
    assert [m.minute for m in moments] == grid(recorded.folder.day.minutes_open)
    kinds = {(f.first.kind, f.first.precinct or f.first.site) for f in rerun.fates.values()}
    assert ("low_turnout", LOW) in kinds
    assert ("silent", SILENT) in kinds
    assert all(f.minutes_open >= 0 for f in rerun.fates.values())


def test_alerts_on_whole_regions_are_part_of_the_story(recorded, monkeypatch):
    rerun, tape = Rerun(recorded.frames), recorded.tape()
    opens = recorded.folder.day.opens_at
    alert = Alert(id="low_turnout:region North:1", kind="low_turnout", severity="high", region="North",
                  reason="stays home", raised_at=opens, updated_at=opens)  # fmt: skip
    rerun.regions.open["North"] = alert
    with monkeypatch.context() as still:
        still.setattr(rerun.regions, "step", lambda *_: [])
        assert alert in next(rerun.go(tape, 5)).open
    assert Names(recorded.frames).of(alert) == "North"
    next(rerun.go(tape, 5))
    assert rerun.fates[alert.id].last.status == "closed"  # nothing is known yet that would hold it open


def test_a_pass_that_stopped_goes_on_to_the_same_end(recorded):
    tape, names = recorded.tape(), Names(recorded.frames)
    whole, halves = Rerun(recorded.frames), Rerun(recorded.frames)
    straight = [frame(whole, tape, m, names) for m in whole.go(tape, 700)]
    first = [frame(halves, tape, m, names) for m in halves.go(tape, 300)]
    assert halves.agrees_with(tape)
    assert first + [frame(halves, tape, m, names) for m in halves.go(tape, 700)] == straight


def test_a_pass_refuses_a_past_that_has_changed(recorded):
    rerun = Rerun(recorded.frames)
    list(rerun.go(recorded.tape(), 300))
    assert not rerun.agrees_with(recorded.tape(recorded.reports[5:]))


def test_the_store_and_the_folder_give_the_same_minute(recorded, store, afternoon):
    load_into_store(store, recorded.folder, shards=2)
    intake, middle = RedisIntake(store), len(recorded.reports) // 2
    intake.put_frame("b", recorded.reports[middle:], recorded.rejects)
    intake.put_frame("a", recorded.reports[:middle])
    for shard in (0, 1):
        worker = TallyWorker(store, shard, "w")
        worker.step()
        worker.step()
    place = Names(recorded.frames).place
    tape = tape_from_store(store, place, epoch_ms(recorded.folder.day.opens_at))
    assert len(tape.told) == len(recorded.tape().told)
    assert recorded.at(AFTERNOON, tape) == afternoon
