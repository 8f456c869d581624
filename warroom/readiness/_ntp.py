"""Time from a time server (SNTP, RFC 4330), and what the kernel knows about its own clock."""

import ctypes
import ctypes.util
import socket
import struct
import sys
from time import time

EPOCH_S = 2_208_988_800  # from 1900, where NTP begins, to 1970
PORT, TIMEOUT_S = 123, 3.0
_ASK = b"\x23" + 47 * b"\0"  # version 4, client
_UNSYNC = 0x0040  # STA_UNSYNC of <sys/timex.h>


class NoAnswer(Exception):
    """The time server did not answer, or not with a time."""


def offset_s(server: str) -> float:
    """Seconds that the time server `host` or `host:port` is ahead of this machine. Raises NoAnswer."""
    host, _, port = server.partition(":")
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            asked.settimeout(TIMEOUT_S)
            asked.connect((host, int(port or PORT)))
            sent_s = time()
            asked.send(_ASK)
            answer = asked.recv(512)
            came_s = time()
    except (OSError, ValueError) as error:
        raise NoAnswer(f"no answer ({error})") from error
    if len(answer) < 48 or answer[0] & 7 != 4 or answer[0] >> 6 == 3 or answer[1] == 0:
        raise NoAnswer("it has no right time itself")
    received_s, told_s = (_stamp(answer[at : at + 8]) for at in (32, 40))
    return ((received_s - sent_s) + (told_s - came_s)) / 2


def kernel_synchronised() -> bool | None:
    """Whether the Linux kernel's clock is steered; None where it does not say (containers may forbid it)."""
    if not sys.platform.startswith("linux") or ctypes.sizeof(ctypes.c_void_p) != 8:
        return None
    held = ctypes.create_string_buffer(256)  # struct timex is 208 bytes; modes 0 only reads
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(held)
    except (OSError, AttributeError):
        return None
    if state < 0:
        return None
    status = struct.unpack_from("=i", held, 40)[0]  # after modes, offset, freq, maxerror and esterror
    return not status & _UNSYNC


def _stamp(raw: bytes) -> float:
    seconds, fraction = struct.unpack("!II", raw)
    return float(seconds - EPOCH_S + fraction / 2**32)
