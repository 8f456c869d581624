"""Two people type the same sheet blind: what both typed alike counts, the rest is looked up on the paper. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import zip_longest

import msgspec


class Kept(msgspec.Struct, frozen=True):
    """One line of a sheet as it was understood. `what` says place and kind, `value` all that must agree."""

    id: str
    what: str
    value: str
    words: str
    report: bytes


class Difference(msgspec.Struct, frozen=True):
    """What two people typed for one place; '' where only one of them typed it."""

    what: str
    first: str
    second: str


def compare(first: Iterable[Kept], second: Iterable[Kept]) -> tuple[list[Kept], list[Difference]]:
    """The first person's lines that the second typed alike, and the differences, in the order of the sheet.

    Lines of one place are paired alike ones first, the others in their order, so that a line that one person
    left out does not set all after it at odds.
    """
    firsts, seconds = _by_what(first), _by_what(second)
    agreed: list[Kept] = []
    differ: list[Difference] = []
    for what in dict.fromkeys([*firsts, *seconds]):
        left, right = list(firsts.get(what, ())), list(seconds.get(what, ()))
        for line in firsts.get(what, ()):
            twin = next((other for other in right if other.value == line.value), None)
            if twin is not None:
                agreed.append(line)
                left.remove(line)
                right.remove(twin)
        differ += [Difference(what, a.words if a else "", b.words if b else "") for a, b in zip_longest(left, right)]
    return agreed, differ


def _by_what(lines: Iterable[Kept]) -> dict[str, list[Kept]]:
    found: dict[str, list[Kept]] = defaultdict(list)
    for line in lines:
        if all(line.value != other.value for other in found[line.what]):  # the same again is the same
            found[line.what].append(line)
    return dict(found)
