"""Twilio's callbacks and answers on the real application: signed, in any order, STOP for good, words not kept."""

from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from tests.texting.counterparts import ACCOUNT, SERVICE, TwilioCounterpart
from tests.texting.counterparts import TOKEN as PROVIDER_TOKEN
from tests.texting.made_room import KEY, everything, finished, propose, room, run  # noqa: F401
from warroom.access.shared_keys import Access
from warroom.domain.volunteers import Contact, Volunteer
from warroom.store.outbox import Outbox
from warroom.store.people import PeopleStore
from warroom.texting.contacts import ContactStore
from warroom.texting.senders.twilio import Twilio
from warroom.web.app import create_app

ID, PUBLIC = "stay-home:a1", "https://room.example.org"
STATUS, INBOUND = "/api/v1/texts/twilio/status", "/api/v1/sms/twilio"
FIRST = "+12075550100"
KEYED = Access(wall_key="wall-key-0123456789", director_key="director-key-0123456789", open_room=False)


@pytest.fixture
def app(server, room, monkeypatch):  # noqa: F811
    from base64 import urlsafe_b64encode

    monkeypatch.setenv("WARROOM_TWILIO_TOKEN", PROVIDER_TOKEN)
    monkeypatch.setenv("WARROOM_PUBLIC_URL", PUBLIC)
    monkeypatch.setenv("WARROOM_TEXT_KEY", urlsafe_b64encode(KEY).decode())
    return TestClient(create_app(server.url, KEYED), base_url="http://room")


