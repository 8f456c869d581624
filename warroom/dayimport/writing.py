"""Writes the day folder: each file whole or not at all, and only where it has changed."""

import csv
import io
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from warroom.dayfolder.schema import TableSchema

_KEYS = ("name", "date", "timezone", "polls_open", "polls_close", "type", "party")


def table_text(schema: TableSchema, rows: Collection[Mapping[str, str]]) -> str:
    """A CSV file of the contract; columns of the user's own follow those of the contract."""
    own = dict.fromkeys(name for row in rows for name in row if name not in schema.names)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, [*schema.names, *own], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def day_text(day: Mapping[str, Any]) -> str:
    """day.toml with the keys of the contract, in its order; blank optional ones left out."""
    lines = []
    for key in _KEYS:
        if value := str(day.get(key, "")).strip():
            escaped = "".join(
                f"\\u{ord(letter):04x}" if ord(letter) < 32 or letter in '"\\\x7f' else letter for letter in value
            )
            lines.append(f'{key} = "{escaped}"')
    return "\n".join(lines) + "\n"


def write_changed(folder: Path, texts: Mapping[str, str]) -> list[str]:
    """Write the files that differ from what is there; returns their names. A crash leaves the old file whole."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in texts.items():
        file = folder / name
        if file.is_file() and file.read_text(encoding="utf-8-sig", errors="replace") == text:
            continue
        part = folder / f".{name}.part"
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(file)
        written.append(name)
    return written
