"""Text messages by Twilio's webhook, signed as Twilio signs, on the real store."""

from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from warroom.access.shared_keys import Access
from warroom.domain.volunteers import Contact, Volunteer
from warroom.store.events import EventReader
from warroom.store.people import PeopleStore
from warroom.store.state import StateReader
from warroom.tally.worker import TallyWorker
from warroom.web.app import create_app

TOKEN = "twilio-auth-token-of-a-test"
KEYED = Access(wall_key="wall-key-0123456789", director_key="director-key-0123456789", open_room=False)
PATH = "/api/v1/sms/twilio"
FORM = "application/x-www-form-urlencoded"
ANN = "+12075550194"


@pytest.fixture
def make_room(server, loaded, at, monkeypatch):
    monkeypatch.setenv("WARROOM_TWILIO_TOKEN", TOKEN)
    people = PeopleStore(loaded)
    people.put([Volunteer(volunteer_id="V1")], {"V1": Contact(name="Ann Example", phone="(207) 555-0194")}, [])

    def make(**environ):
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        app = create_app(server.url, KEYED)
        app.state.clock = at(60)
        app.state.intake._now = lambda _day: app.state.clock
        return TestClient(app, base_url="http://room")

    return make


@pytest.fixture
def room(make_room):
    return make_room()


def text(room, body, sid="SM1", sender=ANN, address=f"http://room{PATH}", signature=None, **more):
    form = {"MessageSid": sid, "From": sender, "To": "+12075550100", "Body": body, **more}
    signature = RequestValidator(TOKEN).compute_signature(address, form) if signature is None else signature
    headers = {"X-Twilio-Signature": signature, "Content-Type": FORM}
    return room.post(PATH, content=urlencode(form), headers=headers)


def said(answer):
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    return ElementTree.fromstring(answer.text).findtext("Message")


def tallied(client):
    worker = TallyWorker(client, 0, "w")
    while worker.step():
        pass
    return StateReader(client)


def test_a_count_by_text_is_in_the_store_and_answered(room, loaded):
    assert said(text(room, "P1 57")) == ("P1 (Precinct 1): 57 voted by 7:00 AM. Wrong? Text X and the right number.")
    state = tallied(loaded)
    assert state.unit_states(["p:P1"])["p:P1"].count == 57
    assert state.received_by_feed() == {"sms": 1}


def test_the_same_message_twice_counts_once_even_minutes_later(room, loaded, at):
    text(room, "P1 57")
    room.app.state.clock = at(70)
    text(room, "P1 57")
    totals = tallied(loaded).totals()
    assert (totals.accepted, totals.repeated, totals.rejected) == (1, 1, 0)


def test_several_lines_are_several_reports(room, loaded):
    answer = said(text(room, "P1 57\nW S0 35\nI S1 machine down\nrubbish here"))
    assert answer.count("\n") == 3
    state = tallied(loaded)
    assert (state.totals().accepted, state.totals().rejected) == (3, 1)
    newest = EventReader(loaded).newest(["wait", "incident"])
    assert newest["wait|S0"].minutes == 35
    assert newest["incident|S1"].category == "machine"


def test_a_correction_by_text_mends_the_senders_own_last_count(room, loaded):
    text(room, "P1 75", "SM1")
    assert "corrected to 57" in said(text(room, "NO 75 -> 57", "SM2"))
    assert tallied(loaded).unit_states(["p:P1"])["p:P1"].count == 57
    assert "forgotten" in said(text(room, "X", "SM3"))


def test_a_correction_of_nothing_is_not_taken(room, loaded):
    assert "no count of yours" in said(text(room, "X 57"))
    text(room, "P1 75", "SM2")
    assert "Your last count was 75" in said(text(room, "NO 74 -> 57", "SM3"))
    assert tallied(loaded).totals().rejected == 2


@pytest.mark.parametrize(
    "change",
    [{"signature": ""}, {"signature": "AAAA"}, {"address": "http://elsewhere/api/v1/sms/twilio"},
     {"signature": RequestValidator("another token").compute_signature(f"http://room{PATH}", {})}],
)  # fmt: skip
def test_a_signature_that_does_not_fit_changes_nothing(room, loaded, change):
    assert text(room, "P1 57", **change).status_code == 403
    assert tallied(loaded).totals().received == 0


