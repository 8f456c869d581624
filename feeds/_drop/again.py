"""Reads the dropped reports once more, whatever is known of their files: after a mapping was mended."""

import threading
from pathlib import Path

from feeds._drop.how import How
from feeds._drop.watch import candidates
from feeds._drop.wire import is_wire, read_mapped, read_wire
from feeds._frames import Framer
from feeds._live import LiveParser
from warroom.store.ports import Intake


def reread(folder: Path, name: str, how: How, intake: Intake) -> list[str]:
    """Put every report of every file that is still there; gives the names of the files read.

    Files of early votes are left out: their counts stand for a whole series, not for a row. Raises OSError.
    """
    parser = LiveParser(intake)
    framer = Framer(intake, name, threading.Event())
    files = [folder] if folder.is_file() else [path for path, _ in candidates(folder, how.glob)]
    done = []
    for path in files:
        if how.mapping is None and not is_wire(path):
            continue
        now = intake.now()
        items = read_mapped(path, how.mapping, parser, now) if how.mapping else read_wire(path, parser, now)
        for held in items:
            framer.put(held.item)
        done.append(path.name)
    framer.flush()
    return done
