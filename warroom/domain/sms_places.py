"""Finds the place that somebody's thumbs meant: O for 0, l and I for 1, a lost leading zero, a stray dash. Pure."""

from collections.abc import Iterable, Mapping

_LOOKS_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "|": "1"})


def plain(text: str) -> str:
    """Letters and digits only, in capitals, look-alikes as digits.

    >>> plain("o1-l2")
    '0112'
    """
    return "".join(sign for sign in text.upper() if sign.isalnum() or sign == "|").translate(_LOOKS_LIKE)


class Names:
    """The ids of one kind of place, found by what was typed."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._ids = frozenset(ids)
        self._plain: dict[str, list[str]] = {}
        self._short: dict[str, list[str]] = {}
        for place in sorted(self._ids):
            self._plain.setdefault(plain(place), []).append(place)
            self._short.setdefault(plain(place).lstrip("0"), []).append(place)

    def find(self, typed: str) -> list[str]:
        """The places that this can mean: none, the one, or several (then nobody may choose for the sender)."""
        if typed in self._ids:
            return [typed]
        bare = plain(typed)
        if not bare:
            return []
        return self._plain.get(bare) or self._short.get(bare.lstrip("0")) or []


class SmsPlaces:
    """The day's roster for a text message. `precincts` is {precinct id: site id or ''}, `names` {id: name}."""

    def __init__(self, precincts: Mapping[str, str], sites: Iterable[str], names: Mapping[str, str]) -> None:
        self.site_of = dict(precincts)
        self.names = dict(names)
        self.precincts = Names(precincts)
        self.sites = Names(sites)
        self.example = min(precincts, default="0412")
        self.example_site = min(sites, default=self.example)
