"""Reads the dropped files once more, whatever is known of them: after a mapping, a crosswalk or the day was mended."""

import threading
from pathlib import Path

from feeds._drop.desk import Desk
from feeds._drop.how import How
from feeds._drop.watch import Look, candidates
from feeds._feed import Trouble
from warroom.store.ports import Intake


def reread(path: Path, name: str, how: How, intake: Intake) -> dict[str, bool]:
    """Take every file that is still there as a feed does that remembers nothing, the oldest first.

    `intake` must know no position. Gives {file: whether it was taken}; one that cannot be read is left out.
    The same files under the same terms give the same reports, so a feed that runs beside this loses nothing.
    Raises OSError where the folder cannot be read, FeedError where the crosswalk cannot.
    """
    desk = Desk(path, name, how, intake, threading.Event(), None, Trouble(intake, name))
    at = path.stat()
    found = [(path, Look(at.st_size, at.st_mtime_ns))] if path.is_file() else candidates(path, how.glob)
    taken: dict[str, bool] = {}
    for file, look in found:
        if desk.is_new(file, look):
            try:
                desk.read(file, look)
            except OSError:
                continue
            taken[file.name] = desk.takes(file.name)
    return taken
