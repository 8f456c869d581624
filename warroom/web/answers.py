"""A handler's answer in JSON."""

from collections.abc import Mapping

import msgspec
from fastapi.responses import Response

PRIVATE = {"Cache-Control": "private, no-store"}  # no proxy and no disk keeps it


def as_json(value: object, status_code: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The value as JSON; with PRIVATE where it is for this person only."""
    return Response(msgspec.json.encode(value), status_code, dict(headers or {}), media_type="application/json")


def private_json(value: object, status_code: int = 200) -> Response:
    """The value as JSON, for this person only."""
    return as_json(value, status_code, PRIVATE)
