"""Every route of the application, filled in so that it can be asked."""

from warroom.access.policy import READING, Rule, rules
from warroom.access.shared_keys import Access
from warroom.web.app import create_app
from warroom.web.guard import OWN_CREDENTIALS

RULES = list(rules(create_app("redis://127.0.0.1:1/0", Access("", "", True)).routes))


def is_own(path: str) -> bool:
    """Whether the route asks for a credential of its own."""
    return any(path == door or path.startswith(f"{door}/") for door in OWN_CREDENTIALS)


def changes(rule: Rule) -> bool:
    """Whether the route changes something."""
    return not rule.methods <= READING | {"WEBSOCKET"} and not rule.path.startswith("/_dash-")


def filled(path: str) -> str:
    """The route's address with something in each of its places."""
    parts = [f"{'0' * 16}" if part.startswith("{") else part for part in path.replace(":path}", "}").split("/")]
    return "/".join(parts)


HTTP = [(method, rule) for rule in RULES for method in sorted(rule.methods - {"HEAD", "WEBSOCKET"})]
SOCKETS = [rule for rule in RULES if "WEBSOCKET" in rule.methods]
GUARDED = [(method, rule) for method, rule in HTTP if not is_own(rule.path)]
CHANGING = [(method, rule) for method, rule in HTTP if changes(rule)]


def named(value: object) -> str:
    """A test's name."""
    return value.path if isinstance(value, Rule) else str(value)
