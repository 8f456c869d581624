"""`warroom history` and its API: idle until asked, then the whole day so far, and only what is new after that."""

from datetime import timedelta

import msgspec
import pytest
from starlette.testclient import TestClient

from warroom.access.shared_keys import Access
from warroom.history.shelf import Shelf
from warroom.history.worker import History
from warroom.loading import load_into_store
from warroom.store.day import DayClock
from warroom.store.intake import RedisIntake
from warroom.tally.worker import TallyWorker
from warroom.web.app import create_app

OPEN = Access(wall_key="", director_key="", open_room=True)


@pytest.fixture
def room(store, recorded):
    """The small day in the store, with everything that was received by the fourth hour."""
    load_into_store(store, recorded.folder)
    hear(store, recorded, 0, 240)
    set_clock(store, recorded, 240.5)
    return store


@pytest.fixture
def web(server, room):
    return TestClient(create_app(server.url, OPEN), base_url="http://127.0.0.1", client=("127.0.0.1", 9))


def hear(store, recorded, start, stop):
    day = recorded.folder.day
    part = [r for r in recorded.reports if start < day.minute_of(r.received) <= stop]
    RedisIntake(store).put_frame("f", part)
    TallyWorker(store, 0, "w").step()


def set_clock(store, recorded, minute):
    DayClock(store).set(recorded.folder.day.opens_at + timedelta(minutes=minute), 0.001)


def test_a_page_is_told_what_it_waits_for(web, room):
    assert web.get("/api/v1/replay").json() == {"state": "untended"}
    Shelf(room).breathe()
    assert web.get("/api/v1/replay").json() == {"state": "awaited"}
    assert web.get("/api/v1/replay/0").status_code == 404
    assert web.get("/api/v1/replay/soon").status_code == 422


def test_before_the_opening_there_is_no_minute(web, room, recorded):
    set_clock(room, recorded, -30)
    History(room).bring_up_to_date()
    assert web.get("/api/v1/replay").json()["minutes"] == []


def test_the_frames_are_those_of_the_pure_function(web, room, recorded):
    History(room).bring_up_to_date()
    index = web.get("/api/v1/replay").json()
    assert index["state"] == "there"
    assert index["minutes"] == list(range(0, 241, 5))
    assert index["done"] == index["whole"] == 49
    known = [r for r in recorded.reports if recorded.folder.day.minute_of(r.received) <= 200]
    bare = recorded.tape(known)
    served = web.get("/api/v1/replay/200").content
    mine = msgspec.json.decode(recorded.at(200, bare))
    theirs = msgspec.json.decode(served)
    assert theirs["cells"] == mine["cells"]
    assert theirs["alerts"] == mine["alerts"]
    assert {a["id"] for a in theirs["alerts"]} <= {a["id"] for a in index["alerts"]}


def test_a_day_that_goes_on_is_computed_on(web, room, recorded):
    history = History(room)
    history.bring_up_to_date()
    first = web.get("/api/v1/replay/200").content
    hear(room, recorded, 240, 300)
    set_clock(room, recorded, 300.5)
    history.bring_up_to_date()
    index = web.get("/api/v1/replay").json()
    assert index["minutes"][-1] == 300
    assert index["whole"] == 12  # the new steps only
    assert web.get("/api/v1/replay/200").content == first


def test_a_report_from_before_starts_the_day_over(web, room, recorded):
    history = History(room)
    history.bring_up_to_date()
    count = msgspec.json.decode(web.get("/api/v1/replay/200").content)["headline"]["reports"]["received"]
    late = msgspec.structs.replace(recorded.reports[0], id="late", received=recorded.folder.day.opens_at)
    RedisIntake(room).put_frame("f", [late])
    TallyWorker(room, 0, "w").step()
    history.bring_up_to_date()
    assert web.get("/api/v1/replay").json()["whole"] == 49
    now = msgspec.json.decode(web.get("/api/v1/replay/200").content)["headline"]["reports"]["received"]
    assert now == count + 1
