"""The volunteers' phone page at /report: a few small files, packed once, that a weak signal can carry.

No Dash: one page, one script, one style sheet, and a service worker that keeps them on the phone. Nothing here
is secret; what the page shows it asks of /api/v1/phone with the volunteer's code.
"""

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import brotli
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from warroom.web.packed import FOREVER

FOLDER = "report"  # below assets; the wall's bundle leaves it out
# in order: who stands first is used by who follows
SCRIPT = ("words", "db", "send", "clock", "guards", "dom", "draft", "pump", "list", "forms", "screens", "start")
WORKER = ("db", "send", "sw-worker")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {"Content-Security-Policy": POLICY, "Permissions-Policy": "geolocation=(self)", "Vary": "Accept-Encoding"}


class PageFile(NamedTuple):
    """One file in the codings that browsers ask for: {coding: body}."""

    bodies: dict[str, bytes]
    headers: dict[str, str]
    media_type: str

    def answer(self, request: Request) -> Response:
        """The file as this browser takes it; 304 where it has it."""
        if request.headers.get("if-none-match") == self.headers["ETag"]:
            return Response(status_code=304, headers=self.headers)
        accepted = request.headers.get("accept-encoding", "")
        coding = next((c for c in self.bodies if c and c in accepted), "")
        headers = {**self.headers, "Content-Encoding": coding} if coding else self.headers
        return Response(self.bodies[coding], media_type=self.media_type, headers=headers)


def phone_page_router(assets: Path) -> APIRouter:
    """GET /report and what it needs."""
    api = APIRouter(include_in_schema=False)
    for path, file in page_files(assets / FOLDER).items():
        api.add_api_route(path, _serve(file), methods=["GET", "HEAD"])
    api.add_api_route(f"/{FOLDER}/{{rest:path}}", _elsewhere, methods=["GET", "HEAD"])
    return api


async def _elsewhere() -> Response:
    """This door stands open without the room's cookie: no other page is served behind it."""
    return RedirectResponse(f"/{FOLDER}", status_code=303)


def page_files(folder: Path) -> dict[str, PageFile]:
    """{address: file}. What carries a version in its address is kept for ever; a new version has another address."""
    script, worker = _script(folder, SCRIPT), _script(folder, WORKER)
    names = ("report.html", "app.css", "manifest.webmanifest", "icon.svg", "icon.png")
    page, style, manifest, icon, picture = ((folder / name).read_bytes() for name in names)
    version = hashlib.sha256(b"".join((script, worker, page, style, manifest, icon))).hexdigest()[:16]
    told = b'"use strict";\nconst VERSION = "' + version.encode() + b'";\n'
    js = "text/javascript"
    whole = {"Service-Worker-Allowed": f"/{FOLDER}"}
    return {
        "/report": _file(page.replace(b"VERSION", version.encode()), "text/html"),
        "/report/app.js": _file(b"(() => {\n" + told + script + b"})();\n", js, keep=True),
        "/report/app.css": _file(style, "text/css", keep=True),
        "/report/sw.js": _file(told + worker, js, extra=whole),
        "/report/manifest.webmanifest": _file(manifest, "application/manifest+json", keep=True),
        "/report/icon.svg": _file(icon, "image/svg+xml", keep=True),
        "/report/icon.png": _file(picture, "image/png"),
    }


def _script(folder: Path, names: tuple[str, ...]) -> bytes:
    return b"\n".join((folder / f"{name}.js").read_bytes() for name in names)


def _file(body: bytes, media_type: str, keep: bool = False, extra: dict[str, str] | None = None) -> PageFile:
    bodies = {"": body}
    if media_type != "image/png":
        bodies = {"br": brotli.compress(body, quality=11), "gzip": gzip.compress(body, 9), "": body}
    headers = {
        **HEADERS,
        **(extra or {}),
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:20]}"',
        "Cache-Control": FOREVER if keep else "no-cache",
    }
    return PageFile(bodies, headers, media_type)


def _serve(file: PageFile) -> Callable[[Request], Response]:
    async def serve(request: Request) -> Response:
        return file.answer(request)

    return serve
