"""The browser of the bench: a real Chromium on software rendering, what it asks for, and its heap."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-quic",
]  # fmt: skip
SCREEN = {"width": 1920, "height": 1080}
PROBE = Path(__file__).with_name("probe.js")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Raises FileNotFoundError, saying what to do, where there is no Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        raise FileNotFoundError("no Chromium: install one (Debian: apt-get install chromium) or set CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class RequestLog:
    """Every address that pages of a context asked for, by this machine and by others."""

    def __init__(self) -> None:
        self.count = 0
        self.elsewhere: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        """Log what this context asks for from here on, workers included."""
        context.on("request", lambda request: self._note(request.url))

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("data", "blob", "about"):
            return
        self.count += 1
        if parts.hostname != "127.0.0.1":
            self.elsewhere.append(url)


def new_screen(browser: Browser, log: RequestLog) -> BrowserContext:
    """A wall's screen with an empty cache and the pixel probe in every page."""
    context = browser.new_context(viewport=SCREEN, device_scale_factor=1, bypass_csp=True)  # Playwright waits by eval
    context.add_init_script(path=str(PROBE))
    log.watch(context)
    return context


class Heap:
    """JavaScript heap of a page and of its workers, each after a collection."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._cdp: CDPSession = page.context.new_cdp_session(page)
        self._workers: dict[str, str] = {}  # session -> type of target
        self._answers: dict[int, dict] = {}
        self._sent = 0
        self._cdp.on("Target.attachedToTarget", self._attached)
        self._cdp.on("Target.receivedMessageFromTarget", self._received)
        self._cdp.send("Target.setAutoAttach", {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False})

    def used_bytes(self) -> dict[str, int]:
        """{"page": bytes, "worker": bytes}: what is in use once all garbage is gone."""
        for _ in range(2):  # a second round takes what finalisers of the first let go
            self._cdp.send("HeapProfiler.collectGarbage")
            for session in self._workers:
                self._ask(session, "HeapProfiler.collectGarbage")
        workers = [self._ask(session, "Runtime.getHeapUsage")["usedSize"] for session in self._workers]
        return {"page": int(self._cdp.send("Runtime.getHeapUsage")["usedSize"]), "worker": int(sum(workers))}

    def _attached(self, event: dict) -> None:
        if event["targetInfo"]["type"] == "worker":
            self._workers[event["sessionId"]] = event["targetInfo"]["url"]

    def _received(self, event: dict) -> None:
        message = json.loads(event["message"])
        if "id" in message:
            self._answers[message["id"]] = message

    def _ask(self, session: str, method: str) -> dict:
        self._sent += 1
        key = self._sent
        message = json.dumps({"id": key, "method": method, "params": {}})
        self._cdp.send("Target.sendMessageToTarget", {"sessionId": session, "message": message})
        for _ in range(500):
            if key in self._answers:
                return self._answers.pop(key).get("result", {})
            self._page.wait_for_timeout(10)
        raise TimeoutError(f"the worker did not answer {method}")