def test_a_field_changed_on_the_way_is_noticed(room):
    form = {"MessageSid": "SM1", "From": ANN, "Body": "P1 57"}
    signature = RequestValidator(TOKEN).compute_signature(f"http://room{PATH}", form)
    assert text(room, "P1 900", signature=signature).status_code == 403


def test_behind_a_proxy_the_public_address_was_signed(make_room):
    room = make_room(WARROOM_PUBLIC_URL="https://room.example.org/")
    address = f"https://room.example.org{PATH}"
    assert "57 voted" in said(text(room, "P1 57", address=address))
    assert text(room, "P1 57").status_code == 403


def test_without_a_token_it_says_what_to_set(make_room):
    room = make_room(WARROOM_TWILIO_TOKEN="")
    answer = text(room, "P1 57")
    assert answer.status_code == 403
    assert "WARROOM_TWILIO_TOKEN" in answer.json()["detail"]


def test_an_unknown_number_is_answered_and_listed_and_counts_nothing(room, loaded):
    assert "not on the list" in said(text(room, "P1 57", sender="+12075550111"))
    state = tallied(loaded)
    assert (state.totals().accepted, state.totals().rejected) == (0, 1)
    [row] = state.rejects()
    assert row["reason"] == "unknown_sender"


def test_an_unknown_number_is_taken_where_the_room_wants_it(make_room, loaded):
    room = make_room(WARROOM_SMS_UNKNOWN="1")
    assert "57 voted" in said(text(room, "P1 57", sender="+12075550111"))
    [reading] = tallied(loaded).readings(["p:P1"])["p:P1"]
    assert reading.source.startswith("sms/unknown/")


def test_no_number_and_no_name_stands_anywhere(make_room, loaded, tmp_path):
    room = make_room(WARROOM_SMS_UNKNOWN="1")
    for n, sender in enumerate([ANN, "+12075550111"]):
        text(room, "P1 57", f"SM{n}", sender)
        text(room, "call me on 207-555-0111 or 2075550194", f"SN{n}", sender)
    tallied(loaded)
    loaded.delete("wr:people")  # where they may stand
    kept = []
    for key in loaded.scan_iter():
        kept.append(str(loaded.dump(key)))
        if loaded.type(key) == b"hash":
            kept.append(str(loaded.hgetall(key)))
        elif loaded.type(key) == b"stream":
            kept.append(str(loaded.xrange(key)))
    everything = "".join(kept)
    for secret in ("2075550194", "5550194", "555-0111", "5550111", "Ann Example"):
        assert secret not in everything


def test_who_tries_it_days_before_is_told_that_it_works(room, loaded, at):
    room.app.state.clock = at(-3 * 24 * 60)
    answer = said(text(room, "P1 57"))
    assert answer.startswith("It works: P1 (Precinct 1): 57") and answer.endswith("nothing counts before Jun 24.")
    assert tallied(loaded).totals().accepted == 0


def test_a_flood_from_one_telephone_is_told_so(room, loaded):
    answers = [said(text(room, f"P1 {n}", f"SM{n}")) for n in range(40)]
    assert any("Too many" in answer for answer in answers)
    assert answers[0].startswith("P1")


def test_while_the_store_is_away_the_sender_is_told_to_send_it_again(monkeypatch):
    monkeypatch.setenv("WARROOM_TWILIO_TOKEN", TOKEN)
    away = TestClient(create_app("redis://:0123456789abcdef0123@127.0.0.1:1/0", KEYED), base_url="http://room")
    assert "send it again" in said(text(away, "P1 57"))


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [(b"\xff=\xfe", FORM, 400), (b"a=1&" * 300, FORM, 400), (b"{}", "application/json", 415),
     (b"a" * 70_000, FORM, 413)],
)  # fmt: skip
def test_what_is_no_form_is_refused(room, content, kind, status):
    assert room.post(PATH, content=content, headers={"Content-Type": kind}).status_code == status


def test_an_answer_is_data_in_the_xml(room):
    answer = ElementTree.fromstring(text(room, "</Message><Message>x</Message> 57").text)
    assert [(child.tag, len(child)) for child in answer] == [("Message", 0)]
