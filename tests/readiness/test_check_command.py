"""`warroom check` as an engineer runs it: without a room, with one, for a script."""

import json
import re
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from tests.readiness.conftest import Room
from warroom.cli import app
from warroom.readiness._finding import Finding, worst
from warroom.readiness._run import checks

AT = "2026-11-02T20:00"


def run(*arguments: str):
    return CliRunner().invoke(app, ["check", *arguments])


def test_without_a_room_what_cannot_be_seen_is_not_green(room: Room, monkeypatch):
    monkeypatch.delenv("REDIS_URL")
    done = run(str(room.folder), "--data", str(room.home), "--at", AT, "--json")
    told = json.loads(done.output)
    light = {(f["check"], f["name"]): f["light"] for f in told["findings"]}
    assert done.exit_code == 0 and told["ok"] and told["precincts"] == 4
    for check in ("store", "workers", "volunteers", "accounts", "audit", "browsers"):
        assert {v for (where, _), v in light.items() if where == check} == {"unknown"}, check
    assert light["day", "date"] == "green" and light["texting", "rules"] == "green"


def test_a_store_that_was_named_and_does_not_answer_is_red(room: Room, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    done = run(str(room.folder), "--at", AT)
    assert done.exit_code == 1
    assert "RED" in done.output and "REDIS_URL" in done.output


def test_red_ends_with_one_and_the_words_say_the_light(room: Room):
    room.change("day.toml", "2026-11-03", "2025-11-04")
    done = run(str(room.folder))
    assert done.exit_code == 1
    assert "RED" in done.output and "days ago" in done.output
    assert "days ago" not in run(str(room.folder), "--at", "2025-11-03T20:00").output


def test_bad_input_ends_with_two(room: Room):
    assert run(str(room.folder), "--at", "tonight").exit_code == 2
    (room.folder / "precincts.csv").unlink()
    assert run(str(room.folder), "--json").exit_code == 2


def test_what_a_file_says_is_text_on_the_terminal(room: Room):
    room.change("feeds.toml", '"county"', '"[red]county[/red]"')
    assert "[red]county[/red]" in run(str(room.folder), "--at", AT).output


def test_no_secret_and_no_name_of_a_person_is_shown(room: Room, own_server):
    shown = run(str(room.folder), "--at", AT, "--json").output
    secret = own_server.url.partition("@")[0].rpartition(":")[2]
    assert secret not in shown
    assert "Nobody" not in shown and "555010" not in shown


def test_a_light_that_is_not_green_must_say_a_remedy():
    with pytest.raises(ValueError, match="no remedy"):
        Finding("disk", "amber", "nearly full")
    found = [Finding("a", "green", "x"), Finding("b", "red", "x", "y"), Finding("c", "unknown", "x", "y")]
    assert worst(found) == "red" and worst([]) == "green"


def test_every_command_that_a_remedy_names_exists():
    sources = "\n".join(Path(module.__file__).read_text() for module in checks().values())  # type: ignore[attr-defined]
    named = set(re.findall(r"`warroom ([a-z-]+)(?: ([a-z][a-z-]*))?", sources))
    assert len(named) > 8
    known = typer.main.get_command(app)
    for command, sub in named:
        found = known.commands[command]  # type: ignore[attr-defined]
        assert not sub or command in ("up", "codes", "check") or sub in found.commands, (command, sub)


def test_the_evening_goes_from_the_folder_to_the_machine():
    assert list(checks())[:3] == ["day", "store", "disk"]
    assert len({check.ORDER for check in checks().values()}) == len(checks())


def test_every_check_is_written_down():
    page = (Path(__file__).parents[2] / "docs" / "night-before.md").read_text(encoding="utf-8")
    for name in checks():
        assert f"readiness/{name}.py" in page, name
