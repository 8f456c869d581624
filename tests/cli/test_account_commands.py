"""`warroom account`: a role that is none is refused in words, and what was not there to be taken away is said."""

import pytest
from typer.testing import CliRunner

from warroom.access.accounts import AccountStore
from warroom.cli import app


@pytest.fixture
def account(server, store, monkeypatch):
    monkeypatch.setenv("REDIS_URL", server.url)
    return lambda *words: CliRunner().invoke(app, ["account", *words])


def roles(store):
    return [g.role for g in AccountStore(store).one("ana").grants]


def test_a_role_is_taken_away_by_its_name_only(account, store):
    account("invite", "ana", "--role", "approver", "--role", "director")
    typo = account("revoke", "ana", "--role", "aprover")
    assert typo.exit_code != 0 and "aprover" in typo.output
    assert roles(store) == ["approver", "director"]
    done = account("revoke", "ana", "--role", "approver")
    assert done.exit_code == 0 and roles(store) == ["director"] and "did not hold" not in done.output
    again = account("revoke", "ana", "--role", "approver")
    assert "ana did not hold approver" in again.output and roles(store) == ["director"]
