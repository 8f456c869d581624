"""The web application: Dash pages, the JSON API and the live stream on one FastAPI server."""

import asyncio
import os
from pathlib import Path
from types import ModuleType
from urllib.parse import parse_qs

import dash
import redis
from dash import Dash, html
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.middleware.gzip import GZipMiddleware

import assets
import layouts
from warroom.store.client import connect
from warroom.web.access import COOKIE, LIFETIME_S, SIGNIN_PAGE, Access
from warroom.web.api import router
from warroom.web.bundle import add_bundles
from warroom.web.field_api import field_router
from warroom.web.guard import Guard
from warroom.web.intake import NotTaken, WebIntake, not_taken
from warroom.web.moves_api import moves_router
from warroom.web.packed import Packed
from warroom.web.people_api import router as people_router
from warroom.web.replay_api import replay_router
from warroom.web.room import Room

ASSETS = Path(next(iter(assets.__path__)))
MAX_FORM_BYTES = 1_000


def build() -> FastAPI:
    """The application as gunicorn starts it; its settings come from the environment."""
    access = Access.from_environment(os.environ, os.environ.get("WARROOM_HOST", "127.0.0.1"))
    raw_dir = os.environ.get("WARROOM_RAW_DIR")
    return create_app(os.environ["REDIS_URL"], access, Path(raw_dir) if raw_dir else None)


def create_app(url: str, access: Access, raw_dir: Path | None = None) -> FastAPI:
    """Build the application on the store at `url`; nothing is connected yet. `raw_dir` keeps raw input."""
    server = FastAPI(title="War room", version="1", docs_url=None, redoc_url=None)
    room = Room(url)
    server.state.intake = WebIntake(url, raw_dir)  # the one way in for every door
    _signin(server, access)
    server.include_router(field_router(room))  # before the other: that one ends with a catch-all
    server.include_router(replay_router(room, connect(url, patience=4)))  # before the routes that end with "unknown"
    server.include_router(people_router(connect(url, patience=4)))
    server.include_router(moves_router(connect(url, patience=4)))
    server.include_router(router(room))
    server.add_exception_handler(redis.RedisError, _store_away)
    server.add_exception_handler(NotTaken, not_taken)
    _pages(server, room)
    server.add_middleware(GZipMiddleware, minimum_size=1_000)
    server.add_middleware(Packed)
    server.add_middleware(Guard, access=access)  # added last: it stands outermost
    return server


def _pages(server: FastAPI, room: Room) -> None:
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
    _set_up(app)


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


def _signin(server: FastAPI, access: Access) -> None:
    @server.get("/signin", include_in_schema=False)
    def show() -> HTMLResponse:
        return HTMLResponse(SIGNIN_PAGE % "")

    @server.post("/signin", include_in_schema=False)
    async def enter(request: Request) -> Response:
        if int(request.headers.get("content-length") or MAX_FORM_BYTES + 1) > MAX_FORM_BYTES:
            return HTMLResponse(SIGNIN_PAGE % "This is not a key.", status_code=413)
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        role = access.role_of_key(form.get("key", [""])[0])
        if role is None:
            return HTMLResponse(SIGNIN_PAGE % "This key opens nothing here.", status_code=401)
        response = RedirectResponse("/wall", status_code=303)
        response.set_cookie(
            COOKIE, access.ticket(role), max_age=LIFETIME_S, httponly=True, samesite="strict",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return response


def _store_away(_request: Request, _error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "the store does not answer; trying again"}, status_code=503)
