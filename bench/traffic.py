"""The day going on in the background: the reports that came next, at the pace they came at."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench.room import FEED, BenchRoom
from warroom.domain.reports import Report

STEP_S = 0.2


@contextmanager
def going_on(room: BenchRoom) -> Iterator[None]:
    """Put the recording's next reports into the intake as the day's clock reaches them.

    A board that nothing else moves would answer at once; on a real day every update may have
    to wait for the one before.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_send, args=(room, room.later, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _send(room: BenchRoom, later: Sequence[Report], stop: threading.Event) -> None:
    intake, sent = room.intake(), 0
    while not stop.wait(STEP_S):
        now, until = intake.now(), sent
        while until < len(later) and later[until].received <= now:
            until += 1
        if until > sent:
            intake.put_frame(FEED, later[sent:until])
            sent = until
