"""The watch on the real store: what the tally changed becomes the board, and a restart forgets nothing."""

import base64
import threading
from datetime import timedelta

import msgspec
import numpy as np
import pytest

from anomaly.moves import Moves
from anomaly.roads import ByMatrix
from anomaly.watch import Watch
from feeds._recorded import read_recorded
from warroom.dayfolder import load_day
from warroom.demo import write_demo_day
from warroom.domain.alerts import Alert
from warroom.domain.handling import Deadlines, Decision, Shelf
from warroom.domain.reports import EarlyVote, Incident, Reject, Wait
from warroom.history.frame import Names
from warroom.loading import frames_of, load_into_store
from warroom.store.board import BoardStore
from warroom.store.day import DayClock, read_roster
from warroom.store.intake import RedisIntake
from warroom.store.moves import MovesStore
from warroom.store.state import StateReader
from warroom.store.wire import epoch_ms
from warroom.tally.worker import TallyWorker
from warroom.web.field_rows import Desk, Places, alarms, row


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
    assert sum(headline["alert_kinds"].values()) == headline["alerts_open"] > 0
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


def test_early_votes_of_a_feed_lower_what_is_expected_of_the_day(store, folder):
    load_into_store(store, folder)
    DayClock(store).set(folder.day.opens_at.replace(hour=11), 0.001)
    watch = Watch(store, frames_of(folder))
    watch.load()
    before = board(store)["headline"]
    at = folder.day.opens_at - timedelta(days=2)
    mailed = [
        EarlyVote(id=f"mail {p}", source="county", at=at, received=at, precinct=p, count=90, method="mail")
        for p in folder.precincts["precinct_id"]
    ]
    RedisIntake(store).put_frame("county", mailed)
    tally = TallyWorker(store, 0, "w")
    while tally.step():
        pass
    watch.turn()
    watch._early._look_s = 0.0  # a minute has passed
    watch.turn()
    after = board(store)["headline"]
    own = folder.early_vote.groupby("precinct_id")["count"].max().sum()  # also through the intake: once
    assert after["early"]["value"] == np.nansum(watch._model.places.early) == own + 90 * len(mailed)
    assert after["expected"]["value"] < 0.9 * before["expected"]["value"]


GONE = (
    ("low_turnout", {"precinct": "gone"}), ("low_turnout", {"site": "gone"}), ("low_turnout", {"region": "gone"}),
    ("slowdown", {"precinct": "gone"}), ("stoppage", {"precinct": "gone alone"}), ("stoppage", {"site": "gone"}),
    ("silent", {"site": "gone"}), ("suspect_report", {"precinct": "gone"}), ("long_wait", {"site": "gone"}),
    ("incident", {"site": "gone"}), ("coverage_gap", {"site": "gone"}),
)  # fmt: skip


def gone_alert(kind, place, moment):
    name = place.get("precinct") or place.get("site") or f"region {place['region']}"
    if kind == "incident":
        name += ":machine"
    if (kind, "site" in place) == ("low_turnout", True):
        name = f"site {name}"
    return Alert(id=f"{kind}:{name}:1", kind=kind, severity="high", raised_at=moment, updated_at=moment,
                 reason="it was so", expected=50.0, reported=20, shortfall=30.0, probability=0.9, **place)  # fmt: skip


def test_alerts_on_places_that_left_the_roster_are_closed_in_words_and_stop_nobody(eleven, folder):
    """The day can be loaded again on the day: its alerts, decisions, shelves and suggestions outlive a place."""
    moment, board_store = folder.day.opens_at.replace(hour=11), BoardStore(eleven)
    now_ms = epoch_ms(moment)
    gone = [gone_alert(kind, place, moment) for kind, place in GONE]
    board_store.put_alerts(gone)
    for alert in gone:
        sent = ({"what": "acknowledge"}, {"what": "dispatch", "volunteer": "V001"})
        for version, wish in enumerate(sent):
            decision = Decision(by="ana", at_ms=now_ms, version=version, **wish)
            board_store.handlings.decide(alert, decision, Deadlines())
    board_store.handlings.shelve(Shelf(site="gone", until_ms=now_ms + 3_600_000, by="ana", reason="", at_ms=now_ms))
    move = {"volunteer": "V001", "precinct": "gone"}
    MovesStore(eleven).put(msgspec.json.encode({"at_ms": now_ms, "moves": [move]}))
    wait = Wait(id="w", source="s", at=moment, received=moment, site="gone", minutes=90)
    broken = Incident(id="i", source="s", at=moment, received=moment, site="gone", category="power", severity="high")
    RedisIntake(eleven).put_frame("early", [wait, broken])
    TallyWorker(eleven, 0, "w").step()

    room = Moves(eleven, travel=ByMatrix({}))
    room.note_arrivals()
    room.solve()  # before the watch has seen to it
    watch = Watch(eleven, frames_of(folder))
    watch.load()
    watch._pass(stamp_ms=0)
    alerts = {a.id: a for a in board_store.alerts()}
    for alert in gone:
        assert alerts[alert.id].status == "closed"
        assert "no longer in the day's roster. It was: it was so" in alerts[alert.id].reason
    assert not [a.id for a in alerts.values() if a.status != "closed" and "gone" in a.id]
    assert board(eleven)["headline"]["precincts"]["total"] == len(folder.precincts)

    room.note_arrivals()
    room.solve()
    assert MovesStore(eleven).plan()["travel"] == "by coordinates: the matrix file has no usable row"
    desk = Desk(list(alerts.values()), board_store.handlings.all(), board_store.handlings.shelves(now_ms), now_ms)
    places = Places(read_roster(eleven))
    rows = {a.id: {**row(desk, places, a), "members": places.members(a)} for a in alerts.values()}
    assert rows[gone[0].id]["place"] == "gone"
    assert alarms(desk, places, 1)["shelved"][0]["name"] == "gone"
    names = Names(frames_of(folder))
    assert all(names.of(a) for a in gone) and not names.marked([a for a in gone if a.precinct]).any()


def test_a_clock_that_had_jumped_ahead_is_followed_back(eleven, folder, caplog):
    watch = Watch(eleven, frames_of(folder))
    right = folder.day.opens_at.replace(hour=11)
    watch._clock.now = lambda: right
    watch.load()
    before = board(eleven)["headline"]["expected"]["value"]
    ahead = right.replace(hour=15)
    watch._clock.now = lambda: ahead
    watch._full_due_s = 0.0
    watch.turn()
    assert board(eleven)["headline"]["expected"]["value"] > before
    watch._clock.now = lambda: right
    watch._full_due_s = 0.0
    watch.turn()
    assert board(eleven)["headline"]["expected"]["value"] == before
    assert "the clock fell back by 240 minutes" in caplog.text


def test_a_pass_that_fails_is_told_in_the_log_and_the_day_goes_on(eleven, folder, caplog, monkeypatch):
    monkeypatch.setattr("anomaly.watch.AGAIN_S", (0.0,), raising=False)
    watch, over = Watch(eleven, frames_of(folder)), threading.Event()
    step, failures = watch._happenings.step, iter([KeyError("gone")])

    def stumble(*args):
        for failure in failures:
            raise failure
        over.set()
        return step(*args)

    watch._happenings.step = stumble
    watch.run(over)
    assert board(eleven)["headline"]["precincts"]["reporting"] > 0
    assert "a pass failed" in caplog.text and "KeyError: 'gone'" in caplog.text
