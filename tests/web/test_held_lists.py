"""A long list is read seldom."""

from warroom.web.held import LIST_FRESH_S, LIST_SHARE, Sparing


def test_what_took_long_to_read_is_kept_ten_times_as_long():
    now_s, takes_s, reads = [0.0], [1.0], []

    def read():
        now_s[0] += takes_s[0]
        reads.append(now_s[0])
        return len(reads)

    held = Sparing(read, now_s=lambda: now_s[0])
    assert held.get() == 1
    now_s[0] += LIST_SHARE - 0.5
    assert held.get() == 1
    now_s[0] += 1
    takes_s[0] = 0.0
    assert held.get() == 2
    now_s[0] += LIST_FRESH_S
    assert held.get() == 3
    held.forget()
    assert held.get() == 4
