"""VIP flat files (6.0, 5.x and the old 3.0 layout) as records, from a folder or a zip.

Tables are found by their names (`precinct.txt`, `polling_location.csv`), columns by the header; both layouts
differ only in where the link from precinct to polling location stands. Street segments are never opened.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from warroom.dayimport.archive import Members
from warroom.dayimport.findings import Findings
from warroom.dayimport.rawtext import read_rows
from warroom.dayimport.vip import TABLES, Record
from warroom.dayimport.vip_xml import read_xml

# places first, so that links find them
_ORDER = sorted(TABLES, key=lambda table: (table.endswith("_polling_location"), table))


def read_feed(members: Members, findings: Findings) -> Iterator[Record]:
    """Records of a feed in whichever form: XML files where there are any, else the tables of the flat format."""
    if feeds := members.names(".xml"):
        for name in feeds:
            with members.open(name) as raw:
                yield from read_xml(raw, name)
        return
    yield from read_flat(members, findings)


def read_flat(members: Members, findings: Findings) -> Iterator[Record]:
    """Records of the flat format."""
    for table in _ORDER:
        for name in members.names(f"{table}.txt", f"{table}.csv"):
            if PurePosixPath(name).stem != table:
                continue
            with members.open(name) as raw:
                for line, row in read_rows(raw, name, findings):
                    yield table, line, row
