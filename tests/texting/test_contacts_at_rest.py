"""Names and numbers: encrypted in the store, opened one at a time, gone after a purge; STOP is for good."""

import pytest

from tests.texting.made_room import KEY, PHONE, everything, person
from warroom.store import keys
from warroom.texting.contacts import ContactStore
from warroom.texting.proposer import read_counts
from warroom.texting.vault import Reachable, Vault, VaultError, new_key, wrapping_key


@pytest.fixture
def contacts(store) -> ContactStore:
    found = ContactStore(store, KEY)
    found.load([person(), person(2, "+12075550195", band="never"), person(3, "+12075550196", opted_out=True)])
    return found


def test_no_name_no_number_and_no_id_stand_in_the_store(contacts, store):
    raw = everything(store) + b"".join(store.hvals(keys.TEXT_PEOPLE)) + b"".join(store.hvals(keys.TEXT_LISTS))
    # the id with its quotes: three bytes alone stand by chance in what is encrypted
    for secret in (b"Zebulon", b"2075550194", b'"C-1"', b"5550196"):
        assert secret not in raw


def test_the_sender_opens_one_person_and_the_guards_see_no_name(contacts):
    found = list(contacts.recipients(["p1", "p9"]))
    assert [(r.band, r.opted_out) for _, r in found] == [("likely", False), ("never", False), ("likely", True)]
    assert contacts.reach(found[0][0].ref) == Reachable("C-1", PHONE, "Zebulon")
    assert "Zebulon" not in repr(contacts.reach(found[0][0].ref))
    assert read_counts(contacts._client) == {"p1": {("likely", "en"): 1, ("never", "en"): 1}}


def test_a_stop_outlives_a_new_list_and_a_purge(contacts):
    assert contacts.opt_out(PHONE) and not contacts.opt_out(PHONE)
    contacts.load([person()])
    assert [r.opted_out for _, r in contacts.recipients(["p1"])] == [True]
    assert contacts.purge() == 1
    contacts.load([person()])
    assert [r.opted_out for _, r in contacts.recipients(["p1"])] == [True]


def test_a_sender_that_runs_opens_a_list_that_was_loaded_again(contacts, store):
    sender = ContactStore(store, KEY)
    [first, *_] = [one.ref for one, _ in sender.recipients(["p1"])]
    assert sender.reach(first).phone == PHONE
    during = []

    def again():  # another process reads the file once more; the sender asks in the middle of it
        yield person()
        during.append(sender.reach(first))
        yield person(2, "+12075550195")

    assert contacts.load(again()) == 2 and during == [Reachable("C-1", PHONE, "Zebulon")]
    assert sender.reach(first) == Reachable("C-1", PHONE, "Zebulon")
    assert contacts.load(iter(())) == 0 and sender.reach(first) is None


def test_messages_are_counted_by_number(contacts):
    [listed, *_] = [one for one, _ in contacts.recipients(["p1"])]
    assert contacts.note_sent(listed.digest) == 1
    assert next(r for _, r in contacts.recipients(["p1"])).texts_had == 1


def test_a_person_may_see_all_that_is_held(contacts):
    held = contacts.export("C-1")
    assert held["phone"] == PHONE and held["precinct"] == "p1" and held["messages_sent"] == 0
    assert contacts.export("C-9") is None


def test_after_a_purge_nothing_is_left_to_open(contacts, store):
    contacts.purge()
    assert not store.exists(keys.TEXT_PEOPLE, keys.TEXT_LISTS, keys.TEXT_KEY)
    with pytest.raises(VaultError, match="no list is loaded"):
        contacts.export("C-1")


def test_another_key_opens_nothing_and_says_so(contacts, store):
    other = ContactStore(store, wrapping_key({"WARROOM_TEXT_KEY": new_key()}))
    with pytest.raises(VaultError, match="WARROOM_TEXT_KEY is not the key"):
        other.export("C-1")


def test_a_person_moved_to_another_reference_is_damage():
    vault = Vault(KEY, Vault.wrap_new(KEY))
    closed = vault.close("aa", Reachable("C-1", PHONE, "Zebulon"))
    with pytest.raises(VaultError, match="damaged"):
        vault.open("bb", closed)


@pytest.mark.parametrize("text", ["", "short", "====", "é"])
def test_a_missing_or_wrong_key_says_how_to_make_one(text):
    with pytest.raises(VaultError, match="warroom text key"):
        wrapping_key({"WARROOM_TEXT_KEY": text})


def test_a_key_may_come_from_a_file(tmp_path):
    (tmp_path / "key").write_text(new_key() + "\n")
    assert len(wrapping_key({"WARROOM_TEXT_KEY_FILE": str(tmp_path / "key")})) == 32
    with pytest.raises(VaultError, match="cannot be read"):
        wrapping_key({"WARROOM_TEXT_KEY_FILE": str(tmp_path / "none")})
