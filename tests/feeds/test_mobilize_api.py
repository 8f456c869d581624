"""Mobilize's API on a server of our own that speaks as its documentation says: pages, 429, 500, a refused key."""

import json
import sys
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from field_specimens import STARTS, attendance

from feeds import registry
from feeds._feed import FeedError

pytest.importorskip("parsons", reason="needs the optional extra: pip install 'warroom[parsons]'")

KEY = "a key of the organization"
PAGE = 25


class Mobilize(ThreadingHTTPServer):
    """Attendances of organization 5 in pages of 25; `faults` are answered first, each once."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.rows: list[dict] = []
        self.faults: deque[tuple[int, dict[str, str], bytes]] = deque()
        self.asked: list[dict[str, list[str]]] = []
        self.elsewhere = ""
        self.breaks_on_page_two = False

    @property
    def base(self):
        return f"127.0.0.1:{self.server_port}/v1"


class Answers(BaseHTTPRequestHandler):
    server: Mobilize

    def do_GET(self):
        url = urlsplit(self.path)
        asked = parse_qs(url.query)
        self.server.asked.append(asked)
        if self.headers["Authorization"] != f"Bearer {KEY}":
            return self.answer(403, {"data": None, "error": {"detail": "no"}})
        if self.server.faults:
            status, headers, body = self.server.faults.popleft()
            return self.answer(status, body, headers)
        if url.path != "/v1/organizations/5/attendances":
            return self.answer(404, {"data": None, "error": {"detail": "no such organization"}})
        if self.server.breaks_on_page_two and "page" in asked:
            return self.answer(500, b"")
        page, since = int(asked.get("page", ["1"])[0]), int(asked.get("updated_since", ["0"])[0])
        rows = [row for row in self.server.rows if row["modified_date"] >= since]
        beyond = f"http://{self.server.base}/organizations/5/attendances?page={page + 1}&updated_since={since}"
        return self.answer(200, {
            "count": len(rows), "previous": None, "data": rows[(page - 1) * PAGE : page * PAGE],
            "next": self.server.elsewhere or (beyond if page * PAGE < len(rows) else None),
        })  # fmt: skip

    def answer(self, status, body, headers=()):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args): ...


@pytest.fixture
def mobilize(monkeypatch):
    monkeypatch.setenv("MOBILIZE_AMERICA_API_KEY", KEY)
    server = Mobilize()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def ask(mobilize, intake, scripted):
    """ask(step, …) runs the feed; a step happens at each of its waits, and after the last it is stopped."""

    def run(*steps, waits=None):
        feed = registry.open_feed(f"mobilize://{mobilize.base}?organization=5")
        script = scripted(*steps)

        def wait(stop, seconds):
            if waits is not None:
                waits.append(seconds)
            return script(stop, seconds)

        feed._wait = wait
        feed.run(intake, threading.Event())

    return run


def test_every_page_is_read_and_only_what_changed_is_asked_for_again(mobilize, ask, intake):
    mobilize.rows = [attendance(number, modified_date=STARTS + 10 * number) for number in range(60)]
    changed = attendance(7, modified_date=STARTS + 900, attended=True)
    ask(lambda: mobilize.rows.__setitem__(7, changed))
    assert len([asked for asked in mobilize.asked if "page" in asked]) == 2
    assert len(set(intake.ids)) == 61 and not intake.rejects
    assert int(mobilize.asked[-1]["updated_since"][0]) == STARTS + 590 - 60
    assert [report.status for report in intake.reports if report.id.startswith("7-")][-1] == "checked_in"


def test_a_restarted_feed_asks_from_where_it_stopped(mobilize, ask, intake):
    mobilize.rows = [attendance(1, modified_date=STARTS + 500)]
    ask()
    ask()
    assert int(mobilize.asked[-1]["updated_since"][0]) == STARTS + 440
    assert set(intake.ids) == {f"1-{STARTS + 500}-scheduled"}


def test_too_many_requests_are_waited_out_as_long_as_the_server_asks_and_the_board_says_so(mobilize, ask, intake):
    mobilize.rows = [attendance(number) for number in range(30)]
    mobilize.faults.extend([(429, {"Retry-After": "17"}, b"{}"), (500, {}, b"oops"), (502, {}, b"")])
    waits = []
    ask(*[lambda: None] * 3, waits=waits)
    assert waits[:3] == [17.0, 2.0, 4.0] and len(set(intake.ids)) == 30
    assert any("429" in trouble for trouble in intake.troubles) and intake.troubles[-1] == ""


@pytest.mark.parametrize("body", [b"<html>busy</html>", b"[]", b'{"data": null, "next": null}', b'{"data": []}'])
def test_an_answer_that_is_no_list_is_asked_for_again(mobilize, ask, intake, body):
    mobilize.rows = [attendance(1)]
    mobilize.faults.append((200, {}, body))
    ask(lambda: None)
    assert len(intake.ids) == 1


def test_a_list_that_breaks_off_leaves_the_position_where_it_was(mobilize, ask, intake):
    mobilize.rows = [attendance(number, modified_date=STARTS + number) for number in range(40)]
    mobilize.breaks_on_page_two = True
    ask()  # stopped while it waits for the second page
    assert not intake.positions and not intake.frames
    mobilize.breaks_on_page_two = False
    ask()
    assert len(set(intake.ids)) == 40


def test_a_refused_key_ends_the_feed_with_what_to_check(mobilize, ask, monkeypatch):
    monkeypatch.setenv("MOBILIZE_AMERICA_API_KEY", "another")
    with pytest.raises(FeedError, match="refuses the key: check MOBILIZE_AMERICA_API_KEY"):
        ask()


def test_a_missing_key_is_said_before_anything_is_asked(mobilize, ask, monkeypatch):
    monkeypatch.delenv("MOBILIZE_AMERICA_API_KEY")
    with pytest.raises(FeedError, match="MOBILIZE_AMERICA_API_KEY is not set"):
        ask()
    assert not mobilize.asked


def test_the_key_is_sent_to_no_other_server(mobilize, ask):
    mobilize.rows = [attendance(1)]
    mobilize.elsewhere = "http://127.0.0.1:9/v1/organizations/5/attendances?page=2"
    with pytest.raises(FeedError, match="another server"):
        ask()


def test_a_redirection_is_not_followed_with_the_key(mobilize, ask):
    mobilize.faults.append((301, {"Location": "http://127.0.0.1:9/"}, b""))
    with pytest.raises(FeedError, match="answers 301"):
        ask()


def test_without_parsons_the_feed_says_how_to_get_it_and_what_works_without(mobilize, ask, monkeypatch):
    monkeypatch.setitem(sys.modules, "parsons.mobilize_america.ma", None)
    with pytest.raises(FeedError, match=r"pip install 'warroom\[parsons\]', or save the list"):
        ask()
