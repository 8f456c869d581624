"""The socket for apps that send all day, on a real gunicorn: every message is answered when it is durable."""

import json

import pytest
from doors_served import answers, counting, known, new_key, report, socket_to, tallied
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bench.running import until
from warroom.store.apikeys import KeyStore


def closed(socket):
    """The code and the words with which the server ended it."""
    with pytest.raises(ConnectionClosed):
        for _ in range(1_000):
            socket.recv(timeout=60)
    return socket.close_code, socket.close_reason


def test_each_message_is_answered_by_its_number_and_id(served, live, token, at):
    with socket_to(served, token) as socket:
        assert json.loads(socket.recv(timeout=60))["ready"] is True
        for one in counting(at(1), 500):
            socket.send(json.dumps(one))
        socket.send("{broken")
        socket.send(json.dumps(report("x", at(5), source="rival")).encode())  # a binary frame is a message too
        found = {row["n"]: row for row in answers(socket, 502)}
    assert [found[n]["id"] for n in range(1, 501)] == [f"r{n}" for n in range(500)]
    assert {found[n]["status"] for n in range(1, 501)} == {"accepted"}
    assert [found[n]["reason"] for n in (501, 502)] == ["not_json", "wrong_source"]
    totals = tallied(live).totals()
    assert (totals.received, totals.rejected) == (502, 2)


def test_the_key_may_come_as_the_first_message(served, live, token, at):
    with socket_to(served) as socket:
        socket.send(json.dumps({"key": token}))
        assert json.loads(socket.recv(timeout=60))["source"] == "vendor"
        socket.send(json.dumps(report("a", at(30))))
        assert answers(socket, 1)[0]["status"] == "accepted"


@pytest.mark.parametrize("first", ['{"key": "wr_0123456789_guess"}', "{}", "[1,2", '{"key": 5}', '"x"'])
def test_without_a_good_key_it_is_closed_in_words(served, live, first):
    with socket_to(served) as socket:
        socket.send(first)
        code, words = closed(socket)
    assert code == 1008 and words


def test_a_page_of_another_site_gets_no_socket(served, token):
    with pytest.raises(InvalidStatus), socket_to(served, token, origin="https://evil.example"):
        pass


def test_a_revoked_key_ends_its_sockets(served, live, at):
    key_id = (token := known(served, new_key(live))).split("_")[1]
    with socket_to(served, token) as socket:
        socket.recv(timeout=60)
        KeyStore(live).revoke(key_id, 1)

        def ended():
            try:
                socket.send(json.dumps(report("a", at(30))))
                socket.recv(timeout=60)
            except ConnectionClosed:
                return True

        until("the end", ended)
        assert (socket.close_code, socket.close_reason) == (1008, "this key was revoked")


def test_an_overlong_message_ends_the_socket_and_only_that(served, live, token, at):
    with socket_to(served, token) as socket:
        socket.recv(timeout=60)
        socket.send(json.dumps(report("a", at(30), text="x" * 70_000)))
        assert closed(socket)[0] == 1009
    with socket_to(served, token) as socket, pytest.raises(ConnectionClosed):
        socket.recv(timeout=60)
        socket.send("x" * 5_000_000)  # more than the server reads of any message
        socket.recv(timeout=60)
    assert served.post(report("b", at(30)), token).status == 200


def test_a_sender_over_its_rate_is_slowed_and_loses_nothing(served, live, at):
    token = known(served, new_key(live, per_minute=600))
    with socket_to(served, token) as socket:
        socket.recv(timeout=60)
        for one in counting(at(1), 620):
            socket.send(json.dumps(one))
        assert {row["status"] for row in answers(socket, 620)} == {"accepted"}
    assert tallied(live).totals().received == 620
