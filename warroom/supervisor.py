"""Keeps the parts of one machine running: each a process of its own, started again when it dies."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from warroom.store.server import EmbeddedServer, StoreUnavailable

logger = logging.getLogger(__name__)

CHECK_S = 0.2
BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)  # a part that keeps dying is tried again, but not in a tight loop
HEALTHY_S = 30.0  # a part that lived this long starts from the shortest wait again


@dataclass
class Part:
    """One process. `command` is what follows `python -m warroom`."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    deaths: int = 0
    next_start_s: float = 0.0
    once: bool = False  # ends by itself, like a replay
    done: bool = field(default=False, init=False)


class Supervisor:
    """Runs the embedded store (where one is given) and the parts until told to stop."""

    def __init__(self, parts: Sequence[Part], env: Mapping[str, str], store: EmbeddedServer | None) -> None:
        self._parts = list(parts)
        self._env = {**os.environ, **env}
        self._store = store

    def run(self, stop: threading.Event) -> None:
        """Start everything, restart whatever dies, and stop it all in order when `stop` is set."""
        try:
            while not stop.is_set():
                self._check_store()
                for part in self._parts:
                    self._check(part)
                stop.wait(CHECK_S)
        finally:
            self._stop_all()

    def _check_store(self) -> None:
        if self._store is None:
            return
        try:
            if self._store.ensure():
                logger.warning("the store had stopped; it is running again with everything it had acknowledged")
        except StoreUnavailable as error:
            logger.error("%s", error)

    def _check(self, part: Part) -> None:
        now_s = time.monotonic()
        if part.process is not None and part.process.poll() is None:
            if part.deaths and now_s - part.started_s > HEALTHY_S:
                part.deaths = 0
            return
        if part.process is not None and not part.done:
            if part.once and part.process.returncode == 0:
                part.done = True
                return
            wait_s = BACKOFF_S[min(part.deaths, len(BACKOFF_S) - 1)]
            logger.warning("%s ended with code %s; starting it again", part.name, part.process.returncode)
            part.deaths += 1
            part.next_start_s = now_s + wait_s
            part.process = None
        if not part.done and now_s >= part.next_start_s:
            command = [sys.executable, "-m", "warroom", *part.command]
            part.process = subprocess.Popen(command, env=self._env, stdin=subprocess.DEVNULL)  # noqa: S603
            part.started_s = now_s

    def _stop_all(self) -> None:
        for part in self._parts:
            if part.process is not None and part.process.poll() is None:
                part.process.terminate()
        for part in self._parts:
            if part.process is not None:
                try:
                    part.process.wait(timeout=5)
                except subprocess.TimeoutExpired:
                    part.process.kill()
                    part.process.wait()
        if self._store is not None:
            self._store.stop()
