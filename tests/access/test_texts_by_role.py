"""A text is edited in one's own region, and two people who approve are two accounts."""

import msgspec
import pytest
from starlette.testclient import TestClient

from tests.texting.made_room import DAY, FILE, PRECINCTS, SITES, propose
from tests.web.test_texting_api import GOOD, shipped
from warroom.access.roles import Grant
from warroom.domain.texts import TextRequest
from warroom.store import keys
from warroom.store.day import LoadedDay, Roster, put_day
from warroom.store.texts import TextStore

ID = "stay-home:a1"
WORDING = {"variants": [{"name": "plain", "texts": {"en": GOOD}}]}


def load(client, rules=FILE):
    client.delete(keys.DAY)
    folder = shipped(**{"texting.toml": rules})
    put_day(client, LoadedDay(day=DAY, roster=Roster(PRECINCTS, SITES), ceilings={}, folder=folder, geometry=b""))


def propose_like(client, request_id, precincts, region="", **more) -> TextRequest:
    """A request as that of the small room, elsewhere."""
    [like] = [c.request for c in TextStore(client).cases() if c.request.id == ID]
    audience = msgspec.structs.replace(like.audience, precincts=precincts)
    TextStore(client).propose([msgspec.structs.replace(like, id=request_id, audience=audience, region=region, **more)])


@pytest.fixture
def texts(loaded) -> TextStore:
    load(loaded)
    found = propose(loaded, approve=False)
    propose_like(loaded, "both", ("p1", "p3"))
    return found


def post(browser, what, request_id=ID, version=0, **more):
    return browser.post(f"/api/v1/texts/{what}/{request_id}", json={"by": "x", "version": version} | more)


def test_an_organiser_edits_the_texts_of_their_region_and_sees_all(signed_in, texts):
    olga, oscar = signed_in("olga", Grant("organiser", "North")), signed_in("oscar", Grant("organiser", "South"))
    assert len(oscar.get("/api/v1/texts").json()["requests"]) == 2
    assert post(oscar, "edit", **WORDING).json()["detail"] == "your role does not reach North"
    assert post(olga, "edit", "both", **WORDING).status_code == post(oscar, "edit", "both").status_code == 403
    assert post(olga, "edit", **WORDING).json()["version"] == 1
    assert texts.one(ID).request.variants[0].texts == {"en": GOOD} and texts.one("both").version == 0
    assert post(signed_in("dora", Grant("director")), "edit", "both", **WORDING).status_code == 200
    assert post(olga, "approve", version=1).status_code == 403


def test_two_typed_names_do_not_approve_what_is_sent(signed_in, app, loaded, texts, doors, monkeypatch):
    load(loaded, FILE.replace(b"[campaign]", b'sender = "webhook"\n[campaign]'))
    propose_like(loaded, "large", ("p1",), two_person=True)
    monkeypatch.setattr(doors, "access", msgspec.structs.replace(doors.access, open_room=True, accounts=False))
    here = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 9))
    refused = post(here, "approve", "large")
    assert refused.status_code == 403 and "warroom account invite NAME --role approver" in refused.json()["detail"]
    assert post(here, "approve").json()["status"] == "approved"  # one person is enough for a small one
    for n, name in enumerate(("ana", "ben")):
        approver = signed_in(name, Grant("approver"))
        assert post(approver, "approve", "large", n).status_code == 200
    assert texts.one("large").approved_by == ("Ana", "Ben") and texts.one("large").status == "approved"
