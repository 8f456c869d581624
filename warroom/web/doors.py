"""The doors for other people's programs, and the page that describes the API."""

from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from warroom.web.buckets import Buckets
from warroom.web.credentials import Doorkeeper
from warroom.web.docs_page import docs_page
from warroom.web.intake import WebIntake
from warroom.web.reports_api import reports_router
from warroom.web.reports_stream import stream_router
from warroom.web.sms_api import sms_router
from warroom.web.texting_callbacks import callbacks_router

_KEY = {"type": "http", "scheme": "bearer", "description": "A key that `warroom key new SOURCE` made."}


def add_doors(server: FastAPI, url: str, intake: WebIntake) -> None:
    """Add the doors and `/docs`; before the API's catch-all."""
    doors, buckets = Doorkeeper(url), Buckets()
    server.include_router(reports_router(intake, doors, buckets))
    server.include_router(stream_router(intake, doors, buckets))
    server.include_router(sms_router(url, intake))
    server.include_router(callbacks_router(url))
    made = server.openapi

    def openapi() -> dict[str, Any]:
        schema = made()
        schema.setdefault("components", {}).setdefault("securitySchemes", {})["ApiKey"] = _KEY
        return schema

    server.openapi = openapi  # type: ignore[method-assign]

    @server.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(docs_page(server.openapi()))
