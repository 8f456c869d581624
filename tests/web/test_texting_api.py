"""The console over the API: who may decide what, exact messages, a stop that is felt at once."""

import io
import zipfile

import pytest
from starlette.testclient import TestClient

from tests.texting.made_room import DAY, FILE, NOON, PRECINCTS, SITES, alert, propose
from warroom.access.shared_keys import Access
from warroom.store import keys
from warroom.store.day import DayClock, LoadedDay, Roster, put_day
from warroom.store.outbox import Outbox
from warroom.store.texts import TextStore
from warroom.texting.propose import Places, consider
from warroom.texting.rules import parse_texting
from warroom.web import texting_api
from warroom.web.app import create_app

ID = "stay-home:a1"
GOOD = "{campaign_name} asks: vote at {site_name} until {polls_close}. Reply STOP to end"


def shipped(**more: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in {"texting.toml": FILE, **more}.items():
            archive.writestr(name, text)
    return buffer.getvalue()


@pytest.fixture
def room(store):
    put_day(store, LoadedDay(day=DAY, roster=Roster(PRECINCTS, SITES), ceilings={}, folder=shipped(), geometry=b""))
    DayClock(store).set(NOON, 0.0)
    propose(store, approve=False)
    return store


def client_of(server, **keys):
    given = {"wall_key": "", "director_key": "", "open_room": True} | keys
    return TestClient(create_app(server.url, Access(**given)), base_url="http://127.0.0.1", client=("127.0.0.1", 9))


@pytest.fixture
def client(server, room):
    return client_of(server)


def post(client, what, version=0, **more):
    return client.post(f"/api/v1/texts/{what}/{ID}", json={"by": "Ana", "version": version} | more)


def test_the_queue_says_what_waits_and_by_which_limits(client):
    body = client.get("/api/v1/texts").json()
    assert body["enabled"] and body["sender"] == "dryrun" and body["stopped"] is None
    assert "08:00 to 21:00 where people live" in body["limits"]
    [row] = body["requests"]
    assert row["status"] == "proposed" and row["approvals_needed"] == 1 and row["voters"] == [0, 1, 2]


def test_an_approver_reads_the_exact_message_for_one_of_its_precincts(client):
    shown = client.get(f"/api/v1/texts/one/{ID}").json()
    assert shown["preview_precinct"] == "p1"
    [preview] = shown["previews"]
    assert preview["text"] == "Okafor for Mayor: vote at PS 1 until 9:00 PM. Reply STOP to end"
    assert preview["segments"] == 1


def test_refuse_needs_a_reason_and_the_slower_one_is_told(client):
    assert post(client, "refuse").status_code == 422
    assert post(client, "refuse", reason="wrong site").json()["status"] == "refused"
    told = post(client, "approve")
    assert told.status_code == 409 and "Ana refused it meanwhile" in told.json()["detail"]


def test_an_edit_is_checked_and_takes_approvals_back(client, room):
    post(client, "approve")
    wrong = [{"name": "plain", "texts": {"en": "Vote by 8 PM. {campaign_name} STOP"}}]
    assert "a number" in post(client, "edit", 1, variants=wrong).json()["detail"]
    good = [{"name": "plain", "texts": {"en": GOOD}}]
    after = post(client, "edit", 1, variants=good, hold_out_share=0.5).json()
    assert after["status"] == "proposed" and after["held_out"] == 5
    assert TextStore(room).one(ID).request.variants[0].texts["en"] == GOOD


def test_an_edit_says_anew_what_it_promises_and_costs(client, room):
    counts = {"p1": {("likely", "en"): 150}}
    at = alert(precinct="p1", region="North")
    [found] = consider([at], parse_texting(FILE), Places(PRECINCTS), counts, DAY, round(NOON.timestamp() * 1000))
    room.delete(keys.TEXT_CASES)
    TextStore(room).propose([found.request])
    long = [{"name": "plain", "texts": {"en": f"{GOOD}. {'Please! ' * 20}"}}]
    few = post(client, "edit", variants=long, hold_out_share=0.9).json()
    assert (few["held_out"], few["voters"]) == (135, pytest.approx([0.0, 15 * 0.008, 15 * 0.03]))
    assert few["cost_cents"] == round(15 * 3 * 1.1)  # three segments
    before = [{"name": "plain", "texts": found.request.variants[0].texts}]
    assert post(client, "edit", 1, variants=before, hold_out_share=0.1).status_code == 200
    assert TextStore(room).one(ID).request == found.request


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ([("plain", {"en": GOOD}), ("plain", {"en": GOOD})], "'plain' stands twice: give each its own name"),
        (
            [("plain", {"es": GOOD})],
            "plain has no text in English, for people whose language it lacks: add texts.en",
        ),
    ],
)
def test_an_edit_in_which_somebody_would_get_nothing_is_refused(client, room, wrong, told):
    refused = post(client, "edit", variants=[{"name": name, "texts": texts} for name, texts in wrong])
    assert refused.status_code == 422 and told in refused.json()["detail"]
    assert TextStore(room).one(ID).version == 0


