"""A person may see all that is held about them: not how many messages, but which, and what became of each."""

import json

from typer.testing import CliRunner

from tests.texting.made_room import KEY, Recorder, finished, propose, run
from warroom.cli import app
from warroom.store.outbox import Outbox
from warroom.texting.contacts import ContactStore
from warroom.texting.vault import Digests


def test_each_request_with_its_state_wording_and_times(room, server, monkeypatch):
    run(room, Recorder(), finished(propose(room)))
    Outbox(room).answered(Digests(KEY).digest("+12075550103"), "replied")
    run(room, Recorder(), finished(propose(room, request_id="other"), "other"))  # the cap keeps them back
    propose(room, approve=False, request_id="waits")
    monkeypatch.setenv("REDIS_URL", server.url)
    monkeypatch.setattr("warroom.texting.vault.wrapping_key", lambda: KEY)
    held = json.loads(CliRunner().invoke(app, ["text", "export", "C-3"]).stdout)
    assert (held["phone"], held["messages_sent"]) == ("+12075550103", 1)
    assert "not kept" in held["replies"]
    other, first = sorted(held["requests"], key=lambda row: row["request"])
    assert (other["state"], other["variant"], other["provider_ids"]) == ("kept_back", None, [])
    assert (first["request"], first["state"], first["variant"]) == ("stay-home:a1", "replied", "plain")
    assert first["wording"].startswith("{campaign_name}: vote at {site_name}")
    assert first["began_at"] == first["finished_at"] == "2026-11-03T12:00:00-05:00" and first["approved_at"]
    assert first["provider_ids"] == [f"id-stay-home:a1:{ContactStore(room, KEY).digests.ref('C-3')}"]
    assert json.loads(CliRunner().invoke(app, ["text", "export", "C-99"]).stdout)["held"] is None
