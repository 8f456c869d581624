"""Who said STOP goes back to the campaign's own list."""

import pytest
from typer.testing import CliRunner

from warroom.cli import app
from warroom.texting.contacts import ContactStore
from warroom.texting.vault import new_key, wrapping_key


@pytest.fixture
def folder(demo_day, tmp_path):
    """The demo day with a list of three."""
    import shutil

    path = tmp_path / "day"
    shutil.copytree(demo_day, path)
    precinct = (path / "precincts.csv").read_text().splitlines()[1].split(",")[0]
    rows = [f"C{n},+1207555010{n},Ana,{precinct},,en,,{int(n == 2)}" for n in range(3)]
    head = "contact_id,phone,first_name,precinct_id,band,language,timezone,opted_out"
    (path / "contacts.csv").write_text("\n".join([head, *rows, ""]))
    return path


def test_the_ids_of_those_who_said_stop_are_printed_and_no_number(folder, server, store, monkeypatch):
    monkeypatch.setenv("REDIS_URL", server.url)
    monkeypatch.setenv("WARROOM_TEXT_KEY", new_key())
    run = CliRunner()
    assert run.invoke(app, ["text", "load", str(folder)]).exit_code == 0
    ContactStore(store, wrapping_key()).opt_out("+12075550101")
    said = run.invoke(app, ["text", "opted-out", str(folder)])
    assert said.output.split() == ["C1", "C2"]
    run.invoke(app, ["text", "purge", "--yes"])  # what was said outlives the list
    assert run.invoke(app, ["text", "opted-out", str(folder)]).output.split() == ["C1", "C2"]
