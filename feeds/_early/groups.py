"""The groups that ballots are counted in: county, precinct and method, numbered as they are met."""

from typing import NamedTuple

import numpy as np

from feeds._early.layout import Method
from feeds._early.voters import Codes


class Group(NamedTuple):
    """Where and how ballots were cast, in the publisher's own words."""

    county: str
    precinct: str
    method: Method


class Groups:
    """Numbers for groups; one table for all the files of a feed, so that their voters can be compared."""

    def __init__(self) -> None:
        self._codes: dict[Group, int] = {}
        self.names: list[Group] = []

    def code(self, group: Group) -> int:
        """The group's number, from 0."""
        code = self._codes.setdefault(group, len(self.names))
        if code == len(self.names):
            self.names.append(group)
        return code

    def ranks(self) -> Codes:
        """ranks[code] is the group's place in the order of the names."""
        ranks = np.empty(len(self.names), np.int32)
        ranks[sorted(range(len(self.names)), key=self.names.__getitem__)] = np.arange(len(self.names), dtype=np.int32)
        return ranks
