"""The JSON API on a real store: what a screen, a script or a curious engineer asks for."""

import subprocess
import sys

import msgspec
import pytest
from starlette.testclient import TestClient

from warroom.access.shared_keys import Access
from warroom.domain.alerts import Alert
from warroom.domain.reports import Checkins
from warroom.store.board import BoardStore
from warroom.store.intake import RedisIntake
from warroom.tally.worker import TallyWorker
from warroom.web.app import create_app

OPEN = Access(wall_key="", director_key="", open_room=True)


@pytest.fixture
def client(server, loaded):
    return TestClient(create_app(server.url, OPEN), base_url="http://127.0.0.1", client=("127.0.0.1", 9))


@pytest.fixture
def alert(loaded, at):
    raised = at(120)
    found = Alert(
        id="low_turnout:P1:1", kind="low_turnout", severity="high", raised_at=raised, updated_at=raised,
        reason="57 of 90 expected by 08:00", precinct="P1", shortfall=33.0, probability=0.97,
    )  # fmt: skip
    BoardStore(loaded).put_alerts([found])
    return found


def test_a_precinct_shows_its_readings_with_their_judgement(client, loaded, at):
    readings = [(30, 20), (60, 40), (90, 35), (120, 60)]
    RedisIntake(loaded).put_frame(
        "test",
        [Checkins(id=f"r{m}", source="s", at=at(m), received=at(m), precinct="P1", count=c) for m, c in readings],
    )
    TallyWorker(loaded, 0, "w").step()
    detail = client.get("/api/v1/precincts/P1").json()
    assert detail["reported"] == 60
    assert [r["status"] for r in detail["readings"]] == ["accepted", "accepted", "suspect", "accepted"]
    assert detail["readings"][2]["reason"] == "lower than an earlier reading"


def test_an_unknown_precinct_is_a_404_in_words(client):
    answer = client.get("/api/v1/precincts/nowhere")
    assert answer.status_code == 404
    assert "no such precinct" in answer.json()["detail"]


def test_an_unknown_api_address_is_a_404_not_a_page(client):
    assert client.get("/api/v1/nothing/here").status_code == 404


def test_of_two_directors_one_has_the_alert_and_the_other_is_told(client, alert):
    address = f"/api/v1/alerts/{alert.id}/ack"
    first = client.post(address, json={"by": "Ana"})
    assert first.status_code == 200
    assert first.json()["owner"] == "Ana"
    second = client.post(address, json={"by": "Ben"})
    assert second.status_code == 409
    assert second.json() == {"owner": "Ana"}
    assert client.post(address, json={"by": "Ana"}).status_code == 200  # pressed twice: still hers
    [shown] = client.get("/api/v1/alerts").json()
    assert (shown["owner"], shown["status"]) == ("Ana", "acknowledged")


@pytest.mark.parametrize("by", ["", "x" * 61, "<script>", "a\nb"])
def test_a_name_that_could_harm_a_page_is_refused(client, alert, by):
    assert client.post(f"/api/v1/alerts/{alert.id}/ack", json={"by": by}).status_code == 422


def test_the_board_says_what_it_waits_for(client):
    answer = client.get("/api/v1/board")
    assert answer.status_code == 503
    assert "awaited" in answer.json()["detail"]


def test_the_roster_is_sent_once(client):
    first = client.get("/api/v1/roster")
    assert first.json()["ids"] == ["P0", "P1", "P2", "P3"]
    again = client.get("/api/v1/roster", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_without_a_day_the_room_says_how_to_load_one(server, store):
    client = TestClient(create_app(server.url, OPEN), base_url="http://127.0.0.1", client=("127.0.0.1", 9))
    answer = client.get("/api/v1/health")
    assert answer.status_code == 503
    assert "warroom up" in answer.json()["remedy"]


def test_an_alert_survives_the_store(loaded, alert):
    [found] = BoardStore(loaded).alerts()
    assert found == alert
    assert msgspec.json.decode(msgspec.json.encode(found), type=Alert) == alert


def test_the_web_server_starts_without_the_models_libraries():
    script = "import sys, warroom.web.app; sys.exit(bool({'pandas', 'scipy', 'sklearn'} & {*sys.modules}))"
    assert subprocess.run([sys.executable, "-c", script], timeout=200).returncode == 0
