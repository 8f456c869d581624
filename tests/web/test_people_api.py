"""The API of people: everybody sees coverage, only a director sees a name, nobody sees a whole number."""

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from warroom.domain.reports import Shift
from warroom.domain.volunteers import Contact, Volunteer
from warroom.store.intake import RedisIntake
from warroom.store.people import PeopleStore
from warroom.tally.worker import TallyWorker
from warroom.web.access import Access
from warroom.web.app import create_app

WALL, DIRECTOR = "wall-key-0123456789", "director-key-0123456789"
KEYED = Access(wall_key=WALL, director_key=DIRECTOR, open_room=False)


@pytest.fixture
def room(server, loaded):
    people = PeopleStore(loaded)
    contacts = {"V1": Contact(name="Ann Example", phone="+12075550194"), "V2": Contact()}
    people.put([Volunteer(volunteer_id=v) for v in ("V1", "V2")], contacts, [])
    return TestClient(create_app(server.url, KEYED), base_url="http://room", follow_redirects=False)


def signed_in(room, key):
    room.post("/signin", content=f"key={key}", headers={"Content-Type": "application/x-www-form-urlencoded"})
    return room


def test_nobody_gets_no_list(room):
    assert room.get("/api/v1/volunteers").status_code == 401
    assert room.get("/api/v1/coverage").status_code == 401


def test_a_viewer_gets_ids_and_counts(room):
    answer = signed_in(room, WALL).get("/api/v1/volunteers")
    assert answer.json()["volunteers"] == [{"id": "V1"}, {"id": "V2"}]
    assert (answer.json()["role"], answer.json()["count"]) == ("viewer", 2)
    assert "Ann" not in answer.text


def test_a_director_gets_names_and_masked_numbers(room):
    answer = signed_in(room, DIRECTOR).get("/api/v1/volunteers")
    assert answer.json()["volunteers"][0] == {"id": "V1", "name": "Ann Example", "phone": "… 94"}
    assert "5550194" not in answer.text
    assert "no-store" in answer.headers["cache-control"]


def test_a_role_in_the_request_is_not_believed(room):
    signed_in(room, WALL)
    answer = room.get("/api/v1/volunteers?role=director", headers={"role": "director", "X-Role": "director"})
    assert answer.json()["role"] == "viewer"


def test_readiness_tells_who_is_awaited(room, loaded, tuesday):
    before = tuesday.begins_at - timedelta(days=2)
    login = Shift(id="a", source="app", at=before, received=before, volunteer="V1", status="scheduled")
    test = Shift(id="b", source="V1", at=before, received=before, volunteer="V1", status="checked_in")
    RedisIntake(loaded).put_frame("test", [login, test])
    TallyWorker(loaded, 0, "w").step()
    week, three, eve = signed_in(room, WALL).get("/api/v1/volunteers").json()["readiness"]
    assert (week["known"], three["known"]) == (False, False)
    assert (eve["logged_in"], eve["tested"], eve["awaited"]) == (["V1"], ["V1"], ["V2"])


def test_before_the_first_pass_the_table_says_what_it_waits_for(room):
    for path in ("coverage", "incidents"):
        answer = signed_in(room, WALL).get(f"/api/v1/{path}")
        assert answer.status_code == 503
        assert "awaited" in answer.json()["detail"]


def test_coverage_comes_with_the_clocks_that_date_it(room, loaded):
    PeopleStore(loaded).put_coverage(b'{"sites":[]}')
    answer = signed_in(room, WALL).get("/api/v1/coverage")
    assert answer.json() == {"sites": []}
    assert int(answer.headers["day-now-ms"]) > 0
