"""The watch on the real store: what the tally changed becomes the board, and a restart forgets nothing."""

import base64

import msgspec
import pytest

from anomaly.watch import Watch
from feeds._recorded import read_recorded
from warroom.dayfolder import load_day
from warroom.demo import write_demo_day
from warroom.domain.reports import Reject
from warroom.loading import frames_of, load_into_store
from warroom.store.board import BoardStore
from warroom.store.day import DayClock
from warroom.store.intake import RedisIntake
from warroom.store.state import StateReader
from warroom.tally.worker import TallyWorker


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("watch") / "day"
    write_demo_day(path)
    return load_day(path)


@pytest.fixture
def eleven(store, folder):
    """The demo city at 11:00, everything tallied that had arrived by then."""
    load_into_store(store, folder)
    clock = folder.day.opens_at.replace(hour=11)
    DayClock(store).set(clock, 0.001)
    intake, tally = RedisIntake(store), TallyWorker(store, 0, "w")
    arrivals = read_recorded(folder.reports, folder.day, folder.precinct_ids, folder.site_ids)
    items = [a.item for a in arrivals if a.received <= clock]
    for start in range(0, len(items), 200):
        frame = items[start : start + 200]
        rejects = [i for i in frame if isinstance(i, Reject)]
        intake.put_frame("recording", [i for i in frame if not isinstance(i, Reject)], rejects)
    while tally.step():
        pass
    return store


def board(store):
    return msgspec.json.decode(BoardStore(store).snapshot())


def test_the_board_shows_what_the_store_holds(eleven, folder):
    Watch(eleven, frames_of(folder)).load()
    shown, state = board(eleven), StateReader(eleven)
    counted = [s.count for unit, s in state.units().items() if unit.startswith("p:") and s.count >= 0]
    headline = shown["headline"]
    assert headline["reported"]["value"] == sum(counted)
    assert headline["precincts"] == {"reporting": len(counted), "total": len(folder.precincts)}
    assert headline["reports"]["received"] == state.totals().received
    assert len(base64.b64decode(shown["cells"])) == len(folder.precincts)
    for name in ("votes", "expected", "final"):
        assert headline[name]["low"] < headline[name]["value"] < headline[name]["high"]
    seen = [votes for votes in shown["curve"]["seen"] if votes is not None]
    assert len(seen) == 9  # 07:00 to 11:00, though the watch began at 11:00
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, headline["votes"]["value"])


def test_a_delta_and_the_snapshot_before_it_give_the_snapshot_after_it(eleven, folder):
    watch = Watch(eleven, frames_of(folder))
    watch.load()
    before = board(eleven)
    DayClock(eleven).set(folder.day.opens_at.replace(hour=11), 0.001)
    watch._anchor = watch._clock.anchor()
    RedisIntake(eleven).put_frame("more", [a.item for a in later(folder, 11, 12)])
    TallyWorker(eleven, 0, "w").step()
    watch.turn()
    after = board(eleven)
    [(_, fields)] = eleven.xrevrange("wr:board:stream", count=1)
    delta = msgspec.json.decode(fields[b"delta"])
    assert (delta["prev"], delta["seq"]) == (before["seq"], after["seq"])
    cells = bytearray(base64.b64decode(before["cells"]))
    changed = base64.b64decode(delta["cells"])
    step = delta["w"] + 1
    for at in range(0, len(changed), step):
        cells[int.from_bytes(changed[at : at + delta["w"]], "little")] = changed[at + delta["w"]]
    assert cells == base64.b64decode(after["cells"])
    assert delta.get("headline", before["headline"]) == after["headline"]
    rows = {row["id"]: row for row in [*before["alerts"], *delta.get("alerts", {"rows": []})["rows"]]}
    order = delta.get("alerts", {"order": [row["id"] for row in before["alerts"]]})["order"]
    assert [rows[alert_id] for alert_id in order] == after["alerts"]


def later(folder, start_hour, end_hour):
    low, high = (folder.day.opens_at.replace(hour=hour) for hour in (start_hour, end_hour))
    arrivals = read_recorded(folder.reports, folder.day, folder.precinct_ids, folder.site_ids)
    return [a for a in arrivals if low < a.received <= high and not isinstance(a.item, Reject)][:200]


def test_a_restarted_watch_keeps_open_alerts_open_and_raises_none_twice(eleven, folder):
    first = Watch(eleven, frames_of(folder))
    first.load()
    raised = {a.id: a.status for a in BoardStore(eleven).alerts()}
    assert any(status == "open" for status in raised.values())
    Watch(eleven, frames_of(folder)).load()
    assert {a.id: a.status for a in BoardStore(eleven).alerts()} == raised