def test_a_page_that_asks_again_does_not_carry_the_day_folder_again(server, room, monkeypatch):
    monkeypatch.setattr(texting_api, "FRESH_S", 3600.0)
    room.set(keys.FOLDER, shipped(**{"sites.csv": bytes(2_000_000)}))
    client = client_of(server)
    assert client.get("/api/v1/texts").json()["enabled"]
    before = int(room.info("stats")["total_net_output_bytes"])
    for _ in range(3):
        assert client.get("/api/v1/texts").json()["enabled"]
    assert int(room.info("stats")["total_net_output_bytes"]) - before < 1_000_000


def test_counts_of_many_requests_come_together(room):
    outbox = Outbox(room)
    for n in range(30):
        outbox.move(f"r{n}", "someone", "queued")
        outbox.note(f"r{n}", "cap")
    assert outbox.sums([f"r{n}" for n in range(30)]) == [({"queued": 1}, {"cap": 1})] * 30
    assert outbox.sums([]) == [] and outbox.sums(["none"]) == [({}, {})]


def test_a_stop_stands_and_is_taken_away(client, room):
    assert client.post("/api/v1/texts/stop", json={"by": "Ana", "reason": ""}).status_code == 422
    client.post("/api/v1/texts/stop", json={"by": "Ana", "reason": "wrong site"})
    assert client.get("/api/v1/texts").json()["stopped"]["reason"] == "wrong site"
    client.post("/api/v1/texts/go-on", json={"by": "Ben", "reason": "mended"})
    assert TextStore(room).stopped() is None


def test_a_wall_sees_no_texts_and_a_director_does_not_approve_them(server, room):
    wall, director = "w" * 20, "d" * 20
    client = client_of(server, wall_key=wall, director_key=director, open_room=False)
    assert client.get("/api/v1/texts").status_code == 401
    client.post("/signin", data={"key": wall})
    assert client.get("/api/v1/texts").status_code == 403
    client.post("/signin", data={"key": director})
    assert client.get("/api/v1/texts").status_code == 200
    assert post(client, "approve").status_code == 403
    assert client.post("/api/v1/texts/stop", json={"by": "Ana", "reason": "no"}).status_code == 200
    assert TextStore(room).one(ID).status == "proposed"


def test_a_day_without_rules_says_so(server, store):
    put_day(store, LoadedDay(day=DAY, roster=Roster(PRECINCTS, SITES), ceilings={}, folder=_empty(), geometry=b""))
    assert client_of(server).get("/api/v1/texts").json()["enabled"] is False


def _empty() -> bytes:
    buffer = io.BytesIO()
    zipfile.ZipFile(buffer, "w").close()
    return buffer.getvalue()
