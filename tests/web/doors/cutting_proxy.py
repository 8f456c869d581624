"""A bad line: a TCP proxy that drops a connection after so many bytes, in either direction."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Line:
    """Where to connect, and what has happened."""

    port: int
    cuts: list[tuple[str, int]]  # for the next connections, in turn: ("up" | "down", bytes let through)
    dropped: int = 0
    whole: int = 0
    threads: list[threading.Thread] = field(default_factory=list)


@contextlib.contextmanager
def bad_line(port: int, cuts: list[tuple[str, int]]) -> Iterator[Line]:
    """Listen beside the server at `port`; each connection takes the next cut, those after the last are good."""
    listener = socket.create_server(("127.0.0.1", 0))
    line = Line(listener.getsockname()[1], list(cuts))

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            cut = line.cuts.pop(0) if line.cuts else ("", 0)
            thread = threading.Thread(target=_carry, args=(line, client, port, cut), daemon=True)
            line.threads.append(thread)
            thread.start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield line
    finally:
        listener.close()


def _carry(line: Line, client: socket.socket, port: int, cut: tuple[str, int]) -> None:
    server = socket.create_connection(("127.0.0.1", port))
    way, limit = cut
    back = threading.Thread(
        target=_pump, args=(line, server, client, limit if way == "down" else None, way == "down"), daemon=True
    )
    back.start()
    _pump(line, client, server, limit if way == "up" else None, way == "up")
    back.join(10)
    for end in (client, server):
        end.close()


def _pump(line: Line, source: socket.socket, sink: socket.socket, limit: int | None, cuts: bool) -> None:
    """Carry bytes until the end, or until the limit: then both sides see the line break."""
    left = limit
    try:
        while chunk := source.recv(4096 if left is None else max(1, min(4096, left))):
            if left is not None:
                chunk, left = chunk[:left], left - len(chunk)
            sink.sendall(chunk)
            if left is not None and left <= 0:
                line.dropped += 1
                for end in (source, sink):
                    # reset rather than close: what a dead mobile connection looks like
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                    end.shutdown(socket.SHUT_RDWR)
                return
        if not cuts:
            line.whole += 1
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return
