"""From blocks of rows to voters or counts by group: whole columns at a time, words looked up once a file."""

import re
from collections import Counter
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from feeds._early.groups import Group, Groups
from feeds._early.layout import Layout, Method
from feeds._early.rows import Batch
from feeds._early.voters import NOBODY, Codes, Voters, distinct, hash_voters
from feeds._early.words import Flags, Ints, Words

_COUNT = re.compile(r"\d{1,3}(,\d{3})+|\d{1,9}(\.0*)?")
NO_CODE = -1
# why rows do not count although their status says so
AFTER, METHOD, NO_VOTER, NO_PRECINCT, BAD_COUNT = (
    "after_as_of", "bad_choice", "missing_field", "no_place", "bad_count",
)  # fmt: skip


class Counting:
    """Takes the blocks of one file. `last_day` is the local date of the file's as-of: no ballot is from after it."""

    def __init__(self, layout: Layout, groups: Groups, key: str, last_day: date) -> None:
        self._layout = layout
        self._groups = groups
        self._key = key
        self._last_day = last_day
        accepted = {word.strip().casefold() for word in layout.accepted}
        self._status = Words(layout.status, lambda word: word.casefold() in accepted)
        self._dates = Words(layout.date, self._is_after)
        self._precincts, self._counties, self._methods = map(Words, (layout.precinct, layout.county, layout.method))
        self._codes_of: dict[int, int] = {}  # {county, precinct and method mixed into one number: group code}
        self._hashes: list[npt.NDArray[np.uint64]] = []
        self._codes: list[Codes] = []
        self.counts: Counter[int] = Counter()  # {group code: ballots}, of a file of counts
        self.rows = 0
        self.ballots = 0  # rows that count, a voter's second ones included; or the sum of the counts
        self.total: int | None = None  # what the file's own line of totals says
        self.refused: Counter[str] = Counter()  # {reason: rows, or ballots of a file of counts}

    def add(self, batch: Batch) -> None:
        """Count one block. Raises BadTable where a column cannot be what it should."""
        rows = len(next(iter(batch.values()))) if batch else 0
        if not rows:
            return
        self.rows += rows
        keep = np.ones(rows, bool)
        if self._layout.status:
            keep &= self._status.answers(self._status.numbers(batch["status"]))
        precincts = self._precincts.numbers(batch["precinct"])
        if self._layout.total:
            keep &= ~self._take_total(batch, precincts)
        if self._layout.date:
            self._refuse(keep, self._dates.answers(self._dates.numbers(batch["date"])), AFTER, batch)
        codes = self._group_codes(batch, precincts)
        self._refuse(keep, codes == NO_CODE, METHOD, batch)
        self._refuse(keep, ~self._precincts.answers(precincts), NO_PRECINCT, batch)
        if self._layout.voter:
            self._add_voters(batch["voter"], codes, keep)
        else:
            self._add_counts(batch["count"], codes, keep)

    def voters(self) -> Voters:
        """Each voter of the file once; what was collected is given up for it."""
        if not self._hashes:
            return NOBODY
        hashes, self._hashes = np.concatenate(self._hashes), []
        codes, self._codes = np.concatenate(self._codes), []
        return distinct(hashes, codes, self._groups.ranks())

    def _add_voters(self, voters: pa.Array, codes: Codes, keep: Flags) -> None:
        # bytes seen as text: these two functions touch ASCII only, and nothing is decoded
        texts = voters.filter(pa.array(keep)).view(pa.string())
        trimmed = pc.ascii_upper(pc.ascii_trim_whitespace(texts)).view(pa.binary())
        named = pc.greater(pc.binary_length(trimmed), 0)
        here = named.to_numpy(zero_copy_only=False).astype(bool)
        self.refused[NO_VOTER] += int((~here).sum())
        self._hashes.append(hash_voters(trimmed.filter(named).to_numpy(zero_copy_only=False), self._key))
        self._codes.append(codes[keep][here])
        self.ballots += int(here.sum())

    def _add_counts(self, counts: pa.Array, codes: Codes, keep: Flags) -> None:
        for text, code in zip(counts.filter(pa.array(keep)).to_pylist(), codes[keep].tolist(), strict=True):
            ballots = count_of(text)
            if ballots is None:
                self.refused[BAD_COUNT] += 1
            else:
                self.counts[code] += ballots
                self.ballots += ballots

    def _refuse(self, keep: Flags, bad: Flags, reason: str, batch: Batch) -> None:
        """Take these rows out of `keep`, and count what they would have counted."""
        bad = bad & keep
        if not bad.any():
            return
        keep &= ~bad
        if self._layout.voter:
            self.refused[reason] += int(bad.sum())
        else:
            lost = batch["count"].filter(pa.array(bad)).to_pylist()
            self.refused[reason] += sum(count_of(text) or 0 for text in lost)

    def _take_total(self, batch: Batch, precincts: Ints) -> Flags:
        """Which rows are the file's own line of totals."""
        word = self._layout.total.casefold()
        is_total = np.array([text.casefold() == word for text in self._precincts.texts], bool)[precincts]
        for text in batch["count"].filter(pa.array(is_total)).to_pylist():
            self.total = count_of(text)
        return is_total

    def _is_after(self, word: str) -> bool:
        try:
            return datetime.strptime(word[:32], self._layout.date_format).date() > self._last_day  # noqa: DTZ007
        except ValueError:
            return False  # the ballot counts all the same: the day is only a check

    def _group_codes(self, batch: Batch, precincts: Ints) -> Codes:
        """The group of each row; NO_CODE where its method cannot be told."""
        mixed = precincts << 40  # 20 bits hold WORDS_LIMIT
        if self._layout.county:
            mixed |= self._counties.numbers(batch["county"]) << 20
        if self._layout.method:
            mixed |= self._methods.numbers(batch["method"])
        found, inverse = np.unique(mixed, return_inverse=True)
        known = self._codes_of
        codes = [known[value] if value in known else self._group_code(value) for value in found.tolist()]
        return np.array(codes, np.int32)[inverse]

    def _group_code(self, mixed: int) -> int:
        precinct, county, word = mixed >> 40, mixed >> 20 & 0xFFFFF, mixed & 0xFFFFF
        method = self._layout.always or self._method(self._methods.texts[word])
        name = self._counties.texts[county] if self._layout.county else ""
        code = self._groups.code(Group(name, self._precincts.texts[precinct], method)) if method else NO_CODE
        self._codes_of[mixed] = code
        return code

    def _method(self, word: str) -> Method | None:
        folded = word.casefold()
        if any(part.casefold() in folded for part in self._layout.in_person):
            return "in_person"
        return "mail" if any(part.casefold() in folded for part in self._layout.mail) else None


def count_of(text: bytes) -> int | None:
    """A whole number of at least 0, as `1,057`, `57` or `57.0`; None for anything else."""
    word = text.strip().decode("latin-1")
    return int(word.split(".")[0].replace(",", "")) if word.isascii() and _COUNT.fullmatch(word) else None
