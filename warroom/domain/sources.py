"""Who sends, and what others say of it: a source is a system or a watcher's code, never a person's name. Pure."""

from collections.abc import Collection
from typing import Literal

import msgspec

PEOPLES_DOORS = frozenset({"phone", "sms", "entry"})  # below these every name is another sender
MANY_SUSPECT, LEAST_READINGS = 0.20, 5  # share of suspect readings that slips do not explain, from so many readings on

Verdict = Literal["agrees", "alone", "contradicts", "one_of_two", "unsure"]
WORDS: dict[Verdict, str] = {
    "agrees": "agrees with others",
    "alone": "nobody to compare with",
    "contradicts": "contradicts others: look",
    "one_of_two": "contradicts one other source: one of the two is wrong",
    "unsure": "contradicts others, too few places to tell",
}


def sender_of(source: str) -> str:
    """The sender behind a source. A key may name sources below its own; they are one sender, and vouch for nobody.

    >>> sender_of("vendor/north"), sender_of("site S12"), sender_of("phone/7f3a")
    ('vendor', 'site S12', 'phone/7f3a')
    """
    first, slash, rest = source.partition("/")
    return f"{first}/{rest.partition('/')[0]}" if slash and first in PEOPLES_DOORS else first


def is_held(source: str, held: Collection[str]) -> bool:
    """Whether a source, or one above it, is among the held: as `warroom/tally/reach.lua` has it.

    >>> is_held("vendor/north", {"vendor"}), is_held("vendor", {"vendor/north"}), is_held("vendors", {"vendor"})
    (True, False, False)
    """
    return bool(held) and any(source == one or source.startswith(f"{one}/") for one in held)


class Trust(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One sender. `checked` readings at `counters`; `agreed` of these counters, in parts of them.

    share, low, high (0-1): posterior mean and 90 % interval of agreement, None where nothing could be checked.
    against: others it contradicts at most of the counters they share. chance: probability of so many contradictions
    by slips alone, times the sources compared. confirmed: more than one, or one that third parties confirm, contradict.
    """

    source: str
    readings: int
    suspect: int
    held: int
    last_ms: int
    checked: int = 0
    counters: int = 0
    agreed: float = 0.0
    share: float | None = None
    low: float | None = None
    high: float | None = None
    against: tuple[str, ...] = ()
    chance: float = 1.0
    confirmed: bool = False
    verdict: Verdict = "alone"

    @property
    def many_suspect(self) -> bool:
        """Whether more of it is suspect than slips explain."""
        return self.readings >= LEAST_READINGS and self.suspect > MANY_SUSPECT * self.readings


class Judgement(msgspec.Struct, frozen=True):
    """What others say of each source, as of a moment of the day; `waiting` counters were not looked at yet."""

    at_ms: int
    waiting: int
    sources: list[Trust]
