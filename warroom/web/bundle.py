"""Our scripts and styles in one file each: fifty small files over six connections made the first paint wait."""

import hashlib
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import Response

from warroom.web.packed import FOREVER

APART = {"report"}  # pages of their own: the volunteers' phone page brings its own few files
KINDS = {"js": "application/javascript", "css": "text/css"}

# Where Dash would put its own list of our files; the styles before it draws, the scripts before its own.
INDEX = """<!DOCTYPE html>
<html lang="en">
<head>{%metas%}<title>{%title%}</title>{%favicon%}<link rel="stylesheet" href="/assets/bundle.css?m=CSS">{%css%}</head>
<body>{%app_entry%}
<footer>{%config%}<script src="/assets/bundle.js?m=JS"></script>{%scripts%}{%renderer%}</footer></body>
</html>"""


def bundle(folder: Path, kind: str) -> bytes:
    """Every file of a kind below `folder`, the folder's own first, then its folders, by name; workers and pages
    that stand apart are left out.

    Each script is a function of its own, so one that fails does not end the others.
    """
    files = [p for p in folder.rglob(f"*.{kind}") if not p.stem.endswith("-worker")]
    files = [p for p in files if p.relative_to(folder).parts[0] not in APART]
    files.sort(key=lambda p: (len(p.relative_to(folder).parts), p.relative_to(folder).parts))
    parts = [f"/* {p.relative_to(folder)} */\n{p.read_text(encoding='utf-8')}" for p in files]
    if kind == "js":
        parts = [f"try {{\n{part}\n}} catch (error) {{ console.error(error); }}" for part in parts]
    return "\n".join(parts).encode()


def add_bundles(server: FastAPI, folder: Path) -> str:
    """Serve both bundles and give the index page that asks for them; before Dash mounts the folder itself."""
    index = INDEX
    for kind, media_type in KINDS.items():
        body = bundle(folder, kind)
        version = hashlib.sha256(body + _workers(folder)).hexdigest()[:16]
        index = index.replace(f"m={kind.upper()}", f"m={version}")

        def serve(body: bytes = body, media_type: str = media_type) -> Response:
            return Response(body, media_type=media_type, headers={"Cache-Control": FOREVER})

        server.add_api_route(f"/assets/bundle.{kind}", serve, methods=["GET"], include_in_schema=False)
    return index


def _workers(folder: Path) -> bytes:
    """The workers take their version from the bundle: a changed worker must change it."""
    return b"".join(p.read_bytes() for p in sorted(folder.rglob("*-worker.js")))
