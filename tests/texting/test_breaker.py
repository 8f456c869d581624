"""The breaker: rests after failures in a row, tries with one message, longer each time."""

from warroom.texting.breaker import FAILURES, LONGEST_REST_S, REST_S, Breaker


def failed(breaker, times, now_s=0.0):
    for _ in range(times):
        breaker = breaker.ended("HTTP 500", now_s)
    return breaker


def test_failures_in_a_row_open_it_and_a_success_between_does_not():
    assert failed(Breaker(), FAILURES - 1).may_begin(0)
    mixed = failed(failed(Breaker(), FAILURES - 1).ended("", 0), FAILURES - 1)
    assert mixed.state == "works"
    rests = failed(Breaker(), FAILURES)
    assert (rests.state, rests.reason, rests.until_s) == ("rests", "HTTP 500", REST_S)
    assert not rests.may_begin(REST_S - 0.1)


def test_after_the_rest_one_message_tries_it():
    rests = failed(Breaker(), FAILURES)
    assert rests.may_begin(REST_S)
    tries = rests.begun(REST_S)
    assert tries.state == "tries" and not tries.may_begin(REST_S + 99)
    assert tries.ended("", REST_S + 1) == Breaker()
    again = tries.ended("HTTP 500", REST_S + 1)
    assert again.until_s == REST_S + 1 + 2 * REST_S and not again.may_begin(REST_S + 2)


def test_what_was_under_way_when_it_opened_does_not_lengthen_the_rest():
    rests = failed(Breaker(), FAILURES)
    assert failed(rests, 19, now_s=5.0).until_s == rests.until_s
    assert rests.ended("", 1.0) == Breaker()  # one of them was taken: it is well after all


def test_a_rest_has_a_longest():
    breaker, now_s = failed(Breaker(), FAILURES), 0.0
    for _ in range(12):
        now_s = breaker.until_s
        breaker = breaker.begun(now_s).ended("down", now_s)
    assert breaker.until_s - now_s == LONGEST_REST_S
