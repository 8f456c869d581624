"""What can go wrong at a poll site: one short list of categories, and what goes to the legal desk.

The categories are those that voter-protection hotlines sort by (equipment, power, access,
intimidation, poll workers, supplies, poll book, lines). What is written otherwise is mapped
by its words; what is not known stays `other`, and the reporter's own word is kept.
"""

import re
from functools import lru_cache
from typing import Literal, get_args

Category = Literal[
    "machine", "power", "access", "intimidation", "staffing", "supplies", "e_pollbook", "long_line", "other"
]
CATEGORIES: tuple[Category, ...] = get_args(Category)

WORDS: dict[Category, str] = {
    "machine": "Voting machine",
    "power": "Power",
    "access": "Access to the site",
    "intimidation": "Intimidation or electioneering",
    "staffing": "Poll workers",
    "supplies": "Ballots and supplies",
    "e_pollbook": "Poll book",
    "long_line": "Long line",
    "other": "Other",
}

# A word that begins so names the category; the first match, in this order, counts.
_STEMS: tuple[tuple[Category, tuple[str, ...]], ...] = (
    ("e_pollbook", ("pollbook", "poll book", "epoll", "e poll", "roster", "checkin system", "check in system",
                    "kiosk")),
    ("intimidation", ("intimidat", "harass", "threat", "electioneer", "challeng", "police", "weapon", "gun", "firearm",
                      "violen", "aggress", "photograph", "film")),
    ("power", ("power", "electric", "outage", "blackout", "lights", "lighting", "generator", "heating")),
    ("machine", ("machine", "scanner", "scan", "tabulator", "bmd", "printer", "jam", "dre", "equipment", "touchscreen",
                 "optical", "memory card")),
    ("supplies", ("suppl", "ballot", "paper", "pens", "envelope", "toner", "sleeve", "provisional")),
    ("staffing", ("staff", "poll worker", "pollworker", "judge", "inspector", "clerk", "worker", "interpreter",
                  "translator")),
    ("long_line", ("line", "long line", "queue", "wait", "crowd")),
    ("access", ("access", "ada", "disab", "wheelchair", "ramp", "elevator", "door", "locked", "closed", "late open",
                "opening", "parking", "moved", "relocat", "flood", "fire", "evacuat", "blocked", "transit", "signage",
                "wrong place", "turned away")),
)  # fmt: skip

RESOLVED = "resolved"
_OVER = ("resolved", "solved", "fixed", "all clear", "cleared", "closed out", "repaired")

# Voting that stops may be made up by a court that keeps the polls open longer: lawyers must know in time.
_STOPS_VOTING: frozenset[Category] = frozenset({"machine", "power", "supplies", "e_pollbook", "staffing", "long_line"})


@lru_cache(maxsize=1_000)
def category_of(reported: str) -> Category:
    """The category behind a reporter's word; `other` where none fits.

    >>> category_of("Poll book"), category_of("late_opening"), category_of("line"), category_of("bees")
    ('e_pollbook', 'access', 'long_line', 'other')
    """
    words = _words(reported)
    if words.replace(" ", "_") in CATEGORIES:
        return words.replace(" ", "_")  # type: ignore[return-value]
    for category, stems in _STEMS:
        if any(re.search(rf"\b{stem}", words) for stem in stems):
            return category
    return "other"


@lru_cache(maxsize=1_000)
def resolves(reported: str) -> tuple[Category, ...]:
    """The categories that a report with this word ends; nothing where it reports trouble.

    A bare "resolved" ends everything at its place.

    >>> resolves("resolved") == CATEGORIES, resolves("machine resolved"), resolves("machine")
    (True, ('machine',), ())
    """
    words = _words(reported)
    over = next((phrase for phrase in _OVER if re.search(rf"\b{phrase}\b", words)), None)
    if over is None:
        return ()
    rest = words.replace(over, " ").strip()
    if not rest:
        return CATEGORIES
    return (category_of(rest),)


def hand_over(category: Category, severity: str) -> str:
    """Why the legal desk must know of it; empty where it need not."""
    if category == "intimidation":
        return "possible intimidation"
    if category == "access" and severity != "low":
        return "voters may be kept from the site"
    if category in _STOPS_VOTING and severity == "high":
        return "voting may have stopped: longer hours can be asked for"
    return ""


def _words(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()
