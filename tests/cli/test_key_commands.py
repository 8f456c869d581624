"""`warroom key`: shown once, listed without its secret, revoked; wrong wishes are refused in words."""

import json

import pytest
from typer.testing import CliRunner

from warroom.cli import app
from warroom.domain.apikeys import holder
from warroom.store.apikeys import KeyStore
from warroom.store.feeds import FeedStore


@pytest.fixture
def warroom(server, store, monkeypatch):
    monkeypatch.setenv("REDIS_URL", server.url)
    runner = CliRunner()
    return lambda *words: runner.invoke(app, ["key", *words])


def test_a_key_is_shown_once_and_opens_what_was_asked_for(warroom, store):
    made = json.loads(warroom("new", "vendor", "--scope", "reports,early_vote", "--days", "3", "--json").stdout)
    key = holder(KeyStore(store).all(), made["key"])
    assert key is not None and key.source == "vendor"
    assert set(key.kinds) == {"checkins", "correction", "early_vote", "incident", "wait"}
    assert key.expires_ms == key.created_ms + 3 * 24 * 3_600_000
    assert made["webhook_secret"].startswith("whsec_")
    listed = warroom("list")
    assert key.id in listed.stdout and made["key"].split("_", 2)[2] not in listed.stdout
    assert FeedStore(store).kinds() == {"http:vendor": "http"}  # the board awaits it


def test_a_revoked_key_is_listed_as_such(warroom):
    made = json.loads(warroom("new", "vendor", "--json").stdout)
    assert "revoked" in warroom("revoke", made["id"]).stdout
    assert "this key was revoked" in warroom("list").stdout
    assert json.loads(warroom("list", "--json").stdout)[0]["revoked"] is True


def test_for_people_the_key_comes_with_what_to_do_with_it(warroom):
    told = warroom("new", "vendor", "--kinds", "wait").stdout
    for words in ("Authorization: Bearer", "vendor may send wait", "Neither is shown again"):
        assert words in told


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["new", "vendor", "--scope", "everything"], "choose from"),
        (["new", "vendor", "--kinds", "money"], "do not cover money"),
        (["new", "vendor", "--scope", ""], "do not cover"),
        (["new", "phone/V1"], "kept for"),
        (["new", "sms"], "kept for"),
        (["new", "<b>"], "is not a source"),
        (["new", ""], "is not a source"),
        (["revoke", "nothing"], "warroom key list"),
    ],
)
def test_a_wrong_wish_is_refused_with_the_right_one(warroom, words, says):
    refused = warroom(*words)
    assert refused.exit_code == 2
    assert says in " ".join(refused.output.replace("│", " ").split())


def test_before_the_first_key_the_list_says_how_to_make_one(warroom):
    assert "warroom key new" in warroom("list").stdout
