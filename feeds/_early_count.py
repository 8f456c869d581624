"""From blocks of rows to voters or counts by group: whole columns at a time, words looked up once a block."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from feeds._early_groups import Group, Groups
from feeds._early_layout import Layout, Method
from feeds._early_rows import Batch
from feeds._early_source import decoded
from feeds._early_voters import NOBODY, Codes, Voters, distinct, hash_voters

Ints = npt.NDArray[np.int64]
CELL_CHARS = 100  # of a county or precinct; a longer one is cut
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
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
        self._accepted = {word.strip().casefold() for word in layout.accepted}
        self._hashes: list[npt.NDArray[np.uint64]] = []
        self._codes: list[Codes] = []
        self.counts: Counter[int] = Counter()  # {group code: ballots}, of a file of counts
        self.rows = 0
        self.ballots = 0  # rows that count, a voter's second ones included; or the sum of the counts
        self.total: int | None = None  # what the file's own line of totals says
        self.refused: Counter[str] = Counter()  # {reason: rows, or ballots of a file of counts}

    def add(self, batch: Batch) -> None:
        """Count one block."""
        rows = len(next(iter(batch.values()))) if batch else 0
        self.rows += rows
        keep = np.ones(rows, bool)
        if self._layout.status:
            keep &= _looked_up(batch["status"], lambda word: word.casefold() in self._accepted).astype(bool)
        if self._layout.total:
            keep &= ~self._take_total(batch)
        if self._layout.date:
            self._refuse(keep, _looked_up(batch["date"], self._is_after).astype(bool), AFTER, batch)
        codes = self._group_codes(batch, rows)
        self._refuse(keep, codes == NO_CODE, METHOD, batch)
        precincts = _looked_up(batch["precinct"], lambda word: not word).astype(bool)
        self._refuse(keep, precincts, NO_PRECINCT, batch)
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

    def _add_voters(self, voters: pa.Array, codes: Codes, keep: npt.NDArray[np.bool_]) -> None:
        identifiers = voters.filter(pa.array(keep)).to_pylist()
        blank = np.fromiter((not one.strip() for one in identifiers), bool, len(identifiers))
        self.refused[NO_VOTER] += int(blank.sum())
        hashes, kept = hash_voters(identifiers, self._key), codes[keep]
        self._hashes.append(hashes[~blank])
        self._codes.append(kept[~blank])
        self.ballots += len(kept) - int(blank.sum())

    def _add_counts(self, counts: pa.Array, codes: Codes, keep: npt.NDArray[np.bool_]) -> None:
        for text, code in zip(counts.filter(pa.array(keep)).to_pylist(), codes[keep].tolist(), strict=True):
            ballots = count_of(text)
            if ballots is None:
                self.refused[BAD_COUNT] += 1
            else:
                self.counts[code] += ballots
                self.ballots += ballots

    def _refuse(self, keep: npt.NDArray[np.bool_], bad: npt.NDArray[np.bool_], reason: str, batch: Batch) -> None:
        """Take these rows out of `keep`, and count what they would have counted."""
        bad = bad & keep
        keep &= ~bad
        if not self._layout.voter and bad.any():
            self.refused[reason] += sum(
                count_of(text) or 0 for text in batch["count"].filter(pa.array(bad)).to_pylist()
            )
        else:
            self.refused[reason] += int(bad.sum())

    def _take_total(self, batch: Batch) -> npt.NDArray[np.bool_]:
        """Which rows are the file's own line of totals."""
        word = self._layout.total.casefold()
        is_total = _looked_up(batch["precinct"], lambda text: text.casefold() == word).astype(bool)
        for text in batch["count"].filter(pa.array(is_total)).to_pylist():
            self.total = count_of(text)
        return is_total

    def _is_after(self, word: str) -> bool:
        try:
            return datetime.strptime(word[:32], self._layout.date_format).date() > self._last_day  # noqa: DTZ007
        except ValueError:
            return False  # the ballot counts all the same: the day is only a check

    def _group_codes(self, batch: Batch, rows: int) -> Codes:
        """The group of each row; NO_CODE where its method cannot be told."""
        precinct, precincts = _encoded(batch["precinct"])
        county, counties = _encoded(batch["county"]) if self._layout.county else (np.zeros(rows, np.int64), [""])
        word, words = _encoded(batch["method"]) if self._layout.method else (np.zeros(rows, np.int64), [""])
        methods = [self._method(text) for text in words]
        mixed = (county * max(1, len(precincts)) + precinct) * max(1, len(words)) + word
        found, inverse = np.unique(mixed, return_inverse=True)
        codes = np.empty(len(found), np.int32)
        for place, value in enumerate(found.tolist()):
            rest, word_code = divmod(value, len(words))
            county_code, precinct_code = divmod(rest, len(precincts))
            method = methods[word_code]
            codes[place] = (
                NO_CODE if method is None
                else self._groups.code(Group(counties[county_code], precincts[precinct_code], method))
            )  # fmt: skip
        return codes[inverse]

    def _method(self, word: str) -> Method | None:
        if self._layout.always:
            return self._layout.always
        folded = word.casefold()
        if any(part.casefold() in folded for part in self._layout.in_person):
            return "in_person"
        return "mail" if any(part.casefold() in folded for part in self._layout.mail) else None


def count_of(text: bytes) -> int | None:
    """A whole number of at least 0, as `1,057`, `57` or `57.0`; None for anything else."""
    word = text.strip().decode("latin-1")
    return int(word.split(".")[0].replace(",", "")) if word.isascii() and _COUNT.fullmatch(word) else None


def cell_text(cell: bytes) -> str:
    """A county, precinct or word: without control characters, at most CELL_CHARS long."""
    return " ".join(_CONTROL.sub(" ", decoded(cell[: 4 * CELL_CHARS])).split())[:CELL_CHARS]


def _encoded(column: pa.Array) -> tuple[Ints, list[str]]:
    """(number of each row's word, the words)."""
    encoded = column.dictionary_encode()
    return (
        encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64),
        [cell_text(word) for word in encoded.dictionary.to_pylist()],
    )


def _looked_up(column: pa.Array, answer: Callable[[str], bool]) -> npt.NDArray[np.bool_]:
    """The answer for each row, asked once for each different word."""
    codes, words = _encoded(column)
    answers: Sequence[bool] = [answer(word) for word in words]
    return np.array([*answers, False], bool)[codes]
