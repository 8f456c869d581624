"""The words of one column, numbered: looked at once in a file, however many rows repeat them."""

import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from feeds._early.source import BadTable, decoded

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
CELL_CHARS = 100  # of a county or precinct; a longer one is cut
WORDS_LIMIT = 200_000  # the whole nation has fewer precincts; more is a column of something else
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


class Words:
    """Numbers words in the order in which they are met; `answer` is asked once for each, where there is one."""

    def __init__(self, name: str, answer: Callable[[str], bool] = bool) -> None:
        self._name = name
        self._answer = answer
        self._numbers: dict[bytes, int] = {}
        self._answers: list[bool] = []
        self.texts: list[str] = []

    def numbers(self, column: pa.Array) -> Ints:
        """The number of each row's word. Raises BadTable where there are too many to be words."""
        encoded = column.dictionary_encode()
        known = self._numbers
        here = [known.get(word, -1) for word in encoded.dictionary.to_pylist()]
        if -1 in here:
            here = [self._number(word) for word in encoded.dictionary.to_pylist()]
        return np.array(here, np.int64)[encoded.indices.to_numpy(zero_copy_only=False)]

    def answers(self, numbers: Ints) -> Flags:
        """The answer for each of these numbers."""
        return np.array(self._answers, bool)[numbers]

    def _number(self, word: bytes) -> int:
        number = self._numbers.setdefault(word, len(self.texts))
        if number == len(self.texts):
            if number >= WORDS_LIMIT:
                raise BadTable("too_many_words", f"The column {self._name[:40]!r} holds more than 200,000 words.")
            self.texts.append(cell_text(word))
            self._answers.append(self._answer(self.texts[-1]))
        return number


def cell_text(cell: bytes) -> str:
    """A county, precinct or word: without control characters, at most CELL_CHARS long."""
    return " ".join(_CONTROL.sub(" ", decoded(cell[: 4 * CELL_CHARS])).split())[:CELL_CHARS]
