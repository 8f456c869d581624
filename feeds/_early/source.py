"""Opens a table as published: plain or zipped, in UTF-8, Latin-1 or UTF-16; a bomb is refused unread.

Bytes go on as they are (UTF-16 as UTF-8): the commas, quotes and line breaks of all these are the same, so
the parser need not decode six hundred bytes a row of which sixty are wanted.
"""

import codecs
import csv
import errno
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, Protocol

TABLE_ENDINGS = (".csv", ".txt", ".tsv", ".tab")
UNPACKED_LIMIT_BYTES = 16 << 30  # a nation's voters; nothing is unpacked to disk
RATIO_LIMIT = 200  # unpacked to packed; tables of voters reach 30, a bomb 1,000
SUSPECT_FROM_BYTES = 64 << 20  # below this no ratio harms
SHEETS_LIMIT_BYTES = 64 << 20  # of a workbook, which is held whole; Pennsylvania's has 0.1 MB
HEADER_LIMIT_BYTES = 64 * 1024
_CHUNK_BYTES = 1 << 20
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeError, ValueError)


class BadTable(Exception):
    """The file cannot be read as a table: `reason` is a fixed name, `remedy` says what was found and what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(remedy)
        self.reason = reason
        self.remedy = remedy


@contextmanager
def _damage() -> Iterator[None]:
    """Whatever the unpacking stumbles over is damage of the file, except where the disk itself fails."""
    try:
        yield
    except _BROKEN as error:
        raise BadTable("bad_archive", f"The file is damaged ({error}): fetch it again.") from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # a place before the beginning of the file, from a damaged directory
            raise
        raise BadTable("bad_archive", "The file's directory is damaged: fetch it again.") from error


class _Bytes(Protocol):
    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes; none at the end."""


class Header(NamedTuple):
    """The first line of a table: its columns, and what separates them."""

    columns: list[str]
    separator: str


class Source:
    """The bytes of one table, digested as they are read."""

    def __init__(self, file: "_Bytes") -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.read_bytes = 0
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        """The next bytes. Raises BadTable where an archive is broken."""
        with _damage():
            chunk = self._file.read(size)
        self._hash.update(chunk)
        self.read_bytes += len(chunk)
        return chunk

    def digest(self) -> str:
        """First 32 digits of the SHA-256 of all the bytes, read to the end."""
        while self.read(_CHUNK_BYTES):
            pass
        return self._hash.hexdigest()[:32]

    def close(self) -> None:
        """For the parser: the file is closed by who opened it."""
        self.closed = True


@contextmanager
def open_table(path: Path) -> Iterator[Source]:
    """The table in this file, or the only one in this zip. Raises OSError, BadTable."""
    with ExitStack() as held:
        file = held.enter_context(path.open("rb"))
        packed = file.read(4) == b"PK\x03\x04"
        file.seek(0)
        if packed:
            with _damage():
                archive = held.enter_context(zipfile.ZipFile(file))
                member = held.enter_context(archive.open(_member(archive)))
                table = _plain(io.BufferedReader(member))
        else:
            table = _plain(file)
        yield Source(table)


def is_workbook(path: Path) -> bool:
    """Whether this is an Excel or OpenDocument workbook. Raises OSError, and BadTable for one that is a bomb."""
    with path.open("rb") as file:
        head = file.read(8)
    if head == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":  # .xls: as large as it is on disk
        if path.stat().st_size > SHEETS_LIMIT_BYTES:
            raise BadTable("too_large", "The workbook is larger than 64 MiB: save its sheet as CSV.")
        return True
    if head[:4] != b"PK\x03\x04":
        return False
    with _damage(), zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if not any(name in ("xl/workbook.xml", "xl/workbook.bin", "content.xml") for name in names):
            return False
        unpacked = sum(info.file_size for info in archive.infolist())
        if unpacked > SHEETS_LIMIT_BYTES:
            raise BadTable("bomb", f"The workbook unpacks to {unpacked:,} bytes: save its sheet as CSV.")
        # the sizes are only what the file says of itself: unpacking once, no further than that, proves them
        if damaged := archive.testzip():
            raise BadTable("bad_archive", f"The workbook is damaged in {damaged[:60]}: fetch it again.")
    return True


def read_header(path: Path) -> Header:
    """The first line of the table. Raises OSError, BadTable."""
    with open_table(path) as source:
        head = source.read(HEADER_LIMIT_BYTES)
    return header_of(head)


def header_of(head: bytes) -> Header:
    """The header in the first bytes of a table. Raises BadTable where there is none."""
    line = decoded(head.removeprefix(codecs.BOM_UTF8).split(b"\n", 1)[0]).strip("\r")
    if not line.strip() or "\x00" in line:
        raise BadTable("bad_header", "The first line names no columns: export the file with its header.")
    separator = max("\t,;|", key=line.count)
    try:
        columns = [name.strip() for name in next(csv.reader([line], delimiter=separator))]
    except csv.Error as error:
        raise BadTable("bad_header", f"The first line cannot be read ({error}).") from None
    return Header(columns, separator)


def decoded(cell: bytes) -> str:
    """Text of a cell: UTF-8 where it is that, or else Latin-1, which every byte is.

    >>> decoded("Doña Ana".encode()), decoded("Doña Ana".encode("latin-1"))
    ('Doña Ana', 'Doña Ana')
    """
    try:
        return cell.decode("utf-8")
    except UnicodeDecodeError:
        return cell.decode("latin-1")


def _member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The one table in a zip, or Georgia's whole state among its counties. Raises BadTable."""
    tables = [
        info
        for info in archive.infolist()
        if info.filename.lower().endswith(TABLE_ENDINGS) and "__MACOSX" not in info.filename
    ]
    whole = [info for info in tables if PurePosixPath(info.filename).name.lower() == "statewide.csv"]
    found = whole or tables
    if len(found) != 1:
        raise BadTable("bad_archive", f"The zip holds {len(found)} tables: give the one that counts.")
    info = found[0]
    if info.flag_bits & 1:
        raise BadTable("bad_archive", "The zip is locked by a password: unlock it first.")
    packed = max(info.compress_size, 1)
    if info.file_size > UNPACKED_LIMIT_BYTES or (
        info.file_size > SUSPECT_FROM_BYTES and info.file_size / packed > RATIO_LIMIT
    ):
        raise BadTable("bomb", f"The zip grows from {packed:,} to {info.file_size:,} bytes: unpack it yourself.")
    return info


def _plain(file: "io.BufferedReader[Any]") -> "_Bytes":
    """The same bytes, or UTF-16 as UTF-8."""
    head = file.peek(4)[:4]
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return _Recoded(file, "utf-16")
    if len(head) >= 2 and (head[0] == 0) != (head[1] == 0):
        return _Recoded(file, "utf-16-be" if head[0] == 0 else "utf-16-le")
    return file


class _Recoded:
    """A file of one encoding, read as UTF-8."""

    def __init__(self, file: "_Bytes", encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._held = b""

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._held) < size:
            raw = self._file.read(_CHUNK_BYTES)
            self._held += self._decoder.decode(raw, final=not raw).encode("utf-8", "replace")
            if not raw:
                break
        size = len(self._held) if size < 0 else size
        chunk, self._held = self._held[:size], self._held[size:]
        return chunk
