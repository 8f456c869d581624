"""What a check found: a light, what is so, and what to do about it. Pure."""

from collections.abc import Iterable
from typing import Literal, get_args

import msgspec

Light = Literal["green", "unknown", "amber", "red"]  # from the best to the worst
LIGHTS: tuple[Light, ...] = get_args(Light)
MEANING: dict[Light, str] = {
    "green": "ready",
    "unknown": "not looked at",
    "amber": "the day can begin, but mend it tonight",
    "red": "do not begin the day like this",
}


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at. `what` says how it is, `remedy` what to do; a command in it stands in backticks."""

    name: str
    light: Light
    what: str
    remedy: str = ""

    def __post_init__(self) -> None:
        if self.light != "green" and not self.remedy:
            raise ValueError(f"{self.name} is {self.light} and says no remedy")


class NotLooked(Exception):
    """A check could not look. `what` says why, `remedy` how it can."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


def green(name: str, what: str) -> Finding:
    """All is well."""
    return Finding(name, "green", what)


def worst(findings: Iterable[Finding]) -> Light:
    """The worst light; green where nothing was found."""
    return max((f.light for f in findings), key=LIGHTS.index, default="green")


def some(items: Iterable[object], shown: int = 4) -> str:
    """The first few, and how many more: names in a sentence.

    >>> some(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    listed = [str(item) for item in items]
    head = ", ".join(listed[:shown])
    return head if len(listed) <= shown else f"{head} and {len(listed) - shown:,} more"
