"""Reads rejected input again, after a mapping or the day folder was mended: by its digest, from the raw copies.

Nothing of a reject but its masked sample is in the store, so the bytes come from where they always were: the
raw log, or the recording itself. What is not found there is said, not guessed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from feeds._feed import FeedError
from feeds._frames import PUT_ITEMS
from feeds._live import LiveParser
from feeds._parse import LINE_LIMIT_BYTES
from feeds._samples import digest_of
from warroom.domain.reports import Reject, Report
from warroom.store.ports import Intake

Translate = Callable[[bytes, str, datetime], Report | Reject | None]  # raw, where, received
_BOM = b"\xef\xbb\xbf"
_WHOLE = "file "  # begins the place of what is refused of a file, or in all of it, and is no row


class Again(NamedTuple):
    """Digests by what became of them: good now; refused again; not found in any raw copy."""

    accepted: list[str]
    still: list[str]
    missing: list[str]


def read_again(feed: Any, intake: Intake, rejects: Mapping[str, Reject], copies: Iterable[Path]) -> Again:
    """Put what is good now of these rejects ({digest: reject}) into the store; durable on return.

    `feed` is asked for a `translator(intake)` where its input is not wire format v1, and to `reread(intake)`
    where its source is its only copy. A report keeps the arrival of its first coming. Raises what the store
    raises: then it may be tried again, for what went in before counts once.
    """
    if hasattr(feed, "reread"):
        return _reread(feed, intake, rejects)
    translate = translator_of(feed, intake)
    accepted: list[str] = []
    still: list[str] = []
    frame: list[Report] = []
    for digest, raw in find_raw(copies, rejects):
        first = rejects[digest]
        item = translate(raw, first.where, first.received)
        if item is None or isinstance(item, Reject):
            still.append(digest)
            continue
        accepted.append(digest)
        frame.append(item)
        if len(frame) >= PUT_ITEMS:
            intake.put_frame(feed.name, frame)
            frame = []
    if frame:
        intake.put_frame(feed.name, frame)
    found = {*accepted, *still}
    return Again(accepted, still, [digest for digest in rejects if digest not in found])


class _Anew:
    """An intake for one more reading of a whole source: from its start, without a place, rejects only noted."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self.refused: set[str] = set()  # digests, and places: a mended mapping gives a row another digest
        self.unread: set[str] = set()  # files without a header that can be used: nothing is known of their rows

    def __getattr__(self, name: str) -> Any:  # the day, its places and its clock are the intake's own
        return getattr(self._intake, name)

    def position(self, _feed: str) -> None:
        """None: from the start."""

    def paused(self, _feed: str) -> bool:
        """A director asked for this reading."""
        return False

    def put_trouble(self, _feed: str, _trouble: str) -> None:
        """The feed itself says how it is."""

    def put_frame(
        self, feed: str, reports: Sequence[Report], rejects: Sequence[Reject] = (), _position: str | None = None
    ) -> None:
        """Reports go in; what is refused again stands on the list already."""
        self.refused |= {reject.digest for reject in rejects}
        self.refused |= {reject.where for reject in rejects if not reject.where.startswith(_WHOLE)}
        self.unread |= {_file_of(reject.where) for reject in rejects if reject.reason == "bad_header"}
        if reports:
            self._intake.put_frame(feed, reports)


def _reread(feed: Any, intake: Intake, rejects: Mapping[str, Reject]) -> Again:
    anew = _Anew(intake)
    try:
        files = feed.reread(anew)  # {file: whether it was taken}, where there may be several
    except (FeedError, OSError):
        return Again([], [], list(rejects))
    still, gone = [], []
    for digest, first in rejects.items():
        file = _file_of(first.where)
        taken = True if files is None else files.get(file)
        if digest in anew.refused or first.where in anew.refused or taken is False:
            still.append(digest)
        elif taken is None or file in anew.unread:
            gone.append(digest)
    left = {*still, *gone}
    return Again([digest for digest in rejects if digest not in left], still, gone)


def _file_of(where: str) -> str:
    """The file of a place: of "a.csv:12", and of "file a.csv", where the reject is of a count and not of a row."""
    return where.removeprefix(_WHOLE) if where.startswith(_WHOLE) else where.rpartition(":")[0] or where


def translator_of(feed: Any, intake: Intake) -> Translate:
    """How this feed reads its raw input; wire format v1 where it does not say."""
    if hasattr(feed, "translator"):
        own: Translate = feed.translator(intake)
        return own
    return LiveParser(intake).line


def copies_of(feed: Any, raw_dir: Path | None) -> list[Path]:
    """Where raw input may be found: the raw logs of this machine, newest first, then the feed's own recording."""
    logs = sorted(raw_dir.glob("*.raw"), key=lambda path: path.stat().st_mtime, reverse=True) if raw_dir else []
    return [*logs, *(feed.recordings() if hasattr(feed, "recordings") else ())]


def find_raw(copies: Iterable[Path], wanted: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """(digest, raw line) of each wanted digest, once, as they turn up; ends when all are found.

    A copy that cannot be read is passed over: what it held counts as not found.
    """
    left = set(wanted)
    for path in copies:
        if not left:
            return
        try:
            with path.open("rb") as file:
                while left and (line := file.readline(2 * LINE_LIMIT_BYTES)):
                    raw = line.rstrip(b"\r\n").removeprefix(_BOM)
                    digest = digest_of(raw)
                    if digest in left:
                        left.discard(digest)
                        yield digest, raw
        except OSError:
            continue
