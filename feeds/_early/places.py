"""Joins the publisher's counties and precincts to the precincts of the day: by a crosswalk, or by name."""

import csv
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from feeds._feed import FeedError

_NEEDED = ("precinct", "precinct_id")
_SIGNS = re.compile(r"[\W_]+")


def read_crosswalk(path: Path) -> dict[tuple[str, str], str]:
    """{(county, precinct) as `plain` writes them: precinct id} of a CSV `county,precinct,precinct_id`.

    The county may be left out or blank, where precinct names are unlike in all counties. Raises FeedError,
    which names file, line and remedy.
    """
    found: dict[tuple[str, str], str] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            rows.fieldnames = [name.strip().casefold() for name in rows.fieldnames or ()]
            for name in _NEEDED:
                if name not in rows.fieldnames:
                    raise FeedError(f"{path}, line 1: lacks the column {name}; write county,precinct,precinct_id.")
            for row in rows:
                where = (plain(row.get("county") or ""), plain(row["precinct"] or ""))
                meant = (row["precinct_id"] or "").strip()
                if found.setdefault(where, meant) != meant:
                    raise FeedError(
                        f"{path}, line {rows.line_num}: {row['precinct']} is given twice, once as {found[where]}, "
                        f"once as {meant}; leave one."
                    )
    except (OSError, UnicodeError, csv.Error) as error:
        raise FeedError(f"{path} cannot be read ({error}). Check the option precincts.") from error
    return found


class Places:
    """The precincts of the day, found by the publisher's words."""

    def __init__(self, precincts: Iterable[str], crosswalk: dict[tuple[str, str], str] | None = None) -> None:
        self._ids = frozenset(precincts)
        self._crosswalk = crosswalk or {}
        self._plain: dict[str, str] = {}
        for precinct in sorted(self._ids):
            # two ids that differ only in their signs are told apart by their exact text alone
            self._plain[plain(precinct)] = "" if plain(precinct) in self._plain else precinct
        # ids in the crosswalk that the day does not have: a crosswalk of another year, or a slip
        self.strays = sorted({meant for meant in self._crosswalk.values() if meant not in self._ids})

    def find(self, county: str, precinct: str, alone: bool) -> str | None:
        """The precinct's id on the day, or None.

        In turn: the crosswalk; county and precinct together; and the precinct by itself, where `alone`
        says that the file has but one county: in a whole state many counties have a precinct 01.
        """
        for where in ((plain(county), plain(precinct)), ("", plain(precinct))):
            if (meant := self._crosswalk.get(where)) in self._ids:
                return meant
        if county and (found := self._plain.get(plain(county + precinct))):
            return found
        if not alone:
            return None
        return precinct if precinct in self._ids else self._plain.get(plain(precinct)) or None


@lru_cache(maxsize=65_536)  # the same few thousand names are asked for with every file
def plain(name: str) -> str:
    """A name without letter case, spaces and signs.

    >>> plain("Wake 01-07A") == plain("WAKE_01_07a")
    True
    """
    return _SIGNS.sub("", name.casefold())
