"""Suggested moves over the API: read, refused once and for all, never by a viewer."""

import msgspec
import pytest
from starlette.testclient import TestClient

from warroom.access.shared_keys import Access
from warroom.store.moves import MovesStore
from warroom.web.app import create_app


@pytest.fixture
def client(server, loaded):
    return TestClient(
        create_app(server.url, Access(wall_key="", director_key="", open_room=True)),
        base_url="http://127.0.0.1",
        client=("127.0.0.1", 9),
    )


def test_before_the_first_plan_there_is_nothing_to_suggest(client):
    assert client.get("/api/v1/moves").json() == {"at_ms": None, "moves": []}


def test_the_newest_plan_is_shown(client, loaded):
    MovesStore(loaded).put(msgspec.json.encode({"at_ms": 5, "moves": [{"volunteer": "V1"}]}))
    assert client.get("/api/v1/moves").json()["moves"] == [{"volunteer": "V1"}]


def test_a_refusal_is_kept_with_its_reason(client, loaded):
    wish = {"volunteer": "V1", "precinct": "P2", "by": "Ana", "reason": "she drives the van"}
    assert client.post("/api/v1/moves/refuse", json=wish).status_code == 200
    [kept] = MovesStore(loaded).refused()
    assert (kept.volunteer, kept.precinct, kept.by, kept.reason) == ("V1", "P2", "Ana", "she drives the van")


@pytest.mark.parametrize("field", ["volunteer", "precinct", "by", "reason"])
def test_a_refusal_that_could_harm_a_page_is_not_taken(client, field):
    wish = {"volunteer": "V1", "precinct": "P2", "by": "Ana", "reason": "why", field: "<script>"}
    assert client.post("/api/v1/moves/refuse", json=wish).status_code == 422
