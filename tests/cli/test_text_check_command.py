"""`warroom text check` on the demo day: what each rule would have done, in words and as JSON."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from warroom.cli import app
from warroom.demo.story import Plot
from warroom.demo.texting import TEXTING_TOML

BROKEN = Plot.broken  # minutes from the opening in which the machines of one site do not work


@pytest.fixture(scope="module")
def checked(demo_day: Path) -> dict:
    done = CliRunner().invoke(app, ["text", "check", str(demo_day), "--json"], catch_exceptions=False)
    assert done.exit_code == 0
    return json.loads(done.stdout)


def test_a_whole_region_that_stays_home_is_answered_too(checked):
    [region] = [p for p in checked["proposed"] if p["people"] > 1_000]
    assert region["region"] == "Millrace" and region["outcome"] == "sent"
    assert region["sent"] + sum(region["kept_out"].values()) >= region["people"]


def test_a_stoppage_is_answered_when_voting_goes_on(checked):
    stoppages = [p for p in checked["proposed"] if p["kind"] == "stoppage"]
    assert {p["rule"] for p in stoppages} == {"after-a-stoppage"} and all(p["sent"] for p in stoppages)
    machines = min(stoppages, key=lambda p: p["minute"])
    assert BROKEN.stop <= machines["minute"] <= BROKEN.stop + 90


def test_every_alert_counts_once_for_a_reason(checked):
    reasons = {(w["rule"], w["reason"]): w["alerts"] for w in checked["why_not"]}
    assert 0 < sum(reasons.values()) < checked["alerts"]
    assert reasons["stays-home", "severity low, the rule begins at medium"] >= 1


def test_without_a_list_one_is_asked_for(demo_day, tmp_path):
    for name in ("day.toml", "precincts.csv", "sites.csv", "history.csv"):
        (tmp_path / name).write_bytes((demo_day / name).read_bytes())
    told = CliRunner().invoke(app, ["text", "check", str(tmp_path)])
    assert told.exit_code == 2 and "texting.toml" in told.output
    (tmp_path / "texting.toml").write_text(TEXTING_TOML, encoding="utf-8")
    told = CliRunner().invoke(app, ["text", "check", str(tmp_path)])
    assert told.exit_code == 2 and "--assume-share 0.2" in told.output
