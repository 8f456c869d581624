"""A paused door of the web server takes nothing, says when to try again, and names nobody outside the room."""

import json

import pytest
from starlette.testclient import TestClient

from warroom.access.shared_keys import Access
from warroom.store.day import DayClock
from warroom.store.feeds import FeedStore
from warroom.store.state import StateReader
from warroom.tally.worker import TallyWorker
from warroom.web import intake as web_intake
from warroom.web.app import create_app

OPEN = Access(wall_key="", director_key="", open_room=True)


@pytest.fixture
def app(server, loaded, at, monkeypatch):
    monkeypatch.setattr(web_intake, "PAUSE_FRESH_S", 0.0)
    DayClock(loaded).set(at(180), 1e-6)
    return create_app(server.url, OPEN)


@pytest.fixture
def send(app, at):
    """Send one report by a door; runs in the server's own loop."""

    @app.post("/test-door")
    async def door() -> list[str]:
        body = {"id": "r1", "kind": "checkins", "at": at(60).isoformat(), "precinct": "P1", "count": 9, "source": "v"}
        outcomes = await app.state.intake.take("http:v", [json.dumps(body).encode()], source="v")
        return [outcome.status for outcome in outcomes]

    return lambda: TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 9)).post("/test-door")


def test_a_paused_door_gives_503_with_a_time_and_takes_the_same_report_afterwards(send, loaded, at):
    feeds = FeedStore(loaded)
    feeds.pause("http:v", "Ana Example", round(at(120).timestamp() * 1000))
    refused = send()
    assert refused.status_code == 503 and int(refused.headers["retry-after"]) > 0
    assert "paused by a director since 08:00" in refused.json()["detail"] and "Ana" not in refused.text
    TallyWorker(loaded, 0, "t").step()
    assert StateReader(loaded).totals().received == 0
    feeds.resume("http:v", "Ana Example", 0)
    assert send().json() == ["accepted"]


def test_another_door_goes_on(send, loaded):
    FeedStore(loaded).pause("sms", "Ana", 0)
    assert send().json() == ["accepted"]
