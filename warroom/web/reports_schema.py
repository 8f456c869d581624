"""What OpenAPI says of the doors for reports, made from the types that do the parsing."""

from typing import Any, get_args

import msgspec

from warroom.domain.reports import Report

_KEY = "An API key (`warroom key new SOURCE`), or a signature made with its webhook secret."


def _report_schema() -> dict[str, Any]:
    """Every kind of report, without references: the page and other people's tools read it as it stands."""
    _, parts = msgspec.json.schema_components([Report], ref_template="#/{name}")
    kinds = []
    for name in (kind.__name__ for kind in get_args(Report)):  # in the order of the wire format
        part = dict(parts[name])
        part["properties"] = {field: _moment(schema) for field, schema in part["properties"].items()}
        part.pop("title", None)
        kinds.append({"title": name, **part})
    return {"anyOf": kinds}


def _moment(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "default" or value is not None}


def _problem(text: str, *, retry: bool = False) -> dict[str, Any]:
    body: dict[str, Any] = {"type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"]}
    described: dict[str, Any] = {"description": text, "content": {"application/json": {"schema": body}}}
    if retry:
        seconds = {"description": "Seconds to wait before sending it again", "schema": {"type": "integer"}}
        described["headers"] = {"Retry-After": seconds}
    return described


def _result() -> dict[str, Any]:
    texts = {name: {"type": "string"} for name in ("id", "reason", "field", "remedy")}
    fields = {"n": {"type": "integer", "minimum": 1}, "status": {"enum": ["accepted", "rejected"]}, **texts}
    return {"type": "object", "properties": fields, "required": sorted(fields)}


def _answer(text: str) -> dict[str, Any]:
    counts = {name: {"type": "integer", "minimum": 0} for name in ("accepted", "rejected")}
    fields = {**counts, "results": {"type": "array", "items": _result()}}
    schema = {"type": "object", "properties": fields, "required": sorted(fields)}
    return {"description": text, "content": {"application/json": {"schema": schema}}}


REPORT = _report_schema()
OPERATION: dict[str, Any] = {
    "description": "Durable when answered. Sending a report again changes nothing: (source, id) is its identity. "
    "At most 1,000 reports and 1 MiB at a time; gzip is read. " + _KEY,
    "security": [{"ApiKey": []}],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"anyOf": [REPORT, {"type": "array", "items": REPORT, "maxItems": 1_000}]}},
            "application/x-ndjson": {"schema": {"type": "string", "description": "One report to a line"}},
        },
    },
    "responses": {
        "200": _answer("Every report is in the store"),
        "207": _answer("Some are in the store; each result says which, and how to mend the others"),
        "422": _answer("None could be taken; each result says why"),
        "400": _problem("The body cannot be cut into reports, or is not the gzip it claims to be"),
        "401": _problem("No key, a wrong one, one that is over, or a signature that does not fit"),
        "408": _problem("The body did not come to its end"),
        "413": _problem("Too large, or too many reports at once"),
        "415": _problem("Neither JSON nor NDJSON in UTF-8, or packed otherwise than by gzip"),
        "429": _problem("More than this key may send", retry=True),
        "503": _problem("The store does not answer: nothing was taken, send all of it again", retry=True),
    },
}
