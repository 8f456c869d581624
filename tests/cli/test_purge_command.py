"""After the day nobody's name and number stays: not in the store, not in its file."""

import pytest
from typer.testing import CliRunner

from tests.texting.made_room import KEY, PHONE, everything, person
from warroom.access.audit_log import AuditLog
from warroom.cli import app
from warroom.domain.codes import Coder
from warroom.domain.volunteers import Contact, PlannedShift, Volunteer
from warroom.store import keys
from warroom.store.codes import CodeStore
from warroom.store.people import PeopleStore
from warroom.texting.contacts import ContactStore

SHIFT = PlannedShift(volunteer_id="V1", site_id="s1", start_ms=0, end_ms=1)


@pytest.fixture
def room(store, server, tmp_path, monkeypatch):
    """Two supporters, one of whom said STOP, and two volunteers, one with a code."""
    monkeypatch.setenv("REDIS_URL", server.url)
    monkeypatch.setenv("WARROOM_AUDIT_FILE", str(tmp_path / "audit.jsonl"))
    monkeypatch.delenv("WARROOM_TEXT_KEY", raising=False)
    contacts = ContactStore(store, KEY)
    contacts.load([person(), person(2, "+12075550195")])
    contacts.opt_out(PHONE)
    volunteers = [Volunteer(volunteer_id="V1", home_lat=43.66, home_lon=-70.25), Volunteer(volunteer_id="V2")]
    told = {v.volunteer_id: Contact(name="Quillon Aster", phone="+12075550177") for v in volunteers}
    PeopleStore(store).put(volunteers, told, [SHIFT])
    CodeStore(store, Coder(b"s" * 16)).issue(["V1"])
    return store


def run(*words, answer=""):
    return CliRunner().invoke(app, list(words), input=answer)


def on_disk(server) -> bytes:
    return b"".join(f.read_bytes() for f in server._dir.rglob("*") if f.is_file())


def test_a_purge_leaves_no_name_and_no_number_and_is_in_the_audit_log(room, server):
    assert b"Quillon" in on_disk(server)
    said = run("purge", "--yes")
    assert said.exit_code == 0, said.output
    assert "2 people of the list, 2 volunteers, 1 phones' codes" in said.output
    assert "who said STOP" in said.output and "volunteers.csv" in said.output
    assert not room.exists(keys.PEOPLE, keys.VOLUNTEERS, keys.CODES, keys.CODE_HOLDERS, keys.TEXT_PEOPLE, keys.TEXT_KEY)
    for secret in (b"Quillon", b"2075550177", b"43.66"):
        assert secret not in everything(room) and secret not in on_disk(server)
    assert ContactStore(room, KEY).opted_out(ContactStore(room, KEY).digests.digest(PHONE))
    assert PeopleStore(room).shifts() == [SHIFT]
    [line] = AuditLog(room).newest()
    assert (line.action, line.door) == ("purge", "command line") and "2 volunteers" in line.object


def test_nothing_is_deleted_before_somebody_says_yes(room):
    assert run("purge", answer="n\n").exit_code == 1
    assert room.hlen(keys.PEOPLE) == 2 and room.hlen(keys.TEXT_PEOPLE) == 2


def test_the_list_alone_may_go_without_its_key(room):
    said = run("text", "purge", "--yes")
    assert said.exit_code == 0 and "2 people of the list" in said.output
    assert not room.exists(keys.TEXT_PEOPLE, keys.TEXT_KEY) and room.hlen(keys.PEOPLE) == 2
