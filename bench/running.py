"""What benches and tests need around processes of their own: free ports, waiting for a condition, an end for all."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from http.client import HTTPException
from json import JSONDecodeError
from random import SystemRandom
from typing import Any

PORTS = range(20_000, 32_000)  # systems give ports above these to whoever connects: ours would be raced for
NOT_YET = (OSError, HTTPException, JSONDecodeError, LookupError)  # not listening, not whole, not there


def until(what: str, check: Callable[[], Any], limit_s: float = 120.0) -> Any:
    """Wait until `check` gives something true, and return it; raises TimeoutError with the name of what was awaited.

    A check may fail as one does that comes too early: with `OSError`, `LookupError` or half a JSON text.
    """
    deadline, last = time.monotonic() + limit_s, ""
    while time.monotonic() < deadline:
        try:
            if value := check():
                return value
            last = ""
        except NOT_YET as error:
            last = f" ({error!r})"
        time.sleep(0.02)
    raise TimeoutError(f"waited {limit_s:.0f} s for: {what}{last}")


def free_ports(count: int) -> list[int]:
    """Different ports that nobody listens on."""
    with ExitStack() as held:
        found: list[int] = []
        while len(found) < count:
            probe = held.enter_context(socket.socket())
            try:
                probe.bind(("127.0.0.1", SystemRandom().choice(PORTS)))
            except OSError:
                continue
            found.append(int(probe.getsockname()[1]))
        return found


def free_port() -> int:
    """A port that nobody listens on."""
    return free_ports(1)[0]


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """Ask a process that leads its own group to end, then end what is left of the group."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
