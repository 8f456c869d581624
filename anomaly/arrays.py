"""Aliases for the arrays that the model passes round, and one grouping helper."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int8]
Bools = npt.NDArray[np.bool_]


def codes_of(values: Sequence[object]) -> tuple[Ints, list[str]]:
    """Number the distinct texts of a column: (codes, names); a blank or missing text has code -1.

    >>> codes_of(["b", "a", "", None, "b"])
    (array([ 1,  0, -1, -1,  1]), ['a', 'b'])
    """
    text = ["" if value is None or value != value else str(value) for value in values]
    names = sorted({t for t in text if t})
    rank = {name: k for k, name in enumerate(names)}
    return np.array([rank.get(t, -1) for t in text], dtype=np.int64), names


def numbers_of(frame: pd.DataFrame, column: str) -> Floats:
    """One column as floats; what is missing or is no number is NaN."""
    if column not in frame.columns:
        return np.full(len(frame), np.nan)
    return np.asarray(pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan))
