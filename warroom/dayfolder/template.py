"""Makes an empty, documented day folder for `warroom day new`."""

from pathlib import Path

from warroom.dayfolder.schema import TABLES, TableSchema

_DAY_TOML = """\
# The election day. Every setting but party is needed.
name = ""                        # as the board shows it, such as "June primary"
date = ""                        # YYYY-MM-DD
timezone = "America/New_York"    # IANA name: America/Chicago, America/Denver, America/Los_Angeles, ...
polls_open = "06:00"             # local time, 24-hour clock
polls_close = "21:00"
type = "general"                 # primary, general or special (a runoff or municipal election is special)
# party = "DEM"                  # only for a party's own primary
"""

_FEEDS_TOML = """\
# The feeds that run on the day, each a URL and its options. Remove the # to use one.
# A relative path is taken from this folder.

# [[feed]]
# name = "watchers"
# url = "file:inbox/reports.jsonl?follow=1"
"""

_README_HEAD = """\
# A day folder

This folder describes one election day; it is all that the war room needs to know. Fill in the files,
then ask what is still missing with `warroom check` and the name of this folder.
Files that election offices publish (VIP feeds, outlines, polling places, results) need no typing:
`warroom day import --help` says how they are read.

- All files are UTF-8. CSV files are separated by commas and begin with a header line.
- Identifiers are text. A spreadsheet turns 0412 into 412: format such columns as text before pasting.
- Leave a cell blank where something is not known. Optional files may be deleted.

## day.toml (needed)

The name, date, time zone, polling hours and type of the election. Comments in the file explain each setting.
"""

_README_TAIL = """\
## precincts.geojson (optional)

Outlines for the map: a GeoJSON FeatureCollection in degrees (WGS 84) whose features carry the property
`precinct_id`, as text. Without it the map shows points.

## feeds.toml (optional)

Where reports come from on the day: one `[[feed]]` table for each, with a `url`; other keys are its options.

## reports.jsonl (optional)

Recorded reports, one JSON object to a line, for replay and drills.
"""


class FolderNotEmptyError(FileExistsError):
    """The folder holds files already: a template never overwrites work."""


def write_template(path: Path) -> list[Path]:
    """Writes an empty day folder with a README.md that explains each file; returns the files written.

    Raises FolderNotEmptyError where the folder holds anything, NotADirectoryError where it is a file.
    """
    path = Path(path)
    if path.exists() and not path.is_dir():
        raise NotADirectoryError(f"{path} is a file; name a folder that is new or empty.")
    if path.is_dir() and any(path.iterdir()):
        raise FolderNotEmptyError(f"{path} is not empty; name a folder that is new or empty.")
    path.mkdir(parents=True, exist_ok=True)
    texts = {"day.toml": _DAY_TOML, "feeds.toml": _FEEDS_TOML, "README.md": readme_text()}
    texts |= {table.file: ",".join(table.names) + "\n" for table in TABLES}
    for name, text in texts.items():
        (path / name).write_text(text, encoding="utf-8")
    return [path / name for name in texts]


def readme_text() -> str:
    """The README.md of a day folder: every file and every column, from the schema."""
    return "\n".join([_README_HEAD, *map(_table_text, TABLES), _README_TAIL])


def _table_text(table: TableSchema) -> str:
    rows = [f"| `{cell.name}` | {'yes' if cell.required else ''} | {cell.about} |" for cell in table.columns]
    head = [f"## {table.file} ({'needed' if table.required else 'optional'})", "", table.about, ""]
    return "\n".join([*head, "| column | needed | meaning |", "|---|---|---|", *rows, ""])
