"""Carries an earlier election's ballots to today's precincts, and counts what was carried whole, split or lost."""

from collections.abc import Sequence

import msgspec
import pandas as pd

_WHOLE = 0.99  # share that goes to one precinct: the rest is drawing difference
_EXAMPLES = 5


class Carried(msgspec.Struct):
    """One election's way to today's precincts. Ballots; shares are of its ballots (0 to 1) and sum to 1."""

    election_id: str
    file: str
    format: str
    method: str
    ballots: float
    old_precincts: int
    whole_share: float
    split_share: float
    lost_share: float
    lower_bound_precincts: int
    precincts_with_history: int
    lost: list[str] = msgspec.field(default_factory=list)
    remedy: str = ""


def carry(ids: Sequence[str | None], labels: Sequence[str], ballots: Sequence[float], shares: pd.DataFrame):  # type: ignore[no-untyped-def]
    """(Ballots by today's precinct, {'whole', 'split', 'lost'} in ballots, labels of what was lost).

    `ids` are the old precincts of the rows (None: not in the old map), `shares` has from, to, share.

    >>> shares = pd.DataFrame({"from": ["A", "B", "B"], "to": ["X", "X", "Y"], "share": [1.0, 0.25, 0.75]})
    >>> carried, figures, lost = carry(["A", "B", None], ["A", "B", "C"], [100, 40, 10], shares)
    >>> carried.to_dict(), figures, lost
    ({'X': 110.0, 'Y': 30.0}, {'whole': 100.0, 'split': 40.0, 'lost': 10.0}, ['C'])
    """
    rows = pd.DataFrame({"from": list(ids), "label": list(labels), "ballots": [float(count) for count in ballots]})
    by_old = rows.dropna(subset=["from"]).groupby("from")["ballots"].sum()
    moved = shares[shares["from"].isin(by_old.index)]
    moved = moved.assign(ballots=moved["share"] * moved["from"].map(by_old))
    largest, covered = (moved.groupby("from")["share"].agg(name) for name in ("max", "sum"))
    delivered = moved.groupby("from")["ballots"].sum()
    whole = float(delivered[largest >= _WHOLE].sum())
    split = float(delivered[largest < _WHOLE].sum())
    nowhere = rows["from"].isna() | ~rows["from"].isin(set(covered[covered > 0].index))
    lost = [label for label, count in zip(rows["label"][nowhere], rows["ballots"][nowhere], strict=True) if count > 0]
    figures = {"whole": whole, "split": split, "lost": float(rows["ballots"].sum()) - whole - split}
    carried = moved.groupby("to")["ballots"].sum()
    return carried, {name: round(value, 6) for name, value in figures.items()}, lost[:_EXAMPLES]


def identity(precincts: Sequence[str]) -> pd.DataFrame:
    """Shares that leave every precinct as it is: history joined by name."""
    return pd.DataFrame({"from": list(precincts), "to": list(precincts), "share": 1.0})
