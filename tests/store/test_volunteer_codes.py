"""Volunteers' codes: what opens, what does not, and what the store is never told."""

import pytest

from warroom.domain.codes import ALPHABET, Coder, tidy
from warroom.domain.phones import mask_numbers
from warroom.domain.volunteers import Volunteer
from warroom.store import keys, tries
from warroom.store.codes import CodeStore, NoCodeKeyError, UnknownVolunteerError, code_secret, senders
from warroom.store.people import PeopleStore
from warroom.store.tries import Tries

CODER = Coder(b"a secret of the room")


@pytest.fixture
def codes(store):
    PeopleStore(store).put([Volunteer(volunteer_id=f"V{n}") for n in range(50)], {}, [])
    return CodeStore(store, CODER)


def test_a_code_and_a_link_open_for_their_volunteer_only(codes):
    for issued in codes.issue(["V1", "V2"]):
        assert codes.by_token(issued.token).volunteer == issued.volunteer
        holder, token = codes.by_code(issued.code.lower().replace("-", " "))
        assert (holder.volunteer, token) == (issued.volunteer, issued.token)


def test_who_has_a_code_keeps_it_when_others_are_added(codes):
    first = {i.volunteer: i for i in codes.issue(["V1"])}
    again = {i.volunteer: i for i in codes.issue([f"V{n}" for n in range(50)])}
    assert again["V1"] == first["V1"]
    assert len({i.code for i in again.values()}) == 50


def test_a_renewed_code_kills_the_old_one_and_its_link_and_keeps_the_name_of_the_reports(codes):
    [old] = codes.issue(["V1"])
    new = codes.renew("V1")
    assert codes.by_token(old.token) is None and codes.by_code(old.code) is None
    assert codes.source(codes.by_token(new.token)) == f"phone/{CODER.ref('V1')}"
    assert codes.issue(["V1"]) == [new]


def test_a_revoked_volunteer_is_out_until_renewed(codes):
    [old] = codes.issue(["V1"])
    codes.revoke("V1")
    assert codes.by_token(old.token) is None and codes.by_code(old.code) is None
    assert codes.issue(["V1"]) == []
    assert codes.by_token(codes.renew("V1").token).volunteer == "V1"


def test_who_is_no_longer_of_the_day_is_out(codes, store):
    [issued] = codes.issue(["V1"])
    PeopleStore(store).put([Volunteer(volunteer_id="V2")], {}, [])
    assert codes.by_token(issued.token) is None and codes.by_code(issued.code) is None
    with pytest.raises(UnknownVolunteerError, match=r"volunteers\.csv"):
        codes.renew("nobody")


def test_two_volunteers_never_share_a_code(codes, store):
    class Narrow(Coder):
        """A coder with four codes in all, so that they collide."""

        def code(self, holder):
            return f"2222-222{ALPHABET[(ord(self.ref(holder.volunteer)[0]) + holder.salt) % 4]}"

    narrow = CodeStore(store, Narrow(b"a secret of the room"))
    issued = narrow.issue(["V1", "V2", "V3", "V4"])
    assert len({i.code for i in issued}) == 4
    assert {narrow.by_code(i.code)[0].volunteer for i in issued} == {"V1", "V2", "V3", "V4"}


def test_the_store_holds_no_code_and_another_secret_opens_nothing(codes, store):
    issued = codes.issue([f"V{n}" for n in range(50)])
    held = b"".join(
        part for key in (keys.CODES, keys.CODE_HOLDERS) for row in store.hgetall(key).items() for part in row
    ).decode()
    for one in issued:
        assert one.code not in held and one.code.replace("-", "") not in held and one.token not in held
    stranger = CodeStore(store, Coder(b"the secret of another room"))
    assert not any(stranger.by_token(one.token) or stranger.by_code(one.code) for one in issued)


@pytest.mark.parametrize("token", ["", ".", "é" * 5, "x" * 9_999, "000000000000.AAAAAAAAAAAAAAAAAAAAAA"])
def test_what_is_no_code_opens_nothing(codes, token):
    codes.issue(["V1"])
    assert codes.by_token(token) is None
    assert codes.by_code(token) is None


def test_no_sign_of_a_code_is_easily_taken_for_another():
    assert not set("01OILU") & set(ALPHABET)
    assert tidy("K7QM–2RXD ") == "K7QM-2RXD"
    assert tidy("K7QM-2RX") is None and tidy("K7QM-2RX0") is None


def test_a_refused_reports_sample_still_names_the_phone():
    """A name with seven digits in a row would be masked as a telephone number."""
    sources = [f"phone/{CODER.ref(f'V{n}')}" for n in range(500)]
    assert [mask_numbers(source) for source in sources] == sources


def test_reports_of_a_phone_are_known_by_their_volunteer(codes, store):
    codes.issue(["V1"])
    assert senders(store) == {f"phone/{CODER.ref('V1')}": "V1"}


def test_the_secret_is_the_code_key_else_the_stores_password_else_said_to_be_missing():
    assert code_secret("redis://h", {"WARROOM_CODE_KEY": "k" * 16}) == b"k" * 16
    assert code_secret("redis://:password-of-16-chars@h/0", {}) == b"password-of-16-chars"
    with pytest.raises(NoCodeKeyError, match="WARROOM_CODE_KEY"):
        code_secret("redis://h", {})


def test_wrong_codes_are_slow_from_one_address_and_others_go_on(store):
    limit = Tries(store)
    assert [limit.take("a") for _ in range(tries.PER_ADDRESS)] == [0] * tries.PER_ADDRESS
    assert 0 < limit.take("a") <= tries.WINDOW_S
    assert limit.take("b") == 0


def test_one_address_however_often_it_guesses_slows_nobody_else(store):
    limit = Tries(store)
    for _ in range(tries.ALL_TOGETHER + 1):
        limit.take("a")
    assert [limit.take("b") for _ in range(3)] == [0, 0, 0]


def test_a_right_code_costs_no_try(store):
    limit = Tries(store)
    for _ in range(3 * tries.PER_ADDRESS):
        assert limit.take("a") == 0
        limit.right("a")


def test_when_many_addresses_guess_each_still_has_a_try(store):
    limit = Tries(store)
    for n in range(tries.ALL_TOGETHER):
        limit.take(f"bot {n // 20}")
    assert limit.take("somebody") == 0
    assert limit.take("somebody") == tries.SLOW_S
    assert limit.take("somebody else") == 0


def test_a_window_of_tries_ends_by_itself(store):
    limit = Tries(store)
    for _ in range(2 * tries.PER_ADDRESS):
        limit.take("a")
    for key in store.keys("wr:tries:*"):
        assert 0 < store.ttl(key) <= tries.WINDOW_S
