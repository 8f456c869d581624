"""Where a voter lives, as a precinct: from a file that the campaign keeps, or from a column. Nothing is stored."""

from collections.abc import Callable, Mapping
from pathlib import Path

from feeds._faults import Refusal
from feeds._feed import FeedError
from feeds._salt import salted
from feeds._table import read_table

PrecinctOf = Callable[[Mapping[str, str]], str]
_PRECINCT_NAMES = ("precinct", "precinct_id", "precinct id", "precinctname", "precinct name")


def precinct_lookup(file: Path | None, salt: bytes, column: str, key: str) -> PrecinctOf:
    """Gives a row's precinct, '' where none is known. `key` is the column that names the person.

    Raises FeedError where the crosswalk cannot be read.
    """
    if file is None:
        return lambda row: row.get(column, "")
    known = _read(file, salt, key)
    return lambda row: known.get(salted(salt, row.get(key, "")), "")


def _read(file: Path, salt: bytes, key: str) -> dict[str, str]:
    """{salted digest of the person: precinct}; the numbers themselves are not held in memory either."""
    found: dict[str, str] = {}
    shared: dict[str, str] = {}  # one text for each precinct, however many voters it has
    try:
        for record in read_table(file):
            if isinstance(record.row, Refusal):
                continue
            names = {name.casefold(): name for name in record.row}
            person = names.get(key.casefold()) or names.get("vanid") or names.get("van_id")
            place = next((names[name] for name in _PRECINCT_NAMES if name in names), None)
            if person is None or place is None:
                raise FeedError(f"{file}: name its two columns VANID and precinct in the first line.")
            precinct = record.row[place]
            found[salted(salt, record.row[person])] = shared.setdefault(precinct, precinct)
    except OSError as error:
        raise FeedError(f"{file} cannot be read: {error.strerror or error}. Check the option precincts.") from error
    return found