@pytest.fixture
def twilio():
    made = []

    def make(*script, **more):
        made.append(TwilioCounterpart(script, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


def post(app, path, form, token=PROVIDER_TOKEN):
    signature = RequestValidator(token).compute_signature(f"{PUBLIC}{path}", form)
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    return app.post(path, content=urlencode(form), headers=headers)


def tell(app, callback, sid, status, number=FIRST, token=PROVIDER_TOKEN, **more):
    form = {"MessageSid": sid, "MessageStatus": status, "To": number, "AccountSid": ACCOUNT, **more}
    return post(app, callback.removeprefix(PUBLIC), form, token)


def text(app, body, sender=FIRST, sid="SM77", **more):
    return post(app, INBOUND, {"MessageSid": sid, "From": sender, "To": "+12075550000", "Body": body, **more})


def send_all(store, there):
    texts = propose(store)
    run(store, Twilio(ACCOUNT, PROVIDER_TOKEN, SERVICE, PUBLIC, there.url), finished(texts))


def test_callbacks_in_any_order_twice_and_late_count_each_message_once(app, room, twilio):  # noqa: F811
    def before_the_answer(sid, form):
        if form["To"] == FIRST:  # all of it before Twilio answered the request itself
            for status in ("sent", "delivered", "delivered", "sent"):
                assert tell(app, form["StatusCallback"], sid, status).status_code == 200

    there = twilio(before_answer=before_the_answer)
    send_all(room, there)
    assert Outbox(room).tally(ID) == {"delivered": 1, "sent": 9}
    form = next(f for f in there.forms if f["To"] != FIRST)
    sid = there.sids[form["To"]]
    for status in ("queued", "sending", "delivered", "delivered", "sent", "undelivered"):
        tell(app, form["StatusCallback"], sid, status, form["To"])
    assert Outbox(room).tally(ID) == {"delivered": 2, "sent": 8}


def test_a_message_whose_answer_was_lost_is_found_by_its_callback(app, room, twilio):  # noqa: F811
    there = twilio("lost")
    send_all(room, there)
    assert Outbox(room).tally(ID) == {"unknown": 1, "sent": 9}
    for form in there.forms:
        tell(app, form["StatusCallback"], there.sids[form["To"]], "delivered", form["To"])
    assert Outbox(room).tally(ID) == {"delivered": 10}
    assert max(there.taken.values()) == 1


def test_a_wrong_signature_changes_nothing(app, room, twilio):  # noqa: F811
    there = twilio()
    send_all(room, there)
    form = there.forms[0]
    assert tell(app, form["StatusCallback"], there.sids[form["To"]], "delivered", token="another").status_code == 403
    other = form["StatusCallback"].replace("key=", "key=x")  # the query is signed too
    signature = RequestValidator(PROVIDER_TOKEN).compute_signature(form["StatusCallback"], {"MessageSid": "SM1"})
    answer = app.post(other.removeprefix(PUBLIC), data={"MessageSid": "SM1"}, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 403
    assert Outbox(room).tally(ID) == {"sent": 10}


@pytest.mark.parametrize("key", ["", "nothing", "stay-home:a1:0", ":", "a" * 5_000])
def test_a_callback_of_nobodys_message_is_taken_and_harmless(app, room, key):  # noqa: F811
    assert tell(app, f"{STATUS}?key={key}", "SM99", "delivered").status_code == 200
    assert tell(app, STATUS, "", "delivered").status_code == 400
    assert Outbox(room).tally(ID) == {}


def test_a_callback_that_says_opted_out_closes_the_number(app, room, twilio):  # noqa: F811
    there = twilio()
    send_all(room, there)
    tell(app, there.forms[0]["StatusCallback"], "SM" + "1".zfill(32), "failed", FIRST, ErrorCode="21610")
    contacts = ContactStore(room, KEY)
    assert contacts.opted_out(contacts.digests.digest(FIRST))


@pytest.mark.parametrize(("body", "answer"), [("STOP", ""), ("opt-out please", ""), ("¡BASTA!", "No recibirá")])
def test_stop_is_for_good_and_the_next_request_leaves_that_person_out(app, room, twilio, body, answer):  # noqa: F811
    send_all(room, twilio())
    said = text(app, body)
    assert said.status_code == 200 and ("<Message>" in said.text) == bool(answer) and answer in said.text
    assert Outbox(room).tally(ID) == {"sent": 9, "opted_out": 1}
    room.delete("wr:text:had")  # the cap is not what keeps them out
    there, texts = twilio(), propose(room, request_id="next")
    run(room, Twilio(ACCOUNT, PROVIDER_TOKEN, SERVICE, "", there.url), finished(texts, "next"))
    assert FIRST not in there.taken and len(there.taken) == 9
    assert Outbox(room).reasons("next") == {"opted_out": 1}


def test_only_the_person_comes_back_and_only_by_start(app, room, twilio):  # noqa: F811
    send_all(room, twilio())
    contacts = ContactStore(room, KEY)
    digest = contacts.digests.digest(FIRST)
    for body, is_out in (("STOP", True), ("yes", True), ("start over please", True), ("START", False)):
        text(app, body)
        assert contacts.opted_out(digest) is is_out


def test_stop_holds_without_a_list_and_for_a_number_that_was_never_texted(app, room):  # noqa: F811
    contacts = ContactStore(room, KEY)
    contacts.purge()
    assert "<Message>" not in text(app, "STOP", "+12075550199").text
    assert contacts.opted_out(contacts.digests.digest("+12075550199"))


def test_a_reply_counts_once_and_its_words_are_nowhere(app, room, twilio):  # noqa: F811
    send_all(room, twilio())
    for n, body in enumerate(["Yes, my name is Ottoline", "and I vote at noon"]):
        assert "<Message>" not in text(app, body, sid=f"SM{n}").text
    assert Outbox(room).tally(ID) == {"sent": 9, "replied": 1}
    assert b"Ottoline" not in everything(room) and b"noon" not in everything(room)


def test_a_volunteer_still_reports_though_texted_and_stop_is_stop_for_them_too(app, room, twilio):  # noqa: F811
    send_all(room, twilio())
    phone = Contact(name="Ann Example", phone=FIRST)
    PeopleStore(room).put([Volunteer(volunteer_id="V1")], {"V1": phone}, [])
    assert "p1" in text(app, "p1 57").text.lower()
    assert "<Message>" in text(app, "END 57", sid="SM2").text  # no report, and no STOP either: told so
    assert Outbox(room).tally(ID) == {"sent": 10}
    assert "<Message>" not in text(app, "STOP", sid="SM3").text
    assert Outbox(room).tally(ID) == {"sent": 9, "opted_out": 1}


def test_without_the_key_a_stop_is_answered_by_nobody_twice_and_said_loudly(server, room, monkeypatch, caplog):  # noqa: F811
    monkeypatch.setenv("WARROOM_TWILIO_TOKEN", PROVIDER_TOKEN)
    monkeypatch.setenv("WARROOM_PUBLIC_URL", PUBLIC)
    monkeypatch.delenv("WARROOM_TEXT_KEY", raising=False)
    keyless = TestClient(create_app(server.url, KEYED), base_url="http://room")
    assert "<Message>" not in text(keyless, "STOP").text
    assert "WARROOM_TEXT_KEY" in caplog.text and "5550100" not in caplog.text


def test_while_the_store_is_away_a_callback_is_to_be_sent_again(monkeypatch):
    monkeypatch.setenv("WARROOM_TWILIO_TOKEN", PROVIDER_TOKEN)
    monkeypatch.setenv("WARROOM_PUBLIC_URL", PUBLIC)
    away = TestClient(create_app("redis://:0123456789abcdef0123@127.0.0.1:1/0", KEYED), base_url="http://room")
    assert tell(away, STATUS, "SM1", "delivered").status_code == 503
    assert text(away, "STOP").status_code == 503  # nobody may think that it worked
