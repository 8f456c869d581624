"""The options of a drop feed."""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from feeds._early.layout import Layout
from feeds._mapping import RecordMapping


class How(NamedTuple):
    """What to read and when; of early votes: the crosswalk, the one county, the layout, the stated as-of."""

    glob: str = "*"
    once: bool = False
    settle_s: float = 2.0
    polling: bool | None = None
    mapping: RecordMapping | None = None
    precincts: Path | None = None
    county: str = ""
    layout: Layout | None = None
    as_of: datetime | None = None
