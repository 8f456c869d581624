"""Markup planted in everything that the day folder and a report carry: every page shows it as text, nothing runs."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page

from bench.running import until
from tests.room.conftest import RunningRoom, start_room
from warroom.domain.reports import Checkins, Incident, Shift, Wait
from warroom.store.day import DayClock
from warroom.store.intake import RedisIntake

pytestmark = pytest.mark.browser
PLANT = "<img src=x onerror=window.planted=1><script>window.planted=1</script>"
SHORT = "<img src=x onerror=planted=1>"
DRAWN = {  # each page, and what stands there once it has drawn what it was sent
    "wall": "body[data-link=live] #day-name:not(:empty)", "field": "#field-list li",
    "volunteers": "#crew-matrix tbody tr", "audit": "#audit-lines", "entry": "#entry[data-link=live]",
    "feeds": "[data-feed]", "replay": "#replay-state:not(:empty)", "report": "#code",
}  # fmt: skip
TOLD = ("wall", "field", "volunteers")  # they show what outsiders wrote


def planted(path: Path, *columns: str) -> None:
    """Plant markup in these columns of every row of a CSV file."""
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    for n, row in enumerate(rows):
        row.update(dict.fromkeys(columns, f"{SHORT} {n}"))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def poisoned(demo_day: Path, tmp_path_factory) -> RunningRoom:
    """The demo city with markup for names, a day after breakfast with markup in its reports."""
    import shutil

    day = tmp_path_factory.mktemp("poisoned") / "day"
    shutil.copytree(demo_day, day)
    planted(day / "precincts.csv", "name")
    planted(day / "sites.csv", "name", "address")
    planted(day / "volunteers.csv", "name", "skills", "languages")
    planted(day / "shifts.csv", "role")
    toml = (day / "day.toml").read_text(encoding="utf-8").splitlines()
    named = [f"name = {json.dumps(PLANT)}" if line.startswith("name") else line for line in toml]
    (day / "day.toml").write_text("\n".join(named), encoding="utf-8")
    running = start_room(day, tmp_path_factory.mktemp("poisoned-room"))
    try:
        _report(running)
        yield running
    finally:
        running.stop()


def _report(room: RunningRoom) -> None:
    client = room.store()
    intake = RedisIntake(client)
    opens, roster = intake.day().opens_at, room.get("roster")
    site, precinct = next((s, p) for s, p in zip(roster["sites"], roster["ids"], strict=True) if s)
    at = opens + timedelta(minutes=40)
    told = {"source": PLANT, "at": at, "received": at}
    intake.put_frame(PLANT[:60], [
        Checkins(id=f"{PLANT} 1", precinct=precinct, count=40, **told),
        Checkins(id="2", precinct=precinct, count=3, **{**told, "at": at + timedelta(minutes=1)}),
        Wait(id="3", site=site, minutes=95, **told),
        Incident(id="4", site=site, category=PLANT, severity="high", text=PLANT, **told),
        Shift(id="5", volunteer=SHORT, status="on_site", site=site, **told),
    ])  # fmt: skip
    intake.put_trouble(PLANT[:60], PLANT)
    DayClock(client).set(opens + timedelta(minutes=90), 1.0)
    until("alerts", lambda: room.get("alerts"))
    until("incidents", lambda: room.get("incidents"))


def opened(chromium, **more) -> Page:
    page = chromium.new_context(viewport={"width": 1600, "height": 900}, **more).new_page()
    page.refused = []
    page.on("console", lambda m: page.refused.append(m.text) if "Content Security Policy" in m.text else None)
    page.on("dialog", lambda d: page.refused.append(d.message))
    return page


@pytest.fixture
def page(chromium, poisoned) -> Page:
    """A page without its policy: what is planted must not run even there."""
    found = opened(chromium)
    yield found
    found.context.close()


@pytest.fixture
def strict(chromium, poisoned) -> Page:
    """A page under its policy, as people have it."""
    found = opened(chromium, bypass_csp=False)
    yield found
    found.context.close()


def innocent(page: Page) -> None:
    assert page.evaluate("window.planted") is None
    assert page.evaluate("document.querySelectorAll('img[onerror], img[src=\"x\"]').length") == 0
    assert page.evaluate("[...document.scripts].filter(s => s.textContent.includes('planted')).length") == 0
    assert page.refused == []


def test_no_page_runs_what_was_planted(page, poisoned):
    for path, drawn in DRAWN.items():
        page.goto(f"{poisoned.url}/{path}")
        page.wait_for_selector(drawn, state="attached")
        if path in TOLD:  # as text, else nothing would be proven
            page.wait_for_function("document.body?.innerText.includes('onerror')")
        innocent(page)


def test_details_dialogs_and_decisions_run_nothing(page, poisoned):
    page.goto(f"{poisoned.url}/field")
    page.evaluate("localStorage.setItem('warroom-name', 'Ana')")
    page.reload()
    page.wait_for_selector("#field-list li")
    page.focus("#field-list [data-alert]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#field-panel h3")
    innocent(page)
    alert = poisoned.get("alerts?scope=open")[0]
    body = {"what": "dismiss", "by": "Ana", "version": alert["handling"]["version"], "reason": PLANT}
    answer = page.request.post(f"{poisoned.url}/api/v1/alerts/{alert['id'].replace('/', '%2F')}/decide", data=body)
    assert answer.status == 200, answer.text()
    innocent(page)
    page.goto(f"{poisoned.url}/audit")
    page.wait_for_function("document.getElementById('audit-lines')?.innerText.includes('onerror')")
    innocent(page)


def show_precinct(page, poisoned):
    page.goto(f"{poisoned.url}/wall")
    page.wait_for_selector("#wall")
    precinct = poisoned.get("roster")["ids"][0]
    page.evaluate("(id) => window.dash_clientside.set_props('wall-selected', {data: id})", precinct)
    page.wait_for_selector("#wall-detail .js-plotly-plot .main-svg", state="attached")


def test_the_precincts_panel_runs_nothing(page, poisoned):
    show_precinct(page, poisoned)
    innocent(page)


def test_pages_and_chart_live_under_a_policy_without_inline_script_and_eval(strict, poisoned):
    for path, drawn in DRAWN.items():
        policy = strict.goto(f"{poisoned.url}/{path}").headers["content-security-policy"]
        assert "'unsafe-eval'" not in policy
        strict.wait_for_selector(drawn, state="attached")
    show_precinct(strict, poisoned)
    assert strict.refused == []
    strict.evaluate("""() => {
        const script = document.createElement('script');
        script.textContent = 'window.planted = 1';
        document.head.append(script);
    }""")
    assert strict.evaluate("window.planted") is None  # the policy itself holds, were anything ever let in
