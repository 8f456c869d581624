"""The API of decisions on a real store: ranked rows, one step at a time, conflicts in words, shelves, the load."""

import msgspec
import pytest
from starlette.testclient import TestClient

from warroom.access.shared_keys import COOKIE, Access
from warroom.domain.alerts import Alert
from warroom.settings import deadlines_from
from warroom.store import keys
from warroom.store.board import BoardStore
from warroom.store.day import DayClock
from warroom.web.app import create_app

OPEN = Access(wall_key="", director_key="", open_room=True)
KEYS = Access(wall_key="w" * 16, director_key="d" * 16, open_room=False)
LOW = "/api/v1/alerts/low_turnout:P1:1"


@pytest.fixture
def client(server, loaded, at):
    DayClock(loaded).set(at(180), 1e-6)  # 09:00, standing all but still
    return TestClient(create_app(server.url, OPEN), base_url="http://127.0.0.1", client=("127.0.0.1", 9))


@pytest.fixture
def board(loaded, at):
    """Four alerts: two high, one low, one that closed by itself."""

    def alert(name: str, severity: str, precinct: str, site: str, **more) -> Alert:
        kind = name.partition(":")[0]
        told = {"raised_at": at(120), "updated_at": at(120), "reason": "57 of 90", "region": "North", **more}
        return Alert(id=name, kind=kind, severity=severity, precinct=precinct, site=site, **told)

    store = BoardStore(loaded)
    store.put_alerts([
        alert("low_turnout:P1:1", "high", "P1", "S1", shortfall=33.0),
        alert("low_turnout:P3:1", "high", "P3", "S1", shortfall=50.0),
        alert("silent:P2:1", "low", "P2", "S0"),
        alert("stoppage:P0:1", "high", "P0", "S0", status="closed", closed_at=at(175)),
    ])  # fmt: skip
    return store


def shown(client, scope="open"):
    return [row["id"] for row in client.get(f"/api/v1/alerts?scope={scope}").json()]


def act(client, address, what, version, by="Ana", **more):
    return client.post(f"{address}/decide", json={"what": what, "by": by, "version": version, **more})


def test_alerts_are_ranked_and_carry_their_handling(client, board):
    rows = client.get("/api/v1/alerts?scope=open").json()
    assert [row["id"] for row in rows] == ["low_turnout:P3:1", "low_turnout:P1:1", "silent:P2:1"]
    assert rows[0]["place"] == "Precinct 3"
    assert rows[0]["site_name"] == "School 1"
    assert rows[0]["handling"]["steps"] == ["acknowledge", "dismiss"]
    assert "stoppage:P0:1" in shown(client, "all")


def test_an_alert_goes_its_whole_way_and_every_step_is_told(client, board):
    sent = {"volunteer": "V007", "move": "count the line"}
    steps = [("acknowledge", {}), ("dispatch", sent), ("arrive", {}), ("resolve", {})]
    for version, (what, more) in enumerate(steps):
        answer = act(client, LOW, what, version, **more)
        assert answer.status_code == 200, answer.text
        assert answer.json()["handling"]["version"] == version + 1
    found = client.get(LOW).json()
    assert found["state"] == "resolved"
    assert [step["what"] for step in found["history"]] == ["resolve", "arrive", "dispatch", "acknowledge"]
    assert "low_turnout:P1:1" not in shown(client)


def test_a_move_names_a_precinct_of_its_alert_and_no_other(client, board):
    assert act(client, LOW, "acknowledge", 0).status_code == 200
    assert act(client, LOW, "dispatch", 1, volunteer="V7", to_precinct="P3").status_code == 422
    taken = act(client, LOW, "dispatch", 1, volunteer="V7", to_precinct="P1").json()
    assert taken["handling"]["to_precinct"] == "P1"


def test_who_comes_second_gets_the_handling_as_it_is_and_a_sentence(client, board):
    assert act(client, LOW, "acknowledge", 0).status_code == 200
    second = act(client, LOW, "acknowledge", 0, by="Ben")
    assert second.status_code == 409
    told = second.json()
    assert (told["reason"], told["owner"], told["detail"]) == ("owned", "Ana", "Ana has it")
    assert told["handling"]["version"] == 1
    assert act(client, LOW, "resolve", 0, by="Ben").json()["detail"] == "Ana acknowledged it meanwhile; look again"


def test_the_wall_and_the_field_page_share_one_owner(client, board):
    assert client.post(f"{LOW}/ack", json={"by": "Wall"}).json()["owner"] == "Wall"
    assert act(client, LOW, "acknowledge", 0, by="Ben").json()["owner"] == "Wall"
    assert act(client, LOW, "undo", 1, by="Ben").status_code == 200
    assert client.post(f"{LOW}/ack", json={"by": "Ben"}).json()["owner"] == "Ben"


def test_a_passed_deadline_puts_an_alert_first(client, board, loaded, at):
    address = "/api/v1/alerts/silent:P2:1"
    assert act(client, address, "acknowledge", 0, deadline_minutes=5).status_code == 200
    assert shown(client)[0] != "silent:P2:1"
    DayClock(loaded).set(at(186), 1e-6)
    [first, *_] = client.get("/api/v1/alerts?scope=open").json()
    assert (first["id"], first["state"]) == ("silent:P2:1", "escalated")
    assert client.get("/api/v1/alarms").json()["escalated"] == 1


