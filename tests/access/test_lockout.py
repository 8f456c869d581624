"""Wrong passwords wait longer and longer, and never keep the room's own people out."""

from warroom.access.lockout import FREE, LONGEST_MS, PLACE_FREE, REMEMBERED_MS, Lockout

T = 1_800_000_000_000


def wrong(lock, times, account="ana", place="10.0.0.9", known=False, at_ms=T):
    return [lock.wait_s(account, place, known, at_ms) for _ in range(times)]


def test_a_few_mistakes_cost_nothing_then_each_costs_more(store):
    lock, at_ms, waits = Lockout(store), T, []
    for _ in range(FREE + 9):
        assert lock.wait_s("ana", "10.0.0.9", True, at_ms) == 0
        waits.append(lock.wait_s("ana", "10.0.0.9", True, at_ms) if len(waits) >= FREE - 1 else 0)
        at_ms += 1000 * waits[-1]
    assert waits[: FREE - 1] == [0] * (FREE - 1)
    assert waits[FREE - 1 : FREE + 5] == [1, 2, 4, 8, 16, 32]
    assert max(waits) == LONGEST_MS / 1000


def test_a_try_while_waiting_does_not_make_it_longer(store):
    lock = Lockout(store)
    wrong(lock, FREE)
    assert set(wrong(lock, 50)) == {1}
    assert lock.wait_s("ana", "10.0.0.9", False, T + 1_000) == 0


def test_an_attacker_elsewhere_does_not_lock_the_owner_out(store):
    lock = Lockout(store)
    wrong(lock, 400, place="10.0.0.66")
    assert lock.wait_s("ana", "10.0.0.9", False, T) == 0


def test_an_attacker_behind_the_same_address_does_not_lock_a_known_browser_out(store):
    lock = Lockout(store)
    wrong(lock, 400)
    assert lock.wait_s("ana", "device 77", True, T) == 0


def test_guessing_over_many_accounts_is_slowed_but_never_for_long(store):
    lock = Lockout(store)
    waits = [lock.wait_s(f"person{n}", "10.0.0.66", False, T) for n in range(PLACE_FREE + 50)]
    assert waits[: PLACE_FREE - 1] == [0] * (PLACE_FREE - 1)
    assert 0 < waits[-1] <= 5


def test_a_whole_room_signs_in_from_one_address(store):
    lock = Lockout(store)
    for n in range(4 * PLACE_FREE):
        assert lock.wait_s(f"person{n}", "10.0.0.1", False, T) == 0
        lock.cleared(f"person{n}", "10.0.0.1", False)


def test_a_right_password_starts_afresh_and_an_hour_forgets(store):
    lock = Lockout(store)
    wrong(lock, FREE + 1)
    lock.cleared("ana", "10.0.0.9", False)
    assert lock.wait_s("ana", "10.0.0.9", False, T) == 0
    wrong(lock, FREE)
    [bucket, *_] = store.keys("wr:failed:*")
    assert 0 < store.pttl(bucket) <= REMEMBERED_MS


def test_the_store_names_neither_account_nor_address(store):
    wrong(Lockout(store), 3)
    assert not any(b"ana" in key or b"10.0" in key for key in store.keys("*"))
