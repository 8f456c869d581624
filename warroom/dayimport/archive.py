"""The members of a source: one file, a folder, or a zip that is read in place and never unpacked to disk."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from warroom.dayimport.findings import Findings, ImportProblem

_MEMBER_LARGEST = 4 << 30  # bytes unpacked: the feed of the largest state with its street segments
_RATIO_HIGHEST = 400  # unpacked to packed; XML and CSV reach 30, a bomb 1,000
_MEMBERS_MOST = 10_000
_SUSPECT_FROM = 50 << 20  # bytes; below this no ratio harms


class Members:
    """Names and contents of what a source holds. A name is the path inside the source, in lower case."""

    def __init__(self, path: Path, findings: Findings) -> None:
        """Raises ImportProblem for a zip that is broken, encrypted or a bomb."""
        self.path = path
        self._zip: zipfile.ZipFile | None = None
        self._at: dict[str, zipfile.ZipInfo | Path] = {}
        for name, at in self._found(findings):
            if name in self._at:
                found, remedy = f"two members named {name!r}", "The last one is read; give each its own name."
                findings.fault(path.name, None, "", found, "each name once", remedy)
            self._at[name] = at

    def _found(self, findings: Findings) -> Iterator[tuple[str, zipfile.ZipInfo | Path]]:
        if self.path.is_dir():
            yield from ((entry.name.lower(), entry) for entry in sorted(self.path.iterdir()) if entry.is_file())
        elif zipfile.is_zipfile(self.path):
            yield from self._of_zip(findings)
        else:
            yield self.path.name.lower(), self.path

    def _of_zip(self, findings: Findings) -> Iterator[tuple[str, zipfile.ZipInfo]]:
        file = self.path.name
        try:
            self._zip = zipfile.ZipFile(self.path)
            infos = self._zip.infolist()
        except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError, UnicodeError) as error:
            raise ImportProblem(file, f"a broken zip ({error})", "a zip file", "Download it again.") from None
        if len(infos) > _MEMBERS_MOST:
            raise ImportProblem(file, f"{len(infos):,} members", f"at most {_MEMBERS_MOST:,}", "Zip the feed alone.")
        for info in infos:
            name = PurePosixPath(info.filename.replace("\\", "/"))
            if info.is_dir() or "__MACOSX" in name.parts:
                continue
            if name.is_absolute() or ".." in name.parts or ":" in info.filename:
                found, remedy = f"the member {info.filename!r}", "It is not read; zip the files again."
                findings.fault(file, None, "", found, "names inside the zip", remedy)
                continue
            if info.flag_bits & 1:
                raise ImportProblem(file, f"the encrypted member {name.name!r}", "a zip without password", "Unpack it.")
            packed = max(info.compress_size, 1)
            if info.file_size > _MEMBER_LARGEST or (
                info.file_size > _SUSPECT_FROM and info.file_size / packed > _RATIO_HIGHEST
            ):
                found = f"{name.name!r} that grows from {packed:,} to {info.file_size:,} bytes"
                raise ImportProblem(file, found, "a zip that is no bomb", "Unpack it yourself and give the file.")
            yield str(name).lower(), info

    def names(self, *endings: str) -> list[str]:
        """Names that end in one of these, in order."""
        return [name for name in self._at if name.endswith(endings)] if endings else list(self._at)

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """The member's bytes. A member that unpacks to more than it declared, or is broken, raises ImportProblem."""
        at = self._at[name]
        try:
            if isinstance(at, Path):
                with at.open("rb") as stream:
                    yield stream
            else:
                assert self._zip is not None
                with self._zip.open(at) as member:
                    yield io.BufferedReader(_Bounded(member, at.file_size))  # type: ignore[arg-type]
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            if isinstance(error, ImportProblem):
                raise
            raise ImportProblem(name, f"unreadable data ({error})", "a whole file", "Download it again.") from None


class _Bounded(io.RawIOBase):
    """Reads at most what the member declared: a lying header cannot fill the memory."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._left = stream, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._stream.read(min(len(buffer), self._left))
        self._left -= len(piece)
        buffer[: len(piece)] = piece
        return len(piece)
