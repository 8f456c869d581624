"""The web application: Dash pages, the JSON API and the live stream on one FastAPI server."""

import asyncio
import os
from pathlib import Path
from types import ModuleType

import dash
import redis
from dash import Dash, html
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.middleware.gzip import GZipMiddleware

import assets
import layouts
from layouts import missing
from warroom.access.doors import Doors
from warroom.access.policy import Policy
from warroom.access.shared_keys import Access
from warroom.store.client import connect
from warroom.web.access_api import access_router
from warroom.web.api import router
from warroom.web.bundle import add_bundles
from warroom.web.doors import add_doors
from warroom.web.entry_api import entry_router
from warroom.web.feeds_api import feeds_router
from warroom.web.field_api import field_router
from warroom.web.guard import Guard
from warroom.web.intake import NotTaken, WebIntake, not_taken
from warroom.web.moves_api import moves_router
from warroom.web.packed import Packed
from warroom.web.people_api import router as people_router
from warroom.web.phone_api import phone_router
from warroom.web.phone_page import phone_page_router
from warroom.web.replay_api import replay_router
from warroom.web.room import Room
from warroom.web.signin_ways import add_signin
from warroom.web.sources_api import sources_router
from warroom.web.texting_api import texting_router

ASSETS = Path(next(iter(assets.__path__)))
MAX_BODY_BYTES = 64_000  # of a decision, two hundred alerts at once; routes that take reports set their own


def build() -> FastAPI:
    """The application as gunicorn starts it; its settings come from the environment."""
    access = Access.from_environment(os.environ, os.environ.get("WARROOM_HOST", "127.0.0.1"))
    raw_dir = os.environ.get("WARROOM_RAW_DIR")
    return create_app(os.environ["REDIS_URL"], access, Path(raw_dir) if raw_dir else None)


def create_app(url: str, access: Access, raw_dir: Path | None = None) -> FastAPI:
    """Build the application on the store at `url`; nothing is connected yet. `raw_dir` keeps raw input."""
    server = FastAPI(title="War room", version="1", docs_url=None, redoc_url=None, max_body_size=MAX_BODY_BYTES)
    room = Room(url)
    server.state.intake = WebIntake(url, raw_dir)  # the one way in for every door
    audit_file = os.environ.get("WARROOM_AUDIT_FILE")
    doors = Doors(access, connect(url, patience=4), Path(audit_file) if audit_file else None)
    add_signin(server, doors, connect(url, patience=4))
    server.include_router(access_router(doors))
    server.include_router(field_router(room))  # before the other: that one ends with a catch-all
    server.include_router(replay_router(room, connect(url, patience=4)))  # before the routes that end with "unknown"
    server.include_router(people_router(connect(url, patience=4)))
    server.include_router(moves_router(connect(url, patience=4)))
    server.include_router(feeds_router(connect(url, patience=4), raw_dir))
    server.include_router(sources_router(connect(url, patience=4)))
    server.include_router(texting_router(connect(url, patience=4)))
    add_doors(server, url, server.state.intake)
    server.include_router(phone_router(url))
    server.include_router(entry_router(url))
    server.include_router(phone_page_router(ASSETS))
    server.include_router(router(room))
    server.add_exception_handler(redis.RedisError, _store_away)
    server.add_exception_handler(NotTaken, not_taken)
    scripts = _pages(server, room)
    server.add_middleware(GZipMiddleware, minimum_size=1_000)
    server.add_middleware(Packed)
    server.state.doors = doors
    # added last: it stands outermost
    server.add_middleware(Guard, doors=doors, policy=Policy(server.routes), scripts=scripts)
    return server


def _pages(server: FastAPI, room: Room) -> str:
    """Add Dash and its pages; the hashes of the script that Dash writes into them, for the page's policy."""
    index = add_bundles(server, ASSETS)
    app = Dash(
        "warroom", server=server, backend="fastapi", use_pages=True, pages_folder="", title="War room",
        assets_folder=str(ASSETS), assets_ignore=r".*\.(js|css)$", serve_locally=True, update_title="",
        suppress_callback_exceptions=True, index_string=index,
    )  # fmt: skip
    app.backend.websocket_capability = False  # live values come by our stream; no second socket per screen
    app.layout = html.Div(dash.page_container)
    for page in layouts.pages():
        _register(app, page, room)
    dash.register_page("not_found_404", title=missing.title, layout=missing.layout)  # Dash knows it by this name
    _set_up(app)
    return " ".join(app.csp_hashes())


def _set_up(app: Dash) -> None:
    """Dash sets itself up on a first request to "/" only; our screens open their own page first."""
    loop = asyncio.new_event_loop()
    for hook in app.backend._before_request_funcs:
        done = hook()
        if asyncio.iscoroutine(done):
            loop.run_until_complete(done)
    loop.close()


def _register(app: Dash, page: ModuleType, room: Room) -> None:
    dash.register_page(page.__name__, path=page.path, name=page.name, title=page.title, layout=page.layout)
    if hasattr(page, "register"):
        page.register(app, room.precinct_detail)


def _store_away(_request: Request, _error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "the store does not answer; trying again"}, status_code=503)