def test_an_alert_that_closed_under_its_owner_says_so_and_keeps_its_history(client, board, loaded):
    assert act(client, LOW, "acknowledge", 0).status_code == 200
    held = board.alert("low_turnout:P1:1")
    closed = msgspec.structs.replace(held, status="closed", closed_at=held.raised_at.replace(hour=12, minute=59))
    board.put_alerts([closed])
    rows = {row["id"]: row for row in client.get("/api/v1/alerts?scope=open").json()}
    assert rows["low_turnout:P1:1"]["state"] == "closed_itself"
    assert "resolve" in rows["low_turnout:P1:1"]["handling"]["steps"]
    assert client.get(LOW).json()["history"][0]["by"] == "Ana"


def test_many_are_taken_at_once_with_a_result_each(client, board):
    act(client, LOW, "acknowledge", 0, by="Ben")
    names = ("low_turnout:P1:1", "low_turnout:P3:1", "silent:P2:1", "none:P9:1")
    items = [{"id": name, "version": 0} for name in names]
    answer = client.post("/api/v1/decide", json={"by": "Ana", "items": items})
    results = answer.json()["results"]
    assert [r["ok"] for r in results] == [False, True, True, False]
    assert results[0]["detail"] == "Ben has it"
    assert results[3]["detail"] == "no such alert"


def test_a_shelved_site_leaves_the_list_is_listed_and_comes_back(client, board, loaded, at):
    wish = {"by": "Ana", "minutes": 30, "reason": "machine is being changed"}
    assert client.post("/api/v1/sites/S1/shelve", json=wish).status_code == 200
    assert shown(client) == ["silent:P2:1"]
    [shelf] = client.get("/api/v1/alarms").json()["shelved"]
    assert (shelf["name"], shelf["alerts"], shelf["by"]) == ("School 1", 2, "Ana")
    assert client.request("DELETE", "/api/v1/sites/S1/shelve", json={"by": "Ben"}).status_code == 200
    assert len(shown(client)) == 3
    client.post("/api/v1/sites/S1/shelve", json=wish)
    DayClock(loaded).set(at(211), 1e-6)
    assert len(shown(client)) == 3


def test_a_flood_is_said_and_grouped(client, board, at):
    fresh = [
        Alert(id=f"silent:P{n % 4}:{n + 2}", kind="silent", severity="low", raised_at=at(175), updated_at=at(175),
              reason="nothing heard", precinct=f"P{n % 4}", site=None, region="North")
        for n in range(11)
    ]  # fmt: skip
    assert client.get("/api/v1/alarms").json()["groups"] == []
    board.put_alerts(fresh)
    card = client.get("/api/v1/alarms").json()
    assert card["flood"] is True
    sizes = {group["key"]: len(group["ids"]) for group in card["groups"]}
    assert sizes == {"site:S1:": 2, "region:North:silent": 12}


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"what": "explode"}, "what"), ({"by": ""}, "by"), ({"by": "<b>"}, "by"), ({"version": -1}, "version"),
        ({"deadline_minutes": 0}, "deadline_minutes"), ({"what": "dismiss"}, "say why"),
    ],
)  # fmt: skip
def test_a_wish_that_makes_no_sense_is_refused_in_words(client, board, more, word):
    answer = client.post(f"{LOW}/decide", json={"what": "acknowledge", "by": "Ana", "version": 0, **more})
    assert answer.status_code == 422
    assert word in answer.json()["detail"]


def test_a_shelf_ends_within_four_hours_and_has_a_reason(client, board):
    for minutes, reason in ((241, "x"), (0, "x"), (30, "")):
        wish = {"by": "Ana", "minutes": minutes, "reason": reason}
        assert client.post("/api/v1/sites/S1/shelve", json=wish).status_code == 422
    assert client.post("/api/v1/sites/S9/shelve", json={"by": "A", "minutes": 5, "reason": "x"}).status_code == 404


def test_a_viewer_may_look_but_not_act(server, loaded, board):
    client = TestClient(create_app(server.url, KEYS), base_url="http://127.0.0.1", client=("127.0.0.1", 9))
    client.cookies.set(COOKIE, KEYS.ticket("viewer"))
    assert client.get("/api/v1/alerts").status_code == 200
    assert act(client, LOW, "acknowledge", 0).status_code == 403
    assert client.post("/api/v1/decide", json={"by": "A", "items": []}).status_code == 403
    assert client.post("/api/v1/sites/S1/shelve", json={}).status_code == 403
    assert client.request("DELETE", "/api/v1/sites/S1/shelve", json={"by": "A"}).status_code == 403
    assert loaded.xlen(keys.DECISIONS) == 0


def test_earlier_alerts_of_the_place_are_told(client, board, at):
    assert [row["id"] for row in client.get(LOW).json()["earlier"]] == ["low_turnout:P3:1"]
    assert client.get("/api/v1/alerts/none:P1:1").status_code == 404


def test_deadlines_are_a_setting():
    assert deadlines_from({"WARROOM_DEADLINE_MINUTES": "5,15,60"}).minutes("low") == 60
    assert deadlines_from({}) is None
    for wrong in ("5,15", "a,b,c", "0,1,2"):
        with pytest.raises(ValueError, match="WARROOM_DEADLINE_MINUTES"):
            deadlines_from({"WARROOM_DEADLINE_MINUTES": wrong})
