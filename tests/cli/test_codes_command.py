"""`warroom codes`: the file that coordinators open in a spreadsheet."""

import csv

from typer.testing import CliRunner

from warroom.cli import app
from warroom.domain.volunteers import Contact, Volunteer
from warroom.store.people import PeopleStore


def test_an_id_that_is_a_formula_is_text_in_the_file_of_codes(server, loaded, monkeypatch, tmp_path):
    monkeypatch.setenv("REDIS_URL", server.url)
    ids = ("=HYPERLINK(1)", "@SUM(1+1)", "V1")
    PeopleStore(loaded).put([Volunteer(volunteer_id=v) for v in ids], {v: Contact() for v in ids}, [])
    out = tmp_path / "codes.csv"
    done = CliRunner().invoke(app, ["codes", "make", "--out", str(out)])
    assert done.exit_code == 0, done.output
    with out.open(encoding="utf-8") as file:
        assert sorted(row["volunteer_id"] for row in csv.DictReader(file)) == ["'=HYPERLINK(1)", "'@SUM(1+1)", "V1"]
