"""What a day brings: reports, and the bytes that they take on disk and in memory. Pure.

Bytes a report, measured on the demo city's 38,000 reports with the real store (docs/night-before.md).
"""

import msgspec

from warroom.dayfolder import DayFolder

MINUTES_BETWEEN = 15.0  # a precinct that reports more often than every quarter of an hour is rare
PER_VOLUNTEER = 12  # arrivals, waits, a problem, contacts
RAW_BYTES, FILE_BYTES, MEMORY_BYTES = 200, 700, 500
REWRITE = 3  # the store's file doubles before it is rewritten shorter, and then the new one lies beside it
LEAST_BYTES = 200_000_000  # a small day too: the board is written every two seconds


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """A day's reports, and their bytes: raw input, the store's file, the store's memory."""

    reports: int
    raw_bytes: int
    file_bytes: int
    store_bytes: int


def traffic_of(folder: DayFolder) -> Traffic:
    """What this folder's day brings at most, as far as can be said beforehand."""
    volunteers = 0 if folder.volunteers is None else len(folder.volunteers)
    return traffic(len(folder.precincts), folder.day.minutes_open, volunteers)


def traffic(precincts: int, minutes_open: int, volunteers: int) -> Traffic:
    """Every precinct each quarter of an hour, every volunteer a dozen times; never less than 200 MB of each."""
    reports = round(precincts * minutes_open / MINUTES_BETWEEN) + PER_VOLUNTEER * volunteers
    return Traffic(
        reports=reports,
        raw_bytes=max(LEAST_BYTES, reports * RAW_BYTES),
        file_bytes=max(LEAST_BYTES, REWRITE * reports * FILE_BYTES),
        store_bytes=max(LEAST_BYTES, reports * MEMORY_BYTES),
    )


def megabytes(size: int) -> str:
    """Bytes in words.

    >>> megabytes(123_400_000), megabytes(4_560_000_000)
    ('123 MB', '4.6 GB')
    """
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
