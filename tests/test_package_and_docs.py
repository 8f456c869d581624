"""What is shipped and what is written down: nothing left out of the wheel, nothing undocumented."""

import doctest
import importlib
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import typer.main

from feeds.registry import feed_modules
from warroom.cli import app

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("warroom", "layouts", "anomaly", "feeds", "assets")
WRITTEN = "\n".join(p.read_text(encoding="utf-8") for p in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))])


def test_the_wheel_holds_every_file_of_the_packages(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    shipped = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(["git", "ls-files", *PACKAGES], cwd=ROOT, capture_output=True, text=True).stdout.split()
    if not tracked:
        pytest.skip("not a git checkout: nothing to compare the wheel with")
    assert set(tracked) - shipped == set()


def test_the_import_rules_name_every_part_of_the_war_room():
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    [forbidden] = [set(rule["forbidden_modules"]) for rule in rules if rule["type"] == "forbidden"]
    parts = {p.stem for p in (ROOT / "warroom").iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert forbidden == {f"warroom.{part}" for part in parts - {"__init__", "__main__", "domain", "store"}}


@pytest.mark.parametrize("command", sorted(typer.main.get_command(app).commands))
def test_every_command_is_written_down(command):
    assert re.search(rf"\b{command}\b", WRITTEN)


@pytest.mark.parametrize("feed", sorted(feed_modules()))
def test_every_feed_is_written_down(feed):
    assert f"feeds/{feed}.py" in WRITTEN


def test_every_setting_is_written_down():
    code = "\n".join(p.read_text(encoding="utf-8") for name in PACKAGES for p in (ROOT / name).rglob("*.py"))
    settings, written = (set(re.findall(r"WARROOM_[A-Z_]+|REDIS_URL", text)) for text in (code, WRITTEN))
    begun = {name for name in settings if name.endswith("_") and any(w.startswith(name) for w in written)}
    assert settings - begun - written == set()


def test_every_link_in_the_docs_leads_somewhere():
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name} → {target}"


def test_nothing_at_run_time_comes_from_another_host():
    for page in (ROOT / "assets").rglob("*"):
        if page.suffix in {".js", ".css"}:
            assert not re.search(r"https?://(?!www\.w3\.org/)", page.read_text(encoding="utf-8")), page


def test_the_examples_in_the_docstrings_are_true():
    sources = [path for top in PACKAGES for path in (ROOT / top).rglob("*.py") if ">>>" in path.read_text("utf-8")]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sources]
    results = {name: doctest.testmod(importlib.import_module(name)) for name in names}
    assert sum(result.attempted for result in results.values()) > 50
    assert {name for name, result in results.items() if result.failed} == set()
