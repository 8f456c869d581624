"""Every route says what it needs, every role is tried on every route, and the page says what the code does."""

import importlib.util
from pathlib import Path

import dash
import pytest

from warroom.access.policy import READING, rules
from warroom.access.roles import LOCAL, MAY, REGIONAL, ROLES, Grant
from warroom.access.shared_keys import Access
from warroom.web.app import create_app
from warroom.web.guard import OWN_CREDENTIALS

ROOT = Path(__file__).resolve().parents[2]
APP = create_app("redis://127.0.0.1:1/0", Access("", "", True))
RULES = list(rules(APP.routes))


def is_own(path):
    return any(path == door or path.startswith(f"{door}/") for door in OWN_CREDENTIALS)


def reads(rule):
    return rule.methods <= READING | {"WEBSOCKET"} or rule.path.startswith("/_dash-")


GUARDED = [rule for rule in RULES if not is_own(rule.path) and (not reads(rule) or rule.need.action != "see")]


def test_the_server_has_no_route_that_the_policy_does_not_see():
    """A mount answers below its path without a route of its own: only our files may be served so."""
    mounts = [r.path for r in APP.routes if not hasattr(r, "endpoint") and not hasattr(r, "original_router")]
    assert mounts == ["/assets"]


@pytest.mark.parametrize("rule", RULES, ids=lambda r: f"{'/'.join(sorted(r.methods))} {r.path}")
def test_a_route_that_changes_something_declares_its_action(rule):
    assert reads(rule) or is_own(rule.path) or rule.need.declared


def test_a_callback_of_dash_only_reads():
    """Dash's one POST route is open to every viewer, so no callback may decide anything.

    A new one belongs on this list only after somebody looked: it reads, and draws.
    """
    own = {output for output in dash.get_app().callback_map if "_pages_" not in output}
    assert own == {"wall-detail.children"}


def test_a_post_that_is_not_recorded_only_reads():
    """A new one belongs on this list only after somebody looked: its handler changes nothing."""
    assert {rule.path for rule in RULES if rule.need.reads} == {"/api/v1/audit", "/api/v1/entry/read"}


def test_no_route_takes_free_text_in_its_address():
    """Proxies log addresses. A source's name is none of a person's; what says `pattern` or `enum` is not free."""
    taken = {
        f"{path}?{parameter['name']}"
        for path, methods in APP.openapi()["paths"].items()
        for parameter in methods.get("get", {}).get("parameters", [])
        if parameter["in"] == "query" and parameter["schema"].get("type") == "string"
        and not {"pattern", "enum"} & parameter["schema"].keys()
    }  # fmt: skip
    assert taken == {"/api/v1/sources?find"}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_on_each_guarded_route(signed_in, doors, role):
    """Refused where the table says no; let through (to whatever the handler then says) where it says yes."""
    guest = signed_in(f"{role}.one", Grant(role, "North" if role in REGIONAL else ""))
    for rule in GUARDED:
        path = rule.path.replace(":path}", "}")
        for name in ("alert_id", "site_id", "session_id", "minute", "feed", "name"):
            path = path.replace("{" + name + "}", "0" * 16)
        for method in rule.methods - {"HEAD"}:
            answer = guest.request(method, path, json={})
            may = role in MAY[rule.need.action] and (
                role not in REGIONAL or rule.need.regional or rule.need.action not in LOCAL
            )
            refused = answer.status_code == 403 and "reach" not in answer.json()["detail"]
            assert refused is not may, f"{role} {method} {path}: {answer.status_code}"


def test_nobody_gets_nothing(browser):
    nobody = browser()
    for rule in RULES:
        if not is_own(rule.path) and "WEBSOCKET" not in rule.methods:
            path = rule.path.replace("{", "").replace("}", "")
            answers = {method: nobody.request(method, path).status_code for method in rule.methods}
            assert set(answers.values()) <= {303, 401}, (rule.path, answers)


def test_the_page_says_what_the_code_does():
    spec = importlib.util.spec_from_file_location("make_access_tables", ROOT / "docs" / "make_access_tables.py")
    tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tables)
    page = tables.PAGE.read_text(encoding="utf-8")
    assert tables.roles_table() in page, "run: python docs/make_access_tables.py"
    assert tables.routes_table() in page, "run: python docs/make_access_tables.py"
