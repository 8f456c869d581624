"""The command line as a person meets it: help with an example, exit code 2 with a remedy, JSON for scripts."""

import json
import socket
import subprocess
import sys
from importlib import import_module

import pytest
import typer.main

from warroom.cli import app
from warroom.cli.commands import MENDABLE, MODULES, is_mendable

COMMANDS = sorted(
    name if not getattr(command, "commands", None) else f"{name} {sub}"
    for name, command in typer.main.get_command(app).commands.items()
    for sub in (getattr(command, "commands", None) or [""])
)


def warroom(*arguments, env=None):
    return subprocess.run(
        [sys.executable, "-m", "warroom", *arguments], capture_output=True, text=True, timeout=120, env=env
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command):
    found = typer.main.get_command(app)
    for word in command.split():
        found = found.commands[word]
    assert "Example:" in found.help


def test_a_new_folder_is_made_once_and_says_what_it_lacks(tmp_path):
    day = tmp_path / "day"
    assert warroom("day", "new", str(day)).returncode == 0
    again = warroom("day", "new", str(day))
    assert again.returncode == 2
    assert "Traceback" not in again.stderr
    check = warroom("check", str(day))
    assert check.returncode == 2
    assert "precincts.csv" in check.stderr
    assert "Traceback" not in check.stderr
    faults = json.loads(warroom("check", str(day), "--json").stdout)
    assert faults["ok"] is False
    assert all(fault["remedy"] for fault in faults["faults"])


def test_a_missing_store_says_how_to_get_one(tmp_path, monkeypatch):
    monkeypatch.delenv("REDIS_URL", raising=False)
    found = warroom("tally", "--data", str(tmp_path))
    assert found.returncode == 2
    assert "REDIS_URL" in found.stderr


def test_an_unknown_feed_names_the_known_ones(server, loaded):
    found = warroom("feed", "pigeon://coop", env={"REDIS_URL": server.url, "PATH": ""})
    assert found.returncode == 2
    assert "file" in found.stderr


def test_a_taken_port_is_said_before_anything_starts(tmp_path, monkeypatch):
    from warroom.demo import write_demo_day

    monkeypatch.delenv("REDIS_URL", raising=False)
    write_demo_day(tmp_path / "day")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = warroom("up", str(tmp_path / "day"), "--data", str(tmp_path / "data"), "--port", str(port))
    assert found.returncode == 2
    assert "--port" in found.stderr


def test_a_network_without_keys_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    found = warroom("web", "--host", "0.0.0.0")
    assert found.returncode == 2
    assert "WARROOM_DIRECTOR_KEY" in found.stderr


def test_every_command_is_in_the_table_of_its_module():
    for module, commands in MODULES.items():
        alone = typer.Typer()
        import_module(f"warroom.cli.{module}").add_to(alone)
        alone.callback()(lambda: None)
        assert set(typer.main.get_command(alone).commands) == set(commands), module


def test_every_mendable_error_is_a_class_that_exists():
    for name in MENDABLE - {"NotADirectoryError"}:
        module, _, kind = name.rpartition(".")
        found = getattr(import_module(module), kind)
        assert issubclass(found, Exception) and is_mendable(found.__new__(found)), name
