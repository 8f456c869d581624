"""The API of people: everybody sees coverage, only a director sees a name, nobody sees a whole number."""

from datetime import timedelta

import msgspec
import pytest
from starlette.testclient import TestClient

from warroom.access.roles import Grant, Who
from warroom.access.shared_keys import Access
from warroom.domain.alerts import Alert
from warroom.domain.reports import Shift
from warroom.domain.volunteers import Contact, Volunteer
from warroom.store.board import BoardStore
from warroom.store.day import DayClock
from warroom.store.intake import RedisIntake
from warroom.store.people import PeopleStore
from warroom.tally.worker import TallyWorker
from warroom.web.app import create_app
from warroom.web.incident_words import readable

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


def test_what_a_reporter_wrote_is_read_by_those_who_decide_there_and_stands_in_nobody_elses_answer(room, loaded, at):
    name = "Zora00000q"
    row = {"site": "S1", "category": "machine", "region": "North", "text": f"{name} shouts", "reported": [name],
           "severity": "high", "count": 2, "first_ms": 0}  # fmt: skip
    PeopleStore(loaded).put_incidents(msgspec.json.encode([row]))
    told = {"kind": "incident", "severity": "high", "raised_at": at(9), "updated_at": at(9), "reason": "Machine"}
    BoardStore(loaded).put_alerts([Alert(id="incident:S1:machine:1", site="S1", region="North", **told)])
    DayClock(loaded).set(at(10), 1e-6)
    asked = ("incidents", "alerts", "alerts?scope=open", "alerts/incident:S1:machine:1", "precincts/P1", "coverage")
    for key, reads in ((WALL, False), (DIRECTOR, True)):
        answers = {path: signed_in(room, key).get(f"/api/v1/{path}") for path in asked}
        assert {path for path, answer in answers.items() if name in answer.text} == (
            {"incidents", "alerts/incident:S1:machine:1"} if reads else set()
        )
        assert answers["incidents"].json()[0]["count"] == 2
        assert answers["alerts/incident:S1:machine:1"].json()["place"] == "School 1"


def test_an_organiser_reads_what_was_written_in_their_own_region_only():
    rows = msgspec.json.encode([{"region": region, "text": "t", "reported": []} for region in ("North", "South", "")])
    north = Who(door="password", grants=(Grant("organiser", "North"),))
    assert ["text" in row for row in readable(rows, north)] == [True, False, False]
