"""Writes the tables of docs/security.md from the code: role × action, and the action of every route.

Run `python docs/make_access_tables.py`; tests/access/test_route_table.py fails while the page says otherwise.
"""

from pathlib import Path

from warroom.access.policy import READING, Rule, rules
from warroom.access.roles import ACTIONS, LOCAL, MAY, REGIONAL, ROLES, WORDS
from warroom.access.shared_keys import Access
from warroom.web.app import create_app
from warroom.web.guard import OWN_CREDENTIALS

PAGE = Path(__file__).with_name("security.md")


def cell(role: str, action: str) -> str:
    """One cell of the table: yes, their region, or nothing."""
    if role not in MAY[action]:
        return "–"
    return "own region" if role in REGIONAL and action in LOCAL else "yes"


def roles_table() -> str:
    """Role × action as Markdown."""
    head = ["| action | may | " + " | ".join(ROLES) + " |", "|---|---|" + "---|" * len(ROLES)]
    rows = [f"| `{a}` | {WORDS[a]} | " + " | ".join(cell(r, a) for r in ROLES) + " |" for a in ACTIONS]
    return "\n".join(head + rows)


def is_own(path: str) -> bool:
    """Whether a route asks for a credential of its own."""
    return any(path == door or path.startswith(f"{door}/") for door in OWN_CREDENTIALS)


def all_rules() -> list[Rule]:
    """Every route of the application; no store is asked."""
    return list(rules(create_app("redis://127.0.0.1:1/0", Access("", "", True)).routes))


def routes_table() -> str:
    """Every route that changes something, or shows more than the wall, with its action."""
    rows = ["| route | action |", "|---|---|"]
    for rule in all_rules():
        reads = rule.methods <= READING | {"WEBSOCKET"} or rule.path.startswith("/_dash-")
        if reads and (is_own(rule.path) or rule.need.action == "see"):
            continue
        if is_own(rule.path):
            need = "a credential of its own"
        else:
            need = f"`{rule.need.action}`" + (", in the region concerned" if rule.need.regional else "")
        rows.append(f"| `{' '.join(sorted(rule.methods))} {rule.path}` | {need} |")
    return "\n".join([*rows[:2], *sorted(set(rows[2:]))])


def filled(page: str) -> str:
    """The page with both tables as the code says."""
    for name, table in (("roles", roles_table()), ("routes", routes_table())):
        before, _, rest = page.partition(f"<!-- {name} -->\n")
        page = f"{before}<!-- {name} -->\n{table}\n<!-- end -->{rest.partition('<!-- end -->')[2]}"
    return page


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
