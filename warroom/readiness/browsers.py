"""Browsers of the screens that are open now, against the oldest that can draw the wall."""

from collections.abc import Mapping
from dataclasses import dataclass

from warroom.readiness._finding import Finding, NotLooked, green
from warroom.readiness._place import Place
from warroom.store.screens import open_screens

ORDER, TITLE = 57, "Browsers"
# OffscreenCanvas in a worker, container queries: Chrome and Edge 105, Firefox 110, Safari 16.4
OLDEST: dict[str, tuple[int, int]] = {"Chrome": (105, 0), "Edge": (105, 0), "Firefox": (110, 0), "Safari": (16, 4)}
OLDEST_WORDS = ", ".join(f"{name} {major}{f'.{minor}' if minor else ''}" for name, (major, minor) in OLDEST.items())


@dataclass(frozen=True)
class Facts:
    """{browser with its version, as "Chrome 126.0": screens open now}."""

    screens: Mapping[str, int]


def look(place: Place) -> Facts:
    """Ask the store. Raises NotLooked where no room runs, or no screen is open."""
    found = open_screens(place.store())
    if not found:
        raise NotLooked(
            f"no screen is open; the oldest that can draw the wall are {OLDEST_WORDS}",
            "open the wall on every screen of the room, wait half a minute, and check again",
        )
    return Facts(found)


def judge(facts: Facts) -> list[Finding]:
    """One finding for all of them."""
    seen = ", ".join(f"{n} × {name}" for name, n in sorted(facts.screens.items()))
    old = [name for name in facts.screens if too_old(name)]
    if old:
        remedy = f"bring them up to date, or open the wall on others: the oldest are {OLDEST_WORDS}"
        return [Finding("browsers", "red", f"too old for the map: {', '.join(sorted(old))} ({seen})", remedy)]
    strange = [name for name in facts.screens if name.rpartition(" ")[0] not in OLDEST]
    if strange:
        remedy = f"look at those screens: the map must move; known are {OLDEST_WORDS} and newer"
        return [Finding("browsers", "amber", f"not known: {', '.join(sorted(strange))} ({seen})", remedy)]
    return [green("browsers", seen)]


def too_old(name: str) -> bool:
    """Whether a known browser is older than the oldest that can draw the wall.

    >>> too_old("Safari 16.3"), too_old("Safari 17.0"), too_old("Lynx 2.8")
    (True, False, False)
    """
    browser, _, version = name.rpartition(" ")
    major, _, minor = version.partition(".")
    oldest = OLDEST.get(browser)
    return oldest is not None and (int(major or 0), int(minor or 0)) < oldest
